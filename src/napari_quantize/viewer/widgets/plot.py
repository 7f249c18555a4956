"""A matplotlib figure in Qt: created when it is first drawn, and redrawn once for several requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QFileDialog, QGridLayout, QLabel, QSizePolicy, QWidget
from superqt.utils import qdebounced

from napari_quantize.plots.loading import load_matplotlib
from napari_quantize.plots.theme import PlotTheme
from napari_quantize.viewer.widgets.theme import TextPainter, font_scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURE_FILTER = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"
_DPI = 100
_REDRAW_DELAY_MS = 50
_DRAWING = "Drawing …"


class Plot(TextPainter):
    """Show a figure, with letters that follow the font's size.

    Parameters
    ----------
    draw : callable
        Draws into the given figure in the given colours. Called in the GUI thread while the plot is visible; the plot
        is painted afterwards.
    tip : str
        Tooltip.
    zooms : bool
        Whether the wheel does something in the plot. It does so once the plot was clicked; else it scrolls the dock.
    min_height : int
        The least height in pixels, at napari's usual size of letters.
    """

    def __init__(
        self, draw: Callable[[Figure, PlotTheme], None], tip: str, *, zooms: bool = False, min_height: int = 115
    ) -> None:
        super().__init__()
        self._draw = draw
        self._tip = tip
        self._zooms = zooms
        self._min_height = min_height
        self._theme = PlotTheme()
        self._figure: Figure | None = None
        self._canvas: QWidget | None = None
        self._note = QLabel(_DRAWING)
        self._note.setWordWrap(True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._note.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._redraw_soon = qdebounced(self.redraw, timeout=_REDRAW_DELAY_MS, parent=self)
        # One cell for both: the note lies over the figure.
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._note, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._fit_height()

    @property
    def figure(self) -> Figure:
        """The figure. The first access imports matplotlib, which takes a few tenths of a second."""
        if self._figure is None:
            load_matplotlib()
            from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
            from matplotlib.figure import Figure

            self._figure = Figure(dpi=_DPI, facecolor=self._theme.background)
            canvas = FigureCanvasQTAgg(self._figure)
            # The canvas asks for the figure's present size; the dock would grow with it when panels change.
            canvas.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            canvas.setToolTip(self._tip)
            canvas.installEventFilter(self)
            canvas.hide()  # it is empty until it is drawn
            self._canvas = canvas
            self.layout().addWidget(canvas, 0, 0)
            self._note.raise_()
        return self._figure

    @property
    def note(self) -> str:
        """The text that is shown instead of a figure; empty if there is a figure."""
        return str(self._note.text())

    def show_note(self, text: str) -> None:
        """Show a text over the figure, as long as something is measured; remove it if the text is empty."""
        self._note.setText(text)

    def draw_soon(self) -> None:
        """Draw after a short pause; several calls within it draw once."""
        self._redraw_soon()

    def redraw(self) -> None:
        """Draw now, if the plot is visible."""
        self._redraw_soon.cancel()
        if self.isVisible():
            figure = self.figure
            self._fit_letters(figure)
            self._draw(figure, self._theme)
            figure.canvas.draw_idle()
            if self._canvas is not None and self._canvas.isHidden():
                self._canvas.show()
                if self.note == _DRAWING:
                    self.show_note("")

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        self._theme = theme
        if self._figure is not None:
            self._figure.set_facecolor(theme.background)
            self.redraw()

    def showEvent(self, event: object) -> None:
        """Draw what changed while the plot was hidden."""
        super().showEvent(event)
        self.draw_soon()

    def changeEvent(self, event: QEvent | None) -> None:
        """Draw in another size of letters."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._fit_height()
            self.draw_soon()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Let the wheel scroll the dock, unless the plot uses it and was clicked."""
        if event is None or event.type() != QEvent.Type.Wheel:
            return False
        if self._zooms and self.window().focusWidget() is watched:
            return False
        event.ignore()  # so that the event goes on to the widgets around
        return True

    def _fit_height(self) -> None:
        self.setMinimumHeight(round(self._min_height * font_scale(self.font())))

    def _fit_letters(self, figure: Figure) -> None:
        """Make letters, lines and margins as many times larger as the font is."""
        ratio = figure.canvas.device_pixel_ratio
        dpi = _DPI * font_scale(self.font()) * ratio
        if self._canvas is not None and figure.dpi != dpi:
            figure.set_dpi(dpi)
            figure.set_size_inches(
                max(1, self._canvas.width()) * ratio / dpi, max(1, self._canvas.height()) * ratio / dpi, forward=False
            )


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
