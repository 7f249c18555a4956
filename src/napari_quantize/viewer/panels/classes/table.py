"""The table *Levels & areas*: a row a class."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPixmap
from qtpy.QtWidgets import QHeaderView, QSizePolicy, QTableView

from napari_quantize.text.numbers import format_number
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.model import Summary
from napari_quantize.viewer.widgets.forms import set_up_row_list

_CHIP = 10
_LIT = " ●"
_MIN_ROWS = 4
_PRECISION = 64  # rows by which a column's width is found: there can be thousands


class LevelsModel(QAbstractTableModel):
    """A summary as a table: cells are written when they are looked at, since there can be thousands."""

    def __init__(self) -> None:
        super().__init__()
        self.summary: Summary | None = None
        self.lit = -1
        self.whole = True

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Count the classes."""
        return 0 if self.summary is None or (parent is not None and parent.isValid()) else len(self.summary)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Count the columns."""
        return 0 if parent is not None and parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title a column, and explain it."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        measure = self.summary.measure if self.summary is not None else None
        last = measure.title if measure else "pixels"
        if role == Qt.ItemDataRole.DisplayRole:
            return ("#", "level", "up to", "%", last)[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            tips = (
                *classes_messages.COLUMN_TIPS,
                classes_messages.measure_tip(measure.title if measure else "", whole=self.whole),
            )
            return tips[section]
        return _side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Write a cell."""
        if self.summary is None or not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self.summary, index.row(), index.column())
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            chip = QPixmap(_CHIP, _CHIP)
            chip.fill(QColor(self.summary.chips[index.row()]))
            return chip
        if role == Qt.ItemDataRole.ToolTipRole:
            titles, row = self.summary.titles(), self.summary.row(index.row())
            return "\n".join(f"{title}: {cell}" for title, cell in zip(titles, row, strict=True) if cell)
        return _side(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _text(self, summary: Summary, row: int, column: int) -> str:
        own = summary.intervals
        if own is None:
            return ""
        if column == 0:
            return f"{row + 1}{_LIT if row == self.lit else ''}"
        if column in (1, 2):
            return classes_messages.pixel_value((own.outputs, own.upper)[column - 1][row])
        if column == 3:
            return classes_messages.share(summary.shares[row])
        size = summary.size(row)
        return f"{summary.counts[row]:,}" if size is None else format_number(size)


def _side(column: int) -> Qt.AlignmentFlag:
    """Numbers stand at the right, the class beside its chip."""
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class LevelsTable(QTableView):
    """Shows the classes; tells which one shall be lit up."""

    toggled = Signal(int)
    """Emitted with a class that is clicked, or chosen with Space or Enter."""

    moved = Signal(int)
    """Emitted with the class that the arrow keys lead to."""

    escaped = Signal()

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
        # Areas are the longest, and their unit must not be cut.
        self.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setResizeContentsPrecision(_PRECISION)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.clicked.connect(self._on_clicked)

    def show_summary(self, summary: Summary | None, *, whole: bool = True) -> None:
        """Show these classes; the current row stays where it is if there is one of its number."""
        row = self.currentIndex().row()
        before = self._model.rowCount()
        self._model.beginResetModel()
        self._model.summary, self._model.whole = summary, whole
        self._model.endResetModel()
        self.setColumnWidth(0, self.fontMetrics().horizontalAdvance(f"{self._model.rowCount()}{_LIT}") + 2 * _CHIP + 8)
        if summary is not None and before == len(summary) and row >= 0:
            self.setCurrentIndex(self._model.index(row, 0))

    def show_lit(self, lit: int) -> None:
        """Mark the class that is lit up; none with -1."""
        self._model.lit = lit
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy all; light up the current row, or none."""
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
                self.moved.emit(self.currentIndex().row())

    def _on_clicked(self, index: QModelIndex) -> None:
        self.toggled.emit(index.row())

    def sizeHint(self) -> QSize:
        """Ask for a few rows; more scroll, or take the room that there is."""
        rows = max(_MIN_ROWS, min(12, self._model.rowCount()))
        return QSize(240, self._height_of(rows))

    def minimumSizeHint(self) -> QSize:
        """Keep a few rows to be seen."""
        return QSize(120, self._height_of(_MIN_ROWS))

    def _height_of(self, rows: int) -> int:
        height: int = (
            self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 4
        )
        return height
