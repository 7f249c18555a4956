"""Error against K, compared with the least possible error and with the image's own noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_quantize.core.cached_property import cached_property

if TYPE_CHECKING:
    from napari_quantize.core.learning.learner import Learner
    from napari_quantize.core.quality.noise import NoiseProblem

Quantity = Literal["rmse", "delta_e"]

MAX_K = 64
# Mean CIEDE2000 differences: see `napari_quantize.delta_e`.
JUST_VISIBLE, CLOSE = 1.0, 2.0
# Relative decrease of the error that is not worth another step in K.
_SMALL_GAIN = 0.05
# Distinct values times k: about a second of work.
_MAX_WORK = 2**22


@dataclass(frozen=True, eq=False)
class Baseline:
    """References that the errors of results are compared with.

    Attributes
    ----------
    least : ndarray of float64, shape (m,)
        Least possible error with K = 1 … m levels, in data units; empty if unknown.
    noise : float or None
        Standard deviation of the image's own noise, in data units; None if unknown.
    samples : tuple of str
        Hashes of the counted samples that the references belong to, one for each group of channels; empty if these were
        not counted.
    noise_problem : NoiseProblem or None
        Why the noise is unknown.
    """

    least: np.ndarray = field(default_factory=lambda: np.empty(0))
    noise: float | None = None
    samples: tuple[str, ...] = ()
    noise_problem: NoiseProblem | None = None

    @classmethod
    def of(cls, least: np.ndarray, noise: float | NoiseProblem, samples: tuple[str, ...] = ()) -> Baseline:
        """Return a baseline with the noise, or with the reason why it is unknown."""
        if isinstance(noise, str):
            return cls(least, None, samples, noise)
        return cls(least, noise, samples)


@dataclass(frozen=True)
class Point:
    """Error of one result.

    Attributes
    ----------
    key : str
        Identifier of the result.
    k : int
        Requested number of values.
    error : float
        Root mean squared error in data units, or mean colour difference ΔE; NaN if unknown.
    comparable : bool
        Whether it was made like the current result, except for K, method and seed, so that errors can be compared.
    current : bool
        Whether it is the current result.
    """

    key: str
    k: int
    error: float
    comparable: bool = True
    current: bool = False


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """Error against K: the results, and the references for their errors.

    Attributes
    ----------
    points : tuple of Point
        The results.
    baseline : Baseline
        References; empty if the errors are colour differences.
    quantity : {"rmse", "delta_e"}
        Quantity of the errors.
    """

    points: tuple[Point, ...] = ()
    baseline: Baseline = field(default_factory=Baseline)
    quantity: Quantity = "rmse"

    @property
    def least(self) -> np.ndarray:
        """Least possible error with K = 1 … m levels."""
        return self.baseline.least

    @property
    def noise(self) -> float | None:
        """Standard deviation of the image's own noise, None if unknown."""
        return self.baseline.noise

    @property
    def limit(self) -> float | None:
        """Error that does not matter: the image's own noise, or the just visible colour difference."""
        return self.noise if self.quantity == "rmse" else JUST_VISIBLE

    @cached_property
    def known(self) -> tuple[Point, ...]:
        """Results whose error is known."""
        return tuple(point for point in self.points if not math.isnan(point.error))

    @cached_property
    def last_k(self) -> int:
        """Largest K on the axis."""
        return max([MAX_K, *(point.k for point in self.points)])

    @cached_property
    def first_below(self) -> int | None:
        """Smallest K from which on the error is below the limit: the least possible error, else that of the results.

        None if there is no such K, or if the limit is unknown.
        """
        if self.limit is None:
            return None
        if len(self.least):
            below = np.flatnonzero(self.least < self.limit)
            return int(below[0]) + 1 if len(below) else None
        limit = self.limit
        return self._first_where(lambda error: error < limit)

    def first_up_to(self, error: float) -> int | None:
        """Return the smallest K of a result from which on no comparable result has a larger error; None if none is."""
        return self._first_where(lambda other: other <= error)

    def _first_where(self, is_small: Callable[[float], bool]) -> int | None:
        found = None
        for point in reversed(self.comparable):
            if not is_small(point.error):
                break
            found = point.k
        return found

    @cached_property
    def comparable(self) -> tuple[Point, ...]:
        """Results with a known error that can be compared with the current one, ascending in K and in error."""
        return tuple(
            sorted((point for point in self.known if point.comparable), key=lambda point: (point.k, point.error))
        )

    @cached_property
    def small_gains_from(self) -> int | None:
        """Smallest K from which on each further K lowers the error by less than 5 %; None if there is none.

        A further K is one more level if the least possible error is known, else the K of the next result.
        """
        known = list(enumerate(self.least.tolist(), 1)) or [(point.k, point.error) for point in self._best_of_each_k]
        found = None
        for (k, error), (_, following) in reversed(list(pairwise(known))):
            if following < (1 - _SMALL_GAIN) * error:
                break
            found = k
        return found

    @property
    def last_step(self) -> tuple[Point, Point] | None:
        """The results with the two largest K; None if there are fewer."""
        best = self._best_of_each_k
        return (best[-2], best[-1]) if len(best) > 1 else None

    @cached_property
    def _best_of_each_k(self) -> list[Point]:
        return [next(points) for _, points in groupby(self.comparable, key=lambda point: point.k)]

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest error of a logarithmic axis that shows all errors above 0."""
        errors = [*self.least, *(point.error for point in self.known), self.limit or 0.0]
        above = [error for error in errors if error > 0] or [1.0]
        high = max(above)
        # Four decades, and some room at both ends: a nearly lossless result must not flatten the rest.
        return max(min(above), high * 1e-4) / 1.6, high * 1.6

    def least_at(self, k: int) -> float | None:
        """Return the least possible error with k levels, None if unknown."""
        return float(self.least[k - 1]) if 1 <= k <= len(self.least) else None

    def halving(self, k: float) -> float | None:
        """Return the error at k if each doubling of K from 1 on halved it: 6 dB a bit, as for uniform values."""
        return float(self.least[0] / k) if len(self.least) else None

    def point_at(self, k: int) -> Point | None:
        """Return the result with this K: the current one, else a comparable one, else any; None if there is none."""
        found = [point for point in self.points if point.k == k]
        return min(found, key=lambda point: (not point.current, not point.comparable), default=None)


def least_errors(learner: Learner) -> np.ndarray:
    """Return the least possible error with K = 1, 2, … unrounded levels for each group of channels.

    Parameters
    ----------
    learner : Learner
        Learner of levels, not of colours.

    Returns
    -------
    ndarray of float64
        Root of the least mean squared error, in data units: up to K=64, or until it is 0, or until it takes long (K
        times distinct values above 2**22).
    """
    sizes = [len(counted.values) for counted in learner.samples]
    last = min(MAX_K, max(sizes), _MAX_WORK // sum(sizes))
    return np.sqrt([learner.least_mse(k) for k in range(1, last + 1)])
