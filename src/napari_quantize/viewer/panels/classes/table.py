"""The table of *Levels & areas*, with a row for each class."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QAbstractTableModel, QEvent, QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView

from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.cells import CHIP_SIZE, cell_text, color_chip
from napari_quantize.viewer.panels.classes.model import ClassSummary
from napari_quantize.viewer.widgets.forms import CELL_MARGINS, height_of_rows, set_up_row_list

_HIGHLIGHT_MARK = " ●"
_MIN_ROWS, _MAX_ROWS = 4, 12
_MAX_MEASURED = 256  # rows that are measured to find a column's width, of thousands
_GAP = 2 * CELL_MARGINS
# Digits of floats, and whether the title of the last column is its unit alone: the first that fits the width is taken.
_FORMATS = ((5, False), (5, True), (4, True), (3, True))


class LevelsModel(QAbstractTableModel):
    """Table model of a summary. Qt asks for visible cells only, so thousands of classes cost nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.summary: ClassSummary | None = None
        self.highlighted = -1
        self.whole = True
        self.n_digits, self.unit_alone = _FORMATS[0]

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Count the classes."""
        return 0 if self.summary is None or (parent is not None and parent.isValid()) else len(self.summary)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Count the columns."""
        return 0 if parent is not None and parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the title, tooltip or alignment of a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        pixel_size = self.summary.pixel_size if self.summary is not None else None
        last = pixel_size.title if pixel_size else "pixels"
        if pixel_size and self.unit_alone:
            last = pixel_size.unit or pixel_size.title
        if role == Qt.ItemDataRole.DisplayRole:
            return ("#", "level", "up to", "%", last)[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            tips = (
                *classes_messages.COLUMN_TIPS,
                classes_messages.measure_tip(pixel_size, whole=self.whole),
            )
            return tips[section]
        return _side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text, colour, tooltip or alignment of a cell."""
        if self.summary is None or not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self.summary, index.row(), index.column())
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return color_chip(self.summary.hex_colors[index.row()])
        if role == Qt.ItemDataRole.ToolTipRole:
            titles, row = self.summary.titles(), self.summary.row(index.row())
            return "\n".join(f"{title}: {cell}" for title, cell in zip(titles, row, strict=True) if cell)
        return _side(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _text(self, summary: ClassSummary, row: int, column: int) -> str:
        bounds = summary.intervals
        if bounds is None:
            return ""
        if column == 0:
            return f"{row + 1}{_HIGHLIGHT_MARK if row == self.highlighted else ''}"
        if column == 2 and row == len(summary) - 1:
            return classes_messages.UP_TO_MAXIMUM
        if column in (1, 2):
            return classes_messages.pixel_value((bounds.outputs, bounds.upper)[column - 1][row], self.n_digits)
        if column == 3:
            return classes_messages.share(summary.shares[row])
        size = summary.size(row)
        return cell_text(int(summary.counts[row]) if size is None else size)


def _side(column: int) -> Qt.AlignmentFlag:
    """Return the alignment of a column: numbers at the right, the class beside its colour."""
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class LevelsTable(QTableView):
    """Show the classes of levels, and signal clicks and keys."""

    toggled = Signal(int)
    """Emitted with a class that is clicked, or chosen with Space or Enter."""

    current_changed = Signal(int)
    """Emitted with the new current class when an arrow key is pressed."""

    escaped = Signal()
    """Emitted when Escape is pressed."""

    def __init__(self) -> None:
        super().__init__()
        self._model = LevelsModel()
        self._n_rows_asked = 0  # while other classes are counted, the table keeps its height
        self.setModel(self._model)
        self.setToolTip(classes_messages.TABLE_TIP)
        set_up_row_list(self)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setWordWrap(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(0)
        self.clicked.connect(self._on_clicked)

    def show_summary(self, summary: ClassSummary | None, *, whole: bool = True) -> None:
        """Show these classes. The current row stays current if there are as many classes as before."""
        row = self.currentIndex().row()
        before = self._model.rowCount()
        self._model.beginResetModel()
        self._model.summary, self._model.whole = summary, whole
        if summary is not None:
            self._n_rows_asked = len(summary)
        self._model.endResetModel()
        self._fit_columns()
        if summary is not None and before == len(summary) and row >= 0:
            self.setCurrentIndex(self._model.index(row, 0))

    def show_highlighted(self, highlighted: int) -> None:
        """Mark the highlighted class; none with -1."""
        self._model.highlighted = highlighted
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the columns to the new width."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent | None) -> None:
        """Fit the columns to the new font."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._fit_columns()

    def _fit_columns(self) -> None:
        """Give each column the width of its texts and a share of the rest; where they do not fit, shorten the texts.

        Digits that are cut off would make numbers wrong, so fewer are written instead. Integers keep all of them: if
        they do not fit, the columns are scrolled.
        """
        widths: list[int] = []
        room, gap = self.viewport().width(), 0
        for self._model.n_digits, self._model.unit_alone in _FORMATS:
            widths = [self._text_width(column) for column in range(self._model.columnCount())]
            gap = min(_GAP, (room - sum(widths)) // len(widths))
            if gap >= CELL_MARGINS:
                break
        gap = max(gap, CELL_MARGINS)
        spare = max(0, room - sum(widths) - gap * len(widths))
        for column, width in enumerate(widths):
            share = spare * (column + 1) // len(widths) - spare * column // len(widths)
            self.setColumnWidth(column, width + gap + share)
        self.updateGeometry()
        self._model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(widths) - 1)

    def _text_width(self, column: int) -> int:
        """Return the width of the widest text of a column."""
        model, n_rows = self._model, self._model.rowCount()
        metrics, header = self.fontMetrics(), self.horizontalHeader().fontMetrics()
        title = model.headerData(column, Qt.Orientation.Horizontal)
        texts = [f"{n_rows}{_HIGHLIGHT_MARK}"] if column == 0 else []
        step = -(-n_rows // _MAX_MEASURED) or 1
        texts += [model.data(model.index(row, column)) for row in range(0, n_rows, step)] if column else []
        width = max([header.horizontalAdvance(title), *map(metrics.horizontalAdvance, texts)])
        return int(width) + (CHIP_SIZE + CELL_MARGINS if column == 0 else 0)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy all rows with Ctrl+C, highlight with Space or Enter, end it with Escape; else move."""
        if event is None:
            return
        row = self.currentIndex().row()
        summary = self._model.summary
        if event.matches(QKeySequence.StandardKey.Copy) and summary is not None:
            QGuiApplication.clipboard().setText(summary.text())
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and row >= 0:
            self.toggled.emit(row)
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)
            if self.currentIndex().row() != row:
                self.current_changed.emit(self.currentIndex().row())

    def _on_clicked(self, index: QModelIndex) -> None:
        self.toggled.emit(index.row())

    def sizeHint(self) -> QSize:
        """Ask for 4 to 12 rows, since the dock scrolls; more rows are scrolled, or shown if the dock is high enough."""
        return QSize(240, height_of_rows(self, max(_MIN_ROWS, min(_MAX_ROWS, self._n_rows_asked))))

    def minimumSizeHint(self) -> QSize:
        """Never squeeze the rows."""
        return QSize(120, self.sizeHint().height())
