"""Counted colours of an image: distinct vectors with their counts, or means of cells where there are too many."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from napari_quantize.core.lookup.levels import LevelLookup, level_lookup
from napari_quantize.core.lookup.value_tables import table_of
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.request.request import Tick
from napari_quantize.core.samples.binning import spread_centers
from napari_quantize.core.samples.byte_colors import MAX_BYTE_CHANNELS, ByteColors
from napari_quantize.core.samples.distinct_rows import RowCounts, group_rows, pack_digits, unpack_digits
from napari_quantize.core.samples.samples import MAX_COLORS, CountedSamples, count_samples
from napari_quantize.core.samples.wide_sums import WideSums, joined, split

_MAX_BITS = 9
_FEWEST_CELLS = 2**12  # that leave enough to learn hundreds of colours from
# Steps of a channel's range: floats are summed as integers, whose sums do not depend on the order.
_STEPS = 2**31
_CARRY_AFTER = 2**30  # pixels


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
    exact = _count_bytes(pixels, tick, even=even) if pixels.array.dtype.itemsize == 1 else None
    if exact is not None:
        return exact
    # A colour is ignored only if all its channels are, so ignored values of single channels are counted. Up to 16 bits
    # all of them are: what no colour has takes no room there.
    ignored = pixels.ignored.of_colors() if pixels.ignored is not None and pixels.array.dtype.itemsize > 2 else None
    channels = count_samples(replace(pixels, ignored=ignored), "per_channel", tick)
    if pixels.array.dtype.itemsize > 1:
        exact = _count_exactly(pixels, channels, tick)
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


def _count_bytes(pixels: Pixels, tick: Tick, *, even: bool) -> CountedSamples | None:
    """Count each 8-bit colour, or cells of up to three channels; return None if there are too many colours."""
    dtype, n_channels = pixels.array.dtype, pixels.n_channels
    if n_channels <= MAX_BYTE_CHANNELS:
        samples = pixels.tally(partial(ByteColors, dtype, n_channels), tick).samples(cells=even)
        if samples is not None and not len(samples.values):
            raise _no_colors_error()
        return samples
    # Bytes of bool that came from elsewhere can be others than 0 and 1.
    bytes_of = (lambda rows: (rows != 0).view(np.uint8)) if dtype.kind == "b" else (lambda rows: rows.view(np.uint8))
    found = _count_rows(pixels, bytes_of, 256, tick)
    if found is None:
        return None
    values = table_of(dtype)[found[0]]
    return CountedSamples(values, found[1], True, float(values.min()), float(values.max()))


def _count_exactly(pixels: Pixels, channels: tuple[CountedSamples, ...], tick: Tick) -> CountedSamples | None:
    """Count each colour of wider values, or return None if there are too many."""
    if not all(channel.exact for channel in channels):
        return None
    ranked = [_ranks(channel, pixels.array.dtype) for channel in channels]
    base = max(max(len(channel.values) for channel in channels), 2)

    def ranks_of(rows: np.ndarray) -> np.ndarray:
        return np.stack([rank(rows[:, c]) for c, rank in enumerate(ranked)], axis=1)

    found = _count_rows(pixels, ranks_of, base, tick)
    if found is None:
        return None
    values = np.stack([channel.values[found[0][:, c]] for c, channel in enumerate(channels)], axis=1)
    return CountedSamples(values, found[1], True, float(values.min()), float(values.max()))


def _count_rows(
    pixels: Pixels, digits_of: Callable[[np.ndarray], np.ndarray], base: int, tick: Tick
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return distinct rows of digits and their counts, or None if there are too many."""
    count = partial(_Rows, digits_of, base)
    first = pixels.first()
    if first is not pixels and first.tally(count, tick).counts.total() is None:
        return None  # each chunk of a lazy image would find this out anew
    found = pixels.tally(count, tick).counts.total()
    if found is None:
        return None
    words, counts = found
    if not len(words):
        raise _no_colors_error()
    return unpack_digits(words, base, pixels.n_channels), counts[:, 0]


class _Rows:
    """Tally of colours as rows of digits."""

    def __init__(self, digits_of: Callable[[np.ndarray], np.ndarray], base: int) -> None:
        self._digits_of, self._base = digits_of, base
        self.counts = RowCounts(MAX_COLORS)

    def add(self, pixels: Pixels) -> None:
        if not self.counts.too_many:
            self.counts.add(*group_rows(pack_digits(self._digits_of(pixels.learnt_colors()), self._base)))

    def merge(self, other: _Rows) -> None:
        self.counts.merge(other.counts)


def _no_colors_error() -> ValueError:
    return ValueError("the image has no visible pixel that is finite in all channels")


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
        if self.step == 1 and not self.origin:
            return values.astype(np.int64)
        steps: np.ndarray = np.rint((values.astype(np.float64) - self.origin) / self.step).astype(np.int64)
        return steps


