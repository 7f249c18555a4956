"""Counted vectors, shared out among centers: where to begin, Lloyd's steps, and moves that lead out of their ends."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_quantize.core.arguments import Tick
    from napari_quantize.core.samples import CountedSamples

# Distances computed at a time: what a block of them takes must stay in the cache.
_BLOCK = 2**18
_CUT = 0.6  # of a cluster's variance along its longest axis, what a cut across it saves: 2/π if it is a bell


class Cloud:
    """n distinct vectors with weights, seen from their mean and in units of their largest deviation.

    Parameters
    ----------
    samples : CountedSamples
        Values of shape (n, C), and their counts.
    single : bool
        Whether float32 tells the vectors apart.
    tick : callable
        Called between steps.

    Attributes
    ----------
    points : ndarray of float64, shape (n, C)
        The vectors, scaled.
    weights : ndarray of float64, shape (n,)
        How often each occurs.
    """

    def __init__(self, samples: CountedSamples, *, single: bool, tick: Tick) -> None:
        self._values = samples.values
        self.weights = samples.counts.astype(np.float64)
        self._tick = tick
        self._origin = np.average(self._values, axis=0, weights=self.weights)
        self._low, self._high = self._values.min(axis=0), self._values.max(axis=0)
        self._unit = float(np.abs(self._values - self._origin).max()) or 1.0
        self.points = (self._values - self._origin) / self._unit
        dtype = np.float32 if single else np.float64
        self._rows = np.column_stack((self.points, np.ones(len(self.points)))).astype(dtype)
        self._weighted = [self.weights * column for column in self.points.T]

    def __len__(self) -> int:
        return len(self.points)

    def placed(self, values: np.ndarray) -> np.ndarray:
        """Return values in data units as points of this cloud."""
        points: np.ndarray = (values - self._origin) / self._unit
        return points

    def values_of(self, points: np.ndarray) -> np.ndarray:
        """Return points of this cloud in data units."""
        # Means lie among the vectors, but for rounding.
        values: np.ndarray = np.clip(points * self._unit + self._origin, self._low, self._high)
        return values

    def labels(self, centers: np.ndarray) -> np.ndarray:
        """Return for each vector which center is nearest, but for ties and what rounding takes for ties."""
        table = np.column_stack((-2 * centers, (centers**2).sum(axis=1))).T.astype(self._rows.dtype)
        labels = np.empty(len(self), dtype=np.intp)
        step = max(1, _BLOCK // len(centers))
        for start in range(0, len(self), step):
            np.argmin(self._rows[start : start + step] @ table, axis=1, out=labels[start : start + step])
        return labels

    def means(self, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean and the weight of each cluster; NaN where one is empty."""
        weights = np.bincount(labels, self.weights, k)
        sums = np.stack([np.bincount(labels, column, k) for column in self._weighted], axis=1)
        with np.errstate(invalid="ignore"):
            return sums / weights[:, np.newaxis], weights

    def cost(self, centers: np.ndarray, labels: np.ndarray) -> float:
        """Return the weighted sum of squared distances."""
        return float(np.dot(self.weights, self._distances(centers, labels)))

    def _distances(self, centers: np.ndarray, labels: np.ndarray) -> np.ndarray:
        squares: np.ndarray = ((self.points - centers[labels]) ** 2).sum(axis=1)
        return squares

    def settle(self, centers: np.ndarray, steps: int) -> np.ndarray:
        """Run at most so many of Lloyd's steps, or more where centers are left without a vector.

        Such centers go to the vectors that cost most.
        """
        for step in range(steps + len(centers)):
            self._tick()
            labels = self.labels(centers)
            means, weights = self.means(labels, len(centers))
            empty = weights == 0
            if empty.any():
                costs = self.weights * self._distances(centers, labels)
                means[empty] = self.points[np.argsort(-costs, kind="stable")[: np.count_nonzero(empty)]]
            elif step >= steps or np.array_equal(means, centers):
                break
            centers = means
        return centers

    def cut(self, k: int) -> np.ndarray:
        """Return centers of `k` parts: again and again the part that gains most is cut across its longest axis.

        References
        ----------
        X. Wu, "Color quantization by dynamic programming and principal analysis", ACM Trans. Graph. 11(4), 348-372,
        1992.
        """
        everything = _Part(self, np.arange(len(self)))
        heap = [(-everything.gain, 0, everything)]
        n_made = 1
        while len(heap) < k and heap[0][2].halves:
            self._tick()
            for half in heapq.heappop(heap)[2].halves:
                part = _Part(self, half)
                heapq.heappush(heap, (-part.gain, n_made, part))
                n_made += 1
        return np.array([part.mean for _, _, part in heap])

    def improve(self, centers: np.ndarray, n_trials: int, steps: int) -> np.ndarray:
        """Merge two centers and cut a third one's cluster wherever that and a few of Lloyd's steps lower the cost.

        References
        ----------
        P. Fränti and J. Kivijärvi, "Randomised local search algorithm for the clustering problem", Pattern Anal. Appl.
        3, 358-369, 2000; here the swaps are tried in the order of what they promise.
        """
        cost = self.cost(centers, self.labels(centers))
        while n_trials > 0:
            for moved in self._moves(centers, n_trials):
                n_trials -= 1
                settled = self.settle(moved, steps)
                new_cost = self.cost(settled, self.labels(settled))
                if new_cost < cost * (1 - 1e-4):
                    centers, cost = settled, new_cost
                    break
            else:
                break
        return centers

    def _moves(self, centers: np.ndarray, n_moves: int) -> list[np.ndarray]:
        """Return centers after each of the most promising moves."""
        k = len(centers)
        labels = self.labels(centers)
        weights, axes, spreads = self._axes_of(centers, labels)
        one, other = np.triu_indices(k, 1)
        shared = weights[one] * weights[other] / np.maximum(weights[one] + weights[other], 1.0)
        losses = shared * ((centers[one] - centers[other]) ** 2).sum(axis=1)
        cheapest = _smallest(losses, k)
        one, other, losses = one[cheapest], other[cheapest], losses[cheapest]
        net = losses[:, np.newaxis] - _CUT * weights * spreads
        net[(one[:, np.newaxis] == np.arange(k)) | (other[:, np.newaxis] == np.arange(k))] = np.inf
        moves = []
        for place in _smallest(net.ravel(), n_moves):
            pair, cluster = divmod(int(place), k)
            if np.isfinite(net[pair, cluster]):
                a, b = one[pair], other[pair]
                moved = centers.copy()
                moved[a] = (weights[a] * centers[a] + weights[b] * centers[b]) / max(weights[a] + weights[b], 1.0)
                reach = 0.8 * np.sqrt(spreads[cluster]) * axes[cluster]
                moved[b], moved[cluster] = centers[cluster] + reach, centers[cluster] - reach
                moves.append(moved)
        return moves

    def _axes_of(self, centers: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the clusters' weights, the directions in which they are longest, and their variances along these."""
        k, n_channels = centers.shape
        apart = (self.points - centers[labels]).T
        weights = np.bincount(labels, self.weights, k)
        moments = np.empty((k, n_channels, n_channels))
        for c in range(n_channels):
            for d in range(c, n_channels):
                moments[:, c, d] = moments[:, d, c] = np.bincount(labels, self.weights * apart[c] * apart[d], k)
        spreads, axes = np.linalg.eigh(moments / np.maximum(weights, 1.0)[:, np.newaxis, np.newaxis])
        return weights, axes[:, :, -1], np.maximum(spreads[:, -1], 0.0)


def _smallest(numbers: np.ndarray, n: int) -> np.ndarray:
    """Return where the `n` smallest numbers are, in ascending order."""
    few = np.argpartition(numbers, n)[:n] if n < len(numbers) else np.arange(len(numbers))
    ordered: np.ndarray = few[np.argsort(numbers[few], kind="stable")]
    return ordered


class _Part:
    """Some vectors of a cloud, with the best cut across their longest axis."""

    def __init__(self, cloud: Cloud, members: np.ndarray) -> None:
        points, weights = cloud.points[members], cloud.weights[members]
        total = weights.sum()
        self.mean = weights @ points / total
        self.gain = 0.0
        self.halves: tuple[np.ndarray, ...] = ()
        if len(members) > 1:
            apart = points - self.mean
            _, axes = np.linalg.eigh((apart * weights[:, np.newaxis]).T @ apart)
            along = apart @ axes[:, -1]
            order = np.argsort(along, kind="stable")
            left = np.cumsum(weights[order])[:-1]
            sums = np.cumsum((weights * along)[order])[:-1]
            gains = sums**2 * total / (left * (total - left))
            best = int(gains.argmax())
            self.gain = float(gains[best])
            self.halves = members[order[: best + 1]], members[order[best + 1 :]]
