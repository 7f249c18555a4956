"""Partitions of weighted 1-D values: Lloyd's steps, and moves of borders that escape their local minima.

A partition is an array `starts`: the index, among the ascending values, at which each cluster begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.learning.border_moves import move_borders
from napari_quantize.core.lookup.levels import borders

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_quantize.core.request.request import Tick
    from napari_quantize.core.samples.samples import CountedSamples

# Each step lowers the cost, so the steps end by themselves, except where float64 cannot rank two partitions.
_MAX_STEPS = 10_000
_MIN_GAP = 1e-10  # of the range: the smallest gap between values for which cumulative sums are accurate enough
_RESOLVED = 1e-12  # of the sum of squares: the least cost that cumulative sums tell apart from their rounding errors
_MAX_MOVES = 1000
_MIN_GAIN = 1e-12  # relative decrease of the cost: a smaller one is within the rounding errors of cumulative sums


class WeightedValues:
    """n distinct values with weights, and the operations of k-means on them.

    Parameters
    ----------
    samples : CountedSamples
        The values and their counts.
    tick : callable
        Called between steps.

    Attributes
    ----------
    values, weights : ndarray of float64, shape (n,)
        Ascending values, and the number of occurrences of each.
    weight_sums, value_sums : ndarray of float64, shape (n + 1,)
        Cumulative sums of weights, and of weights times `scaled` values, over the values before each.
    scaled : ndarray of float64, shape (n,)
        Deviations from the median, divided by the range.
    width : float
        The range: largest minus smallest value (1 if there is one value).
    """

    def __init__(self, samples: CountedSamples, tick: Tick) -> None:
        self.values, self.weights = samples.values, samples.counts.astype(np.float64)
        self._tick = tick
        # Relative to the median, because sums of values far from 0 lose the digits of the differences, and an outlier
        # moves the mean far away. Divided by the range, because squares of very large or small values overflow or
        # vanish.
        self.width = float(self.values[-1] - self.values[0]) or 1.0
        self.weight_sums = np.concatenate(([0.0], np.cumsum(self.weights)))
        median = self.values[np.searchsorted(self.weight_sums, self.weight_sums[-1] / 2) - 1]
        self.scaled = (self.values - median) / self.width
        # Differences of cumulative sums have rounding errors relative to the whole range. They are useless for values
        # that lie closer together than that.
        self._sums_are_accurate = bool((np.diff(self.scaled) > _MIN_GAP).all())
        self.value_sums = np.concatenate(([0.0], np.cumsum(self.weights * self.scaled)))

    def __len__(self) -> int:
        return len(self.values)

    def resolves(self, cost: float) -> bool:
        """Return whether a cost is above the rounding errors of costs from cumulative sums.

        These are relative to the squares of all values, which those of an outlier can exceed by far.
        """
        return cost > _RESOLVED * float(np.dot(self.weights, self.scaled**2))

    def means(self, starts: np.ndarray) -> np.ndarray:
        """Return the mean of each cluster, within the cluster's range, so that means of different clusters differ."""
        ends = np.append(starts[1:], len(self))
        # Sums of distances from the smallest value of the cluster keep all digits, whatever the offset of the values.
        first = self.values[starts]
        sums = np.add.reduceat(self.weights * (self.values - np.repeat(first, ends - starts)), starts)
        means: np.ndarray = np.minimum(first + sums / np.add.reduceat(self.weights, starts), self.values[ends - 1])
        return means

    def cost(self, starts: np.ndarray) -> float:
        """Return the weighted sum of squared distances from the clusters' means, in units of the squared range."""
        return float(self._costs(starts).sum())

    def cost_of(self, centers: np.ndarray) -> float:
        """Return the cost of the partition that these centers induce."""
        return self.cost(self._partition(self.values, centers))

    def settle(self, centers: np.ndarray, k: int) -> np.ndarray:
        """Run Lloyd's steps until no value changes its center; return the starts of the clusters.

        If centers have lost all their values, the clusters with the highest cost are cut in two until there are `k`
        clusters (n ≥ k).
        """
        starts = self._settle(self._partition(self.values, centers))
        while len(starts) < k:
            starts = self._settle(self._cut_worst(starts, k - len(starts)))
        return starts

    def improve(self, starts: np.ndarray) -> np.ndarray:
        """Move all borders at once, each between its two neighbours, until that lowers the cost no more; then settle.

        Lloyd's steps alone never move a center past another one, to a region that needs it more, and they compare
        values with the current centers instead of those after the step.
        """
        cost = self.cost(starts)
        for _ in range(_MAX_MOVES):
            moved = move_borders(self.weight_sums, self.value_sums, starts, self._tick)
            moved_cost = self.cost(moved)
            if not moved_cost < cost * (1 - _MIN_GAIN):
                break
            starts, cost = moved, moved_cost
        return self.settle(self.means(starts), len(starts))

    def _settle(self, starts: np.ndarray) -> np.ndarray:
        # First with means from cumulative sums, which are fast but rounded; then with means that keep all digits.
        if self._sums_are_accurate:
            starts = self._iterate(starts, self.scaled, self._rough_means)
        return self._iterate(starts, self.values, self.means)

    def _iterate(self, starts: np.ndarray, values: np.ndarray, means: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        for _ in range(_MAX_STEPS):
            self._tick()
            before, starts = starts, self._partition(values, means(starts))
            if np.array_equal(starts, before):
                break
        return starts

    def _rough_means(self, starts: np.ndarray) -> np.ndarray:
        """Return the means of `scaled` values from cumulative sums: fast, but with rounding errors."""
        ends = np.append(starts[1:], len(self))
        sums = self.value_sums[ends] - self.value_sums[starts]
        means = sums / np.maximum(self.weight_sums[ends] - self.weight_sums[starts], 1.0)
        clipped: np.ndarray = np.clip(means, self.scaled[starts], self.scaled[ends - 1])
        return clipped

    @staticmethod
    def _partition(values: np.ndarray, centers: np.ndarray) -> np.ndarray:
        """Return the starts of the clusters of these centers, without centers that have no values."""
        starts = np.searchsorted(values, borders(centers), side="right")
        starts = np.concatenate(([0], starts[starts < len(values)]))
        kept: np.ndarray = starts[np.diff(starts, prepend=-1) > 0]
        return kept

    def _costs(self, starts: np.ndarray) -> np.ndarray:
        spread = np.repeat(self.means(starts), np.diff(starts, append=len(self)))
        distances = (self.values - spread) / self.width
        costs: np.ndarray = np.add.reduceat(self.weights * distances**2, starts)
        return costs

    def _cut_worst(self, starts: np.ndarray, n_cuts: int) -> np.ndarray:
        """Cut the `n_cuts` clusters with the highest cost at their means; fewer if fewer have two values."""
        ends = np.append(starts[1:], len(self))
        order = np.argsort(-self._costs(starts), kind="stable")
        worst = order[(ends - starts)[order] > 1][:n_cuts]
        cuts = np.searchsorted(self.values, self.means(starts)[worst], side="right")
        return np.union1d(starts, np.clip(cuts, starts[worst] + 1, ends[worst] - 1))
