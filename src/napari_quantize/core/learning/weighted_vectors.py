"""Partitions of weighted vectors: a start, Lloyd's steps, and moves of centers that escape their local minima."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_quantize.core.lookup.color_spaces import Space
    from napari_quantize.core.request.request import Tick
    from napari_quantize.core.samples.samples import CountedSamples

# Distances computed at a time: a block of them must stay in the processor's cache.
_BLOCK = 2**17
_FEW = 32  # centers up to which distances are arranged with one center in a row
# Least relative decrease of the cost for which many moves at once, or a single move, are accepted.
_MIN_GAIN_OF_MANY, _MIN_GAIN_OF_ONE = 1e-3, 1e-4
_FAR = 1e4  # mean deviations from the mean: an outlier, beside which the others would have too few digits
_TRIED = 4  # vectors of a cluster that are tried to show that its center still has one
_CUT_GAIN = 0.6  # share of the variance along the longest axis that a cut saves: 2/π for a normal distribution


def _origin_of(coordinates: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean, or the median of each coordinate beside outliers, which would move the mean far away."""
    mean: np.ndarray = np.average(coordinates, axis=0, weights=weights)
    deviations = np.abs(coordinates - mean)
    if float(deviations.max()) <= _FAR * float(np.average(deviations.max(axis=1), weights=weights)):
        return mean
    origin = np.empty_like(mean)
    for channel, column in enumerate(coordinates.T):
        order = np.argsort(column)
        sums = np.cumsum(weights[order])
        origin[channel] = column[order[np.searchsorted(sums, sums[-1] / 2)]]
    return origin


