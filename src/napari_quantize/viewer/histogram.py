"""The panel *Histogram*: the source's distribution filled by class, with the levels of the chosen result over it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from napari.utils.notifications import show_info
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_quantize.files.ink import Ink
from napari_quantize.viewer import words
from napari_quantize.viewer.panel import Panel
from napari_quantize.viewer.plot import Plot, ask_figure_path
from napari_quantize.viewer.shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_quantize.files.histogram import HistogramPlot

_IDLE_MS = 300


class HistogramPanel(Panel):
    """Shows the histogram of the source with the classes of the current result."""

    name = "Histogram"

    def __init__(self) -> None:
        super().__init__()
        self.controls = QWidget()
        self._shown = Shown()
        self._drawing: HistogramPlot | None = None
        self._plot = Plot(
            self._draw,
            "The image's values, coloured by class; grey lines are the borders between classes, "
            "orange stems the levels and how many pixels take them; coloured ticks the colours of a palette",
        )
        self._n_expected = 0
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(self._prepare)
        self._empty = QLabel("Quantize an image to see how its values are distributed.")
        self._empty.setWordWrap(True)
        self.log = QCheckBox("log")
        self.log.setChecked(True)
        self.log.setToolTip("Logarithmic counts: rare values become visible beside frequent ones")
        self.log.toggled.connect(self._plot.redraw)
        self.save_button = QPushButton("Save…")
        self.save_button.setToolTip("Save this histogram as PNG, SVG or PDF")
        self.save_button.clicked.connect(self._ask_and_save)
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout(self.controls)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self.log)
        buttons.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._empty)
        layout.addWidget(self._plot, 1)
        self._show_parts()

    def expect(self, n_channels: int) -> None:
        """Get ready for an image of so many channels when nothing else happens; 0 takes that back.

        Loading matplotlib and making axes takes a few tenths of a second, which hurt less now than among results.
        """
        self._n_expected = n_channels
        if n_channels:
            self._idle.start()
        else:
            self._idle.stop()

    def _prepare(self) -> None:
        if self._shown.facts is None and self.window().isVisible():
            self._drawing_in(self._plot.figure).prepare(self._n_expected)
            self._plot.figure.canvas.draw()

    def title(self, shown: Shown) -> str:
        """Return the fold's title: which result's classes are shown."""
        if shown.made is None:
            return "Histogram"
        result = words.kept(shown.made) if shown.slice is None else f"{shown.made.k}, slice {shown.slice}"
        return f"Histogram · K={result}"

    def show_family(self, shown: Shown) -> None:
        """Show an image's histogram and a result's levels or colours, soon."""
        before, self._shown = self._shown, shown
        if not _look_the_same(before, shown):
            self._show_parts()
            self._plot.draw_soon()

    def set_ink(self, ink: Ink) -> None:
        """Follow the theme."""
        self._plot.set_ink(ink)

    def _draw(self, figure: Figure, ink: Ink) -> None:
        if self._shown.facts is not None:
            drawing = self._drawing_in(figure)
            drawing.ink = ink
            self._fill(drawing)

    def _fill(self, drawing: HistogramPlot) -> None:
        shown, log = self._shown, self.log.isChecked()
        if shown.facts is not None:
            drawing.show(shown.facts, shown.levels, palette=shown.palette, log=log, rgb=shown.rgb)

    def _drawing_in(self, figure: Figure) -> HistogramPlot:
        if self._drawing is None:
            from napari_quantize.files.histogram import HistogramPlot

            self._drawing = HistogramPlot(figure, Ink())
        return self._drawing

    def _show_parts(self) -> None:
        known = self._shown.facts is not None
        self._empty.setVisible(not known)
        self.save_button.setEnabled(known)
        self._plot.setVisible(known)

    def save(self, path: str | Path) -> None:
        """Write the histogram as it is drawn, in black on white."""
        from matplotlib.figure import Figure

        from napari_quantize.files.figures import save
        from napari_quantize.files.histogram import HistogramPlot

        if self._shown.facts is None:
            raise ValueError("there is no histogram to save: quantize an image first")
        figure = Figure(figsize=(5, 1.2 + 1.3 * len(self._shown.facts.counts)))
        self._fill(HistogramPlot(figure, Ink()))
        save(figure, path)

    def _ask_and_save(self) -> None:
        path = ask_figure_path(self, "Save histogram", "histogram")
        if path is not None:
            self.save(path)
            show_info(f"Saved {path.name}")


def _look_the_same(one: Shown, other: Shown) -> bool:
    if one.facts is not other.facts or one.rgb != other.rgb:
        return False
    pairs = [[*shown.levels, *([] if shown.palette is None else [shown.palette])] for shown in (one, other)]
    kinds = [(len(shown.levels), shown.palette is None) for shown in (one, other)]
    return kinds[0] == kinds[1] and all(map(np.array_equal, *pairs))
