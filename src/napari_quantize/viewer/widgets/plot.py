"""A matplotlib figure in Qt: created when it is first drawn, and redrawn once for several requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QSizePolicy, QVBoxLayout, QWidget
from superqt.utils import qdebounced

from napari_quantize.plots.theme import PlotTheme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURE_FILTER = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"
_MIN_HEIGHT = 115
_REDRAW_DELAY_MS = 50


class Plot(QWidget):
    """Show a figure.

    Parameters
    ----------
    draw : callable
        Draws into the given figure in the given colours. Called in the GUI thread while the plot is visible; the plot
        is painted afterwards.
    tip : str
        Tooltip.
    """

    def __init__(self, draw: Callable[[Figure, PlotTheme], None], tip: str) -> None:
        super().__init__()
        self._draw = draw
        self._tip = tip
        self._theme = PlotTheme()
        self._figure: Figure | None = None
        self._redraw_soon = qdebounced(self.redraw, timeout=_REDRAW_DELAY_MS, parent=self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.setMinimumHeight(_MIN_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    @property
    def figure(self) -> Figure:
        """The figure. The first access imports matplotlib, which takes a few tenths of a second."""
        if self._figure is None:
            from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
            from matplotlib.figure import Figure

            self._figure = Figure()
            canvas = FigureCanvasQTAgg(self._figure)
            # The canvas asks for the figure's present size; the dock would grow with it when panels change.
            canvas.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            canvas.setToolTip(self._tip)
            self.layout().addWidget(canvas)
        return self._figure

    def draw_soon(self) -> None:
        """Draw after a short pause; several calls within it draw once."""
        self._redraw_soon()

    def redraw(self) -> None:
        """Draw now, if the plot is visible."""
        self._redraw_soon.cancel()
        if self.isVisible():
            self._draw(self.figure, self._theme)
            self.figure.canvas.draw_idle()

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        self._theme = theme
        if self._figure is not None:
            self.redraw()

    def showEvent(self, event: object) -> None:
        """Draw what changed while the plot was hidden."""
        super().showEvent(event)
        self.draw_soon()


def ask_figure_path(parent: QWidget, title: str, name: str) -> Path | None:
    """Ask where to save a figure; add the suffix of the chosen type if it is missing."""
    return ask_path(parent, title, name, FIGURE_FILTER, (".png", ".svg", ".pdf"))


def ask_path(parent: QWidget, title: str, name: str, patterns: str, suffixes: tuple[str, ...]) -> Path | None:
    """Ask where to save a file; add the suffix of the chosen pattern if the name has none of `suffixes`."""
    name = "".join("_" if character in '/\\:*?"<>|' else character for character in name)
    proposed = f"{name}{suffixes[0]}"
    while True:
        text, chosen = QFileDialog.getSaveFileName(parent, title, proposed, patterns)
        if not text:
            return None
        path = Path(text)
        if path.suffix.lower() in suffixes:
            return path
        suffix = next((suffix for suffix in suffixes if f"*{suffix})" in chosen), suffixes[0])
        path = path.with_name(f"{path.name}{suffix}")
        if not path.exists():
            return path
        proposed = str(path)  # ask again: the dialog did not know this name, and the file exists