def _count_cells(pixels: Pixels, channels: tuple[CountedSamples, ...], tick: Tick, *, even: bool) -> CountedSamples:
    dtype = pixels.array.dtype
    steps = [_Steps.of(channel, dtype) for channel in channels]

    def grids(bits: int) -> list[LevelLookup]:
        return [_grid(None if even and dtype.itemsize == 1 else channel, dtype, bits) for channel in channels]

    def count(bits: int, kind: type[_FewCells] | type[_Cells]) -> _FewCells | _Cells:
        plan = grids(bits), steps, bits
        if kind is _FewCells:
            return pixels.tally(partial(_FewCells, *plan), tick)
        return pixels.tally(partial(_Cells, *plan), tick)

    bits = _start_bits(len(channels))
    kind = _FewCells if 2 ** (bits * len(channels)) <= MAX_COLORS else _Cells
    # Counting stops at the limit, so each try reads the image again. The last one succeeds: at most 16 channels of 1
    # bit each have 2**16 cells.
    while (found := (cells := count(bits, kind)).total()) is None:
        bits -= 1
    if not len(found[0]):
        raise _no_colors_error()
    # Channels that are much alike, as of grey photos, leave most cells empty: narrower ones tell their colours apart.
    finer = min(_MAX_BITS, 62 // len(channels), 8 * dtype.itemsize)
    while len(found[0]) < _FEWEST_CELLS and bits < finer:
        finer_cells = count(finer, _Cells)
        if (finer_found := finer_cells.total()) is not None:
            cells, found, bits = finer_cells, finer_found, finer
        finer -= 1
    counts, sums = found
    means = [step.origin + column / counts * step.step for step, column in zip(steps, sums.T, strict=True)]
    return CountedSamples(np.stack(means, axis=1), counts, False, cells.extremes.low, cells.extremes.high)


class _Extremes:
    """The smallest and the largest value of colours: a channel can hold others, in pixels that are left out."""

    def __init__(self) -> None:
        self.low, self.high = math.inf, -math.inf

    def add(self, rows: np.ndarray) -> None:
        if len(rows):
            self.low, self.high = min(self.low, float(rows.min())), max(self.high, float(rows.max()))

    def merge(self, other: _Extremes) -> None:
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)


class _FewCells:
    """Tally of cells of colours, where there is memory for all possible ones: pixels, and sums of channels in steps."""

    def __init__(self, grids: list[LevelLookup], steps: list[_Steps], bits: int) -> None:
        self._grids, self._steps, self._bits = grids, steps, bits
        n_cells = 2 ** (bits * len(grids))
        self._counts = np.zeros(n_cells, dtype=np.int64)
        self._sums = WideSums((len(grids), n_cells))
        self._n_since_carry = 0
        self.extremes = _Extremes()

    def add(self, pixels: Pixels) -> None:
        rows = pixels.learnt_colors()
        self.extremes.add(rows)
        cells = np.zeros(len(rows), dtype=np.intp)
        for grid, column in zip(self._grids, rows.T, strict=True):
            cells <<= self._bits
            cells |= grid.indices(column)
        np.add.at(self._counts, cells, 1)
        for sums, step, column in zip(self._sums.recent, self._steps, rows.T, strict=True):
            np.add.at(sums, cells, step.counted(column))
        self._n_since_carry += len(rows)
        if self._n_since_carry > _CARRY_AFTER:
            self._sums.carry()
            self._n_since_carry = 0

    def merge(self, other: _FewCells) -> None:
        self._counts += other._counts
        self._sums.merge(other._sums)
        self._n_since_carry = 0
        self.extremes.merge(other.extremes)

    def total(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of pixels of each cell that occurs, and the sums of the channels, of shape (n, C)."""
        occurs = self._counts > 0
        return self._counts[occurs], self._sums.total()[:, occurs].T


class _Cells:
    """Tally of cells of colours: number of pixels, and sums of each channel in steps."""

    def __init__(self, grids: list[LevelLookup], steps: list[_Steps], bits: int) -> None:
        self._grids, self._steps, self._base = grids, steps, 2**bits
        self.sums = RowCounts(MAX_COLORS)
        self.extremes = _Extremes()

    def add(self, pixels: Pixels) -> None:
        if self.sums.too_many:
            return
        rows = pixels.learnt_colors()
        self.extremes.add(rows)
        digits = np.stack([grid.indices(rows[:, c]) for c, grid in enumerate(self._grids)], axis=1)
        columns = [np.ones(len(rows), np.int64), *(step.counted(rows[:, c]) for c, step in enumerate(self._steps))]
        words, sums = group_rows(pack_digits(digits, self._base), np.stack(columns, axis=1))
        # Lower and upper parts are added apart, because 64 bits hold the sum of 2**32 pixels only.
        self.sums.add(words, np.concatenate((sums[:, :1], *split(sums[:, 1:])), axis=1))

    def total(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the number of pixels of each cell, and the sums of the channels; None if there are too many cells."""
        found = self.sums.total()
        if found is None:
            return None
        counts, lower, upper = np.split(found[1], [1, 1 + len(self._steps)], axis=1)
        return counts[:, 0], joined(lower, upper)

    def merge(self, other: _Cells) -> None:
        self.sums.merge(other.sums)
        self.extremes.merge(other.extremes)


def _grid(channel: CountedSamples | None, dtype: np.dtype, bits: int) -> LevelLookup:
    """Return the look-up of 2^bits bins of a channel: narrow where values are frequent, or equal without a channel."""
    if channel is None:
        low = -128.0 if dtype.kind == "i" else 0.0
        width = 256 / 2**bits
        # Less ½, so that the borders between bins lie between integers.
        return level_lookup(low + width * (np.arange(2.0**bits) + 0.5) - 0.5, dtype)
    values, weights = channel.values, channel.counts.astype(np.float64)
    if len(values) > 2**bits:
        values = spread_centers(values, weights, 2**bits, at_most_one_each=True)
    return level_lookup(values, dtype)
