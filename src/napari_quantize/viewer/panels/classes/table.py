"""The table of *Levels & areas*, with a row for each class."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPixmap
from qtpy.QtWidgets import QHeaderView, QSizePolicy, QTableView

from napari_quantize.text.numbers import format_number
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.model import ClassSummary
from napari_quantize.viewer.widgets.forms import set_up_row_list

_CHIP = 10
_HIGHLIGHT_MARK = " ●"
_MIN_ROWS = 4
_PRECISION = 64  # rows that Qt measures to find a column's width, of thousands


class LevelsModel(QAbstractTableModel):
    """Table model of a summary. Qt asks for visible cells only, so thousands of classes cost nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.summary: ClassSummary | None = None
        self.highlighted = -1
        self.whole = True

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
            chip = QPixmap(_CHIP, _CHIP)
            chip.fill(QColor(self.summary.hex_colors[index.row()]))
            return chip
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
        if column in (1, 2):
            return classes_messages.pixel_value((bounds.outputs, bounds.upper)[column - 1][row])
        if column == 3:
            return classes_messages.share(summary.shares[row])
        size = summary.size(row)
        return f"{summary.counts[row]:,}" if size is None else format_number(size)


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
        self.setModel(self._model)
        self.setToolTip(classes_messages.TABLE_TIP)
        set_up_row_list(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setWordWrap(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        # Areas are the widest column, and their unit must not be cut off.
        self.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setResizeContentsPrecision(_PRECISION)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.clicked.connect(self._on_clicked)

    def show_summary(self, summary: ClassSummary | None, *, whole: bool = True) -> None:
        """Show these classes. The current row stays current if there are as many classes as before."""
        row = self.currentIndex().row()
        before = self._model.rowCount()
        self._model.beginResetModel()
        self._model.summary, self._model.whole = summary, whole
        self._model.endResetModel()
        self.setColumnWidth(
            0, self.fontMetrics().horizontalAdvance(f"{self._model.rowCount()}{_HIGHLIGHT_MARK}") + 2 * _CHIP + 8
        )
        if summary is not None and before == len(summary) and row >= 0:
            self.setCurrentIndex(self._model.index(row, 0))

    def show_highlighted(self, highlighted: int) -> None:
        """Mark the highlighted class; none with -1."""
        self._model.highlighted = highlighted
        self.viewport().update()

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
        """Ask for 4 to 12 rows. The table scrolls, or grows if the dock is high enough."""
        rows = max(_MIN_ROWS, min(12, self._model.rowCount()))
        return QSize(240, self._height_of(rows))

    def minimumSizeHint(self) -> QSize:
        """Keep 4 rows visible."""
        return QSize(120, self._height_of(_MIN_ROWS))

    def _height_of(self, rows: int) -> int:
        height: int = (
            self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 4
        )
        return height
