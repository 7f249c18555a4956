"""The lower half of the dock: the table, how results are seen, the histogram, and what to take home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_quantize.viewer import words
from napari_quantize.viewer.fold import Fold
from napari_quantize.viewer.histogram import HistogramPanel
from napari_quantize.viewer.table import ResultsTable

if TYPE_CHECKING:
    import numpy as np

    from napari_quantize.core.facts import ImageFacts
    from napari_quantize.viewer.table import Row


class Results(QWidget):
    """Shows results, and tells what the user wants to do with them."""

    one = Signal()
    tile = Signal(bool)
    remove = Signal()
    copy_table = Signal()
    copy_methods = Signal()
    save_figure = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._hint = QLabel(words.FIRST_STEP)
        self._hint.setWordWrap(True)
        self._content = QWidget()
        self.table = ResultsTable()
        self.one_button = _toggle("One", "Show only the layer of the current row")
        self.tile_button = _toggle("Tile", "Show the image and all its results side by side; press again to go back")
        self.save_button = QPushButton("Save figure…")
        self.save_button.setToolTip("Save the image and all its results, with captions and histograms, as one figure")
        self.histogram = HistogramPanel()
        self.histogram_fold = Fold("Histogram", self.histogram, corner=self.histogram.controls, unfolded=True)
        self.one_button.clicked.connect(self.one)
        self.tile_button.clicked.connect(self.tile)
        self.save_button.clicked.connect(self.save_figure)
        self._lay_out()

    def _lay_out(self) -> None:
        compare = QHBoxLayout()
        compare.addWidget(self.one_button)
        compare.addWidget(self.tile_button)
        compare.addStretch()
        compare.addWidget(_menu("⋯", "More", [("Remove results", self.remove)]))
        take_home = QHBoxLayout()
        take_home.addWidget(self.save_button)
        take_home.addStretch()
        copies = [("Table", self.copy_table), ("Methods sentence", self.copy_methods)]
        take_home.addWidget(
            _menu("Copy", "Copy the table, or a sentence that says how the current result was made", copies)
        )
        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.table)
        layout.addLayout(compare)
        layout.addWidget(self.histogram_fold, 1)
        layout.addLayout(take_home)
        # Says that this part takes the room there is: napari adds a stretch of its own where no part does.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._hint)
        outer.addWidget(self._content, 1)
        outer.addStretch()

    def show_rows(self, titles: tuple[str, ...], rows: list[Row], current: str | None) -> None:
        """Show the table's rows, with the one of layer `current` chosen."""
        self.table.show_rows(titles, rows, current)
        has_results = len(rows) > 1 or any(row.cells[0] != "source" for row in rows)
        self._hint.setVisible(bool(rows) and not has_results)
        self._content.setVisible(has_results)

    def show_histogram(
        self,
        title: str,
        facts: ImageFacts | None,
        levels: tuple[np.ndarray, ...],
        palette: np.ndarray | None,
        *,
        rgb: bool,
    ) -> None:
        """Show the source's histogram with a result's levels or colours."""
        self.histogram_fold.set_title(title)
        self.histogram.show_histogram(facts, levels, palette, rgb=rgb)

    def show_view(self, *, tiled: bool, one: bool) -> None:
        """Show in which way the results are seen."""
        self.tile_button.setChecked(tiled)
        self.one_button.setChecked(one and not tiled)


def _toggle(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    return button


def _menu(text: str, tip: str, entries: list[tuple[str, Signal]]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    menu = QMenu(button)
    for title, signal in entries:
        menu.addAction(title).triggered.connect(lambda _=False, signal=signal: signal.emit())
    button.setMenu(menu)
    return button
