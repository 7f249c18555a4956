"""Counted colours of an image: distinct vectors with their counts, or means of cells where there are too many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from napari_quantize.core.lookup.levels import LevelLookup, level_lookup
from napari_quantize.core.lookup.value_tables import table_of
from napari_quantize.core.pixels.pixels import Index, Pixels
from napari_quantize.core.request.request import Tick
from napari_quantize.core.samples.binning import spread_centers
from napari_quantize.core.samples.distinct_rows import RowCounts, group_rows, pack_digits, unpack_digits
from napari_quantize.core.samples.samples import CountedSamples, count_samples

MAX_COLORS = 2**18
_MAX_BITS = 9
# Steps of a channel's range: floats are summed as integers, whose sums do not depend on the order. The sums fit into 64
# bits for fewer than 2**32 pixels.
_STEPS = 2**31


def count_colors(pixels: Pixels, tick: Tick, *, even: bool = True) -> CountedSamples:
    """Count the colours that centers are learnt from.

    Parameters
    ----------
    pixels : Pixels
        The image; pixels with a channel that is not finite are left out.
    tick : callable
        Called between blocks of pixels.
    even : bool
        Whether cells of 8-bit colours have equal width in all channels; cells of other colours never have.

    Returns
    -------
    CountedSamples
        `values` of shape (n, C) in lexicographic order. Up to 262,144 distinct colours are kept. If there are more,
        colours of the same cell are counted together and represented by their mean. A cell is a product of bins, one
        in each channel; the bins of a channel have about equal loss.

    Raises
    ------
    ValueError
        If no pixel is finite in all channels, or values are too large to work with.
    """
    bytes_ = pixels.array.dtype.itemsize == 1
    exact = _count_bytes(pixels, tick) if bytes_ else None
    if exact is None:
        # A colour is ignored only if all its channels are, so ignored values of single channels are counted.
        channels = count_samples(replace(pixels, ignored=None), "per_channel", tick)
        exact = None if bytes_ else _count_exactly(pixels, channels, tick)
    return exact if exact is not None else _count_cells(pixels, channels, tick, even=even)


def coarsen(
    samples: CountedSamples, dtype: np.dtype, limits: tuple[int, ...], tick: Tick, *, even: bool = True
) -> list[CountedSamples]:
    """Return summaries of counted colours with at most `limits` entries: cells with their means and counts.

    Parameters
    ----------
    samples : CountedSamples
        Colours.
    dtype : numpy.dtype
        Dtype of the image.
    limits : tuple of int
        Largest number of entries of each summary, in descending order.
    tick : callable
        Called between steps.
    even : bool
        As in `count_colors`.

    Returns
    -------
    list of CountedSamples
        One for each limit; the samples themselves where they fit.
    """
    n_channels = samples.values.shape[1]
    bits = _start_bits(n_channels)
    digits = np.empty(samples.values.shape, dtype=np.int64)
    for c, values in enumerate(samples.values.T):
        column = values.astype(dtype)
        channel = (
            None
            if even and dtype.itemsize == 1
            else CountedSamples.from_counts(column.astype(np.float64), samples.counts)
        )
        digits[:, c] = _grid(channel, dtype, bits).indices(column)
    found = []
    # Halving the bins of every channel drops the lowest bit of each digit, so cells of one level merge into cells of
    # the next, and each summary is made from the one before.
    for limit in limits:
        while len(samples.values) > limit and bits:
            samples, digits = _cells_of(samples, digits, bits)
            if len(samples.values) > limit:
                bits, digits = bits - 1, digits >> 1
        found.append(samples)
    return found


def _cells_of(samples: CountedSamples, digits: np.ndarray, bits: int) -> tuple[CountedSamples, np.ndarray]:
    """Merge colours with the same digits; return the merged colours and their digits."""
    counts = samples.counts[:, np.newaxis]
    words, sums = group_rows(pack_digits(digits, 2**bits), np.column_stack((counts, samples.values * counts)))
    cells = CountedSamples(sums[:, 1:] / sums[:, :1], sums[:, 0].astype(np.int64), False, samples.low, samples.high)
    return cells, unpack_digits(words, 2**bits, digits.shape[1])


def _start_bits(n_channels: int) -> int:
    # Up to 3 channels 2**18 cells, as many as are kept. Most cells of more channels are empty, so there may be more, as
    # long as a cell packs into one 64-bit word.
    return max(1, min(_MAX_BITS, 18 // n_channels if n_channels <= 3 else min(6, 62 // n_channels)))


def _count_bytes(pixels: Pixels, tick: Tick) -> CountedSamples | None:
    """Count each 8-bit colour, or return None if there are too many."""

    def count(index: Index) -> tuple[np.ndarray, np.ndarray]:
        return group_rows(pack_digits(pixels.vectors(index).view(np.uint8), 256))

    found = _count_rows(pixels, count, 256, tick)
    if found is None:
        return None
    values = table_of(pixels.array.dtype)[found[0]]
    return CountedSamples(values, found[1], True, float(values.min()), float(values.max()))


def _count_exactly(pixels: Pixels, channels: tuple[CountedSamples, ...], tick: Tick) -> CountedSamples | None:
    """Count each colour of wider values, or return None if there are too many."""
    if not all(channel.exact for channel in channels):
        return None
    ranked = [_ranks(channel, pixels.array.dtype) for channel in channels]
    base = max(max(len(channel.values) for channel in channels), 2)

    def count(index: Index) -> tuple[np.ndarray, np.ndarray]:
        rows = pixels.vectors(index)
        digits = np.stack([rank(rows[:, c]) for c, rank in enumerate(ranked)], axis=1)
        return group_rows(pack_digits(digits, base))

    found = _count_rows(pixels, count, base, tick)
    if found is None:
        return None
    values = np.stack([channel.values[found[0][:, c]] for c, channel in enumerate(channels)], axis=1)
    return CountedSamples(values, found[1], True, *_limits(channels))


def _count_rows(
    pixels: Pixels, count: Callable[[Index], tuple[np.ndarray, np.ndarray]], base: int, tick: Tick
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return distinct rows of digits and their counts, or None if there are too many."""
    counted = RowCounts(MAX_COLORS)
    for part in pixels.map(count, tick):
        if not counted.add(part):
            return None
    words, counts = counted.merge()
    if len(words) > MAX_COLORS:
        return None
    if not len(words):
        raise ValueError("the image has no visible pixel that is finite in all channels")
    return unpack_digits(words, base, pixels.n_channels), counts[:, 0]


