"""Provably optimal centers of counted values, by dynamic programming.

The least cost of cutting the first j values into k runs is ``cost[k, j] = min over i of cost[k-1, i] + C(i, j)``,
where ``C(i, j)`` is the weighted squared error of values i … j-1 around their mean, computed in constant time from
cumulative sums. The best i never decreases when j or k increases [1]_ [2]_. So the ends j are solved in the order of a
binary search tree: each level searches only between the best i of its neighbours, and not below the best i of the same
j for one run less.

References
----------
.. [1] X. Wu, "Optimal quantization by matrix searching", J. Algorithms 12(4), 663-673, 1991.
.. [2] A. Grønlund, K. G. Larsen, A. Mathiasen, J. S. Nielsen, S. Schneider and M. Song, "Fast exact k-means,
   k-medians and Bregman divergence clustering in 1D", arXiv:1701.07204, 2017.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.learning.border_moves import best_between

if TYPE_CHECKING:
    from napari_quantize.core.learning.weighted_values import WeightedValues
    from napari_quantize.core.request.request import Tick

# Up to this many values, a table of all C(i, j) fits into the cache, and searching most of it is faster than working
# out where to search.
_DENSE = 400
# How many times farther the smallest value lies from the median than the largest one, if it is an outlier.
_LONG_TAIL = 1e3


class OptimalPartitions:
    """Optimal partitions of weighted values into 1, 2, 3 … runs, each found once and kept.

    float64 resolves costs to about 1e-15 of the total variance: partitions that differ by less count as equal.

    Parameters
    ----------
    samples : WeightedValues
        n distinct values with counts.
    tick : callable
        Called between steps.
    """

    def __init__(self, samples: WeightedValues, tick: Tick) -> None:
        self._samples = samples
        self._tick = tick
        solve = _solve_dense if len(samples) <= _DENSE else _solve_by_levels
        # What follows an outlier would be found from sums that have lost all its digits: begin at the other end.
        self._is_mirrored = bool(-samples.scaled[0] > _LONG_TAIL * samples.scaled[-1])
        weights, values = samples.weights, samples.scaled
        if self._is_mirrored:
            self._rows = solve(_sums(weights[::-1]), _sums(-(weights * values)[::-1]))
        else:
            self._rows = solve(samples.weight_sums, samples.value_sums)
        self._splits: list[np.ndarray] = []

    def centers(self, k: int) -> np.ndarray:
        """Return the k ≤ n optimal centers: float64, shape (k,), ascending, each the mean of its values."""
        return self._samples.means(self._starts(k))

    def cost(self, k: int) -> float:
        """Return the least cost that k centers can have, in the unit of `WeightedValues.cost`."""
        return self._samples.cost(self._starts(k))

    def _starts(self, k: int) -> np.ndarray:
        while len(self._splits) < k - 1:
            self._tick()
            self._splits.append(next(self._rows))
        starts = np.zeros(k, dtype=np.intp)
        end = len(self._samples)
        for row in range(k - 1, 0, -1):
            starts[row] = end = int(self._splits[row - 1][end])
        if self._is_mirrored:
            starts[1:] = len(self._samples) - starts[:0:-1]
        # Partitions whose costs differ by less than the rounding of float64 may not be stable under Lloyd's steps, but
        # the look-up assigns values to the nearest center, so the result must be.
        return self._samples.settle(self._samples.means(starts), k)


def _sums(parts: np.ndarray) -> np.ndarray:
    """Return the sums of the parts before each, and of all."""
    sums: np.ndarray = np.concatenate(([0.0], np.cumsum(parts)))
    return sums


def _solve_dense(weight: np.ndarray, value: np.ndarray) -> Iterator[np.ndarray]:
    """Yield, for k = 2, 3 …, the best start of the last run for each end 0 … n (undefined for ends below k)."""
    n = len(weight) - 1
    runs = _run_table(weight, value)
    cost = np.append(np.inf, runs[:, 0])
    splits = np.zeros(n + 1, dtype=np.uint16)
    for k in range(2, n + 1):
        before, lowest = cost.copy(), splits
        splits = splits.copy()
        # In two halves of the ends: by monotonicity, the second half skips all starts below the best one of its first
        # end with one run less.
        for first, last in ((k, n // 2), (max(k, n // 2 + 1), n)):
            if first <= last:
                low = max(int(lowest[first]), k - 1)
                totals = runs[first - 1 : last, low:last] + before[low:last]
                best = totals.argmin(axis=1)
                splits[first : last + 1] = best + low
                cost[first : last + 1] = totals[np.arange(len(best)), best]
        yield splits


def _run_table(weight: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return the cost of a run for each end (rows 1 … n) and start, minus the squares of all values up to the end.

    The sum of these squares is the same for all starts, so it does not change which start is best.
    """
    runs: np.ndarray = value[1:, np.newaxis] - value[:-1]
    inside = weight[1:, np.newaxis] - weight[:-1]
    impossible = inside <= 0
    inside[impossible] = 1.0
    runs *= runs
    runs /= -inside
    runs[impossible] = np.inf
    return runs


def _solve_by_levels(weight: np.ndarray, value: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the same as `_solve_dense`, searching only between the best starts of neighbouring ends."""
    n = len(weight) - 1
    steps = [2**power for power in reversed(range(n.bit_length()))]
    splits = np.zeros(n + 2, dtype=np.intp)
    before = np.append(np.inf, -(value[1:] ** 2) / weight[1:])
    for k in range(2, n + 1):
        lowest = np.maximum(splits, k - 1)
        splits = np.append(np.zeros(n + 1, dtype=np.intp), n)
        cost = np.full(n + 1, np.inf)
        # Levels of a binary search tree over the ends: m; m/2 and 3m/2; … for a power m of 2. Each end lies between two
        # solved neighbours.
        for step in steps:
            ends = np.arange(step, n + 1, 2 * step)
            ends = ends[ends >= k]
            if len(ends):
                low = np.maximum(splits[ends - step], lowest[ends])
                high = np.minimum(splits[np.minimum(ends + step, n + 1)], ends - 1)
                found = best_between(weight, value, before, ends, low, np.maximum(low, high))
                splits[ends], cost[ends] = found
        before = cost
        yield splits[: n + 1].astype(np.min_scalar_type(n - 1))
