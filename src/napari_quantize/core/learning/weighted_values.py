"""Counted values on a line, shared out among centers: Lloyd's steps, and moves that lead out of where those end.

A partition is told by `starts`: where, in the ascending values, each cluster begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.lookup.levels import borders

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_quantize.core.request.request import Tick
    from napari_quantize.core.samples.samples import CountedSamples

# Each step lowers the cost, so they end by themselves; this only stops two partitions that float64 cannot rank.
_MAX_STEPS = 10_000
_EVEN = 1e-10
_MAX_RECUTS = 1000
_MAX_MOVES = 200


class WeightedValues:
    """n distinct values with weights.

    Parameters
    ----------
    samples : CountedSamples
        The values and their counts.
    tick : callable
        Called between steps.

    Attributes
    ----------
    values, weights : ndarray of float64, shape (n,)
        Ascending values, and how often each occurs.
    weight_sums, value_sums : ndarray of float64, shape (n + 1,)
        Sums over the values before each: of weights, and of weights times `scaled` values.
    scaled : ndarray of float64, shape (n,)
        Deviations from the mean over the range.
    width : float
        The range: largest minus smallest value (1 if there is one value).
    """

    def __init__(self, samples: CountedSamples, tick: Tick) -> None:
        self.values, self.weights = samples.values, samples.counts.astype(np.float64)
        self._tick = tick
        # Around the mean, or sums far from 0 would swallow the differences; as parts of the range, or squares of very
        # large or small values would overflow or vanish.
        self.width = float(self.values[-1] - self.values[0]) or 1.0
        scaled = (self.values - self.values[0]) / self.width
        self.scaled = scaled - np.average(scaled, weights=self.weights)
        # Where some values lie closer together than rounding shows beside the range, sums over all values mislead.
        self._is_even = bool((np.diff(self.scaled) > _EVEN).all())
        self.weight_sums = np.concatenate(([0.0], np.cumsum(self.weights)))
        self.value_sums = np.concatenate(([0.0], np.cumsum(self.weights * self.scaled)))

    def __len__(self) -> int:
        return len(self.values)

    def means(self, starts: np.ndarray) -> np.ndarray:
        """Return the mean of each cluster: never outside of it, so means of distinct values are distinct."""
        ends = np.append(starts[1:], len(self))
        # Sums of distances from the cluster's own smallest value keep all digits, whatever the values' offset.
        first = self.values[starts]
        sums = np.add.reduceat(self.weights * (self.values - np.repeat(first, ends - starts)), starts)
        means: np.ndarray = np.minimum(first + sums / np.add.reduceat(self.weights, starts), self.values[ends - 1])
        return means

    def cost(self, starts: np.ndarray) -> float:
        """Return the sum of weighted squared distances from the clusters' means, in units of the range squared."""
        return float(self._costs(starts).sum())

    def cost_of(self, centers: np.ndarray) -> float:
        """Return the cost of centers that are the means of the values nearest to them."""
        return self.cost(self._partition(self.values, centers))

    def settle(self, centers: np.ndarray, k: int) -> np.ndarray:
        """Run Lloyd's steps until no value changes its center; return where each cluster begins.

        Where centers are left without a value, the clusters that cost most are cut in two, until there are `k` (n ≥ k).
        """
        starts = self._settle(self._partition(self.values, centers))
        while len(starts) < k:
            starts = self._settle(self._cut_worst(starts, k - len(starts)))
        return starts

    def improve(self, starts: np.ndarray) -> np.ndarray:
        """Cut the clusters that gain most and merge those that lose least, as long as that and Lloyd's steps help.

        Lloyd's steps alone never move a center past another one to where it is needed more.
        """
        starts = min(starts, self._recut(starts), key=self.cost)
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
        """Put each border where it is best between its two neighbours, until all stand still, and settle.

        Stronger than Lloyd's steps, which look at where the centers are and not at where they would move to.
        """
        for _ in range(_MAX_RECUTS):
            self._tick()
            before = starts
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
        # First with means from sums over all values, which cost next to nothing; then with means that keep all digits.
        if self._is_even:
            starts = self._step_on(starts, self.scaled, self._rough_means)
        return self._step_on(starts, self.values, self.means)

    def _step_on(self, starts: np.ndarray, values: np.ndarray, means: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        for _ in range(_MAX_STEPS):
            self._tick()
            before, starts = starts, self._partition(values, means(starts))
            if np.array_equal(starts, before):
                break
        return starts

    def _rough_means(self, starts: np.ndarray) -> np.ndarray:
        """Return the means of `scaled` values, of which rounding may have taken digits."""
        ends = np.append(starts[1:], len(self))
        sums = self.value_sums[ends] - self.value_sums[starts]
        means = sums / np.maximum(self.weight_sums[ends] - self.weight_sums[starts], 1.0)
        clipped: np.ndarray = np.clip(means, self.scaled[starts], self.scaled[ends - 1])
        return clipped

    @staticmethod
    def _partition(values: np.ndarray, centers: np.ndarray) -> np.ndarray:
        """Return where each center's own values begin; centers without any are left out."""
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
        """Cut at their means the `n_cuts` clusters that cost most (fewer if fewer have two values to share out)."""
        ends = np.append(starts[1:], len(self))
        order = np.argsort(-self._costs(starts), kind="stable")
        worst = order[(ends - starts)[order] > 1][:n_cuts]
        cuts = np.searchsorted(self.values, self.means(starts)[worst], side="right")
        return np.union1d(starts, np.clip(cuts, starts[worst] + 1, ends[worst] - 1))

    def _move(self, starts: np.ndarray, n_moves: int) -> np.ndarray | None:
        """Cut up to `n_moves` clusters and merge as many pairs of others, or return None where no move would gain."""
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
        """Return where the second part of each run begins if it is cut in the best place, and what that gains.

        The runs follow each other without gaps.
        """
        sizes, inside = ends - starts, slice(starts[0], ends[-1])
        # Every value counts at least once: less is rounding, of sums beyond 2**53.
        weight = np.repeat(np.maximum(self.weight_sums[ends] - self.weight_sums[starts], 1.0), sizes)
        value = np.repeat(self.value_sums[ends] - self.value_sums[starts], sizes)
        # Of the values of a run that come before each of its values; before the first there are none.
        left = self.weight_sums[inside] - np.repeat(self.weight_sums[starts], sizes)
        apart = self.value_sums[inside] - np.repeat(self.value_sums[starts], sizes) - value * left / weight
        firsts = starts - starts[0]
        gains = apart**2 * weight / (np.maximum(left, 1.0) * np.maximum(weight - left, 1.0))
        gains[firsts] = -1.0
        best = np.maximum.reduceat(gains, firsts)
        hits = np.flatnonzero(gains == np.repeat(best, sizes))
        return hits[np.searchsorted(hits, firsts)] + starts[0], best

    def _merge_losses(self, starts: np.ndarray) -> np.ndarray:
        """Return what it would cost to merge each cluster with the next."""
        means, weights = self._rough_means(starts), np.diff(self.weight_sums[np.append(starts, len(self))])
        losses: np.ndarray = np.diff(means) ** 2 * weights[1:] * weights[:-1] / (weights[1:] + weights[:-1])
        return losses