def _ranks(channel: CountedSamples, dtype: np.dtype) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that maps values to their indices among the distinct values of a channel."""
    values = channel.values
    if dtype.itemsize > 2:
        return lambda column: np.searchsorted(values, column)
    table = table_of(dtype)
    with np.errstate(invalid="ignore"):
        ranks = np.searchsorted(values, table)
    return lambda column: ranks.take(column.view(f"u{dtype.itemsize}"))


@dataclass(frozen=True)
class _Steps:
    """Conversion of one channel's values to integers, in which they are summed exactly."""

    origin: float
    step: float

    @classmethod
    def of(cls, channel: CountedSamples, dtype: np.dtype) -> _Steps:
        if dtype.kind in "biu" and dtype.itemsize <= 4:  # sums of 2**31 of them fit into 64 bits
            return cls(0.0, 1.0)
        return cls(channel.low, (channel.high - channel.low) / _STEPS or 1.0)

    def counted(self, values: np.ndarray) -> np.ndarray:
        steps: np.ndarray = np.rint((values.astype(np.float64) - self.origin) / self.step).astype(np.int64)
        return steps


def _count_cells(pixels: Pixels, channels: tuple[CountedSamples, ...], tick: Tick, *, even: bool) -> CountedSamples:
    dtype = pixels.array.dtype
    steps = [_Steps.of(channel, dtype) for channel in channels]
    # Counting stops at the limit, so each try reads the image again. The last one succeeds: at most 16 channels of 1
    # bit each have 2**16 cells.
    for bits in range(_start_bits(len(channels)), 0, -1):
        grids = [_grid(None if even and dtype.itemsize == 1 else channel, dtype, bits) for channel in channels]
        counted = RowCounts(MAX_COLORS)
        if all(counted.add(part) for part in pixels.map(_cell_counter(pixels, grids, steps, bits), tick)):
            words, sums = counted.merge()
            if len(words) <= MAX_COLORS:
                break
    counts = sums[:, 0]
    means = [steps[c].origin + sums[:, c + 1] / counts * steps[c].step for c in range(len(channels))]
    return CountedSamples(np.stack(means, axis=1), counts, False, *_limits(channels))


def _cell_counter(
    pixels: Pixels, grids: list[LevelLookup], steps: list[_Steps], bits: int
) -> Callable[[Index], tuple[np.ndarray, np.ndarray]]:
    def count(index: Index) -> tuple[np.ndarray, np.ndarray]:
        rows = pixels.vectors(index)
        digits = np.stack([grid.indices(rows[:, c]) for c, grid in enumerate(grids)], axis=1)
        columns = [np.ones(len(rows), dtype=np.int64), *(step.counted(rows[:, c]) for c, step in enumerate(steps))]
        return group_rows(pack_digits(digits, 2**bits), np.stack(columns, axis=1))

    return count


def _grid(channel: CountedSamples | None, dtype: np.dtype, bits: int) -> LevelLookup:
    """Return the look-up of 2^bits bins of a channel: narrow where values are frequent, or equal without a channel."""
    if channel is None:
        low = -128.0 if dtype.kind == "i" else 0.0
        width = 256 / 2**bits
        # Less ½, so that the borders between bins lie between integers.
        return level_lookup(low + width * (np.arange(2.0**bits) + 0.5) - 0.5, dtype)
    values, weights = channel.values, channel.counts.astype(np.float64)
    return level_lookup(values if len(values) <= 2**bits else spread_centers(values, weights, 2**bits), dtype)


def _limits(channels: tuple[CountedSamples, ...]) -> tuple[float, float]:
    return min(channel.low for channel in channels), max(channel.high for channel in channels)
