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

import math
import sys
from collections.abc import Iterator

import numpy as np

from napari_quantize.core.samples.wide_sums import WideSums

_N_BUCKETS = 65_536
_STEP_BITS = 24
_STEPS = 2**_STEP_BITS  # steps within a bin
# Members whose number, and whose sum of steps, fit into 64 bits together.
_MAX_RECENT = 2**18
_MEMBERS_SHIFT = 44
# Values processed at a time: few enough that intermediate arrays stay in the cache, and so many that threads do not
# spend their time waiting for Python's lock, which numpy takes again after each operation.
_PIECE = 2**16


# Position of the top 16 bits of float64 among its four parts.
_TOP = 3 if sys.byteorder == "little" else 0
# Keys in the order of the values: the top bits of negative numbers grow with the magnitude.
_ASCENDING = np.concatenate([np.arange(0xFFFF, 0x7FFF, -1), np.arange(0x8000)])


def _keys_of(values: np.ndarray) -> np.ndarray:
    """Return the top 16 bits of float64 values: sign, 11 bits of exponent, 4 bits of mantissa."""
    return values.view(np.uint16)[_TOP::4].astype(np.intp)


def _by_key(table: np.ndarray) -> np.ndarray:
    """Order a table of all buckets, ascending, by their keys."""
    ordered = np.empty_like(table)
    ordered[_ASCENDING] = table
    return ordered


