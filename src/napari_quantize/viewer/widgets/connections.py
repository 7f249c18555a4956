"""Connections to objects that outlive the dock, which disconnects them when it closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject, QTimer, Signal
from qtpy.QtWidgets import QDockWidget, QWidget


class Listeners:
    """Connect callbacks, and disconnect all of them at once."""

    def __init__(self) -> None:
        self._connections: list[tuple[Any, Callable[..., None]]] = []

    def __len__(self) -> int:
        return len(self._connections)

    def connect(self, emitter: Any, callback: Callable[..., None]) -> None:
        """Connect a callback to an emitter."""
        emitter.connect(callback)
        self._connections.append((emitter, callback))

    def disconnect(self) -> None:
        """Disconnect all callbacks."""
        for emitter, callback in self._connections:
            emitter.disconnect(callback)
        self._connections.clear()


class DockWatcher(QObject):
    """Signal when a widget is docked or undocked: napari closes a dock without deleting its widget.

    This also lets the dock shrink again. napari gives docks a minimum size, and Qt keeps as minimum the largest size
    that the widget ever needed, even for a moment.

    Parameters
    ----------
    widget : QWidget
        The docked widget.
    """

    changed = Signal(bool)
    """Emitted with True if the widget has a parent now, else False."""

    shown = Signal()
    """Emitted when the widget becomes visible in a window."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Watch for a new parent of the widget, for its showing, and for layout requests."""
        kind = event.type() if event is not None else None
        if kind == QEvent.Type.ParentChange:
            self.changed.emit(self._widget.parentWidget() is not None)
        elif kind == QEvent.Type.Show:
            self.shown.emit()
        elif kind == QEvent.Type.LayoutRequest and isinstance(dock := self._widget.parentWidget(), QDockWidget):
            dock.setMinimumSize(0, 0)  # the layout raises it to the size that is needed now
        return False

    def delete_soon(self) -> None:
        """Delete the widget in the next turn of the event loop, unless it has been docked again."""
        QTimer.singleShot(0, self._delete)

    def _delete(self) -> None:
        # Python's garbage collector deletes widgets in any order, and PySide6 crashes; Qt deletes children first.
        if isalive(self._widget) and self._widget.parentWidget() is None:
            self._widget.deleteLater()