class WeightedVectors:
    """n distinct vectors with weights, relative to their mean and scaled by their largest deviation.

    Beside outliers they are relative to their median instead.

    Parameters
    ----------
    samples : CountedSamples
        Values of shape (n, C), and their counts.
    space : Space
        Space in which distances are measured.
    keep : ndarray of float64, shape (m, C)
        Fixed centers: the first m of all centers.
    single : bool
        Whether float32 is enough to tell the vectors apart.
    tick : callable
        Called between steps.

    Attributes
    ----------
    points : ndarray of float64, shape (n, C)
        Scaled coordinates of the vectors.
    weights : ndarray of float64, shape (n,)
        Number of occurrences of each.
    unit : float
        The largest deviation, in coordinates of the space.
    """

    def __init__(self, samples: CountedSamples, space: Space, keep: np.ndarray, *, single: bool, tick: Tick) -> None:
        self._space = space
        coordinates = space.coordinates(samples.values)
        self.weights = samples.counts.astype(np.float64)
        self._tick = tick
        self._origin = _origin_of(coordinates, self.weights)
        self._low, self._high = samples.values.min(axis=0), samples.values.max(axis=0)
        self.unit = float(np.abs(coordinates - self._origin).max()) or 1.0
        self.points = (coordinates - self._origin) / self.unit
        self._kept = self.to_points(keep)
        self.n_kept = len(keep)
        dtype = np.float32 if single else np.float64
        self._rows = np.column_stack((self.points, np.ones(len(self.points)))).astype(dtype)
        self._weighted = [self.weights * column for column in self.points.T]

    def __len__(self) -> int:
        return len(self.points)

    def to_points(self, values: np.ndarray) -> np.ndarray:
        """Convert values in data units to scaled coordinates."""
        points: np.ndarray = (self._space.coordinates(values) - self._origin) / self.unit
        return points

    def to_values(self, points: np.ndarray) -> np.ndarray:
        """Convert scaled coordinates to values in data units."""
        values = self._space.colors(points * self.unit + self._origin)
        # Means lie within the range of the vectors, except for rounding. Means in Lab can leave the range of a channel.
        return values if self._space.steps is None else np.clip(values, self._low, self._high)

    def prepend_kept(self, values: np.ndarray) -> np.ndarray:
        """Return the kept centers, followed by values in data units, as scaled coordinates."""
        return np.concatenate((self._kept, self.to_points(values)))

    def free_values(self, points: np.ndarray) -> np.ndarray:
        """Return all centers except the kept ones, in data units."""
        return self.to_values(points[self.n_kept :])

    def insert_kept(self, points: np.ndarray, k: int) -> np.ndarray:
        """Return at most `k` centers: the kept ones, which replace the points nearest to them, and the other points."""
        for kept in self._kept:
            if self.n_kept + len(points) <= k:
                break
            points = np.delete(points, ((points - kept) ** 2).sum(axis=1).argmin(), axis=0)
        return np.concatenate((self._kept, points))

    def labels(self, centers: np.ndarray) -> np.ndarray:
        """Return the index of the nearest center for each vector; ties, also by rounding, are arbitrary."""
        return self._nearest(self._rows, centers)

    def _nearest(self, rows: np.ndarray, centers: np.ndarray) -> np.ndarray:
        # |x - c|² without |x|², which is the same for all centers: one matrix product, with a column of ones for |c|².
        table = np.column_stack((-2 * centers, (centers**2).sum(axis=1))).T.astype(rows.dtype)
        # For few centers, minima along the long axis are several times as fast, and in float32 as many.
        few = len(centers) <= _FEW and rows.dtype == np.float32
        return _argmin_of_columns(rows, table) if few else _argmin_of_rows(rows, table)

    def means(self, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean and the weight of each cluster; the mean of an empty cluster is NaN."""
        # `bincount` adds in the order of the vectors, in one thread: the sums are the same in each run.
        weights = np.bincount(labels, self.weights, k)
        sums = np.stack([np.bincount(labels, column, k) for column in self._weighted], axis=1)
        with np.errstate(invalid="ignore"):
            return sums / weights[:, np.newaxis], weights

    def cost(self, centers: np.ndarray, labels: np.ndarray) -> float:
        """Return the weighted sum of squared distances from the centers."""
        return float(np.dot(self.weights, self._distances(centers, labels)))

    def _distances(self, centers: np.ndarray, labels: np.ndarray) -> np.ndarray:
        squares: np.ndarray = ((self.points - centers[labels]) ** 2).sum(axis=1)
        return squares

    def settle(self, centers: np.ndarray, steps: int) -> np.ndarray:
        """Run at most `steps` of Lloyd's steps, or more while centers have no vector.

        Centers without a vector move to the vectors with the highest cost. Kept centers never move.
        """
        labels: np.ndarray | None = None
        # Re-seeding one center can empty another, so the loop is bounded: at most one more step for each center.
        for step in range(steps + len(centers)):
            self._tick()
            if step >= steps and labels is not None and self._have_vectors(centers, labels):
                break
            labels = self.labels(centers)
            means, weights = self.means(labels, len(centers))
            means[: self.n_kept] = self._kept
            empty = weights == 0
            empty[: self.n_kept] = False
            if empty.any():
                costs = self.weights * self._distances(centers, labels)
                means[empty] = self.points[np.argsort(-costs, kind="stable")[: np.count_nonzero(empty)]]
            elif step >= steps or np.array_equal(means, centers):
                break
            centers = self._in_gamut(means)
        return centers

    def _have_vectors(self, centers: np.ndarray, before: np.ndarray) -> bool:
        """Return whether all centers, except kept ones, are known to be nearest to a vector.

        Only a few vectors of each cluster are tried, of those that `before` labels, so False does not say that there
        is a center without a vector.
        """
        k = len(centers)
        order = np.argsort(before.astype(np.min_scalar_type(k)), kind="stable")  # much faster for small integers
        sizes = np.bincount(before, minlength=k)
        if not sizes[self.n_kept :].all():
            return False
        starts = np.cumsum(sizes) - sizes
        tried = order[
            np.concatenate([starts + sizes * (2 * part + 1) // (2 * _TRIED) for part in range(_TRIED)]) % len(order)
        ]
        found = np.bincount(self._nearest(self._rows[tried], centers), minlength=k)
        return bool(found[self.n_kept :].all())

    def _in_gamut(self, points: np.ndarray) -> np.ndarray:
        """Return the points, moved into the gamut in Lab: means of colours in Lab can lie outside of it."""
        return self.to_points(self.to_values(points)) if self._space.steps is None else points

    def cut(self, k: int) -> np.ndarray:
        """Return the centers of `k` parts: repeatedly cut the part that gains most, across its longest axis.

        There are fewer parts if rounding makes vectors equal.

        References
        ----------
        X. Wu, "Color quantization by dynamic programming and principal analysis", ACM Trans. Graph. 11(4), 348-372,
        1992.
        """
        everything = _Part(self, np.arange(len(self)))
        heap = [(-everything.gain, 0, everything)]
        n_parts = 1  # unique second entry of the heap's tuples, so that parts are never compared
        while len(heap) < k and heap[0][2].halves:
            self._tick()
            for half in heapq.heappop(heap)[2].halves:
                part = _Part(self, half)
                heapq.heappush(heap, (-part.gain, n_parts, part))
                n_parts += 1
        return np.array([part.mean for _, _, part in heap])

    def improve(self, centers: np.ndarray, n_trials: int, steps: int) -> np.ndarray:
        """Merge pairs of centers and cut other clusters, while that and a few of Lloyd's steps lower the cost.

        All moves with an estimated gain are tried at once, until that no longer helps. Then single moves are tried, at
        most `n_trials` in all, in descending order of their estimated gain.

        References
        ----------
        T. Kaukoranta, P. Fränti and O. Nevalainen, "Iterative split-and-merge algorithm for vector quantization
        codebook generation", Opt. Eng. 37(10), 2726-2732, 1998.
        P. Fränti and J. Kivijärvi, "Randomised local search algorithm for the clustering problem", Pattern Anal. Appl.
        3, 358-369, 2000.
        """
        labels = self.labels(centers)
        cost = self.cost(centers, labels)
        at_once = True
        while at_once or n_trials > 0:
            moves = _Moves(self, centers, labels)
            for moved in moves.all_at_once() if at_once else moves.single(n_trials):
                n_trials -= not at_once
                settled = self.settle(moved, steps)
                new_labels = self.labels(settled)
                new_cost = self.cost(settled, new_labels)
                if new_cost < cost * (1 - (_MIN_GAIN_OF_MANY if at_once else _MIN_GAIN_OF_ONE)):
                    centers, labels, cost = settled, new_labels, new_cost
                    break
            else:
                if not at_once:
                    break
                at_once = False
        return centers

    def spreads(self, centers: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the weight of each cluster, and its variance along its longest axis."""
        k, n_channels = centers.shape
        offsets = (self.points - centers[labels]).T
        weights = np.bincount(labels, self.weights, k)
        moments = np.empty((k, n_channels, n_channels))
        for c in range(n_channels):
            for d in range(c, n_channels):
                moments[:, c, d] = moments[:, d, c] = np.bincount(labels, self.weights * offsets[c] * offsets[d], k)
        spreads = np.linalg.eigvalsh(moments / np.maximum(weights, 1.0)[:, np.newaxis, np.newaxis])
        return weights, np.maximum(spreads[:, -1], 0.0)


def _argmin_of_rows(rows: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return ``argmin(rows @ table, axis=1)``, block by block."""
    k = table.shape[1]
    step = max(1, _BLOCK // k)
    found = np.empty(len(rows), dtype=np.intp)
    # One array for all blocks: new memory would take as long as the product.
    products = np.empty((min(step, len(rows)), k), dtype=rows.dtype)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        np.matmul(part, table, out=products[: len(part)]).argmin(axis=1, out=found[start : start + step])
    return found


def _argmin_of_columns(rows: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the same as `_argmin_of_rows` for at most 256 columns of the table."""
    k = table.shape[1]
    step = max(1, _BLOCK // k)
    found = np.empty(len(rows), dtype=np.intp)
    products, flags, ranks = (np.empty(k * min(step, len(rows)), dtype) for dtype in (rows.dtype, bool, np.uint8))
    descending = np.arange(k - 1, -1, -1, dtype=np.uint8)[:, np.newaxis]
    for start in range(0, len(rows), step):
        part = rows[start : start + step].T
        shape = k, part.shape[1]
        product, flag, rank = (array[: math.prod(shape)].reshape(shape) for array in (products, flags, ranks))
        np.matmul(table.T, part, out=product)
        np.equal(product, product.min(axis=0), out=flag)
        # The first of equal minima has the highest rank.
        np.multiply(flag, descending, out=rank)
        np.subtract(k - 1, rank.max(axis=0), out=found[start : start + step], dtype=np.intp)
    return found


class _Moves:
    """Moves: merge two centers, and cut the cluster of a third center in two."""

    def __init__(self, vectors: WeightedVectors, centers: np.ndarray, labels: np.ndarray) -> None:
        self._vectors, self._centers, self._labels = vectors, centers, labels
        self._weights, spreads = vectors.spreads(centers, self._labels)
        self._gains = _CUT_GAIN * self._weights * spreads
        self._gains[self._weights == 0] = -np.inf  # kept centers, or others whose distances rounding has made equal
        one, other = np.triu_indices(len(centers), 1)
        # Ward: merging clusters of weights v and w at distance d raises the cost by d² v w / (v + w).
        v, w = self._weights.take(one), self._weights.take(other)
        distances = _squared_distances(centers).ravel().take(one * len(centers) + other)
        losses = v * w / np.maximum(v + w, 1.0) * distances
        if vectors.n_kept:
            # A kept center does not move, so the other center moves all the way. Two kept centers are never merged.
            losses = np.where(one < vectors.n_kept, w * distances, losses)
            losses[other < vectors.n_kept] = np.inf
        cheapest = _smallest(losses, len(centers))
        self._pairs = np.column_stack((one[cheapest], other[cheapest]))
        self._losses = losses[cheapest]

    def single(self, n_moves: int) -> Iterator[np.ndarray]:
        """Yield the centers after each of the most promising moves."""
        clusters = np.arange(len(self._centers))
        net = self._losses[:, np.newaxis] - self._gains
        net[(self._pairs[:, :1] == clusters) | (self._pairs[:, 1:] == clusters)] = np.inf
        for index in _smallest(net.ravel(), n_moves):
            pair, cluster = divmod(int(index), len(clusters))
            if np.isfinite(net[pair, cluster]):
                moved = self._centers.copy()
                self._move(moved, pair, cluster)
                yield moved

    def all_at_once(self) -> Iterator[np.ndarray]:
        """Yield the centers after all moves with an estimated gain, if there are any; no cluster is in two moves."""
        moved, touched, pairs = self._centers.copy(), set[int](), iter(range(len(self._pairs)))
        for cluster in np.argsort(-self._gains, kind="stable")[: max(1, len(moved) // 4)].tolist():
            if cluster in touched:
                continue
            own = touched | {cluster}
            pair = next((pair for pair in pairs if own.isdisjoint(self._pairs[pair].tolist())), None)
            if pair is None or self._losses[pair] >= self._gains[cluster]:
                break
            self._move(moved, pair, cluster)
            touched = own.union(self._pairs[pair].tolist())
        if touched:
            yield moved

    def _move(self, centers: np.ndarray, pair: int, cluster: int) -> None:
        (one, other), weights = self._pairs[pair], self._weights
        if one >= self._vectors.n_kept:
            middle = weights[one] * centers[one] + weights[other] * centers[other]
            centers[one] = middle / max(weights[one] + weights[other], 1.0)
        members = np.flatnonzero(self._labels == cluster)
        halves = _Part(self._vectors, members).halves
        if cluster < self._vectors.n_kept:
            # The kept center stays, and the other center takes the half further from it.
            means = np.array([self._mean(half) for half in halves or (members,)])
            centers[other] = means[((means - centers[cluster]) ** 2).sum(axis=1).argmax()]
            return
        for index, half in zip((other, cluster), halves, strict=False):
            centers[index] = self._mean(half)

    def _mean(self, members: np.ndarray) -> np.ndarray:
        mean: np.ndarray = np.average(self._vectors.points[members], axis=0, weights=self._vectors.weights[members])
        return mean


def _squared_distances(centers: np.ndarray) -> np.ndarray:
    """Return the squared distances of all centers from all others, shape (k, k)."""
    total = np.zeros((len(centers), len(centers)))
    for column in centers.T:
        total += np.subtract.outer(column, column) ** 2
    return total


def _smallest(numbers: np.ndarray, n: int) -> np.ndarray:
    """Return the indices of the `n` smallest numbers, in ascending order of the numbers."""
    # Sorting only what is needed: there are k² / 2 pairs, and up to k² moves.
    smallest = np.argpartition(numbers, n)[:n] if n < len(numbers) else np.arange(len(numbers))
    ordered: np.ndarray = smallest[np.argsort(numbers[smallest], kind="stable")]
    return ordered


class _Part:
    """Some of the vectors, with the best cut across their longest axis."""

    def __init__(self, vectors: WeightedVectors, members: np.ndarray) -> None:
        # Most parts are small, so methods are used, which are called faster than numpy's functions. Not `take` for the
        # points: indexing keeps the order of their memory, and where that is column by column, what follows is faster.
        points, weights = vectors.points[members], vectors.weights.take(members)
        total = weights.sum()
        self.mean = weights @ points / total
        self.gain = 0.0
        self.halves: tuple[np.ndarray, ...] = ()
        if len(members) > 1:
            deviations = points - self.mean
            _, axes = np.linalg.eigh((deviations * weights[:, np.newaxis]).T @ deviations)
            # The last axis that `eigh` returns has the largest variance. With the mean at 0, cutting off a part of
            # weight w and sum s along the axis lowers the cost by s² W / (w (W - w)).
            along = deviations @ axes[:, -1]
            order = along.argsort(kind="stable")
            left = weights.take(order).cumsum()[:-1]
            sums = (weights * along).take(order).cumsum()[:-1]
            gains = sums**2 * total / (left * (total - left))
            best = int(gains.argmax())
            self.gain = float(gains[best])
            self.halves = members[order[: best + 1]], members[order[best + 1 :]]
