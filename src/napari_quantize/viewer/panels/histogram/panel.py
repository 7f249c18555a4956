"""The panel *Histogram*: the source's values coloured by class, with the levels of the current result over them."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from napari.utils.notifications import show_error
from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout

from napari_quantize.plots.theme import PlotTheme
from napari_quantize.text.results import format_k
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.messages import sentence
from napari_quantize.viewer.panels.histogram import messages as histogram_messages
from napari_quantize.viewer.panels.histogram.model import HistogramModel
from napari_quantize.viewer.panels.panel import Panel, corner
from napari_quantize.viewer.widgets.file_notices import write_with_notice
from napari_quantize.viewer.widgets.plot import Plot, ask_figure_path
from napari_quantize.viewer.widgets.plot_cursor import PlotCursor
from napari_quantize.viewer.widgets.readout import Readout

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_quantize.plots.histogram import HistogramPlot

_IDLE_MS = 300
_TIP = (
    "The image's values, coloured by class; grey lines are the borders between classes, orange stems the levels and "
    "how many pixels take them, coloured ones the colours of a palette; a triangle marks stems that are higher than "
    "the plot; outlines are the channels. Click and turn the wheel to zoom, drag to move, double click to see all; "
    "drag a border to move it. After a click, the keys ← and → go from bar to bar, and + and − zoom."
)


class HistogramPanel(Panel):
    """Show the histogram of the source with the classes of the current result."""

    name = "Histogram"
    tip = "How often each value occurs, and the classes of the current result"

    codebook_edited = Signal(object)
    """Emitted with the codebook of a result one of whose borders the user has dragged."""

    def __init__(self) -> None:
        super().__init__()
        self.model = HistogramModel()
        self._theme = PlotTheme()
        self._drawing: HistogramPlot | None = None
        self._plot = Plot(self._draw, _TIP, zooms=True)
        self.readout = Readout()
        self.readout.setToolTip(_TIP)
        self._plot_cursor = PlotCursor(self, self._grabs)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(self._prepare)
        self._empty = QLabel()
        self._empty.setWordWrap(True)
        self.log = QCheckBox("log")
        self.log.setChecked(True)
        self.log.setToolTip("Logarithmic counts: rare values become visible beside frequent ones")
        self.log.toggled.connect(self._plot.redraw)
        self.save_button = QPushButton("Save…")
        self.save_button.setToolTip("Save this histogram as PNG, SVG or PDF")
        self.save_button.clicked.connect(self._ask_and_save)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.controls = corner(self.log, self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._empty)
        layout.addWidget(self._plot, 1)
        layout.addWidget(self.readout)
        self._show_parts()

    def _connect(self) -> None:
        self._plot_cursor.moved.connect(self._on_moved)
        self._plot_cursor.zoomed.connect(self._on_zoomed)
        self._plot_cursor.dragged.connect(self._on_dragged)
        self._plot_cursor.stepped.connect(self._on_stepped)
        self._plot_cursor.reset.connect(self._on_reset)
        self._plot_cursor.pulled.connect(self._on_pulled)
        self._plot_cursor.dropped.connect(self._on_dropped)

    def expect(self, results: bool) -> None:
        """Prepare the plot once the user pauses, if results are to come; else give that up.

        Importing matplotlib and creating axes takes some tenths of a second on the GUI thread. That disturbs less
        before a run than when the first result appears.
        """
        if results:
            self._idle.start()
        else:
            self._idle.stop()

    def _prepare(self) -> None:
        """Import matplotlib, create the axes and draw them once, which loads fonts."""
        # An invisible window, as in scripts and tests, never needs the plot.
        if self.model.shown.facts is None and self.window().isVisible():
            self._drawing_in(self._plot.figure).prepare(1)
            self._plot.figure.canvas.draw()

    def title(self, shown: FamilySnapshot) -> str:
        """Return the fold's title, which names the result whose classes are shown."""
        if shown.provenance is None:
            return "Histogram"
        if shown.tried is not None:
            return f"Histogram · Try K={shown.tried.k}"
        result = (
            format_k(shown.provenance)
            if shown.slice is None
            else f"{shown.provenance.k}, {shown.slice_axis_name} {shown.slice}"
        )
        return f"Histogram · K={result}"

    def show_family(self, shown: FamilySnapshot) -> None:
        """Show an image's histogram and a result's levels or colours, after a short pause."""
        if self.model.show(shown):
            self._show_parts()
            self._plot.draw_soon()

    def release_layers(self) -> None:
        """Release the layers."""
        self.model.release_layers()

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        self._theme = theme
        self._plot.set_theme(theme)

    def _draw(self, figure: Figure, theme: PlotTheme) -> None:
        if self.model.shown.facts is not None:
            drawing = self._drawing_in(figure)
            drawing.theme = theme
            self.model.count()
            self._fill(drawing)
            self._show_pointed()

    def _fill(self, drawing: HistogramPlot) -> None:
        shown = self.model.shown
        drawing.show(
            self.model.rows,
            palette=shown.tried_palette,
            white=shown.white,
            members=self.model.members,
            log=self.log.isChecked(),
            rgb=shown.rgb,
            limits=self.model.limits,
        )

    def _drawing_in(self, figure: Figure) -> HistogramPlot:
        if self._drawing is None:
            # Imported here: matplotlib takes long to load, and many docks never show a plot.
            from napari_quantize.plots.histogram import HistogramPlot

            self._drawing = HistogramPlot(figure, PlotTheme())
            self._plot_cursor.listen(figure)
        return self._drawing

    def _show_parts(self) -> None:
        shown = self.model.shown
        known = shown.facts is not None
        self._empty.setText(
            histogram_messages.NOTHING_COUNTED if shown.provenance is None else histogram_messages.COUNTED_NO_MORE
        )
        self._empty.setVisible(not known)
        self.save_button.setEnabled(known)
        self._plot.setVisible(known)
        self.readout.setVisible(known)

    # What the user does in the plot

    def _on_moved(self, axes: object, across: float, _up: float) -> None:
        if self._drawing is not None:
            row = self._drawing.row_of_axes(axes)
            self.model.point(row, across)
            self._show_pointed()
            if row is not None and self._border_at(row, across) is not None:
                self._plot_cursor.show_border_cursor()
            else:
                self._plot_cursor.show_hand_cursor(False)

    def _border_at(self, row: int, across: float) -> int | None:
        if self._drawing is None:
            return None
        return self.model.border_near(row, across, self._plot_cursor.distance_of(self._drawing.axes_of(row)))

    def _grabs(self, axes: Axes, across: float) -> bool:
        """Return whether the mouse takes hold of a border."""
        row = None if self._drawing is None else self._drawing.row_of_axes(axes)
        index = None if row is None else self._border_at(row, across)
        self.model.grab(row, index)
        return index is not None

    def _on_pulled(self, across: float) -> None:
        border = self.model.pulled_to(across)
        if border is not None and self.model.grabbed is not None:
            self.model.point(self.model.grabbed[0], border)
            self._show_pointed()

    def _on_dropped(self, across: float) -> None:
        border = None if math.isnan(across) else self.model.pulled_to(across)
        try:
            edited = None if border is None else self.model.edited(border)
        except ValueError as error:
            show_error(sentence(str(error)))
            edited = None
        self.model.grab(None, None)
        self._show_pointed()
        if edited is not None:
            self.codebook_edited.emit(edited)

    def _on_zoomed(self, across: float, factor: float) -> None:
        before = self.model.axis_range
        self.model.zoom(factor, None if math.isnan(across) else across)
        self._update_plot(before)

    def _on_dragged(self, widths: float) -> None:
        before = self.model.axis_range
        self.model.move(widths)
        self._update_plot(before)

    def _on_stepped(self, steps: int) -> None:
        before = self.model.axis_range
        self.model.step(steps)
        self._update_plot(before)

    def _on_reset(self) -> None:
        before = self.model.axis_range
        self.model.reset()
        self._update_plot(before)

    def _update_plot(self, before: object) -> None:
        """Draw the plot if its range has changed; else only the line and the readout."""
        if self.model.axis_range != before:
            self._plot.redraw()
        else:
            self._show_pointed()

    def _show_pointed(self) -> None:
        """Show the line at the pointed value, and the readout."""
        if self._drawing is None:
            return
        pointed = self.model.pointed
        if pointed is None or pointed[0] >= len(self.model.rows):
            self._plot_cursor.hide_line()
        else:
            self._plot_cursor.show_line(self._drawing.axes_of(pointed[0]), pointed[1], self._theme.text)
        self.readout.show_lines(*self.model.readout_lines())

    # Saving

    def save(self, path: str | Path) -> None:
        """Write the histogram with the visible range, in black on white."""
        self._prepare_saving()(path)

    def _prepare_saving(self) -> Callable[[str | Path], None]:
        """Return a function that writes the histogram as it is now."""
        from matplotlib.figure import Figure

        from napari_quantize.plots.comparison import save_figure
        from napari_quantize.plots.histogram import HistogramPlot

        if self.model.shown.facts is None:
            raise ValueError("there is no histogram to save: quantize an image first")
        figure = Figure(figsize=(5, 1.2 + 1.3 * len(self.model.count())))
        self._fill(HistogramPlot(figure, PlotTheme()))
        return partial(save_figure, figure)

    def _ask_and_save(self) -> None:
        # What is shown now: behind the dialog, a run may end, whose result the panel shows then.
        write = self._prepare_saving()
        path = ask_figure_path(self, "Save histogram", "histogram")
        if path is not None and (problem := write_with_notice(path, write)):
            show_error(problem)
