"""The dock's histogram: matplotlib in a Qt widget, loaded when it is first shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from napari.utils.notifications import show_info
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_quantize.files.ink import Ink

if TYPE_CHECKING:
    from napari_quantize.core.facts import ImageFacts
    from napari_quantize.files.histogram import HistogramPlot

FIGURE_FILTER = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"
_MIN_HEIGHT = 130
_REST_MS = 50
_IDLE_MS = 300


class HistogramPanel(QWidget):
    """The source's distribution filled by class, with the levels of the chosen result over it.

    Attributes
    ----------
    controls : QWidget
        What belongs beside the title: the kind of scale, and *Save…*.
    """

    def __init__(self) -> None:
        super().__init__()
        self.controls = QWidget()
        self._facts: ImageFacts | None = None
        self._levels: tuple[np.ndarray, ...] = ()
        self._palette: np.ndarray | None = None
        self._rgb = False
        self._ink: Ink | None = None
        self._plot: HistogramPlot | None = None
        self._canvas: QWidget | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REST_MS)
        self._soon.timeout.connect(self.redraw)
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
        self.log.toggled.connect(self.redraw)
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
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

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
        if self._facts is None and self.window().isVisible():
            plot = self._plot or self._make_plot()
            plot.prepare(self._n_expected)
            plot.figure.canvas.draw()

    def show_histogram(
        self, facts: ImageFacts | None, levels: tuple[np.ndarray, ...], palette: np.ndarray | None, *, rgb: bool
    ) -> None:
        """Show an image's histogram and a result's levels or colours, soon: several calls at once are drawn once."""
        shown = [*self._levels, *([] if self._palette is None else [self._palette])]
        new = [*levels, *([] if palette is None else [palette])]
        same = facts is self._facts and rgb == self._rgb and len(new) == len(shown)
        if same and all(map(np.array_equal, new, shown)):
            return
        self._facts, self._levels, self._palette, self._rgb = facts, levels, palette, rgb
        self._show_parts()
        self._soon.start()

    def set_ink(self, ink: Ink) -> None:
        """Follow the theme."""
        self._ink = ink
        if self._plot is not None:
            self._plot.ink = ink
            self.redraw()

    def redraw(self) -> None:
        """Draw what is to be shown, if it can be seen."""
        if self._facts is None or not self.isVisible():
            return
        plot = self._plot or self._make_plot()
        plot.show(self._facts, self._levels, palette=self._palette, log=self.log.isChecked(), rgb=self._rgb)
        plot.figure.canvas.draw_idle()

    def _show_parts(self) -> None:
        known = self._facts is not None
        self._empty.setVisible(not known)
        self.save_button.setEnabled(known)
        if self._canvas is not None:
            self._canvas.setVisible(known)

    def save(self, path: str | Path) -> None:
        """Write the histogram as it is drawn, in black on white."""
        from matplotlib.figure import Figure

        from napari_quantize.files.figures import save
        from napari_quantize.files.histogram import HistogramPlot

        if self._facts is None:
            raise ValueError("there is no histogram to save: quantize an image first")
        figure = Figure(figsize=(5, 1.2 + 1.3 * len(self._facts.counts)))
        plot = HistogramPlot(figure, Ink())
        plot.show(self._facts, self._levels, palette=self._palette, log=self.log.isChecked(), rgb=self._rgb)
        save(figure, path)

    def showEvent(self, event: object) -> None:
        """Draw what was kept back while the panel was hidden."""
        super().showEvent(event)
        self.redraw()

    def _make_plot(self) -> HistogramPlot:
        from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
        from matplotlib.figure import Figure

        from napari_quantize.files.histogram import HistogramPlot

        figure = Figure()
        self._canvas = FigureCanvasQTAgg(figure)
        self._canvas.setMinimumHeight(_MIN_HEIGHT)
        self._canvas.setToolTip(
            "The image's values, coloured by class; grey lines are the borders between classes, "
            "orange stems the levels and how many pixels take them; coloured ticks the colours of a palette"
        )
        self._canvas.setVisible(self._facts is not None)
        self.layout().insertWidget(0, self._canvas, 1)
        self._plot = HistogramPlot(figure, self._ink or Ink())
        return self._plot

    def _ask_and_save(self) -> None:
        path = ask_figure_path(self, "Save histogram", "histogram")
        if path is not None:
            self.save(path)
            show_info(f"Saved {path.name}")


def ask_figure_path(parent: QWidget, title: str, name: str) -> Path | None:
    """Ask where to save a figure; the chosen type's suffix is added where it is missing."""
    name = "".join("_" if character in '/\\:*?"<>|' else character for character in name)
    text, chosen = QFileDialog.getSaveFileName(parent, title, f"{name}.png", FIGURE_FILTER)
    if not text:
        return None
    path = Path(text)
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        path = path.with_name(f"{path.name}.{chosen[:3].lower()}")
    return path
