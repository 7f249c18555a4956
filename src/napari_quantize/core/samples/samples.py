"""Counted samples of an image: one pass over its pixels, or two if they hold more than 65,536 values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from napari_quantize.core.lookup.color_spaces import MIN_SCALE
from napari_quantize.core.lookup.value_tables import KeyCounts, run_starts, table_of
from napari_quantize.core.pixels.pixels import Group, Pixels
from napari_quantize.core.request.request import MAX_CHANNELS, MAX_SIZE, Mode, Tick
from napari_quantize.core.samples.binning import BinCounts, Bins, Buckets
from napari_quantize.core.samples.distinct_rows import RowCounts

MAX_DISTINCT = 65_536  # all values of 16 bits
MAX_COLORS = 2**18

_ROBUST_PERMILLES = np.array([1, 999])  # integers, so that positions of percentiles are not rounded
# Share of the full range. A smaller robust range says nothing about the channel, and dividing by it overflows float64.
_MIN_ROBUST_SHARE = 1e-12


@dataclass(frozen=True)
class CountedSamples:
    """The weighted summary that centers are learnt from.

    Attributes
    ----------
    values : ndarray of float64, shape (n,) or (n, C)
        Distinct values, ascending, or distinct colours. Means of bins if the image holds more than 65,536 values, and
        means of cells if it holds more than 262,144 colours.
    counts : ndarray of int64, shape (n,)
        Number of occurrences of each.
    exact : bool
        Whether `values` are the image's own values, not means.
    low, high : float
        The smallest and the largest finite value.
    n_high : int or None
        Number of occurrences of the largest value; None for colours and for samples of several images.
    """

    values: np.ndarray
    counts: np.ndarray
    exact: bool
    low: float
    high: float
    n_high: int | None = None

    def __post_init__(self) -> None:
        # All K of a sweep share these arrays, and callers receive them.
        self.values.setflags(write=False)
        self.counts.setflags(write=False)

    @classmethod
    def from_counts(cls, values: np.ndarray, counts: np.ndarray) -> CountedSamples:
        """Return samples of values with counts: sorted, equal values merged (0.0 and -0.0 too), counts of 0 dropped."""
        values, totals = add_counts(values[counts > 0] + 0.0, counts[counts > 0])  # -0.0 becomes 0.0
        _check_range(values[0], values[-1])
        return cls(values, totals, True, float(values[0]), float(values[-1]), int(totals[-1]))

    @property
    def total(self) -> int:
        """Number of counted values."""
        return int(self.counts.sum())

    def values_in(self, dtype: np.dtype) -> np.ndarray:
        """Return the values in the dtype of an image: means of bins or cells are rounded if it holds integers."""
        values = self.values if dtype.kind == "f" else np.rint(self.values)
        return values.astype(dtype)

    def digest(self) -> str:
        """Return a hash of the samples, which does not depend on the order of the counted values."""
        digest = hashlib.sha256()
        for part in (self.values, self.counts):
            digest.update(part.astype(part.dtype.newbyteorder("<")).tobytes())
        return digest.hexdigest()


def add_counts(values: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return distinct ascending values with the sums of their counts, as int64."""
    order = np.argsort(values, kind="stable")  # fast for runs that are sorted already
    values = values[order]
    starts = np.flatnonzero(run_starts(values))
    return values[starts], np.add.reduceat(counts[order], starts, dtype=np.int64) if len(starts) else counts


def count_samples(pixels: Pixels, mode: Mode, tick: Tick) -> tuple[CountedSamples, ...]:
    """Count the values that centers are learnt from, one summary for each group of channels.

    Parameters
    ----------
    pixels : Pixels
        The image.
    mode : {"global", "per_channel"}
        Whether channels are counted together.
    tick : callable
        Called between blocks of pixels.

    Returns
    -------
    tuple of CountedSamples
        One for all channels, or one for each channel.

    Raises
    ------
    ValueError
        If a group has no value to learn from, or has values too large to square.
    """
    pixels = pixels.pooled(mode)
    groups = pixels.groups(mode)
    if len(groups) > MAX_CHANNELS and not pixels.alpha:
        few = (pixels.channels(some) for some in pixels.channel_parts(MAX_CHANNELS))
        return tuple(samples for part in few for samples in count_samples(part, mode, tick))
    count = _count_narrow if pixels.array.dtype.itemsize <= 2 else _count_wide
    return count(pixels, groups, tick)


