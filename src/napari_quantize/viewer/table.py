"""The table of results: the source, and a row for each of its results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem
from superqt.utils import signals_blocked

from napari_quantize.viewer import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.facts import ImageFacts
    from napari_quantize.viewer.layers import Source
    from napari_quantize.viewer.provenance import Provenance

_MAX_ROWS_SHOWN = 7
_GAP = 20


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    layer_id : str
        ``unique_id`` of the layer it stands for.
    cells : tuple of str
        What the columns show.
    tooltip : str
        The figures that have no column.
    """

    layer_id: str
    cells: tuple[str, ...]
    tooltip: str


def header(*, colours: bool) -> tuple[str, ...]:
    """Return the columns' titles."""
    return ("K", "error", "bits/px", "colours") if colours else ("K", "error", "bits/px", "above best")


def source_row(source: Source, facts: ImageFacts | None) -> Row:
    """Describe the source in the columns of its results."""
    bits = "–" if facts is None or facts.bits_per_pixel is None else f"{facts.bits_per_pixel:.1f}"
    return Row(source.layer_id, ("source", "–", bits, "–"), f"{source.name}\n{words.describe(source, facts)}")


def result_row(made: Provenance, *, colours: bool) -> Row:
    """Describe a result; `colours` is whether the last column counts them, or tells how good the levels are."""
    quality = made.quality
    last = f"{quality['n_colors']:,}" if colours else words.above_best(quality["excess"])
    cells = (
        words.kept(made),
        f"± {words.number(quality['rmse'])}",
        f"{quality['bits_per_pixel']:.1f}",
        last,
    )
    return Row(made.layer_id, cells, words.figures(made))


def as_text(titles: Sequence[str], rows: Sequence[Row]) -> str:
    """Return the table as lines of tab-separated cells, as spreadsheets take them."""
    return "\n".join("\t".join(cells) for cells in (titles, *(row.cells for row in rows)))


class ResultsTable(QTableWidget):
    """Shows rows; tells which one the user chose."""

    chosen = Signal(str)
    """Emitted with the row's ``layer_id`` when the user goes to another row."""

    _TIPS = (
        "How many values were to be kept → how many there are",
        "Root of the mean squared error, in the image's units",
        "Bits a pixel needs at least when each is coded on its own (entropy)",
        "How many different colours are left; or how far above the least possible squared error the levels are",
    )

    def __init__(self) -> None:
        super().__init__(0, 4)
        self._titles: tuple[str, ...] = ()
        self._rows: list[Row] = []
        self.setToolTip("One row a layer: go through them with the arrow keys. Copy with Ctrl+C.")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        # The error is the widest, and the one that must not be cut.
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setHighlightSections(False)
        self.currentCellChanged.connect(self._on_current_cell_changed)

    def show_rows(self, titles: tuple[str, ...], rows: Sequence[Row], current: str | None) -> None:
        """Show these rows, with the one of layer `current` chosen; nothing is emitted."""
        # Not QSignalBlocker: in PySide6 6.12 it takes a reference from None each time, until Python aborts.
        with signals_blocked(self):
            if titles != self._titles:
                self._show_titles(titles)
            if rows != self._rows:
                self._rows = list(rows)
                self._fill()
            place = next((i for i, row in enumerate(rows) if row.layer_id == current), -1)
            self.setCurrentCell(place, 0)
            if place < 0:
                self.clearSelection()

    def text(self) -> str:
        """Return what is shown as tab-separated lines."""
        return as_text(self._titles, self._rows)

    def _show_titles(self, titles: tuple[str, ...]) -> None:
        self._titles = titles
        self.setHorizontalHeaderLabels(titles)
        for column, tip in enumerate(self._TIPS):
            item = self.horizontalHeaderItem(column)
            item.setToolTip(tip)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _fill(self) -> None:
        self.setRowCount(len(self._rows))
        for place, row in enumerate(self._rows):
            for column, text in enumerate(row.cells):
                item = QTableWidgetItem(text)
                item.setToolTip(words.plain(row.tooltip))
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if column == 1:  # as wide as its text, and a gap that tells it from the column before
                    item.setSizeHint(QSize(self.fontMetrics().horizontalAdvance(text) + _GAP, 0))
                self.setItem(place, column, item)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Ask for the height of the rows, up to seven of them."""
        rows = max(1, min(_MAX_ROWS_SHOWN, len(self._rows)))
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 4
        return QSize(240, height)

    def minimumSizeHint(self) -> QSize:
        """Never squeeze the rows."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy the whole table with the usual keys."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.text())
            return
        super().keyPressEvent(event)

    def _on_current_cell_changed(self, row: int, _column: int, before: int, _before_column: int) -> None:
        if row != before and 0 <= row < len(self._rows):
            self.chosen.emit(self._rows[row].layer_id)
