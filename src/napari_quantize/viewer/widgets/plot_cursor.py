"""Mouse and keys over a plot as signals in data units, and a line at the pointed position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.compat import isalive
from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CLICK_TOLERANCE_PX = 4
_KEYS = {"left": -1, "right": 1, "down": -1, "up": 1}
_ZOOM_STEP = 1.25
# A touchpad sends dozens of steps for one movement.
_MAX_STEPS = 2
_ZOOM_KEYS = {"+": 1, "=": 1, "-": -1}


class PlotCursor(QObject):
    """Translate mouse and key events of a figure into signals, and mark a position with a line.

    Positions are those along the horizontal axis, in data units.

    Parameters
    ----------
    parent : QObject
        Owner.
    grabs : callable, optional
        Function of axes and a position that returns whether something there is to be dragged, in place of the plot.
    """

    moved = Signal(object, float, float)
    """Emitted with the axes under the mouse and its position there, horizontal and vertical; None off the axes."""
    clicked = Signal()
    """Emitted for a click without dragging, or Enter, at the last position of `moved`."""
    zoomed = Signal(float, float)
    """Emitted with the position that stays, NaN for keys, and the factor by which the visible range grows around it."""
    dragged = Signal(float)
    """Emitted with the distance to the right, in widths of the plot."""
    stepped = Signal(int)
    """Emitted with the number of steps to the right that the arrow keys ask for."""
    reset = Signal()
    """Emitted for a double click, Home or 0."""
    pulled = Signal(float)
    """Emitted with the position to which something grabbed is dragged."""
    dropped = Signal(float)
    """Emitted with the position at which something grabbed is let go; NaN if it was not dragged."""

    def __init__(self, parent: QObject, grabs: Callable[[Axes, float], bool] | None = None) -> None:
        super().__init__(parent)
        self._grabs = grabs
        self._grabbed_axes: Axes | None = None
        self._canvas: Any = None
        self._tip = ""
        self._line: QWidget | None = None
        self._pressed: float | None = None
        self._last = 0.0
        self._dragging = False

    def listen(self, figure: Figure) -> None:
        """Connect to a figure's canvas, and let it take the keyboard focus."""
        canvas: Any = figure.canvas  # typed as a canvas of any backend, but it is a QWidget, too
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

    def show_line(self, axes: Axes, position: float, color: str) -> None:
        """Show a vertical line at a position.

        A widget over the canvas, not an artist: moving it needs no redraw of the figure.
        """
        if self._line is None or not isalive(self._line):
            return
        ratio, height = self._canvas.device_pixel_ratio, self._canvas.height()
        x = axes.transData.transform((position, 1.0))[0] / ratio
        bottom, top = axes.bbox.y0 / ratio, axes.bbox.y1 / ratio
        self._line.setStyleSheet(f"background: {color};")
        self._line.setGeometry(round(x), round(height - top), 1, round(top - bottom))
        self._line.show()

    def hide_line(self) -> None:
        """Hide the line."""
        if self._line is not None and isalive(self._line):
            self._line.hide()

    def show_hand_cursor(self, hand: bool) -> None:
        """Show a pointing hand if a click does something, else an arrow."""
        self._canvas.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def show_border_cursor(self) -> None:
        """Show the arrows of a border that can be dragged."""
        self._canvas.setCursor(Qt.CursorShape.SplitHCursor)

    def distance_of(self, axes: Axes, pixels: float = _CLICK_TOLERANCE_PX) -> float:
        """Return how far apart positions are that lie so many pixels of the screen beside each other."""
        low, high = axes.get_xlim()
        return float(pixels * self._canvas.device_pixel_ratio / axes.bbox.width * (high - low))

    def _on_move(self, event: Any) -> None:
        if self._grabbed_axes is not None:
            self._dragging = self._dragging or abs(event.x - self._last) > _CLICK_TOLERANCE_PX
            if self._dragging:
                self.pulled.emit(_position(self._grabbed_axes, event))
            return
        if self._pressed is not None:
            # A hand shakes a little while it clicks: shorter moves do not drag.
            self._dragging = self._dragging or abs(event.x - self._pressed) > _CLICK_TOLERANCE_PX
            if self._dragging:
                width = self._canvas.figure.axes[0].bbox.width
                self.dragged.emit((self._last - event.x) / width)
                self._last = event.x
            return
        # Over the axes the tooltip would hide what the user reads there.
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
        elif self._grabs is not None and self._grabs(event.inaxes, event.xdata):
            self._grabbed_axes, self._last, self._pressed, self._dragging = event.inaxes, event.x, None, False
        else:
            self._pressed = self._last = event.x
            self._dragging = False

    def _on_release(self, event: Any) -> None:
        if self._grabbed_axes is not None:
            axes, self._grabbed_axes = self._grabbed_axes, None
            self.dropped.emit(_position(axes, event) if self._dragging else float("nan"))
            return
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


def _position(axes: Axes, event: Any) -> float:
    """Return the horizontal position of the mouse, also beside the axes."""
    return float(axes.transData.inverted().transform((event.x, event.y))[0])
