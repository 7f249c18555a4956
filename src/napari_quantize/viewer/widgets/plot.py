"""A matplotlib figure in Qt: made when it is first drawn, and drawn when those who ask for it have come to rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QFileDialog, QSizePolicy, QVBoxLayout, QWidget

from napari_quantize.plots.theme import PlotTheme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURE_FILTER = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"
_MIN_HEIGHT = 115
_REST_MS = 50


class Plot(QWidget):
    """Holds a figure.

    Parameters
    ----------
    draw : callable
        Draws into the figure that it is given, in the colours that it is given; called in the GUI thread while the
        plot can be seen. What is drawn is painted afterwards.
    tip : str
        Tooltip.
    """

    def __init__(self, draw: Callable[[Figure, PlotTheme], None], tip: str) -> None:
        super().__init__()
        self._draw = draw
        self._tip = tip
        self._theme = PlotTheme()
        self._figure: Figure | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REST_MS)
        self._soon.timeout.connect(self.redraw)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.setMinimumHeight(_MIN_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    @property
    def figure(self) -> Figure:
        """The figure; matplotlib is loaded with the first look at it, which takes a few tenths of a second."""
        if self._figure is None:
            from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
            from matplotlib.figure import Figure

            self._figure = Figure()
            canvas = FigureCanvasQTAgg(self._figure)
            # It would ask for the size that the figure happens to have, and the dock would grow when panels change.
            canvas.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            canvas.setToolTip(self._tip)
            self.layout().addWidget(canvas)
        return self._figure

    def draw_soon(self) -> None:
        """Draw in a moment: several calls at once are drawn once."""
        self._soon.start()

    def redraw(self) -> None:
        """Draw now, if the plot can be seen."""
        self._soon.stop()
        if self.isVisible():
            self._draw(self.figure, self._theme)
            self.figure.canvas.draw_idle()

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        self._theme = theme
        if self._figure is not None:
            self.redraw()

    def showEvent(self, event: object) -> None:
        """Draw what was kept back while the plot was hidden."""
        super().showEvent(event)
        self.draw_soon()


def ask_figure_path(parent: QWidget, title: str, name: str) -> Path | None:
    """Ask where to save a figure; the chosen type's suffix is added where it is missing."""
    return ask_path(parent, title, name, FIGURE_FILTER, (".png", ".svg", ".pdf"))


def ask_path(parent: QWidget, title: str, name: str, patterns: str, suffixes: tuple[str, ...]) -> Path | None:
    """Ask where to save a file; the suffix of the chosen pattern is added where none of `suffixes` is there."""
    name = "".join("_" if character in '/\\:*?"<>|' else character for character in name)
    proposed = f"{name}{suffixes[0]}"
    while True:
        text, chosen = QFileDialog.getSaveFileName(parent, title, proposed, patterns)
        if not text:
            return None
        path = Path(text)
        if path.suffix.lower() in suffixes:
            return path
        wanted = next((suffix for suffix in suffixes if f"*{suffix})" in chosen), suffixes[0])
        path = path.with_name(f"{path.name}{wanted}")
        if not path.exists():
            return path
        proposed = str(path)  # the dialog has not asked whether this one may be replaced
