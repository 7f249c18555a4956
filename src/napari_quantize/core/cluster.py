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
    counts follow until no value changes its center; where a center is left without a value, the cluster that
    costs most is cut in two. The same steps from quantiles of the cube root of the density, where centers lie at best
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
    values, weights = samples.values, samples.counts.astype(np.float64)
    if k >= len(values):
        return values.copy()
    candidates = [values[:1]] if k == 1 else [_minibatch(values, weights, k, random_state), _spread(values, weights, k)]
    endings = [_settle_all(values, weights, centers, k, tick) for centers in candidates]
    best = min(endings, key=lambda starts: _costs(values, weights, starts).sum())
    return _means(values, weights, best)


def _minibatch(values: np.ndarray, weights: np.ndarray, k: int, random_state: int) -> np.ndarray:
    from sklearn.cluster import MiniBatchKMeans

    # scikit-learn computes distances from squares: without an offset, and with a range near 1, nothing cancels.
    origin = values[len(values) // 2]
    scale = max(values[-1] - origin, origin - values[0])
    model = MiniBatchKMeans(k, random_state=random_state, n_init=1, compute_labels=False)
    # Sums over threads are added in the order in which the threads end: one thread gives the same bytes each time.
    with _threadpools().limit(limits=1):
        model.fit(((values - origin) / scale)[:, np.newaxis], sample_weight=weights)
    return np.unique(origin + scale * model.cluster_centers_)


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
    """Run Lloyd's steps, and cut clusters while some are missing, until `k` stand still; return where each begins."""
    starts = _settle(values, weights, _partition(values, centers), tick)
    while len(starts) < k:
        starts = _settle(values, weights, _cut_worst(values, weights, starts, k - len(starts)), tick)
    return starts


def _settle(values: np.ndarray, weights: np.ndarray, starts: np.ndarray, tick: Tick) -> np.ndarray:
    """Run Lloyd's steps until no value changes its center; centers that lose all values are dropped."""
    for _ in range(_MAX_STEPS):
        tick()
        before, starts = starts, _partition(values, _means(values, weights, starts))
        if np.array_equal(starts, before):
            break
    return starts


def _partition(values: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Return where, in the ascending values, each center's own values begin; centers without any are left out."""
    starts = np.searchsorted(values, borders(centers), side="right")
    starts = np.concatenate(([0], starts[starts < len(values)]))
    return starts[np.diff(starts, prepend=-1) > 0]


def _means(values: np.ndarray, weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the mean of each cluster: never outside of it, so means of distinct values are distinct."""
    ends = np.append(starts[1:], len(values))
    # Sums of distances from the cluster's own smallest value keep all digits, whatever the values' offset.
    first = values[starts]
    sums = np.add.reduceat(weights * (values - np.repeat(first, ends - starts)), starts)
    means: np.ndarray = np.minimum(first + sums / np.add.reduceat(weights, starts), values[ends - 1])
    return means


def _costs(values: np.ndarray, weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return what each cluster costs: weights times squared distances from its mean, in units of the range."""
    spread = np.repeat(_means(values, weights, starts), np.diff(starts, append=len(values)))
    # Squared as parts of the range: those of very large or small values would overflow or vanish.
    distances = (values - spread) / (values[-1] - values[0])
    costs: np.ndarray = np.add.reduceat(weights * distances**2, starts)
    return costs


def _cut_worst(values: np.ndarray, weights: np.ndarray, starts: np.ndarray, n_cuts: int) -> np.ndarray:
    """Cut at their means the `n_cuts` clusters that cost most (fewer if fewer have two values to share out)."""
    ends = np.append(starts[1:], len(values))
    order = np.argsort(-_costs(values, weights, starts), kind="stable")
    worst = order[(ends - starts)[order] > 1][:n_cuts]
    cuts = np.searchsorted(values, _means(values, weights, starts)[worst], side="right")
    return np.union1d(starts, np.clip(cuts, starts[worst] + 1, ends[worst] - 1))
