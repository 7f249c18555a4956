"""Textbook runs of Lloyd's algorithm, recorded step by step for teaching; `Learner` finds better centers faster."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from napari_quantize.core.learning.learner import Learner
from napari_quantize.core.learning.weighted_vectors import WeightedVectors
from napari_quantize.core.lookup.color_spaces import Space, luminance_order
from napari_quantize.core.pixels.blas_threads import one_thread
from napari_quantize.core.request.request import Request, Tick, no_tick
from napari_quantize.core.samples.samples import CountedSamples

MAX_STEPS = 200


@dataclass(frozen=True)
class Trace:
    """Record of one run; entry 0 is the start, entry i the state after step i.

    Attributes
    ----------
    centers : ndarray of float64, shape (steps + 1, k) or (steps + 1, k, C)
        Centers in data units, unrounded: levels in ascending order, colours in the order of their final luminance.
    errors : ndarray of float64, shape (steps + 1,)
        Root mean squared distance of the values from their nearest centers, in data units.
    shares : ndarray of float64, shape (steps + 1, k)
        Share of the values (of the pixels, for colours) that are nearest to each center.
    settled : bool
        Whether the last step changed nothing; if not, the run was stopped after `MAX_STEPS`.
    """

    centers: np.ndarray
    errors: np.ndarray
    shares: np.ndarray
    settled: bool

    @property
    def n_steps(self) -> int:
        """Number of steps after the start."""
        return len(self.errors) - 1

    def borders(self, step: int) -> np.ndarray:
        """Return the borders between the values of neighbouring levels, halfway between them: shape (k - 1,)."""
        centers = self.centers[step]
        halfway: np.ndarray = (centers[1:] + centers[:-1]) / 2
        return halfway


class Lloyd:
    """Runs Lloyd's algorithm on counted samples, and computes the error of any centers on them.

    Parameters
    ----------
    samples : CountedSamples
        Values or colours. Distances between colours are measured in the data's own units.
    tick : callable
        Called between steps. An exception that it raises stops the work.
    """

    def __init__(self, samples: CountedSamples, tick: Tick = no_tick) -> None:
        self._samples, self._tick = samples, tick
        values = samples.values.reshape(len(samples.values), -1)
        none = np.empty((0, values.shape[1]))
        self._vectors = WeightedVectors(replace(samples, values=values), Space(), none, single=False, tick=tick)
        self._learner: Learner | None = None

    def trace(self, k: int, seed: int) -> Trace:
        """Record a run from a random start until no value changes its center.

        The start is `k` different values of the image (all of them, if there are fewer), drawn with probabilities in
        proportion to their counts. Each step assigns each value to its nearest center, and moves each center to the
        mean of its values. A center without values does not move.

        Parameters
        ----------
        k : int
            Number of centers, 1 or more.
        seed : int
            Seed of the start: the same seed gives the same run.

        Returns
        -------
        Trace
            Centers, errors and shares of all steps.

        References
        ----------
        S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 129-137, 1982.
        J. MacQueen, "Some methods for classification and analysis of multivariate observations", Proc. 5th Berkeley
        Symp. Math. Stat. Probab. 1, 281-297, 1967.
        """
        vectors = self._vectors
        centers = vectors.points[_drawn(self._samples.counts, k, seed)]
        k = len(centers)
        centers_seen: list[np.ndarray] = []
        errors: list[float] = []
        shares: list[np.ndarray] = []
        before, settled = np.empty(0), False
        with one_thread("blas"):  # on a busy machine, waiting for BLAS threads takes ten times as long
            while not settled and len(errors) <= MAX_STEPS:
                self._tick()
                labels = self._labels(centers)
                means, weights = vectors.means(labels, k)
                centers_seen.append(vectors.to_values(centers))
                errors.append(self._error(centers, labels))
                shares.append(weights / vectors.weights.sum())
                settled = np.array_equal(labels, before)
                before = labels
                centers = np.where(weights[:, np.newaxis] > 0, means, centers)
        return self._ordered(np.array(centers_seen), np.array(errors), np.array(shares), settled)

    def error(self, centers: np.ndarray) -> float:
        """Return the root mean squared error of the values, in data units.

        Parameters
        ----------
        centers : ndarray, shape (k,), ascending, or (k, C)
            Levels or colours, rounded or not.

        Returns
        -------
        float
            Error, with each value at its nearest center.
        """
        points = self._vectors.to_points(centers.reshape(len(centers), -1).astype(np.float64))
        return self._error(points, self._labels(points))

    def least_error(self, k: int) -> float | None:
        """Return the least error possible with `k` levels; None for colours, for which it is unknown."""
        if self._samples.values.ndim > 1:
            return None
        if self._learner is None:
            self._learner = Learner((self._samples,), Request(), self._samples.values.dtype, self._tick)
        return float(np.sqrt(self._learner.least_mse(k)))

    def _labels(self, centers: np.ndarray) -> np.ndarray:
        """Return the index of the nearest center for each sample; the first one on a tie."""
        if centers.shape[1] > 1:
            return self._vectors.labels(centers)
        levels = centers[:, 0]
        labels: np.ndarray = np.searchsorted((levels[1:] + levels[:-1]) / 2, self._vectors.points[:, 0])
        return labels

    def _error(self, centers: np.ndarray, labels: np.ndarray) -> float:
        vectors = self._vectors
        mean = vectors.cost(centers, labels) / (vectors.weights.sum() * centers.shape[1])
        return vectors.unit * float(np.sqrt(mean))

    def _ordered(self, centers: np.ndarray, errors: np.ndarray, shares: np.ndarray, settled: bool) -> Trace:
        if self._samples.values.ndim == 1:  # starts are ascending, and Lloyd's steps keep the order of levels
            return Trace(centers[..., 0], errors, shares, settled)
        order = luminance_order(centers[-1])
        return Trace(centers[:, order], errors, shares[:, order], settled)


def _drawn(counts: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Return the ascending indices of at most `k` samples, drawn by weight without replacement.

    References
    ----------
    P. S. Efraimidis and P. G. Spirakis, "Weighted random sampling with a reservoir", Inf. Process. Lett. 97(5),
    181-185, 2006.
    """
    if k >= len(counts):
        return np.arange(len(counts))
    # Efraimidis and Spirakis: with an exponential waiting time of rate `count` for each sample, the first k to arrive
    # are a weighted sample without replacement.
    waits = np.random.default_rng(seed).exponential(size=len(counts)) / counts
    return np.sort(np.argpartition(waits, k)[:k])
