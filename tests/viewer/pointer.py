"""Mouse and keys over a plot, as Qt events of matplotlib's canvas."""

from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QScrollArea

_MAX_WAITS = 400
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def wait_for_rest(qtbot, widget):
    """Wait until a widget keeps its place and size: a later layout would take the pointer away from it."""

    def rests():
        before = widget.rect(), widget.mapToGlobal(QPoint())
        qtbot.wait(150)
        return before == (widget.rect(), widget.mapToGlobal(QPoint()))

    qtbot.waitUntil(rests)


class Pointer:
    """Point at positions in data units of a row of axes; by default of the first visible ones."""

    def __init__(self, figure, row=0):
        self.canvas = figure.canvas
        self.axes = [axes for axes in figure.axes if axes.get_visible()][row]

    def pixel(self, x, y=None):
        """Return the pixel of a position; by default at the middle of the axes' height."""
        x_pixel, y_pixel = self.axes.transData.transform((x, 1.0 if y is None else y))
        y_pixel = (self.axes.bbox.y0 + self.axes.bbox.y1) / 2 if y is None else y_pixel
        ratio = self.canvas.device_pixel_ratio
        return QPoint(round(x_pixel / ratio), round(self.canvas.height() - y_pixel / ratio))

    def move(self, x, y=None):
        """Move the mouse, wait until the canvas knows, and return where its pixel stands along the axis.

        The event comes from the display, which takes its time.
        """
        self._scroll_into_view()
        seen = []
        connection = self.canvas.mpl_connect("motion_notify_event", seen.append)
        # A move to where the mouse is already is none.
        for target in (self.pixel(x, y) + QPoint(0, 1), self.pixel(x, y)):
            seen.clear()
            QTest.mouseMove(self.canvas, target)
            for _ in range(_MAX_WAITS):
                QApplication.processEvents()
                if seen:
                    break
                QTest.qWait(5)
            else:
                raise AssertionError(f"the canvas was not told that the mouse is at {x}, {y}")
        self.canvas.mpl_disconnect(connection)
        return self.axes.transData.inverted().transform((target.x() * self.canvas.device_pixel_ratio, 0))[0]

    def _scroll_into_view(self):
        widget = self.canvas.parentWidget()
        while widget is not None:
            if isinstance(widget, QScrollArea):
                widget.ensureWidgetVisible(self.canvas)
            widget = widget.parentWidget()

    def click(self, x, y=None):
        QTest.mouseClick(self.canvas, LEFT, NONE, self.pixel(x, y))

    def double_click(self, x):
        QTest.mouseDClick(self.canvas, LEFT, NONE, self.pixel(x))

    def drag(self, x, to):
        start, end = self.pixel(x), self.pixel(to)
        QTest.mousePress(self.canvas, LEFT, NONE, start)
        for part in (0.3, 0.7, 1):
            QTest.mouseMove(self.canvas, start + (end - start) * part)
            QApplication.processEvents()
        QTest.mouseRelease(self.canvas, LEFT, NONE, end)

    def wheel(self, x, steps):
        position = QPointF(self.pixel(x))
        event = QWheelEvent(
            position,
            QPointF(self.canvas.mapToGlobal(position.toPoint())),
            QPoint(),
            QPoint(0, 120 * steps),
            Qt.MouseButton.NoButton,
            NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.canvas, event)

    def key(self, which):
        QTest.keyClick(self.canvas, which)

    def leave(self):
        self.canvas.callbacks.process("figure_leave_event", None)
