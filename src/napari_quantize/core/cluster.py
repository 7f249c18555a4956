"""Counted samples and k to centers, by scikit-learn's MiniBatchKMeans and Lloyd's algorithm."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.lookup import borders

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

    from napari_quantize.core.arguments import Tick
    from napari_quantize.core.samples import CountedSamples

# Each step lowers the cost, so they end by themselves; this only stops two partitions that float64 cannot rank.
_MAX_STEPS = 100_000


def learn_centers(samples: CountedSamples, k: int, random_state: int, tick: Tick) -> np.ndarray:
    """Find `k` centers of counted samples.

    MiniBatchKMeans learns on the distinct values, weighted by their counts, and Lloyd's steps on the same
    counts follow until no value changes its center; a center left without a value starts again at the worst
    fitting value. The same steps from quantiles of the cube root of the density, where centers lie at best
    when there are many, are kept instead where they end at a lower cost.

    Parameters
    ----------
    samples : CountedSamples
        n distinct values with counts.
    k : int
        How many centers.
    random_state : int
        Seed of MiniBatchKMeans.
    tick : callable
        Called between steps.

    Returns
    -------
    ndarray of float64, shape (min(k, n),)
        Ascending, unrounded; the values themselves where k ≥ n. Each is the mean of its values.

    References
    ----------
    D. Sculley, "Web-scale k-means clustering", WWW 2010.
    P. F. Panter and W. Dite, "Quantization distortion in pulse-count modulation with nonuniform spacing of
    levels", Proc. IRE 39(1), 44-48, 1951.
    S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 129-137, 1982.
    """
    tick()
    if k >= len(samples.values):
        return samples.values.copy()
    # Distances are computed from squares: without an offset, and with a range near 1, nothing cancels.
    origin = samples.values[len(samples.values) // 2]
    scale = max(samples.high - origin, origin - samples.low)
    values = (samples.values - origin) / scale
    weights = samples.counts.astype(np.float64)
    candidates = [values[:1]] if k == 1 else [_minibatch(values, weights, k, random_state), _spread(values, weights, k)]
    endings = [_settle_all(values, weights, centers, k, tick) for centers in candidates]
    best = min(endings, key=lambda starts: _costs(values, weights, starts).sum())
    return _means(samples.values, weights, origin, best)


def _minibatch(values: np.ndarray, weights: np.ndarray, k: int, random_state: int) -> np.ndarray:
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(k, random_state=random_state, n_init=1, compute_labels=False)
    # Sums over threads are added in the order in which the threads end: one thread gives the same bytes each time.
    with _threadpools().limit(limits=1):
        model.fit(values[:, np.newaxis], sample_weight=weights)
    return np.unique(model.cluster_centers_)


def _spread(values: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """Return `k` quantiles of the cube root of the density."""
    width = np.gradient(values)
    mass = np.cumsum(np.cbrt(weights) * np.cbrt(width) ** 2)
    return np.unique(values[np.searchsorted(mass, mass[-1] * (np.arange(k) + 0.5) / k)])


@cache
def _threadpools() -> ThreadpoolController:
    # Finding the loaded libraries takes milliseconds, so once; call it when scikit-learn is loaded.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _settle_all(values: np.ndarray, weights: np.ndarray, centers: np.ndarray, k: int, tick: Tick) -> np.ndarray:
    """Run Lloyd's steps and re-seed lost centers until `k` of them stand still; return where each begins."""
    while True:
        starts = _settle(values, weights, centers, tick)
        missing = k - len(starts)
        if missing == 0:
            return starts
        centers = _means(values, weights, 0.0, starts)
        centers = np.union1d(centers, _worst_fitting(values, weights, starts, missing))


def _settle(values: np.ndarray, weights: np.ndarray, centers: np.ndarray, tick: Tick) -> np.ndarray:
    """Run Lloyd's steps until no value changes its center; centers that lose all values are dropped."""
    starts = _partition(values, centers)
    for _ in range(_MAX_STEPS):
        tick()
        before, starts = starts, _partition(values, _means(values, weights, 0.0, starts))
        if np.array_equal(starts, before):
            break
    return starts


def _partition(values: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Return where, in the ascending values, each center's own values begin; centers without any are left out."""
    starts = np.searchsorted(values, borders(centers), side="right")
    starts = np.concatenate(([0], starts[starts < len(values)]))
    return starts[np.diff(starts, prepend=-1) > 0]


def _means(values: np.ndarray, weights: np.ndarray, origin: float, starts: np.ndarray) -> np.ndarray:
    sums = np.add.reduceat(weights * (values - origin), starts)
    means: np.ndarray = origin + sums / np.add.reduceat(weights, starts)
    return means


def _costs(values: np.ndarray, weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return what each value adds to the cost: weight times squared distance from its center."""
    centers = _means(values, weights, 0.0, starts)
    spread = np.repeat(centers, np.diff(starts, append=len(values)))
    cost: np.ndarray = weights * (values - spread) ** 2
    return cost


def _worst_fitting(values: np.ndarray, weights: np.ndarray, starts: np.ndarray, n_seeds: int) -> np.ndarray:
    """Return the worst fitting value of each of the `n_seeds` clusters that cost most (fewer if fewer cost)."""
    costs = _costs(values, weights, starts)
    chosen = np.argsort(-np.add.reduceat(costs, starts), kind="stable")[:n_seeds]
    ends = np.append(starts[1:], len(values))
    return np.array([values[a + np.argmax(costs[a:b])] for a, b in zip(starts[chosen], ends[chosen], strict=True)])
