"""The table of results: the source, and a row for each of its results."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtCore import QEvent, QPoint, QSize, Qt, Signal
from qtpy.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_quantize.viewer import messages
from napari_quantize.viewer.table import messages as table_messages
from napari_quantize.viewer.table.columns import COLUMNS, Columns
from napari_quantize.viewer.table.rows import Sheet
from napari_quantize.viewer.widgets.forms import CELL_MARGINS, height_of_rows, more_button, set_up_row_list
from napari_quantize.viewer.widgets.notices import ReservedLines

_MAX_ROWS_SHOWN = 12
_GAP = 2 * CELL_MARGINS
_MAX_LETTERS = 14
# As high as the button beside them: else everything below would jump from row to row.
_NOTICE_LINES = 2
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ResultsTable(QTableWidget):
    """Show a sheet in as many columns as are chosen or fit, and signal which row the user goes to.

    Attributes
    ----------
    columns : Columns
        The user's choice of columns.
    columns_menu : ColumnsMenu
        The menu in which they are chosen.
    sheet : Sheet
        All that the table could show.
    shown : tuple of str
        Names of the columns that are shown.
    """

    chosen = Signal(str)
    """Emitted with the row's ``layer_id`` when the user goes to another row."""

    shown_changed = Signal()
    """Emitted when the shown columns have changed."""

    stay_toggled = Signal(str, bool)
    """Emitted with a row's ``layer_id``, and True if the user ticks it to stay among the tiles."""

    _box_changed = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__(0, 0)
        self.columns = Columns()
        self.sheet = Sheet()
        self.shown: tuple[str, ...] = ()
        self._current_id = ""
        self.columns_menu = ColumnsMenu(self)
        self.columns_menu.chosen.connect(self.choose_columns)
        self.columns_menu.aboutToShow.connect(self._on_menu_about_to_show)
        self.setToolTip("One row a layer: go through them with the arrow keys. Copy with Ctrl+C.")
        set_up_row_list(self)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # long names of parts differ at their ends
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(0)
        header.setStyleSheet("QHeaderView::section { padding-right: 3px; }")  # as far from the edge as the cells
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_header_menu)
        self.currentCellChanged.connect(self._on_current_cell_changed)
        self.cellClicked.connect(self._on_cell_clicked)
        self.itemChanged.connect(self._on_item_changed)
        # In a later turn of the event loop: the table is filled anew then, which deletes the item that has changed.
        self._box_changed.connect(self.stay_toggled, Qt.ConnectionType.QueuedConnection)

    def show_sheet(self, sheet: Sheet, current: str) -> None:
        """Show a sheet, and select and reveal the row of the layer with the id `current`; emit nothing."""
        # Not QSignalBlocker: in PySide6 6.12 it takes a reference from None each time, until Python aborts.
        with signals_blocked(self):
            if sheet != self.sheet:
                self.sheet = sheet
                self.shown = self._fitting_columns()
                self._fill()
            index = next((i for i, row in enumerate(sheet.rows) if row.layer_id == current), -1)
            if index != self.currentRow() or not self.selectedItems():
                self.setCurrentCell(index, 0)
            if current != self._current_id:
                self._current_id = current
                self.scrollTo(self.model().index(index, 0))
            if index < 0:
                self.clearSelection()

    def choose_columns(self, names: frozenset[str] | None) -> None:
        """Show the columns with these names; None for as many as fit."""
        self.columns.choose(self.sheet.kind, names)
        self._update_columns()

    def text(self) -> str:
        """Return the shown cells as tab-separated lines."""
        return self.sheet.texts(self.shown)

    def numbers(self) -> str:
        """Return the shown columns' numbers with all their digits as tab-separated lines, as spreadsheets take them."""
        return self.sheet.numbers(self.shown, delimiter="\t")

    def _fitting_columns(self) -> tuple[str, ...]:
        # The width is not known before Qt has laid out the dock.
        width = self.viewport().width() if self.isVisible() else None
        return self.columns.shown(self.sheet.kind, self.sheet.columns, width, self._width_of)

    def _width_of(self, name: str) -> int:
        column = COLUMNS[name]
        texts = [column.widest, *(row.cell(name).text for row in self.sheet.rows)]
        # Names of parts and palettes can be long: their rows are elided, and the tooltip begins with the whole name.
        limit = self.fontMetrics().horizontalAdvance("0" * _MAX_LETTERS)
        cell_width = min(limit, max(map(self.fontMetrics().horizontalAdvance, texts)))
        box = self.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth) + CELL_MARGINS if name == "k" else 0
        title_width = self.horizontalHeader().fontMetrics().horizontalAdvance(column.title)
        return int(max(cell_width + box, title_width)) + _GAP

    def _update_columns(self) -> None:
        """Show the columns that are chosen, or fit now."""
        shown = self._fitting_columns()
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
        for column, name in enumerate(self.shown):
            title = QTableWidgetItem(COLUMNS[name].title)
            title.setToolTip(messages.plain_tooltip(COLUMNS[name].tip))
            title.setTextAlignment(_RIGHT)
            self.setHorizontalHeaderItem(column, title)
        for index, row in enumerate(self.sheet.rows):
            for column, name in enumerate(self.shown):
                item = QTableWidgetItem(row.cell(name).text)
                item.setToolTip(messages.plain_tooltip(row.tooltip))
                item.setTextAlignment(_RIGHT)
                if name == "k" and row.used is not None:
                    item.setToolTip(messages.plain_tooltip(f"{table_messages.STAY_TIP}\n\n{row.tooltip}"))
                    item.setCheckState(Qt.CheckState.Checked if row.stays else Qt.CheckState.Unchecked)
                self.setItem(index, column, item)
        self._stretch()

    def _stretch(self) -> None:
        """Give each column the width it needs and a share of the rest, so that nothing is elided.

        In a narrow table, the gaps between columns first shrink to a half; then the columns are scrolled.
        """
        if not self.shown:
            return
        widths = [self._width_of(name) for name in self.shown]
        spare = max((CELL_MARGINS - _GAP) * len(widths), self.viewport().width() - sum(widths))
        for column, width in enumerate(widths):
            # Differences of rounded totals: the shares add up to `spare` exactly, and no pixel is left at the right.
            share = spare * (column + 1) // len(widths) - spare * column // len(widths)
            self.setColumnWidth(column, width + share)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Ask for the height of the rows, up to twelve of them."""
        return QSize(240, height_of_rows(self, max(1, min(_MAX_ROWS_SHOWN, len(self.sheet.rows)))))

    def minimumSizeHint(self) -> QSize:
        """Never squeeze the rows."""
        return QSize(120, self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        """Show as many columns as fit now."""
        super().resizeEvent(event)
        self._update_columns()

    def changeEvent(self, event: QEvent | None) -> None:
        """Show as many columns as fit in another font."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._update_columns()

    def showEvent(self, event: object) -> None:
        """Show as many columns as fit."""
        super().showEvent(event)
        self._update_columns()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy the whole table with the usual keys."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.numbers())
            return
        super().keyPressEvent(event)

    def _on_menu_about_to_show(self) -> None:
        self.columns_menu.fill(self.sheet.columns, self.shown, automatic=self.sheet.kind not in self.columns.chosen)

    def _on_header_menu(self, position: QPoint) -> None:
        self.columns_menu.popup(self.horizontalHeader().mapToGlobal(position))

    def _on_current_cell_changed(self, row: int, _column: int, before: int, _before_column: int) -> None:
        if row != before and 0 <= row < len(self.sheet.rows):
            self.chosen.emit(self.sheet.rows[row].layer_id)

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        row = self.sheet.rows[item.row()]
        stays = item.checkState() == Qt.CheckState.Checked
        if row.used is not None and stays != row.stays:
            self._box_changed.emit(row.layer_id, stays)

    def _on_cell_clicked(self, row: int, _column: int) -> None:
        # The current row need not be napari's active layer: a click makes it so, without a change of rows.
        if 0 <= row < len(self.sheet.rows):
            self.chosen.emit(self.sheet.rows[row].layer_id)