def count_channels(pixels: Pixels, tick: Tick) -> list[tuple[np.ndarray, np.ndarray]]:
    """Count the values of each channel of an image of at most 16 bits; a channel may have none that takes part.

    Returns
    -------
    list of (ndarray, ndarray of int64)
        The distinct values of each channel in the image's dtype, and their counts.
    """
    groups, table = pixels.groups("per_channel"), table_of(pixels.array.dtype)
    if len(groups) > MAX_CHANNELS and not pixels.alpha:
        few = (pixels.channels(some) for some in pixels.channel_parts(MAX_CHANNELS))
        return [counts for part in few for counts in count_channels(part, tick)]
    counted = []
    for start in range(0, len(groups), MAX_CHANNELS):  # tables for hundreds of channels would fill the memory
        for total in _narrow_totals(pixels, groups[start : start + MAX_CHANNELS], tick):
            occurring = total > 0
            counted.append((table[occurring].astype(pixels.array.dtype), total[occurring]))
    return counted


def _count_narrow(pixels: Pixels, groups: list[Group], tick: Tick) -> tuple[CountedSamples, ...]:
    totals = _narrow_totals(pixels, groups, tick)
    if not totals.any(axis=1).all():
        raise _no_values_error(pixels)
    table = table_of(pixels.array.dtype)
    return tuple(CountedSamples.from_counts(table, total) for total in totals)


def _narrow_totals(pixels: Pixels, groups: list[Group], tick: Tick) -> np.ndarray:
    """Return how often each value of a dtype of at most 16 bits takes part in each group."""
    table = table_of(pixels.array.dtype)
    counted = pixels.tally(partial(_NarrowValues, pixels.array.dtype, groups), tick, light=True)
    totals = np.stack([counts.totals() for _, counts in counted.groups])
    # Taken out of at most 65,536 counts, which is cheaper than testing each pixel.
    totals[:, ~np.isfinite(table)] = 0
    if pixels.ignored is not None:
        totals[:, pixels.ignored.holds(table)] = 0
    return totals


class _NarrowValues:
    """Tally of each value of a dtype of at most 16 bits, by groups of channels; NaN and ignored values included."""

    def __init__(self, dtype: np.dtype, groups: list[Group]) -> None:
        self.groups = [(group, KeyCounts(dtype)) for group in groups]

    def add(self, pixels: Pixels) -> None:
        for group, counts in self.groups:
            counts.add(pixels.allowed_values(group))

    def merge(self, other: _NarrowValues) -> None:
        for (_, counts), (_, others) in zip(self.groups, other.groups, strict=True):
            counts.merge(others)


def _count_wide(pixels: Pixels, groups: list[Group], tick: Tick) -> tuple[CountedSamples, ...]:
    # Distinct values and buckets are filled in one pass: only at its end is it known whether there are too many values.
    counted = [values for _, values in pixels.tally(partial(_WideValues, groups), tick, light=True).groups]
    if any(values.buckets.empty for values in counted):
        raise _no_values_error(pixels)
    found = [values.exact_samples() for values in counted]
    bins = {
        index: values.buckets.plan(MAX_DISTINCT)
        for index, (values, exact) in enumerate(zip(counted, found, strict=True))
        if exact is None
    }
    if bins:
        binned = [(groups[index], planned) for index, planned in bins.items()]
        members = pixels.tally(partial(_BinnedValues, binned), tick, light=True).counts
        for (index, planned), counts in zip(bins.items(), members, strict=True):
            found[index] = _binned(counted[index].buckets, planned, counts)
    return tuple(samples for samples in found if samples is not None)


def _binned(buckets: Buckets, bins: Bins, counts: BinCounts) -> CountedSamples:
    return CountedSamples(*bins.means(counts), False, buckets.low, buckets.high, buckets.n_high)


