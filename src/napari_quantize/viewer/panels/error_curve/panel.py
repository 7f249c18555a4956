"""The panel *How many are enough?*: error against K with the least error and noise, or colour differences against K."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args
from weakref import ref

from qtpy.compat import isalive
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QLabel, QVBoxLayout

from napari_quantize.core.analysis.error_curve import Quantity
from napari_quantize.plots.theme import PlotTheme
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.layers.cache import cache_baseline, data_version
from napari_quantize.viewer.messages import sentence
from napari_quantize.viewer.panels.error_curve.model import CurveModel
from napari_quantize.viewer.panels.panel import Panel, corner
from napari_quantize.viewer.widgets.background import Background
from napari_quantize.viewer.widgets.notices import ReservedLines
from napari_quantize.viewer.widgets.plot import Plot
from napari_quantize.viewer.widgets.plot_cursor import PlotCursor
from napari_quantize.viewer.widgets.readout import Readout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from napari.layers import Image

    from napari_quantize.core.analysis.error_curve import Baseline
    from napari_quantize.core.request.request import Request
    from napari_quantize.plots.error_curve import CurvePlot
    from napari_quantize.viewer.measure.slow_figures import MeasuredFigure

_TIP = (
    "Orange: the results, the current one with a ring; grey points were made in another way. "
    "Blue: the least error that so many levels can have. Pink, dotted: what evenly spread values would lose "
    "from the same beginning on: half the error with each doubling of K, which is 6 dB a bit. "
    "Green: the image's own noise; of colour differences ΔE, the one that can just be seen. "
    "Click a point to look at that result, any other place to make one; the keys ← and → go from K to K."
)
_MESSAGE_LINES = 3
_NOISE_TIP = (
    "Noise is estimated from how much each pixel differs from what its neighbours let expect. Fine texture "
    "counts as noise; noise that was smoothed or compressed away is missed."
)
_DIFFERENCE_TIP = (
    "ΔE tells how far a colour has moved as the eye sees it (CIEDE2000), here as the mean over the pixels. About 1 can "
    "just be seen, side by side."
)
_QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
_NAMES: dict[Quantity, str] = {"rmse": "error", "delta_e": "ΔE"}


class CurvePanel(Panel):
    """Show how the error falls with K; signal clicks on results and on other K."""

    name = "How many are enough?"
    tip = "How the error falls with K, beside what is possible and what the image's noise hides"

    chosen = Signal(str)
    """Emitted with the id of the layer whose point was clicked."""

    result_requested = Signal(int, object)
    """Emitted with a clicked K that has no result, and the `Request` to make it; None to use the dock's fields."""

    figures_needed = Signal()
    """Emitted when the panel shows colour differences that are still to be measured."""

    def __init__(self) -> None:
        super().__init__()
        self.model = CurveModel()
        self._theme = PlotTheme()
        self._drawing: CurvePlot | None = None
        self._background = Background(self)
        self._measurement: object = None
        self._failure = ""
        self.message = QLabel()
        ReservedLines(self.message, _MESSAGE_LINES, grows=True)
        self._plot = Plot(self._draw, _TIP)
        self.readout = Readout()
        self.readout.setToolTip(_TIP)
        self.quantity = QComboBox()
        self.quantity.addItems([_NAMES[quantity] for quantity in _QUANTITIES])
        self.quantity.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.quantity.setToolTip("The error in the image's units, or ΔE: how far colours have moved as the eye sees it")
        self._plot_cursor = PlotCursor(self)
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        self.quantity.activated.connect(self._on_quantity_chosen)
        self._plot_cursor.moved.connect(self._on_moved)
        self._plot_cursor.stepped.connect(self._on_stepped)
        self._plot_cursor.clicked.connect(self._on_clicked)

    def _lay_out(self) -> None:
        self.controls = corner(self.quantity)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.message)
        layout.addWidget(self._plot, 1)
        layout.addWidget(self.readout)

    def fits(self, shown: FamilySnapshot) -> bool:
        """Return True if there are results and their source."""
        return bool(shown.results) and shown.source is not None

    def show_family(self, shown: FamilySnapshot) -> None:
        """Show a family's results, and measure the baseline in the background unless it is known."""
        self._show(changed=self.model.show(shown))
        self._measure()

    def show_figures(self, differences: Mapping[str, MeasuredFigure | None]) -> None:
        """Show the colour differences of results, by layer ids; None for those still to be measured."""
        changed = self.model.set_figures(differences)
        if self.figures:
            self._show(changed=changed)

    @property
    def figures(self) -> frozenset[str]:
        """Names of the table's columns whose figures the panel shows now."""
        seen = self.model.quantity == "delta_e" and not self.isHidden()
        return frozenset({"delta_e"} if seen else ())

    def _show(self, *, changed: bool) -> None:
        model = self.model
        self.quantity.setVisible(model.can_compare_colors)
        self.quantity.setCurrentIndex(_QUANTITIES.index(model.quantity))
        self.message.setText(model.message.replace("± ", "±\N{NO-BREAK SPACE}"))
        self.message.setToolTip(_NOISE_TIP if model.quantity == "rmse" else _DIFFERENCE_TIP)
        self._plot.show_note(model.plot_note)
        if changed:
            self._plot.draw_soon()
        self._show_pointed()

    def _on_quantity_chosen(self, index: int) -> None:
        self.model.choose(_QUANTITIES[index])
        self._show(changed=True)
        self._measure()

    def release_layers(self) -> None:
        """Release the layers."""
        self.model.shown = FamilySnapshot()

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        self._theme = theme
        self._plot.set_theme(theme)

    def close_down(self) -> None:
        """Stop measuring."""
        self._background.close()
        self._measurement = None

    def _measure(self) -> None:
        if self.figures and not self.model.is_measured:
            self.figures_needed.emit()
        source, provenance = self.model.shown.source, self.model.shown.provenance
        work = None if self.model.is_measured else self.model.measure()
        if source is None or provenance is None or work is None:
            self._background.cancel()
            self._measurement = None
            return
        request = provenance.request
        measurement = (source.unique_id, data_version(source), request)
        # The dock shows the family again with every event of its layers: let a measurement that is still right go on,
        # and do not repeat one that has failed.
        if measurement == self._measurement:
            self._show_failure()
            return
        self._measurement, self._failure = measurement, ""
        tick = self._background.tick
        cache = _CacheBaseline(source, request)
        self._background.submit(
            lambda: work(tick), lambda baseline: self._on_measured(cache, baseline), self._on_failed
        )

    def _on_measured(self, cache: _CacheBaseline, baseline: Baseline) -> None:
        cache(baseline)
        if isalive(self):  # closing the viewer deletes the dock without any signal
            self._measurement = None
            self.show_family(self.model.shown)

    def _on_failed(self, message: str) -> None:
        if isalive(self):
            self._failure = sentence(message)
            self._show_failure()

    def _show_failure(self) -> None:
        if self._failure:
            self.message.setText(self._failure)

    def _draw(self, figure: Figure, theme: PlotTheme) -> None:
        if self._drawing is None:
            from napari_quantize.plots.error_curve import CurvePlot

            self._drawing = CurvePlot(figure)
            self._plot_cursor.listen(figure)
        self._drawing.show(self.model.curve, theme)
        self._show_pointed()

    def _on_moved(self, axes: object, across: float, up: float) -> None:
        self.model.point_at(None if axes is None else across, up)
        self._show_pointed()

    def _on_stepped(self, steps: int) -> None:
        self.model.step(steps)
        self._show_pointed()

    def _on_clicked(self) -> None:
        point, k = self.model.pointed, self.model.pointed_k
        if point is not None:
            self.chosen.emit(point.key)
        elif k is not None:
            self.result_requested.emit(k, self.model.request)

    def _show_pointed(self) -> None:
        """Show the readout, and the line at the pointed K."""
        self.readout.show_lines(*self.model.readout_lines())
        if self._drawing is None:
            return
        self._plot_cursor.show_hand_cursor(self.model.pointed_k is not None)
        if self.model.pointed_k is None:
            self._plot_cursor.hide_line()
        else:
            self._plot_cursor.show_line(self._drawing.axes, self.model.pointed_k, self._theme.faint)


class _CacheBaseline:
    """Callable that caches a baseline for a layer, if the layer still has the data that were measured.

    It refers to the layer weakly: while the thread works, the layer can be removed and freed.
    """

    def __init__(self, layer: Image, request: Request) -> None:
        self._layer, self._data_version, self._request = ref(layer), data_version(layer), request

    def __call__(self, baseline: Baseline) -> None:
        layer = self._layer()
        if layer is not None and data_version(layer) == self._data_version:
            cache_baseline(layer, self._request, baseline)