class ColumnsMenu(QMenu):
    """Menu that adds a column or takes it away with a tick.

    Parameters
    ----------
    parent : QWidget
        The table.
    """

    chosen = Signal(object)
    """Emitted with the names of the ticked columns, or with None for as many as fit."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Columns", parent)
        self.setToolTipsVisible(True)
        self.triggered.connect(self._on_triggered)

    def fill(self, names: Iterable[str], shown: Iterable[str], *, automatic: bool) -> None:
        """Offer these columns beside K, with a tick at those that are shown."""
        self.clear()
        ticked = set(shown)
        for name in names:
            if name != "k":
                self._add(COLUMNS[name].title, name, COLUMNS[name].tip, ticked=name in ticked)
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
    """Line under the table: a sentence, and the button *Use best* where it would help, with a menu beside it."""

    use_best = Signal()
    """Emitted when the user presses *Use best*."""

    use_best_for_all = Signal()
    """Emitted when the user chooses *For all results*."""

    def __init__(self) -> None:
        super().__init__()
        self._label = QLabel()
        self._label.setToolTip(table_messages.NOTICE_TIP)
        ReservedLines(self._label, _NOTICE_LINES)
        self._button = QPushButton("Use best")
        self._button.setToolTip(table_messages.USE_BEST)
        self._button.clicked.connect(self.use_best)
        self._more = more_button(table_messages.USE_BEST_FOR_ALL)
        self._more.menu().addAction("For all results").triggered.connect(self.use_best_for_all)
        buttons = QHBoxLayout()
        buttons.setSpacing(1)
        buttons.addWidget(self._button)
        buttons.addWidget(self._more)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 0, 0, 0)
        layout.addWidget(self._label, 1)
        layout.addLayout(buttons)
        self.show_text("", can_use_best=False)

    def show_text(self, text: str, *, can_use_best: bool) -> None:
        """Show a sentence, and the buttons if they can be used."""
        self._label.setText(text)
        self._button.setVisible(can_use_best)
        self._more.setVisible(can_use_best)