class _WideGroup:
    """Values of more than 16 bits: their buckets, and each of them with its count unless they are too many."""

    def __init__(self) -> None:
        self.distinct, self.buckets = RowCounts(MAX_DISTINCT), Buckets()

    def add(self, values: np.ndarray) -> None:
        """Add finite values."""
        self.buckets.add(values)
        if not self.distinct.too_many:  # sorting takes most of the time
            ordered = np.sort(values)
            starts = np.flatnonzero(run_starts(ordered))
            counts = np.diff(starts, append=len(ordered))
            self.distinct.add(ordered[starts, np.newaxis].astype(np.float64) + 0.0, counts[:, np.newaxis])

    def exact_samples(self) -> CountedSamples | None:
        """Return the values with their counts, or None if there are too many."""
        found = self.distinct.total()
        return None if found is None else CountedSamples.from_counts(found[0][:, 0], found[1][:, 0])


class _WideValues:
    """Tally of values of more than 16 bits, by groups of channels."""

    def __init__(self, groups: list[Group]) -> None:
        self.groups = [(group, _WideGroup()) for group in groups]

    def add(self, pixels: Pixels) -> None:
        for group, counted in self.groups:
            values = pixels.taking_part(group)
            if len(values):
                _check_range(values.min(), values.max())
                counted.add(values)

    def merge(self, other: _WideValues) -> None:
        for (_, counted), (_, others) in zip(self.groups, other.groups, strict=True):
            counted.distinct.merge(others.distinct)
            counted.buckets.merge(others.buckets)


class _BinnedValues:
    """Tally of the members of bins, by groups of channels."""

    def __init__(self, bins: list[tuple[Group, Bins]]) -> None:
        self._bins = bins
        self.counts = [planned.no_counts() for _, planned in bins]

    def __getstate__(self) -> dict[str, Any]:
        return {"counts": self.counts}  # a cluster sends tallies to be merged, which needs no bins: half of the bytes

    def add(self, pixels: Pixels) -> None:
        for (group, bins), counts in zip(self._bins, self.counts, strict=True):
            bins.count(pixels.taking_part(group), counts)

    def merge(self, other: _BinnedValues) -> None:
        for counts, others in zip(self.counts, other.counts, strict=True):
            counts.merge(others)


def _no_values_error(pixels: Pixels) -> ValueError:
    narrowed = ["within the mask"] * (pixels.mask is not None) + ["outside of ignore"] * (pixels.ignored is not None)
    where = f" {' and '.join(narrowed)}" if narrowed else ""
    return ValueError(f"the image has no finite, visible value to learn from{where}")


def _check_range(low: np.generic, high: np.generic) -> None:
    for value in (low.item(), high.item()):
        if isinstance(value, int) and abs(value) > 2**53:
            raise ValueError(f"the image holds {value}: integers beyond 2**53 cannot be told apart in float64")
        if abs(value) > MAX_SIZE:
            raise ValueError(f"the image holds {value:g}: values beyond 1e150 cannot be squared, as k-means does")


def robust_ranges(samples: CountedSamples) -> tuple[float, ...]:
    """Return the range of each channel from the 0.1th to the 99.9th percentile of counted colours.

    The p-th percentile is the smallest value that at least p percent of the values do not exceed. A range of 0 is
    replaced by the full range, and a full range of 0 by 1. Ranges below 1e-150 become 1e-150.

    Parameters
    ----------
    samples : CountedSamples
        Colours, shape (n, C).

    Returns
    -------
    tuple of float
        C ranges, in data units.
    """
    return tuple(_robust_range(column, samples.counts) for column in samples.values.T)


def _robust_range(values: np.ndarray, counts: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    values, cumulative = values[order], np.cumsum(counts[order])
    # -(-a // b) rounds up in integers: float percentiles could miss the position by one.
    low, high = values[np.searchsorted(cumulative, -(-_ROBUST_PERMILLES * cumulative[-1] // 1000))]
    full = float(values[-1] - values[0])
    robust = float(high - low)
    found = robust if robust > _MIN_ROBUST_SHARE * full else full or 1.0
    return max(found, MIN_SCALE)
