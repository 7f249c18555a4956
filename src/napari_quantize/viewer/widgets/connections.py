"""Connections to what outlives the dock, to be cut when it closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject, QTimer, Signal
from qtpy.QtWidgets import QDockWidget, QWidget


class Listeners:
    """Remembers connections, and cuts all of them at once."""

    def __init__(self) -> None:
        self._connections: list[tuple[Any, Callable[..., None]]] = []

    def __len__(self) -> int:
        return len(self._connections)

    def connect(self, emitter: Any, callback: Callable[..., None]) -> None:
        """Connect a callback to an emitter."""
        emitter.connect(callback)
        self._connections.append((emitter, callback))

    def disconnect(self) -> None:
        """Cut all connections."""
        for emitter, callback in self._connections:
            emitter.disconnect(callback)
        self._connections.clear()


class Docking(QObject):
    """Tells when a widget comes into a dock and when it is taken out of it: napari closes a dock without deleting it.

    The dock may become as small again as the widget can be: since napari gives docks a least size, Qt would take the
    most room that was ever needed, also for a moment only, as the least for good.

    Parameters
    ----------
    widget : QWidget
        What is docked.
    """

    changed = Signal(bool)
    """Emitted with whether the widget has a parent now."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """See the widget's parent change, or the room that it needs."""
        kind = event.type() if event is not None else None
        if kind == QEvent.Type.ParentChange:
            self.changed.emit(self._widget.parentWidget() is not None)
        elif kind == QEvent.Type.LayoutRequest and isinstance(dock := self._widget.parentWidget(), QDockWidget):
            dock.setMinimumSize(0, 0)  # its layout sets it to what is needed now
        return False

    def delete_soon(self) -> None:
        """Delete the widget once what goes on now has ended, unless it has been docked again."""
        QTimer.singleShot(0, self._delete)

    def _delete(self) -> None:
        # Python's garbage collector takes widgets apart in any order, which PySide6 does not survive; Qt keeps order.
        if isalive(self._widget) and self._widget.parentWidget() is None:
            self._widget.deleteLater()
