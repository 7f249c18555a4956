"""How much each K loses, beside what no levels can beat and beside the image's own noise."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_quantize.core.pixels.pixels import channels_last
from napari_quantize.core.quality.noise import estimate_noise

if TYPE_CHECKING:
    from napari_quantize.core.learning.learner import Learner
    from napari_quantize.core.request.request import Tick

Quantity = Literal["rmse", "delta_e"]

MAX_K = 64
# Mean CIEDE2000 difference: see `napari_quantize.core.quality.perception.delta_e`.
JUST_VISIBLE = 1.0
# Distinct values times k: a second of work.
_MAX_WORK = 2**22
# Noise differs little between the planes of a stack, and an estimate of each takes its time.
_MAX_PLANES = 9
# With fewer values an image was drawn, labelled or quantized: what it holds is no camera's noise.
_FEWEST_VALUES = 17
# In steps between neighbouring values: below, rounding to these hides noise.
_LEAST_NOISE = 0.5
_MAX_LOOKED_AT = 2**18


@dataclass(frozen=True, eq=False)
class Baseline:
    """What the results of an image are held against.

    Attributes
    ----------
    least : ndarray of float64, shape (m,)
        The least error that is possible with K = 1 … m levels, in data units; empty where it is not known.
    noise : float or None
        Standard deviation of the image's own noise, in data units; None where it is not known.
    samples : tuple of str
        Hash of the counted samples that it is true of, one a group of channels; empty where these were not counted.
    """

    least: np.ndarray = field(default_factory=lambda: np.empty(0))
    noise: float | None = None
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """One result.

    Attributes
    ----------
    key : str
        What it is known by.
    k : int
        How many values were asked for.
    error : float
        What is lost: root of the mean squared error in data units, or mean colour difference ΔE; 0 where nothing is,
        NaN where it is not known.
    comparable : bool
        Whether it was made as the current one (but for K, method and seed), so that both can be compared.
    current : bool
        Whether it is the one that is looked at.
    """

    key: str
    k: int
    error: float
    comparable: bool = True
    current: bool = False


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """Error against K: what is drawn, and what can be said of it.

    Attributes
    ----------
    points : tuple of Point
        The results.
    baseline : Baseline
        What they are held against; nothing where their errors are colour differences.
    quantity : {"rmse", "delta_e"}
        What the errors of the points are.
    """

    points: tuple[Point, ...] = ()
    baseline: Baseline = field(default_factory=Baseline)
    quantity: Quantity = "rmse"

    @property
    def least(self) -> np.ndarray:
        """The least error that is possible with K = 1 … m levels."""
        return self.baseline.least

    @property
    def noise(self) -> float | None:
        """Standard deviation of the image's own noise."""
        return self.baseline.noise

    @property
    def limit(self) -> float | None:
        """The error that does not matter: the image's own noise, or the colour difference that can just be seen."""
        return self.noise if self.quantity == "rmse" else JUST_VISIBLE

    @cached_property
    def known(self) -> tuple[Point, ...]:
        """The results of which the error is known."""
        return tuple(point for point in self.points if not math.isnan(point.error))

    @cached_property
    def last_k(self) -> int:
        """Largest K there is room for."""
        return max([MAX_K, *(point.k for point in self.points)])

    @cached_property
    def first_below(self) -> int | None:
        """The K from which on the error lies below the limit: the least one possible, else that of the results.

        None where there is none, and where the limit is not known.
        """
        if self.limit is None:
            return None
        if len(self.least):
            below = np.flatnonzero(self.least < self.limit)
            return int(below[0]) + 1 if len(below) else None
        found = None
        comparable = (point for point in self.known if point.comparable)
        for point in sorted(comparable, key=lambda point: (-point.k, -point.error)):
            if point.error >= self.limit:
                break
            found = point.k
        return found

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest error of a logarithmic axis on which all that is not 0 can be seen."""
        errors = [*self.least, *(point.error for point in self.known), self.limit or 0.0]
        above = [error for error in errors if error > 0] or [1.0]
        high = max(above)
        return max(min(above), high * 1e-4) / 1.6, high * 1.6

    def least_at(self, k: int) -> float | None:
        """Return the least error that k levels can have."""
        return float(self.least[k - 1]) if 1 <= k <= len(self.least) else None

    def halving(self, k: float) -> float | None:
        """Return the error if, from K=1 on, each doubling of K halved it: 6 dB a bit, as with evenly spread values."""
        return float(self.least[0] / k) if len(self.least) else None

    def point_at(self, k: int) -> Point | None:
        """Return the result of this K: of those made as the current one, else of all."""
        found = [point for point in self.points if point.k == k]
        return min(found, key=lambda point: (not point.current, not point.comparable), default=None)


def least_errors(learner: Learner) -> np.ndarray:
    """Return the least error that K = 1, 2, … levels a group can have, before these are rounded.

    Parameters
    ----------
    learner : Learner
        Of levels, not of colours.

    Returns
    -------
    ndarray of float64
        Root of the least mean squared error, in data units: up to K=64, or until nothing is lost, or until it takes
        long (K times distinct values over 2**22).
    """
    sizes = [len(counted.values) for counted in learner.samples]
    last = min(MAX_K, max(sizes), _MAX_WORK // sum(sizes))
    return np.sqrt([learner.least_mse(k) for k in range(1, last + 1)])


def own_noise(image: Any, channel_axis: int | None, alpha: bool, tick: Tick) -> float | None:
    """Return the standard deviation of an image's own noise where its values tell it, else None.

    That is where the image has planes, more than 16 values, and noise of at least half of the step between values:
    images that were drawn, labelled or quantized do not tell it, nor those of which most is flat or clipped.

    Parameters
    ----------
    image : array-like
        Lazy arrays are read only in part: of stacks, at most 9 planes are looked at.
    channel_axis : int or None
        Axis of the channels.
    alpha : bool
        Whether the last channel is alpha.
    tick : callable
        Called between steps.

    Returns
    -------
    float or None
        In data units; see `napari_quantize.core.quality.noise.estimate_noise` for what it counts as noise.
    """
    planes = _few_planes(image, channel_axis)
    tick()
    try:
        sigma = estimate_noise(planes, channel_axis=channel_axis, alpha=alpha, tick=tick)
    except ValueError:  # no planes, or nothing in them that is finite and visible
        return None
    colors = channels_last(planes, channel_axis)
    step = _step(colors[..., :-1] if alpha else colors)
    return sigma if step is not None and sigma >= _LEAST_NOISE * step else None


def _few_planes(image: Any, channel_axis: int | None) -> np.ndarray:
    n_axes = len(image.shape)
    channel = None if channel_axis is None else channel_axis % n_axes
    leading = [axis for axis in range(n_axes) if axis != channel][:-2]
    most = max(1, int(_MAX_PLANES ** (1 / max(1, len(leading))) + 1e-9))
    steps = [max(1, -(-length // most)) if axis in leading else 1 for axis, length in enumerate(image.shape)]
    return np.asarray(image[tuple(slice(None, None, step) for step in steps)])


def _step(array: np.ndarray) -> float | None:
    """Return the usual distance from a value to the next one; None where there are few values."""
    some = array.ravel()[:: array.size // _MAX_LOOKED_AT + 1].astype(np.float64)
    values, counts = np.unique(some[np.isfinite(some)], return_counts=True)
    if len(values) < _FEWEST_VALUES:
        return None
    steps = np.diff(values)
    order = np.argsort(steps)
    passed = np.cumsum(counts[:-1][order])
    return float(steps[order][np.searchsorted(passed, passed[-1] / 2)])
