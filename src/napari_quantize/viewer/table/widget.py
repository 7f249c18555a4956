"""The table of results: the source, and a row for each of its results."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtCore import QPoint, QSize, Qt, Signal
from qtpy.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_quantize.viewer import messages
from napari_quantize.viewer.table import messages as table_messages
from napari_quantize.viewer.table.columns import COLUMNS, Columns
from napari_quantize.viewer.table.rows import Sheet
from napari_quantize.viewer.widgets.forms import list_rows

_MAX_ROWS_SHOWN = 7
_GAP = 16
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ResultsTable(QTableWidget):
    """Shows a sheet in as many columns as are chosen or fit; tells which row the user chose.

    Attributes
    ----------
    columns : Columns
        What the user chose of them.
    columns_menu : ColumnsMenu
        Where this is chosen.
    sheet : Sheet
        What there is to show.
    shown : tuple of str
        Names of the columns that are shown.
    """

    chosen = Signal(str)
    """Emitted with the row's ``layer_id`` when the user goes to another row."""

    shown_changed = Signal()
    """Emitted when other columns are shown than before."""

    def __init__(self) -> None:
        super().__init__(0, 0)
        self.columns = Columns()
        self.sheet = Sheet()
        self.shown: tuple[str, ...] = ()
        self.columns_menu = ColumnsMenu(self)
        self.columns_menu.chosen.connect(self.choose_columns)
        self.columns_menu.aboutToShow.connect(self._on_menu_about_to_show)
        self.setToolTip("One row a layer: go through them with the arrow keys. Copy with Ctrl+C.")
        list_rows(self)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        heads = self.horizontalHeader()
        heads.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        heads.setMinimumSectionSize(0)
        heads.setStyleSheet("QHeaderView::section { padding-right: 3px; }")  # as far from the edge as the cells
        heads.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        heads.customContextMenuRequested.connect(self._on_header_menu)
        self.currentCellChanged.connect(self._on_current_cell_changed)

    def show_sheet(self, sheet: Sheet, current: str | None) -> None:
        """Show a sheet, with the row of layer `current` chosen; nothing is emitted."""
        # Not QSignalBlocker: in PySide6 6.12 it takes a reference from None each time, until Python aborts.
        with signals_blocked(self):
            if sheet != self.sheet:
                self.sheet = sheet
                self.shown = self._fitting()
                self._fill()
            place = next((i for i, row in enumerate(sheet.rows) if row.layer_id == current), -1)
            if place != self.currentRow() or not self.selectedItems():
                self.setCurrentCell(place, 0)
            if place < 0:
                self.clearSelection()

    def choose_columns(self, names: frozenset[str] | None) -> None:
        """Show these columns; None: as many as there is room for."""
        self.columns.choose(self.sheet.kind, names)
        self._refit()

    def text(self) -> str:
        """Return what is shown as tab-separated lines."""
        return self.sheet.texts(self.shown)

    def numbers(self) -> str:
        """Return the shown columns' numbers with all their digits as tab-separated lines, as spreadsheets take them."""
        return self.sheet.numbers(self.shown, delimiter="\t")

    def _fitting(self) -> tuple[str, ...]:
        # How much room there is, is not known before the dock is laid out.
        room = self.viewport().width() if self.isVisible() else 0
        return self.columns.shown(self.sheet.kind, self.sheet.columns, room, self._width_of)

    def _width_of(self, name: str) -> int:
        column = COLUMNS[name]
        texts = [column.widest, *(row.cell(name).text for row in self.sheet.rows)]
        in_cells = max(map(self.fontMetrics().horizontalAdvance, texts))
        return int(max(in_cells, self.horizontalHeader().fontMetrics().horizontalAdvance(column.title))) + _GAP

    def _refit(self) -> None:
        shown = self._fitting()
        if shown == self.shown:
            self._stretch()
            return
        row = self.currentRow()
        self.shown = shown
        with signals_blocked(self):
            self._fill()
            self.setCurrentCell(row, 0)
        self.shown_changed.emit()

    def _fill(self) -> None:
        self.setRowCount(len(self.sheet.rows))
        self.setColumnCount(len(self.shown))
        for place, name in enumerate(self.shown):
            head = QTableWidgetItem(COLUMNS[name].title)
            head.setToolTip(messages.plain_tooltip(COLUMNS[name].tip))
            head.setTextAlignment(_RIGHT)
            self.setHorizontalHeaderItem(place, head)
        for number, row in enumerate(self.sheet.rows):
            for place, name in enumerate(self.shown):
                item = QTableWidgetItem(row.cell(name).text)
                item.setToolTip(messages.plain_tooltip(row.tooltip))
                item.setTextAlignment(_RIGHT)
                self.setItem(number, place, item)
        self._stretch()
        self.updateGeometry()

    def _stretch(self) -> None:
        """Give each column what it needs, and its share of the room that is left: nothing is elided.

        Where there is too little room, the gaps between columns shrink before they have to be scrolled.
        """
        if not self.shown:
            return
        widths = [self._width_of(name) for name in self.shown]
        spare = max(-_GAP // 2 * len(widths), self.viewport().width() - sum(widths))
        for place, width in enumerate(widths):
            share = spare * (place + 1) // len(widths) - spare * place // len(widths)
            self.setColumnWidth(place, width + share)

    def sizeHint(self) -> QSize:
        """Ask for the height of the rows, up to seven of them."""
        rows = max(1, min(_MAX_ROWS_SHOWN, len(self.sheet.rows)))
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 4
        return QSize(240, height)

    def minimumSizeHint(self) -> QSize:
        """Never squeeze the rows."""
        return self.sizeHint()

    def resizeEvent(self, event: object) -> None:
        """Show as many columns as fit now."""
        super().resizeEvent(event)
        self._refit()

    def showEvent(self, event: object) -> None:
        """Show as many columns as fit."""
        super().showEvent(event)
        self._refit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy the whole table with the usual keys."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.numbers())
            return
        super().keyPressEvent(event)

    def _on_menu_about_to_show(self) -> None:
        self.columns_menu.fill(self.sheet.columns, self.shown, automatic=self.sheet.kind not in self.columns.chosen)

    def _on_header_menu(self, place: QPoint) -> None:
        self.columns_menu.popup(self.horizontalHeader().mapToGlobal(place))

    def _on_current_cell_changed(self, row: int, _column: int, before: int, _before_column: int) -> None:
        if row != before and 0 <= row < len(self.sheet.rows):
            self.chosen.emit(self.sheet.rows[row].layer_id)


class ColumnsMenu(QMenu):
    """Shows what can be chosen; a tick takes a column away, or adds it.

    Parameters
    ----------
    parent : QWidget
        Whose columns they are.
    """

    chosen = Signal(object)
    """Emitted with the names of the columns that the user wants, or with None for as many as fit."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Columns", parent)
        self.setToolTipsVisible(True)
        self.triggered.connect(self._on_triggered)

    def fill(self, names: Iterable[str], shown: Iterable[str], *, automatic: bool) -> None:
        """Offer these columns beside K, with a tick at those that are shown."""
        self.clear()
        seen = set(shown)
        for name in names:
            if name != "k":
                self._add(COLUMNS[name].title, name, COLUMNS[name].tip, ticked=name in seen)
        self.addSeparator()
        self._add("As many as fit", None, "More columns where the dock is wide", ticked=automatic)

    def _add(self, title: str, name: str | None, tip: str, *, ticked: bool) -> None:
        action = self.addAction(title)
        action.setCheckable(True)
        action.setChecked(ticked)
        action.setData(name)
        action.setToolTip(tip)

    def _on_triggered(self, action: QAction) -> None:
        if action.data() is None:
            self.chosen.emit(None)
        else:
            ticked = [other.data() for other in self.actions() if other.isChecked() and other.data() is not None]
            self.chosen.emit(frozenset(ticked))


class TableNotice(QWidget):
    """Shows a sentence, and the button *Use best* where that would help."""

    use_best = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setToolTip(table_messages.NOTICE_TIP)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._button = QPushButton("Use best")
        self._button.setToolTip(table_messages.USE_BEST)
        self._button.clicked.connect(self.use_best)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 0, 0, 0)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._button)
        # The same height with and without the button: else all below would jump with each row.
        self.setMinimumHeight(self._button.sizeHint().height())
        self.say("", can_use_best=False)

    def say(self, text: str, *, can_use_best: bool) -> None:
        """Show a sentence; nothing is shown if it is empty."""
        self._label.setText(text)
        self._button.setVisible(can_use_best)
        self.setVisible(bool(text))
