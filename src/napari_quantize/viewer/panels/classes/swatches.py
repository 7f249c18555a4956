"""The swatches of the panel *Palette*, in a grid that wraps."""

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
from qtpy.QtWidgets import QMenu, QScrollArea, QSizePolicy, QToolTip

from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.model import ClassSummary
from napari_quantize.viewer.widgets.theme import TextPainter, font_scale

_LARGEST = 24
# Sizes of swatches, by the largest number of colours that have this size. The largest ones have a share under them.
_SIZES = {_LARGEST: QSize(54, 46), 72: QSize(30, 30), 65_536: QSize(14, 14)}
_SHARE_HEIGHT = 14
_SHARE_LETTERS = 10
_TINY = 14
_MIN_HEIGHT, _MAX_HEIGHT = 48, 240
_GAP = 2
_DARK = 128
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_ROWS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class PaletteView(TextPainter):
    """Paint the swatches of a palette, and signal clicks and keys.

    It is one widget that paints all swatches: a widget for each of up to 65,536 colours would be far too slow.

    Attributes
    ----------
    current : int
        Index of the current colour, which the arrow keys move; -1 for none.
    order : list of int
        Indices of the colours in the order in which they are painted.
    """

    toggled = Signal(int)
    """Emitted with a colour that is clicked, or chosen with Space or Enter."""

    current_changed = Signal(int)
    """Emitted with the new current colour when an arrow key is pressed."""

    lock_toggled = Signal(int)
    """Emitted with a colour when the user locks or unlocks it."""

    escaped = Signal()
    """Emitted when Escape is pressed."""

    height_changed = Signal()
    """Emitted when the rows need another height."""

    def __init__(self) -> None:
        super().__init__()
        self._summary: ClassSummary | None = None
        self._highlighted = -1
        self._locked: frozenset[int] = frozenset()
        self._can_lock = True
        self.current = -1
        self.order: list[int] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_summary(self, summary: ClassSummary | None, order: list[int]) -> None:
        """Show these colours in this order."""
        if summary is None or self._summary is None or len(summary) != len(self._summary):
            self.current = -1
        self._summary, self.order = summary, order
        self._fit()
        self.update()

    def show_highlighted(self, highlighted: int) -> None:
        """Mark the highlighted colour; none with -1."""
        self._highlighted = highlighted
        self.update()

    def show_locked(self, locked: frozenset[int], *, can_lock: bool) -> None:
        """Mark the locked colours. `can_lock` tells whether the user may change them."""
        self._locked, self._can_lock = locked, can_lock
        self.update()

    def rect_of(self, index: int) -> QRect:
        """Return the rectangle of the swatch at this index of the order."""
        cell = self._cell()
        row, column = divmod(index, self._columns())
        return QRect(QPoint(column * (cell.width() + _GAP), row * (cell.height() + _GAP)), cell)

    def color_at(self, position: QPoint) -> int:
        """Return the colour at a position; -1 for none."""
        found = (
            index
            for index in self._indices_between(position.y(), position.y())
            if self.rect_of(index).contains(position)
        )
        return next((self.order[index] for index in found), -1)

    def _indices_between(self, top: int, bottom: int) -> range:
        """Return the indices of swatches in the rows between two heights, so that not all have to be gone through."""
        high, columns = self._cell().height() + _GAP, self._columns()
        return range(max(0, top // high * columns), min(len(self.order), (bottom // high + 1) * columns))

    def _cell(self) -> QSize:
        size = next(size for most, size in _SIZES.items() if len(self.order) <= most)
        return size * font_scale(self.font()) if self._has_shares else size

    @property
    def _has_shares(self) -> bool:
        """True if shares are written under the swatches, which then grow with the letters."""
        return len(self.order) <= _LARGEST

    def _columns(self) -> int:
        return max(1, int(self.width() + _GAP) // int(self._cell().width() + _GAP))

    def _fit(self) -> None:
        """Set the height to that of all rows; the scroll area shows a part of them."""
        rows = -(-len(self.order) // self._columns())
        # While other colours are counted, the palette keeps its height.
        if self._summary is not None:
            self.setMinimumHeight(max(1, rows * (self._cell().height() + _GAP)))
            self.height_changed.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Wrap the swatches to the new width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:
        """Wrap the swatches in the size for another font."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._fit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the visible swatches."""
        if self._summary is None or event is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(round(_SHARE_LETTERS * font_scale(font)))
        painter.setFont(font)
        for index in self._indices_between(event.rect().top(), event.rect().bottom()):
            self._paint_one(painter, self.rect_of(index), self._summary, self.order[index])
        painter.end()

    def _paint_one(self, painter: QPainter, rect: QRect, summary: ClassSummary, color: int) -> None:
        text = self.palette().color(QPalette.ColorRole.WindowText)
        below = round(_SHARE_HEIGHT * font_scale(self.font())) if self._has_shares else 0
        swatch = rect.adjusted(0, 0, 0, -below)
        fill = QColor(summary.hex_colors[color])
        # Without an outline, colours like the background of the window would be invisible.
        outline = QColor(text)
        outline.setAlpha(70)
        painter.setPen(QPen(outline, 1))
        painter.setBrush(fill)
        inset, pin = (2, 4) if rect.width() > _TINY else (1, 2)
        painter.drawRoundedRect(swatch.adjusted(inset, inset, -inset, -inset), 3, 3)
        contrast = QColor("white" if fill.lightness() < _DARK else "black")
        if color in self._locked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(contrast)
            painter.drawEllipse(swatch.topRight() + QPoint(-2 * pin, 2 * pin), pin, pin)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if color == self._highlighted or (color == self.current and self.hasFocus()):
            # The highlighted one gets a second frame below, to differ from the current one.
            painter.setPen(QPen(text, 2 if color == self._highlighted else 1))
            painter.drawRoundedRect(swatch.adjusted(1, 1, -1, -1), 4, 4)
        if color == self._highlighted:
            painter.setPen(QPen(contrast, 1))
            painter.drawRoundedRect(swatch.adjusted(2 * inset, 2 * inset, -2 * inset, -2 * inset), 2, 2)
        if below:
            painter.setPen(text)
            share = QRect(rect.left(), swatch.bottom(), rect.width(), below)
            painter.drawText(share, Qt.AlignmentFlag.AlignCenter, f"{classes_messages.share(summary.shares[color])} %")

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Make the clicked colour current, and signal the click."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        color = self.color_at(event.position().toPoint())
        if color >= 0:
            self.current = color
            self.toggled.emit(color)
        self.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move with the arrow keys, highlight with Space or Enter, end it with Escape, copy with Ctrl+C."""
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
        index = self.order.index(self.current) + by if self.current in self.order else 0
        if 0 <= index < len(self.order):
            self.current = self.order[index]
            self.update()
            self.current_changed.emit(self.current)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Offer to lock a colour, or to copy it."""
        color = self.color_at(event.pos()) if event is not None else -1
        if event is None or color < 0 or self._summary is None:
            return
        menu = QMenu(self)
        lock = menu.addAction("Lock this colour")
        lock.setCheckable(True)
        lock.setChecked(color in self._locked)
        lock.setEnabled(self._can_lock)
        name = self._summary.name(color)
        copy = menu.addAction(f"Copy {name}")
        chosen = menu.exec(event.globalPos())
        if chosen is lock:
            self.lock_toggled.emit(color)
        elif chosen is copy:
            QGuiApplication.clipboard().setText(name)
        menu.deleteLater()

    def event(self, event: QEvent | None) -> bool:
        """Show the tooltip of the colour under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            color = self.color_at(event.pos())
            known = self._summary is not None and color >= 0
            text = (
                self._summary.describe(color) if self._summary is not None and known else classes_messages.PALETTE_TIP
            )
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return bool(super().event(event))


class PaletteArea(QScrollArea):
    """Scroll area that holds a palette and scrolls up and down, if it has more rows than some.

    Parameters
    ----------
    view : PaletteView
        The palette.
    """

    def __init__(self, view: PaletteView) -> None:
        super().__init__()
        self._view = view
        self.setWidget(view)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusProxy(view)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        view.height_changed.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """Return the height of all rows, up to a limit, since the dock scrolls."""
        limit = round(_MAX_HEIGHT * font_scale(self._view.font()))
        return QSize(120, max(_MIN_HEIGHT, min(self._view.minimumHeight() + 2, limit)))
