"""A scroll area that scrolls up and down only, and whose wheel never changes a value."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from qtpy.QtGui import QFocusEvent, QWheelEvent
from qtpy.QtWidgets import QAbstractSpinBox, QComboBox, QFrame, QScrollArea, QScrollBar, QSlider, QWidget

# Lines of text that are visible however low the dock is.
_MIN_LINES = 12
_MARGIN = 8
_LAYOUT_MS = 30  # layouts in layouts need several turns of the event loop
_FOLLOW_MS = 600  # counting the pixels of a panel takes longer
_TURNED_BY_WHEEL = (QSlider, QAbstractSpinBox, QComboBox)
_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class VerticalScroll(QScrollArea):
    """Scroll a widget up and down, and show it in full width.

    The room of the scroll bar is reserved, so that nothing moves sideways when the bar appears. The wheel scrolls, also
    over sliders, combo boxes and spin boxes: otherwise a user who scrolls past them would change them. What gets the
    focus by the keyboard is scrolled into view.

    Parameters
    ----------
    content : QWidget
        The widget to scroll.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._followed: QWidget | None = None
        self._show_soon = self._timer(_LAYOUT_MS, self._show_followed)
        self._follow_timer = self._timer(_FOLLOW_MS, self._stop_following)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range_changed)
        bar.hide()
        self.setWidget(content)

    def minimumSizeHint(self) -> QSize:
        """Return the width of the widget and the bar, and the height of a few lines."""
        width = self.widget().minimumSizeHint().width() + self._width_beside
        return QSize(width, _MIN_LINES * self.fontMetrics().lineSpacing())

    def sizeHint(self) -> QSize:
        """Return the size of the widget and the bar."""
        size = self.widget().sizeHint()
        return QSize(size.width() + self._width_beside, size.height())

    def show_widget(self, widget: QWidget) -> None:
        """Scroll as little as possible to show all of a widget, or the top of one that is too high.

        Qt's `ensureWidgetVisible` shows only the current row of a table.
        """
        bar, room = self.verticalScrollBar(), self.viewport().height()
        top = widget.mapTo(self.widget(), QPoint(0, 0)).y() - _MARGIN
        height = widget.height() + 2 * _MARGIN
        if top < bar.value() or height > room:
            bar.setValue(top)
        elif top + height > bar.value() + room:
            bar.setValue(top + height - room)

    def show_after_layout(self, widget: QWidget) -> None:
        """Scroll to a widget that was just shown or filled, and follow it for the moment in which it gets its size."""
        self._followed = widget
        self._show_soon.start()
        self._follow_timer.start()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Scroll; the user decides what to see from now on."""
        self._followed = None
        super().wheelEvent(event)

    def _show_followed(self) -> None:
        if self._followed is not None and isalive(self._followed) and self._followed.isVisible():
            self.show_widget(self._followed)

    def _stop_following(self) -> None:
        self._followed = None

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep the wheel from changing values, scroll to what has the focus, and follow the widget's size."""
        kind = event.type() if event is not None else None
        if kind == QEvent.Type.Wheel and isinstance(watched, _TURNED_BY_WHEEL) and event is not None:
            event.ignore()  # so that the event goes on to this area
            return True
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent) and isinstance(watched, QWidget):
            if event.reason() in _BY_KEYBOARD:
                self.show_widget(watched)
        elif kind == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
            if self._followed is not None:
                self._show_soon.start()
        return bool(super().eventFilter(watched, event))

    def showEvent(self, event: object) -> None:
        """Watch all controls that the widget has by now; those in menus and dialogs are left as they are."""
        super().showEvent(event)
        content = self.widget()
        for child in content.findChildren(QWidget):
            takes_focus = child.focusPolicy() != Qt.FocusPolicy.NoFocus
            if content.isAncestorOf(child) and not isinstance(child, QScrollBar) and takes_focus:
                child.installEventFilter(self)

    def _timer(self, interval: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(slot)
        return timer

    @property
    def _width_beside(self) -> int:
        """Width of what is beside the content: the bar, and the frame that napari's style sheet gives to all areas."""
        return int(self.verticalScrollBar().sizeHint().width() + 2 * self.frameWidth())

    def _on_range_changed(self, lowest: int, highest: int) -> None:
        self.verticalScrollBar().setVisible(highest > lowest)
