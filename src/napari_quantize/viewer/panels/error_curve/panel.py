"""The panel *How many are enough?*: error or colour difference against K, beside what is possible or can be seen."""

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
    "Blue: the least error that so many levels can have. Dotted: what an image of evenly spread values would lose "
    "from the same beginning on: half the error with each doubling of K, which is 6 dB a bit. "
    "Green: the image's own noise; of colour differences ΔE, the one that can just be seen. "
    "Click a point to look at that result, any other place to make one."
)
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
    """Shows how the error falls with K, and lets the user choose by it."""

    name = "How many are enough?"
    tip = "How the error falls with K, beside what is possible and what the image's noise hides"

    chosen = Signal(str)
    """Emitted with the id of the layer whose point was clicked."""

    wanted = Signal(int, object)
    """Emitted with a K without a result that was clicked, and the `Request` to make it by; None for the fields'."""

    figures_needed = Signal()
    """Emitted when colour differences are seen that are still to be measured."""

    def __init__(self) -> None:
        super().__init__()
        self.model = CurveModel()
        self._theme = PlotTheme()
        self._drawing: CurvePlot | None = None
        self._background = Background(self)
        self._asked: object = None
        self.message = QLabel()
        self.message.setWordWrap(True)
        self._plot = Plot(self._draw, _TIP)
        self.readout = Readout()
        self.readout.setToolTip(_TIP)
        self.quantity = QComboBox()
        self.quantity.addItems([_NAMES[quantity] for quantity in _QUANTITIES])
        self.quantity.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.quantity.setMinimumContentsLength(5)
        self.quantity.setToolTip("The error in the image's units, or ΔE: how far colours have moved as the eye sees it")
        self._pointing = PlotCursor(self)
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        self.quantity.activated.connect(self._on_chosen)
        self._pointing.moved.connect(self._on_moved)
        self._pointing.stepped.connect(self._on_stepped)
        self._pointing.clicked.connect(self._on_clicked)

    def _lay_out(self) -> None:
        self.controls = corner(self.quantity)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.message)
        layout.addWidget(self._plot, 1)
        layout.addWidget(self.readout)

    def fits(self, shown: FamilySnapshot) -> bool:
        """Return whether there are results and their source."""
        return bool(shown.results) and shown.source is not None

    def show_family(self, shown: FamilySnapshot) -> None:
        """Show a family's results, and measure in the background what is not known yet."""
        self._show(changed=self.model.show(shown))
        self._measure()

    def show_figures(self, differences: Mapping[str, MeasuredFigure | None]) -> None:
        """Show how far the colours of layers have moved: None where that is still to come."""
        changed = self.model.learn(differences)
        if self.figures:
            self._show(changed=changed)

    @property
    def figures(self) -> frozenset[str]:
        """Names of the table's columns whose figures are seen here."""
        seen = self.model.quantity == "delta_e" and not self.isHidden()
        return frozenset({"delta_e"} if seen else ())

    def _show(self, *, changed: bool) -> None:
        model = self.model
        self.quantity.setVisible(model.can_compare_colors)
        self.quantity.setCurrentIndex(_QUANTITIES.index(model.quantity))
        self.message.setText(model.message.replace("± ", "±\N{NO-BREAK SPACE}"))
        self.message.setToolTip(_NOISE_TIP if model.quantity == "rmse" else _DIFFERENCE_TIP)
        if changed:
            self._plot.draw_soon()
        self._tell()

    def _on_chosen(self, place: int) -> None:
        self.model.choose(_QUANTITIES[place])
        self._show(changed=True)
        self._measure()

    def forget(self) -> None:
        """Keep no layer."""
        self.model.shown = FamilySnapshot()

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        self._theme = theme
        self._plot.set_theme(theme)

    def close_down(self) -> None:
        """Stop measuring."""
        self._background.close()
        self._asked = None

    def _measure(self) -> None:
        if self.figures and not self.model.is_measured:
            self.figures_needed.emit()
        source, made = self.model.shown.source, self.model.shown.provenance
        work = None if self.model.is_measured else self.model.measure()
        if source is None or made is None or work is None:
            self._background.cancel()
            self._asked = None
            return
        request = made.request
        asked = (source.unique_id, data_version(source), request)
        if asked == self._asked:
            return
        self._asked = asked
        tick = self._background.tick
        keep = _Keep(source, request)
        self._background.submit(lambda: work(tick), lambda measured: self._on_measured(keep, measured), self._on_failed)

    def _on_measured(self, keep: _Keep, measured: Baseline) -> None:
        keep(measured)
        if isalive(self):  # a viewer that is closed takes the dock with it, and tells nobody
            self._asked = None
            self.show_family(self.model.shown)

    def _on_failed(self, message: str) -> None:
        if isalive(self):
            self.message.setText(sentence(message))

    def _draw(self, figure: Figure, theme: PlotTheme) -> None:
        if self._drawing is None:
            from napari_quantize.plots.error_curve import CurvePlot

            self._drawing = CurvePlot(figure)
            self._pointing.listen(figure)
        self._drawing.show(self.model.curve, theme)
        self._tell()

    def _on_moved(self, axes: object, across: float, up: float) -> None:
        self.model.point(None if axes is None else across, up)
        self._tell()

    def _on_stepped(self, steps: int) -> None:
        self.model.step(steps)
        self._tell()

    def _on_clicked(self) -> None:
        point, k = self.model.pointed, self.model.k
        if point is not None:
            self.chosen.emit(point.key)
        elif k is not None:
            self.wanted.emit(k, self.model.request)

    def _tell(self) -> None:
        """Tell what is pointed at, and show where that is."""
        self.readout.show_lines(*self.model.told())
        if self._drawing is None:
            return
        self._pointing.show_hand_cursor(self.model.k is not None)
        if self.model.k is None:
            self._pointing.hide_line()
        else:
            self._pointing.show_line(self._drawing.axes, self.model.k, self._theme.faint)


class _Keep:
    """Keeps what was measured for a layer, if it still has the data that were measured."""

    def __init__(self, layer: Image, request: Request) -> None:
        self._layer, self._data_version, self._request = ref(layer), data_version(layer), request

    def __call__(self, measured: Baseline) -> None:
        layer = self._layer()
        if layer is not None and data_version(layer) == self._data_version:
            cache_baseline(layer, self._request, measured)
