"""Summaries of images with too many distinct values to keep each of them.

There are two passes. The first counts values in *buckets*: all numbers with the same sign, exponent and first four bits
of the mantissa, so that neither an outlier nor an offset costs resolution. Then each bucket is divided into equal bins
between its own smallest and largest value, with more bins where Panter and Dite's rule [1]_ requires them. The second
pass finds the mean of each bin. Sums are integers, so the result does not depend on the order of the pixels.

References
----------
.. [1] P. F. Panter and W. Dite, "Quantization distortion in pulse-count modulation with nonuniform spacing of
   levels", Proc. IRE 39(1), 44-48, 1951.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

_N_BUCKETS = 65_536
_STEP_BITS = 24
_STEPS = 2**_STEP_BITS  # steps within a bin; sums of steps fit into 64 bits for up to 2**39 members of one bin
_PIECE = 2**13  # values processed at a time, so that intermediate arrays stay in the cache


def _bucket_of(values: np.ndarray) -> np.ndarray:
    """Return the top 16 bits of float64 values, mapped so that they ascend with the value."""
    # Sign, 11 bits of exponent, 4 bits of mantissa. All bits but the sign are inverted for negative numbers, whose bits
    # would otherwise grow with the magnitude.
    bits = values.view(np.int64)
    return ((bits ^ ((bits >> 63) & np.int64(2**63 - 1))) >> 48) + _N_BUCKETS // 2


class Buckets:
    """First pass: the count, the smallest and the largest value of each bucket."""

    def __init__(self) -> None:
        self._counts = np.zeros(_N_BUCKETS, dtype=np.int64)
        self._low = np.full(_N_BUCKETS, np.inf)
        self._high = np.full(_N_BUCKETS, -np.inf)
        self.n_high = 0
        """Number of occurrences of the largest value."""

    def add(self, values: np.ndarray, counts: np.ndarray) -> None:
        """Add distinct ascending values with their counts."""
        before, highest = self.high, values[-1]
        self.n_high = (self.n_high if before >= highest else 0) + (int(counts[-1]) if highest >= before else 0)
        # The values ascend, so each bucket is one run: its ends are its smallest and largest value.
        buckets = _bucket_of(values)
        starts = np.flatnonzero(np.diff(buckets, prepend=-1))
        ends = np.append(starts[1:], len(values)) - 1
        touched = buckets[starts]
        self._counts[touched] += np.add.reduceat(counts, starts)
        self._low[touched] = np.minimum(self._low[touched], values[starts])
        self._high[touched] = np.maximum(self._high[touched], values[ends])

    @property
    def low(self) -> float:
        """The smallest value."""
        return float(self._low.min())

    @property
    def high(self) -> float:
        """The largest value."""
        return float(self._high.max())

    def plan(self, budget: int) -> Bins:
        """Distribute `budget` bins: at least one for each bucket, at most as many as it has members."""
        used = self._counts > 0
        counts = self._counts[used].astype(np.float64)
        width = self._high[used] - self._low[used]
        scale = width.max() or 1.0
        # Panter and Dite: the density of bins goes with the cube root of the density of values, so a bucket of width w
        # with n values gets bins in proportion to w · (n / w)^(1/3).
        demand = np.cbrt(counts) * np.cbrt(width / scale) ** 2
        bins = np.ones(len(counts))
        can_grow = (demand > 0) & (counts > 1)
        # Bins that a bucket with few members cannot use are distributed again among the others.
        while can_grow.any() and (spare := budget - bins.sum()) >= 1:
            share = np.floor(spare * demand * can_grow / (demand @ can_grow))
            if not share.any():
                break
            bins = np.minimum(bins + share, counts)
            can_grow &= bins < counts
        n_bins = np.zeros(_N_BUCKETS, dtype=np.int64)
        n_bins[used] = bins
        return Bins(n_bins, np.where(used, self._low, 0.0), np.where(used, self._high, 0.0))


class Bins:
    """Second pass: the number of members of each bin, and their mean."""

    def __init__(self, n_bins: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        self._n_bins = n_bins
        self._first = np.cumsum(n_bins) - n_bins
        self._low = low
        width = high - low  # exact, because numbers of one bucket lie within a factor of two
        self._width = np.where(width > 0, width, 1.0)  # equal values lie 0 steps into the bin
        self._bucket_steps = n_bins * float(_STEPS)  # at most 2**40: exact
        total = int(n_bins.sum())
        self._members = np.zeros(total, dtype=np.int64)
        self._steps = np.zeros(total, dtype=np.int64)

    def count(self, blocks: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of members of each bin among values, and the sum of their steps into the bin."""
        members, sums = np.zeros_like(self._members), np.zeros_like(self._steps)
        for values in blocks:
            for start in range(0, len(values), _PIECE):
                bins, steps = self._positions(values[start : start + _PIECE].astype(np.float64) + 0.0)
                np.add.at(members, bins, 1)
                np.add.at(sums, bins, steps)
        return members, sums

    def _positions(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the bin of each value, and the number of steps it lies into the bin."""
        bucket = _bucket_of(values)
        # Fixed point: the upper bits of a position in the bucket are the bin, the lower 24 bits the steps into it. Sums
        # of these integers are exact, so they do not depend on the order or on the division into blocks.
        position = (values - np.take(self._low, bucket)) / np.take(self._width, bucket)
        position *= np.take(self._bucket_steps, bucket)
        steps = position.astype(np.int64)
        # The largest value of a bucket lies at the far end of the last bin, not in a bin of its own.
        within = np.minimum(steps >> _STEP_BITS, np.take(self._n_bins, bucket) - 1)
        steps -= within << _STEP_BITS
        within += np.take(self._first, bucket)
        return within, steps

    def add(self, part: tuple[np.ndarray, np.ndarray]) -> None:
        """Add the result of `count` for some values."""
        self._members += part[0]
        self._steps += part[1]

    def means(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the ascending means of the bins with members, and the number of their members."""
        bucket = np.repeat(np.arange(len(self._n_bins)), self._n_bins)
        within = np.arange(len(bucket)) - self._first[bucket]
        full = self._members > 0
        bucket, within, members = bucket[full], within[full], self._members[full]
        position = within + self._steps[full] / (members * float(_STEPS))
        means = self._low[bucket] + position / self._n_bins[bucket] * self._width[bucket]
        # Means of bins as narrow as the spacing of float64 can be equal: these bins are merged.
        starts = np.flatnonzero(np.diff(means, prepend=-np.inf) > 0)
        return means[starts], np.add.reduceat(members, starts)


def spread_centers(values: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """Return `k` quantiles of the cube root of the density, which are optimal in the limit of many centers.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Distinct values, ascending, at least 2.
    weights : ndarray of float64, shape (n,)
        Number of occurrences of each.
    k : int
        Number of quantiles.

    Returns
    -------
    ndarray of float64, shape (at most k,)
        Some of the values, ascending. Quantiles on the same value are returned once.

    References
    ----------
    P. F. Panter and W. Dite, "Quantization distortion in pulse-count modulation with nonuniform spacing of levels",
    Proc. IRE 39(1), 44-48, 1951.
    """
    # The cube root of the density n / w, integrated over the width w that a value stands for, is n^(1/3) w^(2/3).
    width = np.gradient(values)
    mass = np.cumsum(np.cbrt(weights) * np.cbrt(width) ** 2)
    return np.unique(values[np.searchsorted(mass, mass[-1] * (np.arange(k) + 0.5) / k)])
