"""Counted samples of an image, from the one pass over its pixels that learning needs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from napari_quantize.core.lookup.color_spaces import MIN_SCALE
from napari_quantize.core.lookup.value_tables import KeyCounts, table_of
from napari_quantize.core.pixels.pixels import Batch, Group, Index, Pixels, pixel_views
from napari_quantize.core.request.request import MAX_CHANNELS, MAX_SIZE, Mode, Tick
from napari_quantize.core.samples import binning

MAX_DISTINCT = 65_536  # all values of 16 bits

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
        values, counts = values[counts > 0], counts[counts > 0]
        values, inverse = np.unique(values + 0.0, return_inverse=True)  # -0.0 becomes 0.0
        totals = np.zeros(len(values), dtype=np.int64)
        np.add.at(totals, inverse, counts)
        _check_range(values)
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
        # Counted one by one: tables for many channels at once (512 KB each with 16 bits) would leave the cache.
        return tuple(count_samples(_single_channel(pixels, group), "global", tick)[0] for group in groups)
    if pixels.array.dtype.itemsize <= 2:
        return _count_narrow(pixels, groups, tick)
    return tuple(_count_wide(pixels, group, tick) for group in groups)


def _single_channel(pixels: Pixels, group: Group) -> Pixels:
    """Return one of many channels as an image: many channels are slices of a stack, each contiguous in memory."""
    array = pixels.array[..., group]
    if pixels.mask is None:
        return replace(pixels, array=pixel_views((array,), -1)[0])
    mask = pixels.mask if pixels.mask.shape[-1] == 1 else pixels.mask[..., group]
    array, mask = pixel_views((array, mask), -1)
    return replace(pixels, array=array, mask=mask)


def count_channels(pixels: Pixels, tick: Tick) -> list[tuple[np.ndarray, np.ndarray]]:
    """Count the values of each channel of an image of at most 16 bits; a channel may have none that takes part.

    Returns
    -------
    list of (ndarray, ndarray of int64)
        The distinct values of each channel in the image's dtype, and their counts.
    """
    groups, table = pixels.groups("per_channel"), table_of(pixels.array.dtype)
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
    dtype = pixels.array.dtype

    def count(batch: Batch) -> list[np.ndarray]:
        counted = [KeyCounts(dtype) for _ in groups]
        for index in batch:
            for group, counts in zip(groups, counted, strict=True):
                counts.add(pixels.learnable(index, group))
        return [counts.totals() for counts in counted]

    table = table_of(dtype)
    totals = np.zeros((len(groups), len(table)), dtype=np.int64)
    for part in pixels.map_batches(count, tick):
        for total, counts in zip(totals, part, strict=True):
            total += counts
    # Taken out of at most 65,536 counts, which is cheaper than testing each pixel.
    totals[:, ~np.isfinite(table)] = 0
    if pixels.ignored is not None:
        totals[:, pixels.ignored.holds(table)] = 0
    return totals


def _count_wide(pixels: Pixels, group: Group, tick: Tick) -> CountedSamples:
    def distinct(index: Index) -> tuple[np.ndarray, np.ndarray]:
        values, counts = np.unique(pixels.taking_part(index, group), return_counts=True)
        _check_range(values)
        return values.astype(np.float64) + 0.0, counts  # -0.0 becomes 0.0

    # Both are filled in one pass: only at its end is it known whether the values are too many to keep.
    merged = _Merged()
    buckets = binning.Buckets()
    for values, counts in pixels.map(distinct, tick):
        if len(values):
            merged.add(values, counts)
            buckets.add(values, counts)
    if merged.empty:
        raise _no_values_error(pixels)
    exact = merged.finish()
    if exact is not None:
        return exact
    bins = buckets.plan(MAX_DISTINCT)

    def count(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        return bins.count(pixels.taking_part(index, group) for index in batch)

    for part in pixels.map_batches(count, tick):
        bins.add(part)
    return CountedSamples(*bins.means(), False, buckets.low, buckets.high, buckets.n_high)


class _Merged:
    """Accumulates distinct values of blocks, until there are too many of them."""

    def __init__(self) -> None:
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []
        self._n_held = 0
        self._within_limit = True

    @property
    def empty(self) -> bool:
        return self._within_limit and not self._parts

    def add(self, values: np.ndarray, counts: np.ndarray) -> None:
        if not self._within_limit:
            return
        self._parts.append((values, counts))
        self._n_held += len(values)
        if self._n_held > 8 * MAX_DISTINCT:  # not at every block, because merging costs a sort
            self._merge()

    def _merge(self) -> CountedSamples:
        values, counts = (np.concatenate(arrays) for arrays in zip(*self._parts, strict=True))
        samples = CountedSamples.from_counts(values, counts)
        self._within_limit = len(samples.values) <= MAX_DISTINCT
        self._parts = [(samples.values, samples.counts)] if self._within_limit else []
        self._n_held = len(samples.values)
        return samples

    def finish(self) -> CountedSamples | None:
        """Return the samples, or None if there are too many."""
        if not self._within_limit:
            return None
        samples = self._merge()
        return samples if self._within_limit else None


def _no_values_error(pixels: Pixels) -> ValueError:
    narrowed = ["within the mask"] * (pixels.mask is not None) + ["outside of ignore"] * (pixels.ignored is not None)
    where = f" {' and '.join(narrowed)}" if narrowed else ""
    return ValueError(f"the image has no finite, visible value to learn from{where}")


def _check_range(ascending: np.ndarray) -> None:
    if not len(ascending):
        return
    for value in (ascending[0].item(), ascending[-1].item()):
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
