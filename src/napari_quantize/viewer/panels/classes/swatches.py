"""The panel *Palette*: a swatch a colour, in a grid that wraps."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from qtpy.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from qtpy.QtWidgets import QMenu, QScrollArea, QSizePolicy, QToolTip, QWidget

from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.model import Summary

# Up to how many colours their swatches are of which size; the largest have room for a share under them.
_SIZES = {24: QSize(54, 46), 72: QSize(30, 30), 65_536: QSize(14, 14)}
_WITH_SHARE = 46
_TINY = 14
_MIN_HEIGHT = 98
_GAP = 2
_DARK = 128
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_ROWS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class PaletteView(QWidget):
    """Paints the swatches of a palette; tells what the user does with one.

    Attributes
    ----------
    current : int
        The colour that the arrow keys have come to; -1 for none.
    order : list of int
        Colours in the order in which they stand.
    """

    toggled = Signal(int)
    """Emitted with a colour that is clicked, or chosen with Space or Enter."""

    moved = Signal(int)
    """Emitted with the colour that the arrow keys lead to."""

    kept = Signal(int)
    """Emitted with a colour that shall be kept, or not any more."""

    escaped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._summary: Summary | None = None
        self._lit = -1
        self._pins: frozenset[int] = frozenset()
        self._can_keep = True
        self.current = -1
        self.order: list[int] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_summary(self, summary: Summary | None, order: list[int]) -> None:
        """Show these colours in this order."""
        if summary is None or self._summary is None or len(summary) != len(self._summary):
            self.current = -1
        self._summary, self.order = summary, order
        self._fit()
        self.update()

    def show_lit(self, lit: int) -> None:
        """Mark the colour that is lit up; none with -1."""
        self._lit = lit
        self.update()

    def show_pins(self, pins: frozenset[int], *, can_keep: bool) -> None:
        """Mark the colours that are kept."""
        self._pins, self._can_keep = pins, can_keep
        self.update()

    def rect_of(self, place: int) -> QRect:
        """Return where the swatch in this place of the order is."""
        cell = self._cell()
        row, column = divmod(place, self._columns())
        return QRect(QPoint(column * (cell.width() + _GAP), row * (cell.height() + _GAP)), cell)

    def color_at(self, position: QPoint) -> int:
        """Return which colour is there; -1 for none."""
        found = (place for place in self._places(position.y(), position.y()) if self.rect_of(place).contains(position))
        return next((self.order[place] for place in found), -1)

    def _places(self, top: int, bottom: int) -> range:
        """Return the places in the rows that lie between two heights: there can be thousands of others."""
        high, columns = self._cell().height() + _GAP, self._columns()
        return range(max(0, top // high * columns), min(len(self.order), (bottom // high + 1) * columns))

    def _cell(self) -> QSize:
        return next(size for most, size in _SIZES.items() if len(self.order) <= most)

    def _columns(self) -> int:
        return max(1, int(self.width() + _GAP) // int(self._cell().width() + _GAP))

    def _fit(self) -> None:
        """Be as high as all rows, within the area that scrolls."""
        rows = -(-len(self.order) // self._columns())
        self.setMinimumHeight(max(1, rows * (self._cell().height() + _GAP)))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint those swatches that can be seen."""
        if self._summary is None or event is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        for place in self._places(event.rect().top(), event.rect().bottom()):
            self._paint_one(painter, self.rect_of(place), self._summary, self.order[place])
        painter.end()

    def _paint_one(self, painter: QPainter, rect: QRect, summary: Summary, color: int) -> None:
        text = self.palette().color(QPalette.ColorRole.WindowText)
        swatch = (
            QRect(rect.topLeft(), QSize(rect.width(), rect.height() - 14)) if rect.height() >= _WITH_SHARE else rect
        )
        fill = QColor(summary.chips[color])
        # Without an outline, colours like the window's own would not be seen.
        outline = QColor(text)
        outline.setAlpha(70)
        painter.setPen(QPen(outline, 1))
        painter.setBrush(fill)
        inset, pin = (2, 4) if rect.width() > _TINY else (1, 2)
        painter.drawRoundedRect(swatch.adjusted(inset, inset, -inset, -inset), 3, 3)
        contrast = QColor("white" if fill.lightness() < _DARK else "black")
        if color in self._pins:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(contrast)
            painter.drawEllipse(swatch.topRight() + QPoint(-2 * pin, 2 * pin), pin, pin)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if color == self._lit or (color == self.current and self.hasFocus()):
            # Lit ones are framed twice: at one look they differ from where the keys have come to.
            painter.setPen(QPen(text, 2 if color == self._lit else 1))
            painter.drawRoundedRect(swatch.adjusted(1, 1, -1, -1), 4, 4)
        if color == self._lit:
            painter.setPen(QPen(contrast, 1))
            painter.drawRoundedRect(swatch.adjusted(2 * inset, 2 * inset, -2 * inset, -2 * inset), 2, 2)
        if swatch is not rect:
            painter.setPen(text)
            below = QRect(rect.left(), swatch.bottom(), rect.width(), 14)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, f"{classes_messages.share(summary.shares[color])} %")

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Light up what is clicked."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        color = self.color_at(event.position().toPoint())
        if color >= 0:
            self.current = color
            self.toggled.emit(color)
        self.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go on with the arrow keys; light up with Space or Enter; end it with Escape; copy."""
        if event is None:
            return
        if event.matches(QKeySequence.StandardKey.Copy) and self._summary is not None:
            QGuiApplication.clipboard().setText(self._summary.text())
        elif event.key() in _STEPS:
            self._move(_STEPS[Qt.Key(event.key())])
        elif event.key() in _ROWS:
            self._move(_ROWS[Qt.Key(event.key())] * self._columns())
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.toggled.emit(self.current)
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def _move(self, by: int) -> None:
        if not self.order:
            return
        place = self.order.index(self.current) + by if self.current in self.order else 0
        if 0 <= place < len(self.order):
            self.current = self.order[place]
            self.update()
            self.moved.emit(self.current)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Offer to keep a colour, or to copy it."""
        color = self.color_at(event.pos()) if event is not None else -1
        if event is None or color < 0 or self._summary is None:
            return
        menu = QMenu(self)
        keep = menu.addAction("Keep this colour")
        keep.setCheckable(True)
        keep.setChecked(color in self._pins)
        keep.setEnabled(self._can_keep)
        name = self._summary.name(color)
        copy = menu.addAction(f"Copy {name}")
        chosen = menu.exec(event.globalPos())
        if chosen is keep:
            self.kept.emit(color)
        elif chosen is copy:
            QGuiApplication.clipboard().setText(name)
        menu.deleteLater()

    def event(self, event: QEvent | None) -> bool:
        """Tell of the colour under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            color = self.color_at(event.pos())
            known = self._summary is not None and color >= 0
            text = (
                self._summary.describe(color) if self._summary is not None and known else classes_messages.PALETTE_TIP
            )
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return bool(super().event(event))


def scrolling(view: PaletteView) -> QScrollArea:
    """Put a palette into an area that scrolls up and down."""
    area = QScrollArea()
    area.setWidget(view)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusProxy(view)
    area.setMinimumHeight(_MIN_HEIGHT)
    area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
    return area
