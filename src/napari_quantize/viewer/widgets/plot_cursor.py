"""What the mouse and the keys do over a plot, told in the plot's own units, and the line that shows where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.compat import isalive
from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import QWidget

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STILL_PX = 4
_KEYS = {"left": -1, "right": 1, "down": -1, "up": 1}
_ZOOM_STEP = 1.25
# Touchpads tell one movement in dozens of pixels.
_MAX_STEPS = 2
_ZOOM_KEYS = {"+": 1, "=": 1, "-": -1}


class Pointing(QObject):
    """Listens to a figure once it is there.

    Signals tell places along the horizontal axis, in data units.
    """

    moved = Signal(object, float, float)
    """Emitted with the axes under the mouse and its place there, horizontal and vertical; None off the axes."""
    clicked = Signal()
    """Emitted for a click without dragging, or Enter, at the place that `moved` told last."""
    zoomed = Signal(float, float)
    """Emitted with a place that stays and by how much more is to be seen around it."""
    dragged = Signal(float)
    """Emitted with how many widths further to the right is to be seen."""
    stepped = Signal(int)
    """Emitted with how many steps the arrow keys go to the right."""
    reset = Signal()
    """Emitted for a double click, Home or 0."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas: Any = None
        self._tip = ""
        self._line: QWidget | None = None
        self._pressed: float | None = None
        self._last = 0.0
        self._dragging = False

    def listen(self, figure: Figure) -> None:
        """Listen to a figure's canvas, and let it have the keyboard."""
        canvas: Any = figure.canvas  # matplotlib knows it as a canvas of any kind, Qt as a widget
        self._canvas = canvas
        self._tip = canvas.toolTip()
        canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._line = QWidget(canvas)
        self._line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._line.hide()
        slots = {
            "motion_notify_event": self._on_move,
            "button_press_event": self._on_press,
            "button_release_event": self._on_release,
            "scroll_event": self._on_scroll,
            "figure_leave_event": self._on_leave,
            "key_press_event": self._on_key,
        }
        for name, slot in slots.items():
            canvas.mpl_connect(name, slot)

    def show_line(self, axes: Axes, place: float, color: str) -> None:
        """Show a line across the plot at a place."""
        if self._line is None or not isalive(self._line):
            return
        ratio, height = self._canvas.device_pixel_ratio, self._canvas.height()
        across = axes.transData.transform((place, 1.0))[0] / ratio
        bottom, top = axes.bbox.y0 / ratio, axes.bbox.y1 / ratio
        self._line.setStyleSheet(f"background: {color};")
        self._line.setGeometry(round(across), round(height - top), 1, round(top - bottom))
        self._line.show()

    def hide_line(self) -> None:
        """Show no line."""
        if self._line is not None and isalive(self._line):
            self._line.hide()

    def set_hand(self, hand: bool) -> None:
        """Show with the mouse's pointer whether a click does something."""
        self._canvas.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def _on_move(self, event: Any) -> None:
        if self._pressed is not None:
            self._dragging = self._dragging or abs(event.x - self._pressed) > _STILL_PX
            if self._dragging:
                width = self._canvas.figure.axes[0].bbox.width
                self.dragged.emit((self._last - event.x) / width)
                self._last = event.x
            return
        # Over what is being read it would hide that.
        self._canvas.setToolTip(self._tip if event.inaxes is None else "")
        if event.inaxes is None:
            self.moved.emit(None, 0.0, 0.0)
        else:
            self.moved.emit(event.inaxes, event.xdata, event.ydata)

    def _on_leave(self, _event: Any) -> None:
        self.moved.emit(None, 0.0, 0.0)

    def _on_press(self, event: Any) -> None:
        if event.button != 1 or event.inaxes is None:
            return
        if event.dblclick:
            self._pressed = None
            self.reset.emit()
        else:
            self._pressed = self._last = event.x
            self._dragging = False

    def _on_release(self, event: Any) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is not None and not self._dragging and event.inaxes is not None:
            self.moved.emit(event.inaxes, event.xdata, event.ydata)
            self.clicked.emit()

    def _on_scroll(self, event: Any) -> None:
        if event.inaxes is not None:
            steps = min(max(event.step, -_MAX_STEPS), _MAX_STEPS)
            self.zoomed.emit(event.xdata, _ZOOM_STEP**-steps)
            self.moved.emit(event.inaxes, event.xdata, event.ydata)

    def _on_key(self, event: Any) -> None:
        if event.key in _KEYS:
            self.stepped.emit(_KEYS[event.key])
        elif event.key in _ZOOM_KEYS:
            self.zoomed.emit(float("nan"), _ZOOM_STEP ** -_ZOOM_KEYS[event.key])
        elif event.key in ("home", "0"):
            self.reset.emit()
        elif event.key == "enter":
            self.clicked.emit()
