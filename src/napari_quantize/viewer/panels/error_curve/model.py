"""State of *How many are enough?*: points, the errors to compare them with, and the pointed K."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.analysis.error_curve import Baseline, ErrorCurve, Point, Quantity, least_errors, own_noise
from napari_quantize.core.learning.learner import Learner, make_learner
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
    from napari_quantize.core.request.request import Request, Tick
    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.measure.slow_figures import MeasuredFigure

# In parts of the axes: so near to a point, the point is meant.
_NEAR = 0.045


class CurveModel:
    """Follows a family, and where the user points.

    Attributes
    ----------
    curve : ErrorCurve
        What is drawn.
    k : int or None
        The K that is pointed at.
    """

    def __init__(self) -> None:
        self.shown = FamilySnapshot()
        self.curve = ErrorCurve()
        self.k: int | None = None
        self._key: str | None = None
        self._figures: Mapping[str, MeasuredFigure | None] = {}
        self._chosen: dict[bool, Quantity] = {}

    def show(self, shown: FamilySnapshot) -> bool:
        """Show a family, and return whether the plot changes."""
        self.shown = shown
        return self._update()

    def learn(self, figures: Mapping[str, MeasuredFigure | None]) -> bool:
        """Hear how far the colours of layers have moved, None where that is still to come; return as `show` does."""
        if figures == self._figures:
            return False
        self._figures = figures
        return self.quantity == "delta_e" and self._update()

    def choose(self, quantity: Quantity) -> None:
        """Show errors or colour differences, of results in colours or of those with levels: as these now are."""
        self._chosen[self._in_colors] = quantity
        self._update()

    def _update(self) -> bool:
        before, shown = self.curve, self.shown
        points = tuple(self._point(other) for _, other in shown.results)
        measured = None if self.quantity == "delta_e" or self.is_changed else self._measured
        self.curve = ErrorCurve(points, measured or Baseline(), self.quantity)
        return not _look_the_same(before, self.curve)

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
        made = self.shown.provenance
        return made is not None and made.codebook.mode == "color"

    @property
    def _measured(self) -> Baseline | None:
        made = self.shown.provenance
        return cached_baseline(self.shown.source, made.request) if made is not None else None

    @property
    def is_measured(self) -> bool:
        """True if nothing is left to measure."""
        if self.quantity == "delta_e":
            return all(self._figures.get(point.key) is not None for point in self.curve.points)
        return self.shown.provenance is None or self._measured is not None

    @property
    def is_changed(self) -> bool:
        """True if the image is known to have changed since the current result was made."""
        made, measured = self.shown.provenance, self._measured
        if self.quantity == "delta_e":
            figure = self._figures.get(made.layer_id) if made is not None else None
            return figure is not None and figure.note == slow_figures.STALE
        if made is None or measured is None or not measured.samples:
            return False
        return tuple(measured.samples) != made.samples

    def measure(self) -> Callable[[Tick], Baseline] | None:
        """Return the work that finds what the current result is held against; it knows no layer, only data."""
        source, made = self.shown.source, self.shown.provenance
        if source is None or made is None or self.quantity == "delta_e":  # these the table measures
            return None
        request = made.request
        samples = None if made.together else cached_samples(source, request)
        return _Measuring(Source.of(source), request, samples, together=bool(made.together))

    @property
    def request(self) -> Request | None:
        """How one more result is made that can be compared with the current one; None where only the fields know.

        A codebook does not hold the mask that it was learnt within, nor the layers that it was learnt from together.
        """
        made = self.shown.provenance
        if made is None or made.together or made.request.mask_digest:
            return None
        return made.request.learning()

    @property
    def message(self) -> str:
        """The sentence over the plot."""
        if self.is_changed:
            return curve_messages.CHANGED
        if self.quantity == "delta_e":
            return self._difference()
        return noise_sentence(self.curve) if self.is_measured else curve_messages.MEASURING

    def _difference(self) -> str:
        points = [point for point in self.curve.points if point.comparable]
        notes = [figure.note for point in points if (figure := self._figures.get(point.key)) is not None]
        if len(notes) < len(points):
            return curve_messages.COMPARING
        if not any(point.comparable for point in self.curve.known):
            return sentence("; ".join(dict.fromkeys(notes)))
        part = any(slow_figures.OF_PLANE in note for note in notes)
        return color_difference_sentence(self.curve) + (f" {curve_messages.OF_PLANE}" if part else "")

    def point(self, place: float | None, height: float = math.nan) -> None:
        """Point at a place, and with it at the nearest K; of results near by, at the one that is nearest in height.

        Parameters
        ----------
        place : float or None
            Where on the axis of K; None for nowhere.
        height : float
            The error or difference there.
        """
        self._key = None
        self.k = None if place is None or place <= 0 else nearest_k(math.log2(place), self.curve.last_k)
        if self.k is None:
            return
        low, high = self.curve.limits
        if place is None or not height > 0:
            return
        wide, tall = math.log(2 * self.curve.last_k), math.log(high / low)
        apart = {
            point.key: math.hypot(math.log(point.k / place) / wide, math.log(max(low, point.error) / height) / tall)
            for point in self.curve.known
        }
        nearest = min(apart, key=lambda key: apart[key], default=None)
        if nearest is not None and apart[nearest] <= _NEAR:
            self._key = nearest
            self.k = next(point.k for point in self.curve.points if point.key == nearest)

    def step(self, steps: int) -> None:
        """Point at the next K; at that of the current result first."""
        current = next((point.k for point in self.curve.points if point.current), 1)
        self._key = None
        self.k = current if self.k is None else min(max(self.k + steps, 1), self.curve.last_k)

    @property
    def pointed(self) -> Point | None:
        """The result that is pointed at; None where there is none of this K."""
        if self.k is None:
            return None
        found = next((point for point in self.curve.points if point.key == self._key), None)
        return found or self.curve.point_at(self.k)

    def told(self) -> tuple[str, str]:
        """Tell what is pointed at, else what the current result is."""
        point = self.pointed
        if self.k is not None and point is None:
            return curve_messages.missing(self.k, self.curve)
        if point is None:
            point = next((point for point in self.curve.points if point.current), None)
            if point is None:
                return curve_messages.POINT_AT_A_K, ""
            return self._told_of(point)[0], curve_messages.POINT_AT_A_K
        return self._told_of(point)

    def _told_of(self, point: Point) -> tuple[str, str]:
        made = next(made for layer, made in self.shown.results if made.layer_id == point.key)
        if self.quantity == "delta_e":
            return curve_messages.moved(
                made, self._figures.get(point.key), comparable=point.comparable, current=point.current
            )
        return curve_messages.result(made, self.curve, comparable=point.comparable, current=point.current)

    def _point(self, made: Provenance) -> Point:
        current, error = self.shown.provenance, made.quality.rmse
        if self.quantity == "delta_e":
            figure = self._figures.get(made.layer_id)
            error = math.nan if figure is None or figure.value is None else figure.value
        return Point(
            made.layer_id,
            made.k,
            float(error),
            comparable=current is not None and _kind(made) == _kind(current),
            current=current is not None and made.layer_id == current.layer_id,
        )


class _Measuring:
    """Finds what results are held against, in whatever thread it is called."""

    def __init__(
        self, source: Source, request: Request, samples: tuple[CountedSamples, ...] | None, *, together: bool
    ) -> None:
        self._source, self._request, self._samples, self._together = source, request, samples, together

    def __call__(self, tick: Tick) -> Baseline:
        learner = self._learner(tick)
        least = np.empty(0) if learner is None else least_errors(learner)
        samples = self._samples if learner is None else learner.samples
        return Baseline(least, self._noise(tick), tuple(counted.digest() for counted in samples or ()))

    def _learner(self, tick: Tick) -> Learner | None:
        request, samples, source = self._request, self._samples, self._source
        # Nobody knows the least error of colours; and what the mask was, only the samples know.
        if request.mode == "color" or self._together or (samples is None and request.mask_digest):
            return None
        if samples is not None:
            return Learner(samples, request, source.dtype, tick)
        return make_learner(np.asarray(source.data), request, None, tick)

    def _noise(self, tick: Tick) -> float | None:
        request, source = self._request, self._source
        # The error is that of all channels, or of a part of the image: the noise of what is here is another's.
        if self._together or request.mask_digest or request.ignore:
            return None
        return own_noise(source.data, request.channel_axis, request.alpha, tick)


def _kind(made: Provenance) -> tuple[Any, ...]:
    """Return all that must be the same for errors to share a curve: also what they were learnt from."""
    request = made.request
    if request.method != "given":  # what a palette loses has nothing to do with the number of its colours
        request = request.learning(method="minibatch", random_state=0, keep=())
    return request, made.together, made.samples


def _look_the_same(one: ErrorCurve, other: ErrorCurve) -> bool:
    if (one.quantity, one.known, one.noise) != (other.quantity, other.known, other.noise):
        return False
    return len(one.points) == len(other.points) and np.array_equal(one.least, other.least)


def nearest_k(log_k: float, last_k: int) -> int:
    """Return the K from 1 to `last_k` that lies nearest on a logarithmic axis, where ``log_k`` is log2 of a place."""
    k = round(2.0 ** min(max(log_k, 0.0), math.log2(last_k)))
    around = range(max(1, k - 1), min(last_k, k + 1) + 1)
    return min(around, key=lambda k: abs(math.log2(k) - log_k))
