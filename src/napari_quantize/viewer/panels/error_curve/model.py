"""State of *How many are enough?*: points, the errors to compare them with, and the pointed K."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.analysis.error_curve import Baseline, ErrorCurve, Point, Quantity, least_errors
from napari_quantize.core.learning.learner import Learner, make_learner
from napari_quantize.core.quality.noise import own_noise
from napari_quantize.text.error_curve import color_difference_sentence, noise_sentence
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.layers.cache import cached_baseline, cached_samples
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.measure import slow_figures
from napari_quantize.viewer.messages import sentence
from napari_quantize.viewer.panels.error_curve import messages as curve_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_quantize.core.learning.learner import Learner
    from napari_quantize.core.quality.noise import NoiseProblem
    from napari_quantize.core.request.request import Request, Tick
    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.measure.slow_figures import MeasuredFigure

# Distance to a point, in parts of the axes, up to which the point is meant.
_SNAP_DISTANCE = 0.045


class CurveModel:
    """State of the error curve: the family's points, the baseline and the pointed K.

    Attributes
    ----------
    shown : FamilySnapshot
        The family.
    curve : ErrorCurve
        Points and baseline of the plot.
    pointed_k : int or None
        The K that is pointed at.
    """

    def __init__(self) -> None:
        self.shown = FamilySnapshot()
        self.curve = ErrorCurve()
        self.pointed_k: int | None = None
        self._pointed_key: str | None = None
        self._figures: Mapping[str, MeasuredFigure | None] = {}
        self._chosen: dict[bool, Quantity] = {}

    def show(self, shown: FamilySnapshot) -> bool:
        """Show a family, and return whether the plot changes."""
        self.shown = shown
        return self._update()

    def set_figures(self, figures: Mapping[str, MeasuredFigure | None]) -> bool:
        """Take the colour differences of results, and return whether the plot changes.

        Parameters
        ----------
        figures : mapping of str to MeasuredFigure or None
            Colour differences by layer ids; None for those still to be measured.
        """
        if figures == self._figures:
            return False
        self._figures = figures
        return self.quantity == "delta_e" and self._update()

    def choose(self, quantity: Quantity) -> None:
        """Plot errors or colour differences. Results in colours and results in levels have a choice each."""
        self._chosen[self._in_colors] = quantity
        self._update()

    def _update(self) -> bool:
        before, shown = self.curve, self.shown
        points = tuple(self._point(other) for _, other in shown.results)
        baseline = None if self.quantity == "delta_e" or self.is_changed else self._baseline
        self.curve = ErrorCurve(points, baseline or Baseline(), self.quantity)
        return not _is_same_plot(before, self.curve)

    @property
    def can_compare_colors(self) -> bool:
        """True if colour differences (ΔE) are defined for the image."""
        source, facts = self.shown.source, self.shown.facts
        if source is None or not source.rgb:
            return False
        dtype = Source.of(source).dtype
        if dtype.kind == "f":
            return facts is None or (facts.low >= 0 and facts.high <= 1)
        return dtype.kind == "u" and dtype.itemsize <= 2

    @property
    def quantity(self) -> Quantity:
        """The figure plotted against K: the chosen one, by default ΔE for results in colours, else the error."""
        if not self.can_compare_colors:
            return "rmse"
        return self._chosen.get(self._in_colors, "delta_e" if self._in_colors else "rmse")

    @property
    def _in_colors(self) -> bool:
        provenance = self.shown.provenance
        return provenance is not None and provenance.codebook.mode == "color"

    @property
    def _baseline(self) -> Baseline | None:
        provenance = self.shown.provenance
        return cached_baseline(self.shown.source, provenance.request) if provenance is not None else None

    @property
    def is_measured(self) -> bool:
        """True if nothing is left to measure."""
        if self.quantity == "delta_e":
            return all(self._figures.get(point.key) is not None for point in self.curve.points)
        return self.shown.provenance is None or self._baseline is not None

    @property
    def is_changed(self) -> bool:
        """True if the image is known to have changed since the current result was made."""
        provenance, baseline = self.shown.provenance, self._baseline
        if self.quantity == "delta_e":
            figure = self._figures.get(provenance.layer_id) if provenance is not None else None
            return figure is not None and figure.note == slow_figures.STALE
        if provenance is None or baseline is None or not baseline.samples:
            return False
        return tuple(baseline.samples) != provenance.samples

    def measure(self) -> Callable[[Tick], Baseline] | None:
        """Return a task that measures the baseline of the current result; None if there is nothing to measure.

        It holds data but no layer, so that a removed layer can be freed while it runs.
        """
        source, provenance = self.shown.source, self.shown.provenance
        if source is None or provenance is None or self.quantity == "delta_e":  # the table measures colour differences
            return None
        request = provenance.request
        samples = None if provenance.together else cached_samples(source, request)
        return _BaselineTask(Source.of(source), request, samples, provenance.noise_problem)

    @property
    def request(self) -> Request | None:
        """Request of a further result that can be compared with the current one; None to use the dock's fields.

        A codebook does not hold the mask that it was learnt within, nor the layers that it was learnt from together.
        """
        provenance = self.shown.provenance
        if provenance is None or provenance.together or provenance.request.mask_digest:
            return None
        return provenance.request.learning()

    @property
    def message(self) -> str:
        """The sentence over the plot."""
        if self.is_changed:
            return curve_messages.CHANGED
        if self.quantity == "delta_e":
            return self._difference()
        return noise_sentence(self.curve) if self.is_measured else curve_messages.MEASURING

    @property
    def plot_note(self) -> str:
        """The text in the plot while there is nothing to plot yet; else empty."""
        return "" if self.curve.known or self.is_measured else curve_messages.EMPTY_PLOT

    def _difference(self) -> str:
        points = [point for point in self.curve.points if point.comparable]
        notes = [figure.note for point in points if (figure := self._figures.get(point.key)) is not None]
        if len(notes) < len(points):
            return curve_messages.COMPARING
        if not any(point.comparable for point in self.curve.known):
            return sentence("; ".join(dict.fromkeys(notes)))
        part = any(slow_figures.OF_PLANE in note for note in notes)
        return color_difference_sentence(self.curve) + (f" {curve_messages.OF_PLANE}" if part else "")

    def point_at(self, k: float | None, error: float = math.nan) -> None:
        """Point at the K nearest to a position in the plot, or at a result if its point is close.

        Several results can have the same K; then the error decides which is meant.

        Parameters
        ----------
        k : float or None
            Position on the axis of K; None for nowhere.
        error : float
            Position on the axis of errors or colour differences.
        """
        self._pointed_key = None
        self.pointed_k = None if k is None or k <= 0 else nearest_k(math.log2(k), self.curve.last_k)
        if self.pointed_k is None:
            return
        low, high = self.curve.limits
        if k is None or not error > 0:
            return
        wide, tall = math.log(2 * self.curve.last_k), math.log(high / low)
        apart = {
            point.key: math.hypot(math.log(point.k / k) / wide, math.log(max(low, point.error) / error) / tall)
            for point in self.curve.known
        }
        nearest = min(apart, key=lambda key: apart[key], default=None)
        if nearest is not None and apart[nearest] <= _SNAP_DISTANCE:
            self._pointed_key = nearest
            self.pointed_k = next(point.k for point in self.curve.points if point.key == nearest)

    def step(self, steps: int) -> None:
        """Point at a K further up or down, starting from that of the current result."""
        current = next((point.k for point in self.curve.points if point.current), 1)
        self._pointed_key = None
        self.pointed_k = current if self.pointed_k is None else min(max(self.pointed_k + steps, 1), self.curve.last_k)

    @property
    def pointed(self) -> Point | None:
        """The point of the result that is pointed at; None if there is no result of this K."""
        if self.pointed_k is None:
            return None
        found = next((point for point in self.curve.points if point.key == self._pointed_key), None)
        return found or self.curve.point_at(self.pointed_k)

    def readout_lines(self) -> tuple[str, str]:
        """Return two lines on the pointed result or K, or else on the current result."""
        point = self.pointed
        if self.pointed_k is not None and point is None:
            return curve_messages.missing(self.pointed_k, self.curve)
        if point is None:
            point = next((point for point in self.curve.points if point.current), None)
            if point is None:
                return curve_messages.POINT_AT_A_K, ""
            return self._lines_of(point)[0], curve_messages.POINT_AT_A_K
        return self._lines_of(point)

    def _lines_of(self, point: Point) -> tuple[str, str]:
        provenance = next(provenance for layer, provenance in self.shown.results if provenance.layer_id == point.key)
        if self.quantity == "delta_e":
            return curve_messages.color_difference(
                provenance, self._figures.get(point.key), comparable=point.comparable, current=point.current
            )
        return curve_messages.result(provenance, self.curve, comparable=point.comparable, current=point.current)

    def _point(self, provenance: Provenance) -> Point:
        current, error = self.shown.provenance, provenance.quality.rmse
        if self.quantity == "delta_e":
            figure = self._figures.get(provenance.layer_id)
            error = math.nan if figure is None or figure.value is None else figure.value
        return Point(
            provenance.layer_id,
            provenance.k,
            float(error),
            comparable=current is not None and _comparison_key(provenance) == _comparison_key(current),
            current=current is not None and provenance.layer_id == current.layer_id,
        )


class _BaselineTask:
    """Task that measures a baseline in a thread: the least error for each K, and the noise of the image."""

    def __init__(
        self,
        source: Source,
        request: Request,
        samples: tuple[CountedSamples, ...] | None,
        noise_problem: NoiseProblem | None,
    ) -> None:
        self._source, self._request, self._samples, self._noise_problem = source, request, samples, noise_problem

    def __call__(self, tick: Tick) -> Baseline:
        learner = self._learner(tick)
        least = np.empty(0) if learner is None else least_errors(learner)
        samples = self._samples if learner is None else learner.samples
        return Baseline.of(least, self._noise(tick), tuple(counted.digest() for counted in samples or ()))

    def _learner(self, tick: Tick) -> Learner | None:
        request, samples, source = self._request, self._samples, self._source
        # The least error of colours cannot be computed. Samples within a mask cannot be counted again, since the mask
        # is not stored.
        is_known = request.mode != "color" and self._noise_problem != "several layers"
        if not is_known or (samples is None and request.mask_digest):
            return None
        if samples is not None:
            return Learner(samples, request, source.dtype, tick)
        return make_learner(np.asarray(source.data), request, None, tick)

    def _noise(self, tick: Tick) -> float | NoiseProblem:
        request, source = self._request, self._source
        if self._noise_problem is not None:
            return self._noise_problem
        return own_noise(source.data, request.channel_axis, request.alpha, tick)


def _comparison_key(provenance: Provenance) -> tuple[Any, ...]:
    """Return a key that is equal for results whose errors belong to the same curve, learnt from the same image."""
    request = provenance.request
    if request.method != "given":  # given palettes share no curve: their errors need not fall with K
        request = request.learning(method="minibatch", random_state=0, keep=())
    return request, provenance.together, provenance.learnt_from, provenance.samples


def _is_same_plot(one: ErrorCurve, other: ErrorCurve) -> bool:
    if (one.quantity, one.known, one.noise) != (other.quantity, other.known, other.noise):
        return False
    return len(one.points) == len(other.points) and np.array_equal(one.least, other.least)


def nearest_k(log_k: float, last_k: int) -> int:
    """Return the K from 1 to `last_k` that lies nearest on a logarithmic axis, where ``log_k`` is log2 of a place."""
    k = round(2.0 ** min(max(log_k, 0.0), math.log2(last_k)))
    around = range(max(1, k - 1), min(last_k, k + 1) + 1)
    return min(around, key=lambda k: abs(math.log2(k) - log_k))
