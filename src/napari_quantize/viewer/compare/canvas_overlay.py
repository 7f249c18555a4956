"""A Qt widget over napari's canvas that draws a line and texts; a layer would change the viewer's layer list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPen
from qtpy.QtWidgets import QWidget

from napari_quantize.viewer.layers.compat import camera_of
from napari_quantize.viewer.widgets.canvas import find_canvas

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtGui import QCursor

_FOREGROUND = QColor(255, 255, 255)
_BACKGROUND = QColor(0, 0, 0, 150)
_MARGIN = 6
_PADDING = 6
_GRIP_RADIUS = 5


@dataclass(frozen=True)
class Drawing:
    """Content of an overlay, in pixels of the canvas.

    Attributes
    ----------
    line : two points (x, y), or None
        Line with a grip in its middle.
    texts : tuple of str
        One text at the top center, or two texts on either side of the line.
    horizontal : bool
        True if the texts stand above and below the line, False if left and right of it.
    """

    line: tuple[tuple[float, float], tuple[float, float]] | None = None
    texts: tuple[str, ...] = ()
    horizontal: bool = False


class Overlay(QWidget):
    """Transparent widget over the canvas; mouse events pass through to the canvas.

    Parameters
    ----------
    canvas : QWidget
        napari's canvas.
    draw : callable
        Returns the drawing for a canvas of given width and height; called for each paint event.
    """

    def __init__(self, canvas: QWidget, draw: Callable[[int, int], Drawing]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._draw = draw
        self._saved_cursor: QCursor | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(canvas.rect())
        canvas.installEventFilter(self)
        self.show()

    def drawing(self) -> Drawing:
        """Return the present drawing."""
        return self._draw(self.width(), self.height())

    def set_canvas_cursor(self, shape: Qt.CursorShape | None) -> None:
        """Set the mouse cursor over the canvas; None restores the canvas's own cursor."""
        if shape is None and self._saved_cursor is not None:
            self._canvas.setCursor(self._saved_cursor)
            self._saved_cursor = None
        elif shape is not None and self._saved_cursor is None:
            self._saved_cursor = self._canvas.cursor()
            self._canvas.setCursor(shape)

    def close_down(self) -> None:
        """Restore the cursor and delete the overlay."""
        self.set_canvas_cursor(None)
        self._canvas.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Resize with the canvas."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        return False

    def paintEvent(self, _event: object) -> None:
        """Draw line and texts in white on a dark shade, so that they are readable over any picture."""
        drawing = self.drawing()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if drawing.line is not None:
            _paint_line(painter, *(QPointF(*end) for end in drawing.line))
        for text, rect in zip(drawing.texts, self._text_rects(drawing), strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_BACKGROUND)
            painter.drawRoundedRect(rect, 3, 3)
            painter.setPen(_FOREGROUND)
            inner = rect.adjusted(_PADDING, 0, -_PADDING, 0)
            elided = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(inner.width()) + 1)
            painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, elided)
        painter.end()

    def _text_rects(self, drawing: Drawing) -> list[QRectF]:
        """Return the rectangles of the texts: beside the line, or at the top if there is none."""
        height = self.fontMetrics().height() + 4
        widths = [
            min(self.fontMetrics().horizontalAdvance(text) + 2 * _PADDING + 1, self.width() - 2 * _MARGIN)
            for text in drawing.texts
        ]
        if drawing.line is None:
            return [QRectF((self.width() - width) / 2, _MARGIN, width, height) for width in widths]
        ends = sorted(drawing.line, key=lambda end: end[1])
        anchor = np.mean(ends, axis=0) if drawing.horizontal else ends[0]
        return [
            self._rect_beside_line(anchor, drawing.horizontal, side, width, height) for side, width in enumerate(widths)
        ]

    def _rect_beside_line(
        self, anchor: Sequence[float], horizontal: bool, side: int, width: float, height: float
    ) -> QRectF:
        x, y = anchor
        if horizontal:
            left, top = x - width / 2, y + _MARGIN if side else y - _MARGIN - height
        else:
            top = y + _MARGIN
            left = x + _MARGIN if side else x - _MARGIN - width
        left = min(max(left, _MARGIN), self.width() - width - _MARGIN)
        top = min(max(top, _MARGIN), self.height() - height - _MARGIN)
        return QRectF(left, top, width, height)


def create_overlay(dock: QWidget, draw: Callable[[int, int], Drawing]) -> Overlay | None:
    """Return a new overlay on the canvas of the dock's window; None if there is no canvas."""
    canvas = find_canvas(dock)
    return Overlay(canvas, draw) if canvas is not None else None


def world_to_canvas(viewer: Viewer, point: np.ndarray, width: int, height: int) -> tuple[float, float]:
    """Return the canvas pixel (x, y) of a displayed world point (downwards, rightwards) in 2-D."""
    camera = camera_of(viewer)
    offset = (np.asarray(point, float) - camera.center[-2:]) * camera.zoom * screen_signs(viewer)
    return float(width / 2 + offset[1]), float(height / 2 + offset[0])


def screen_signs(viewer: Viewer) -> tuple[int, int]:
    """Return 1 for each displayed axis that runs downwards or to the right, −1 for one that the user has flipped."""
    down, right = (1 if str(end) in ("down", "right") else -1 for end in camera_of(viewer).orientation2d)
    return down, right


def clip_line(
    line: tuple[tuple[float, float], tuple[float, float]], width: int, height: int
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the part of a line that lies on the canvas; None if no part does."""
    # Liang–Barsky: for each axis, the range of the line's parameter for which it lies between the canvas's edges.
    start, along = np.array(line[0]), np.subtract(line[1], line[0])
    enter, leave = 0.0, 1.0
    for position, step, size in zip(start, along, (width, height), strict=True):
        if step:
            ends = sorted((-position / step, (size - position) / step))
            enter, leave = max(enter, ends[0]), min(leave, ends[1])
        elif not 0 <= position <= size:
            return None
    if enter >= leave:
        return None
    (x0, y0), (x1, y1) = (start + share * along for share in (enter, leave))
    return (float(x0), float(y0)), (float(x1), float(y1))


def _paint_line(painter: QPainter, start: QPointF, end: QPointF) -> None:
    for colour, width in ((_BACKGROUND, 4.0), (_FOREGROUND, 1.5)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(start, end)
    painter.setPen(QPen(_BACKGROUND, 1.0))
    painter.setBrush(_FOREGROUND)
    painter.drawEllipse((start + end) / 2, _GRIP_RADIUS, _GRIP_RADIUS)