def _pieces(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield copies of values as float64, a few at a time, so that they stay in the cache; -0.0 becomes 0.0."""
    for start in range(0, len(values), _PIECE):
        piece = values[start : start + _PIECE].astype(np.float64)
        piece += 0.0
        yield piece


class Buckets:
    """First pass: the count, the smallest and the largest value of each bucket."""

    def __init__(self) -> None:
        # By key.
        self._counts = np.zeros(_N_BUCKETS, dtype=np.int64)
        self._low = np.full(_N_BUCKETS, np.inf)
        self._high = np.full(_N_BUCKETS, -np.inf)
        self.high = -math.inf
        """The largest value."""
        self.n_high = 0
        """Number of occurrences of the largest value."""

    def add(self, values: np.ndarray) -> None:
        """Add finite values."""
        for piece in _pieces(values):
            keys = _keys_of(piece)
            np.add.at(self._counts, keys, 1)
            # Most values lie between the ends already: finding the others first is faster than `at` for all. No key is
            # out of range; "wrap" is the fastest mode.
            below = piece < self._low.take(keys, mode="wrap")
            if below.any():
                np.minimum.at(self._low, keys[below], piece[below])
            above = piece > self._high.take(keys, mode="wrap")
            if above.any():
                np.maximum.at(self._high, keys[above], piece[above])
            high = float(piece.max())
            if high >= self.high:
                self._add_high(high, int(np.count_nonzero(piece == high)))

    def merge(self, other: Buckets) -> None:
        """Add the values of others."""
        self._counts += other._counts
        np.minimum(self._low, other._low, out=self._low)
        np.maximum(self._high, other._high, out=self._high)
        self._add_high(other.high, other.n_high)

    def _add_high(self, high: float, n_high: int) -> None:
        if high >= self.high:
            self.n_high = n_high + (self.n_high if high == self.high else 0)
            self.high = high

    @property
    def empty(self) -> bool:
        """True if no value was added."""
        return not self.n_high

    @property
    def low(self) -> float:
        """The smallest value."""
        return float(self._low.min())

    def plan(self, budget: int) -> Bins:
        """Distribute `budget` bins: at least one for each bucket, at most as many as it has members."""
        all_counts, low, high = (by_key[_ASCENDING] for by_key in (self._counts, self._low, self._high))
        used = all_counts > 0
        counts = all_counts[used].astype(np.float64)
        width = high[used] - low[used]
        scale = width.max() or 1.0
        # Panter and Dite: the density of bins goes with the cube root of the density of values, so a bucket of width w
        # with n values gets bins in proportion to w · (n / w)^(1/3).
        demand = np.cbrt(counts) * np.cbrt(width / scale) ** 2
        bins = np.ones(len(counts))
        can_grow = (demand > 0) & (counts > 1)
        # Bins that a bucket with few members cannot use are distributed again among the others.
        while can_grow.any() and (spare := budget - bins.sum()) >= 1:
            # Not `demand @ can_grow`: BLAS adds long vectors up in as many parts as it has threads.
            share = np.floor(spare * demand * can_grow / demand.sum(where=can_grow))
            if not share.any():
                break
            bins = np.minimum(bins + share, counts)
            can_grow &= bins < counts
        n_bins = np.zeros(_N_BUCKETS, dtype=np.int64)
        n_bins[used] = bins
        return Bins(n_bins, np.where(used, low, 0.0), np.where(used, high, 0.0))


class Bins:
    """Second pass: the bin that each value belongs to.

    Parameters
    ----------
    n_bins : ndarray of int64
        Number of bins of each bucket, ascending.
    low, high : ndarray of float64
        Smallest and largest value of each bucket.
    """

    def __init__(self, n_bins: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        self._n_bins = n_bins
        self._low = low
        width = high - low  # exact, because numbers of one bucket lie within a factor of two
        self._width = np.where(width > 0, width, 1.0)  # equal values lie 0 steps into the bin
        # The largest value of a bucket lies at the far end of its last bin: in one more bin, which `means` removes.
        self._n_kept = n_bins + (n_bins > 0)
        self._first = np.cumsum(self._n_kept) - self._n_kept
        self._low_of, self._width_of = _by_key(low), _by_key(self._width)
        self._steps_of = _by_key(n_bins * float(_STEPS))  # at most 2**40: exact
        self._first_of = _by_key(self._first << _STEP_BITS)

    def no_counts(self) -> BinCounts:
        """Return counts of these bins to begin with."""
        return BinCounts(int(self._n_kept.sum()))

    def count(self, values: np.ndarray, counts: BinCounts) -> None:
        """Add finite values to the counts of their bins."""
        for piece in _pieces(values):
            steps = self._steps(piece)
            bins = steps >> _STEP_BITS
            steps &= _STEPS - 1
            counts.add(bins, steps)

    def _steps(self, values: np.ndarray) -> np.ndarray:
        """Return the position of each value: the upper bits are its bin, the lower 24 bits the steps into the bin.

        Changes `values`.
        """
        keys = _keys_of(values)
        # Fixed point: sums of these integers are exact, so they do not depend on the order or on the division into
        # blocks. No key is out of range; "wrap" is the fastest mode.
        values -= self._low_of.take(keys, mode="wrap")
        values /= self._width_of.take(keys, mode="wrap")
        values *= self._steps_of.take(keys, mode="wrap")
        steps: np.ndarray = values.astype(np.int64)
        steps += self._first_of.take(keys, mode="wrap")
        return steps

    def means(self, counts: BinCounts) -> tuple[np.ndarray, np.ndarray]:
        """Return the ascending means of the bins with members, and the number of their members."""
        bucket = np.repeat(np.arange(len(self._n_bins)), self._n_bins)
        within = np.arange(len(bucket)) - (np.cumsum(self._n_bins) - self._n_bins)[bucket]
        bins = self._first[bucket] + within
        all_members, all_steps = counts.totals()
        members, steps = all_members[bins], all_steps[bins]
        # The members of one more bin lie at the far end of the last one.
        used = self._n_bins > 0
        last, more = np.cumsum(self._n_bins)[used] - 1, all_members[(self._first + self._n_bins)[used]]
        members[last] += more
        steps[last] += more * float(_STEPS)
        full = members > 0
        bucket, within, members, steps = bucket[full], within[full], members[full], steps[full]
        position = within + steps / (members * float(_STEPS))
        means = self._low[bucket] + position / self._n_bins[bucket] * self._width[bucket]
        # Means of bins as narrow as the spacing of float64 can be equal: these bins are merged.
        starts = np.flatnonzero(np.diff(means, prepend=-np.inf) > 0)
        return means[starts], np.add.reduceat(members, starts)


class BinCounts:
    """The members of each bin, and the sum of their steps into it.

    Parameters
    ----------
    n : int
        Number of bins.
    """

    def __init__(self, n: int) -> None:
        # The number and the steps of recent members share 64 bits, because one step in a table is faster than two.
        self._recent = np.zeros(n, dtype=np.int64)
        self._n_recent = 0
        self._members, self._steps = np.zeros(n, dtype=np.int64), WideSums(n)

    def add(self, bins: np.ndarray, steps: np.ndarray) -> None:
        """Add a member to each of the bins; at most 2**17 at a time. Changes `steps`."""
        steps |= 1 << _MEMBERS_SHIFT
        np.add.at(self._recent, bins, steps)
        self._n_recent += len(bins)
        if self._n_recent > _MAX_RECENT - 2**17:
            self._carry()

    def merge(self, other: BinCounts) -> None:
        """Add the members of others."""
        for counts in (self, other):
            counts._carry()
        self._members += other._members
        self._steps.merge(other._steps)

    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of members of each bin, and the sum of their steps as float64."""
        self._carry()
        return self._members, self._steps.total()

    def _carry(self) -> None:
        self._members += self._recent >> _MEMBERS_SHIFT
        self._steps.recent += self._recent & 2**_MEMBERS_SHIFT - 1
        self._steps.carry()
        self._recent[...] = 0
        self._n_recent = 0


def spread_centers(values: np.ndarray, weights: np.ndarray, k: int, *, at_most_one_each: bool = False) -> np.ndarray:
    """Return `k` quantiles of the cube root of the density, which are optimal in the limit of many centers.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Distinct values, ascending, at least 2.
    weights : ndarray of float64, shape (n,)
        Number of occurrences of each.
    k : int
        Number of quantiles.
    at_most_one_each : bool
        Whether a value that has more than its share of the density, such as an outlier, counts as one quantile, so that
        the others are left for the other values.

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
    density = np.cbrt(weights) * np.cbrt(width) ** 2
    mass = np.cumsum(_evened(density, k) if at_most_one_each else density)
    return np.unique(values[np.searchsorted(mass, mass[-1] * (np.arange(k) + 0.5) / k)])


def _evened(density: np.ndarray, k: int) -> np.ndarray:
    """Return the density, no part of which is more than a k-th of the sum of all."""
    ascending = np.sort(density)
    largest, sums = ascending[::-1][:k], np.cumsum(ascending)[::-1][:k]
    limits = sums / (k - np.arange(len(largest)))  # to which the 0, 1, 2 … largest parts are cut down
    fits = largest <= limits
    evened: np.ndarray = np.minimum(density, limits[fits.argmax()] if fits.any() else np.inf)
    return evened
