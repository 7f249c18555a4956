"""Partitions of weighted 1-D values: Lloyd's steps, and moves of centers that escape their local minima.

A partition is an array `starts`: the index, among the ascending values, at which each cluster begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.lookup.levels import borders

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_quantize.core.request.request import Tick
    from napari_quantize.core.samples.samples import CountedSamples

# Each step lowers the cost, so the steps end by themselves, except where float64 cannot rank two partitions.
_MAX_STEPS = 10_000
_MIN_GAP = 1e-10  # of the range: the smallest gap between values for which cumulative sums are accurate enough
_MAX_RECUTS = 1000
_MAX_MOVES = 200


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
        Deviations from the mean, divided by the range.
    width : float
        The range: largest minus smallest value (1 if there is one value).
    """

    def __init__(self, samples: CountedSamples, tick: Tick) -> None:
        self.values, self.weights = samples.values, samples.counts.astype(np.float64)
        self._tick = tick
        # Relative to the mean, because sums of values far from 0 lose the digits of the differences. Divided by the
        # range, because squares of very large or small values overflow or vanish.
        self.width = float(self.values[-1] - self.values[0]) or 1.0
        scaled = (self.values - self.values[0]) / self.width
        self.scaled = scaled - np.average(scaled, weights=self.weights)
        # Differences of cumulative sums have rounding errors relative to the whole range. They are useless for values
        # that lie closer together than that.
        self._sums_are_accurate = bool((np.diff(self.scaled) > _MIN_GAP).all())
        self.weight_sums = np.concatenate(([0.0], np.cumsum(self.weights)))
        self.value_sums = np.concatenate(([0.0], np.cumsum(self.weights * self.scaled)))

    def __len__(self) -> int:
        return len(self.values)

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
        """Cut the clusters that gain most and merge those that lose least, while that lowers the cost.

        Lloyd's steps alone never move a center past another one, to a region that needs it more.
        """
        starts = min(starts, self._recut(starts), key=self.cost)
        # Many moves at once first. If they do not help together, half as many are tried, down to a single move.
        cost, n_moves = self.cost(starts), max(1, len(starts) // 4)
        for _ in range(_MAX_MOVES):
            moved = self._move(starts, n_moves)
            if moved is None:
                break
            moved = self._recut(self.settle(self.means(moved), len(starts)))
            moved_cost = self.cost(moved)
            if moved_cost < cost * (1 - 1e-12):
                starts, cost = moved, moved_cost
            elif n_moves == 1:
                break
            else:
                n_moves //= 2
        return starts

    def _recut(self, starts: np.ndarray) -> np.ndarray:
        """Move each border to its optimum between its two neighbours until no border moves, then settle.

        This finds better partitions than Lloyd's steps, which compare values with the current centers instead of the
        centers after the move.
        """
        for _ in range(_MAX_RECUTS):
            self._tick()
            before = starts
            # Even pairs of clusters, then odd ones: pairs of one turn share no cluster, so all are cut at once.
            for first in (0, 1):
                pairs = starts[first::2][: (len(starts) - first) // 2]
                if len(pairs):
                    starts = starts.copy()
                    ends = np.append(starts, len(self))[first + 2 :: 2][: len(pairs)]
                    starts[first + 1 :: 2][: len(pairs)] = self._best_cuts(pairs, ends)[0]
            if np.array_equal(starts, before):
                break
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

    def _move(self, starts: np.ndarray, n_moves: int) -> np.ndarray | None:
        """Cut up to `n_moves` clusters and merge as many pairs of others; return None if no move lowers the cost."""
        cuts, gains = self._best_cuts(starts, np.append(starts[1:], len(self)))
        losses = self._merge_losses(starts)
        cut = np.zeros(len(starts) + 1, dtype=bool)
        merged = cut.copy()
        cheapest = iter(np.argsort(losses, kind="stable"))
        added, removed = [], []
        for cluster in np.argsort(-gains, kind="stable")[:n_moves]:
            if merged[cluster]:
                continue
            cut[cluster] = True
            pair = next((i for i in cheapest if not cut[i : i + 2].any() and not merged[i : i + 2].any()), None)
            if pair is None or losses[pair] >= gains[cluster]:
                break
            merged[pair : pair + 2] = True
            added.append(cuts[cluster])
            removed.append(starts[pair + 1])
        return np.union1d(np.setdiff1d(starts, removed), added) if added else None

    def _best_cuts(self, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the best cut of each run, as the start of its second part, and the decrease of the cost.

        The runs are adjacent, without gaps.
        """
        sizes, inside = ends - starts, slice(starts[0], ends[-1])
        # Each value has a count of at least 1. A smaller difference of cumulative sums is a rounding error beyond
        # 2**53.
        weight = np.repeat(np.maximum(self.weight_sums[ends] - self.weight_sums[starts], 1.0), sizes)
        value = np.repeat(self.value_sums[ends] - self.value_sums[starts], sizes)
        # Cutting a run of weight W and sum S after a part of weight w and sum s lowers the cost by
        # (s - S w / W)² W / (w (W - w)). `left` is w and `deviation` is s - S w / W, for each value as the start of the
        # second part; a run cannot be cut before its first value, which gets a gain of -1.
        left = self.weight_sums[inside] - np.repeat(self.weight_sums[starts], sizes)
        deviation = self.value_sums[inside] - np.repeat(self.value_sums[starts], sizes) - value * left / weight
        first = starts - starts[0]
        gains = deviation**2 * weight / (np.maximum(left, 1.0) * np.maximum(weight - left, 1.0))
        gains[first] = -1.0
        best = np.maximum.reduceat(gains, first)
        hits = np.flatnonzero(gains == np.repeat(best, sizes))
        return hits[np.searchsorted(hits, first)] + starts[0], best

    def _merge_losses(self, starts: np.ndarray) -> np.ndarray:
        """Return the increase of the cost if each cluster were merged with the next (Ward's formula)."""
        means, weights = self._rough_means(starts), np.diff(self.weight_sums[np.append(starts, len(self))])
        losses: np.ndarray = np.diff(means) ** 2 * weights[1:] * weights[:-1] / (weights[1:] + weights[:-1])
        return losses
