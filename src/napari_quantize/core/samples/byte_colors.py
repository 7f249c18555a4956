"""Counted colours of up to three 8-bit channels, from one pass over the pixels."""

from __future__ import annotations

import math

import numpy as np

from napari_quantize.core.lookup.value_tables import table_of
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.samples.distinct_rows import pack_digits, unpack_digits
from napari_quantize.core.samples.samples import MAX_COLORS, CountedSamples, add_counts

MAX_BYTE_CHANNELS = 3
CELL_BITS = 6
"""Upper bits of each channel that tell cells of equal width apart."""

_RUN_BITS = 6
_FIRST_ROWS, _MAX_ROWS = 2**14, 2**16  # 4 MB and 16 MB of counts
_CHECK_EVERY = 2**20  # pixels
_MAX_COUNT = 2**31  # pixels that are counted in 32 bits


class ByteColors:
    """Tally of 8-bit colours: each with its count, or sums over cells if there are more than 262,144.

    Parameters
    ----------
    dtype : numpy.dtype
        Of one byte.
    n_channels : int
        2 or 3.
    """

    def __init__(self, dtype: np.dtype, n_channels: int) -> None:
        self._dtype, self._n_channels = dtype, n_channels
        self._table: _CountTable | None = None
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []  # codes, which ascend, and their counts
        self._n_merged = 0
        self._cells: _CellSums | None = None
        self._low, self._high = math.inf, -math.inf

    def add(self, pixels: Pixels) -> None:
        """Add the pixels of a block that are learnt from."""
        colors = pixels.learnt_colors()
        if not len(colors):
            return
        self._low, self._high = min(self._low, float(colors.min())), max(self._high, float(colors.max()))
        codes = self._codes(colors)
        if self._cells is None:
            self._count(codes)
        else:
            self._cells.add(codes)

    def merge(self, other: ByteColors) -> None:
        """Add the colours of others."""
        self._empty_table()
        other._empty_table()
        if other._cells is not None:
            self._use_cells().merge(other._cells)
        for part in other._parts:
            self._hold(*part)
        self._low, self._high = min(self._low, other._low), max(self._high, other._high)

    def samples(self, *, cells: bool) -> CountedSamples | None:
        """Return the colours with their counts; if there are too many, means of cells, or None without `cells`."""
        self._empty_table()
        self._merge_parts()
        if self._cells is not None:
            return CountedSamples(*self._cells.means(self._offset), False, self._low, self._high) if cells else None
        codes, counts = self._parts[0] if self._parts else (np.empty(0, np.uint32), np.empty(0, np.int64))
        values = table_of(self._dtype)[unpack_digits(codes[:, np.newaxis], 256, self._n_channels)]
        return CountedSamples(values, counts, True, self._low, self._high)

    def __getstate__(self) -> dict[str, object]:
        self._empty_table()
        self._merge_parts()
        return self.__dict__

    @property
    def _offset(self) -> int:
        """The key of the smallest value: keys of signed bytes do not ascend with the values."""
        return 128 if self._dtype.kind == "i" else 0

    def _codes(self, colors: np.ndarray) -> np.ndarray:
        """Return the keys of each colour as one number."""
        keys = (colors != 0 if colors.dtype.kind == "b" else colors).view(np.uint8)
        return pack_digits(keys, 256)[:, 0]

    def _count(self, codes: np.ndarray) -> None:
        table = self._table = self._table or _CountTable(8 * self._n_channels)
        table.add(codes)
        if table.full or table.has_too_many():
            self._empty_table()

    def _empty_table(self) -> None:
        if self._table is not None:
            codes, counts = self._table.counted()
            self._table = None
            self._hold(codes, counts)

    def _hold(self, codes: np.ndarray, counts: np.ndarray) -> None:
        if self._cells is not None:
            self._cells.add_counted(codes, counts)
            return
        self._parts.append((codes, counts))
        if sum(len(part) for part, _ in self._parts) > max(MAX_COLORS, 2 * self._n_merged):
            self._merge_parts()

    def _merge_parts(self) -> None:
        if len(self._parts) > 1:
            codes, counts = (np.concatenate(arrays) for arrays in zip(*self._parts, strict=True))
            self._parts = [add_counts(codes, counts)]
        if self._parts:
            self._n_merged = len(self._parts[0][0])
            if self._n_merged > MAX_COLORS:
                self._use_cells()

    def _use_cells(self) -> _CellSums:
        if self._cells is None:
            self._cells = _CellSums(0x808080 if self._offset else 0)
            for part in self._parts:
                self._cells.add_counted(*part)
            self._parts = []
        return self._cells


class _CountTable:
    """Counts of the colours that occur.

    All but the lower 6 bits of a code select a *run* of 64 colours. Only runs that occur have counts: a table of all
    colours would leave the processor's cache.

    Parameters
    ----------
    bits : int
        Bits of a code.
    """

    def __init__(self, bits: int) -> None:
        self._rows = np.zeros(2 ** (bits - _RUN_BITS), np.int32)  # of the counts of each run; 0 is none
        self._counts = np.zeros((_FIRST_ROWS, 2**_RUN_BITS), np.uint32)
        self._n_rows = 1
        self._n_pixels, self._next_check = 0, MAX_COLORS

    @property
    def full(self) -> bool:
        """True if the counts should be taken out before more are added."""
        return self._n_rows > _MAX_ROWS or self._n_pixels > _MAX_COUNT

    def add(self, codes: np.ndarray) -> None:
        """Count codes, uint32; changes `codes`."""
        runs = (codes >> np.uint32(_RUN_BITS)).astype(np.intp)
        rows = self._rows.take(runs)
        if not rows.all():
            self._add_runs(runs[rows == 0])
            rows = self._rows.take(runs)
        rows <<= _RUN_BITS
        codes &= np.uint32(2**_RUN_BITS - 1)
        rows |= codes.view(np.int32)
        np.add.at(self._counts.reshape(-1), rows.astype(np.intp), np.uint32(1))
        self._n_pixels += len(codes)

    def has_too_many(self) -> bool:
        """Return whether more colours occur than are kept; looked at now and then."""
        if self._n_pixels < self._next_check:
            return False
        self._next_check = self._n_pixels + _CHECK_EVERY
        return int(np.count_nonzero(self._counts[: self._n_rows])) > MAX_COLORS

    def counted(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the ascending codes that occur, and their counts."""
        counts = self._counts.reshape(-1)
        found = np.flatnonzero(counts != 0)  # faster than to look for the integers that are not zero
        run_of_row = np.empty(self._n_rows, np.uint64)
        runs = np.flatnonzero(self._rows)
        run_of_row[self._rows[runs]] = runs
        # Rows are in the order in which runs occurred. Codes and counts are sorted as one number.
        ordered = run_of_row[found >> _RUN_BITS] << np.uint64(_RUN_BITS) | (found & 2**_RUN_BITS - 1).astype(np.uint64)
        ordered <<= np.uint64(32)
        ordered |= counts[found]
        ordered.sort()
        return (ordered >> np.uint64(32)).astype(np.uint32), (ordered & np.uint64(2**32 - 1)).astype(np.int64)

    def _add_runs(self, runs: np.ndarray) -> None:
        occurs = np.zeros(len(self._rows), dtype=bool)
        occurs[runs] = True
        new = np.flatnonzero(occurs)
        self._rows[new] = np.arange(self._n_rows, self._n_rows + len(new))
        self._n_rows += len(new)
        if self._n_rows > len(self._counts):
            counts = np.zeros((max(2 * len(self._counts), self._n_rows), 2**_RUN_BITS), np.uint32)
            counts[: len(self._counts)] = self._counts
            self._counts = counts


class _CellSums:
    """Number and sum of the colours of each cell of 4 × 4 × 4 colours.

    Parameters
    ----------
    flipped : int
        Bits that are inverted so that codes ascend with the values.
    """

    _FIELD = 32  # bits

    def __init__(self, flipped: int) -> None:
        self._flipped = np.uint32(flipped)
        self._sums = np.zeros((2 ** (3 * CELL_BITS), 4), np.int64)  # count, and the lower two bits of each channel
        # Two numbers of 32 bits in each of 64, so that two steps in tables replace four.
        self._packed = np.zeros((2, len(self._sums)), np.int64)
        self._n_packed = 0

    def add(self, codes: np.ndarray) -> None:
        """Add codes, uint32."""
        codes = codes ^ self._flipped
        cells = _cells_of(codes)
        red, green, blue = (codes >> np.uint32(shift) & np.uint32(3) for shift in (16, 8, 0))
        one = np.int64(1 << self._FIELD)
        np.add.at(self._packed[0], cells, red.astype(np.int64) + one)
        np.add.at(self._packed[1], cells, (green.astype(np.int64) << self._FIELD) + blue)
        self._n_packed += len(codes)
        if self._n_packed > 2 ** (self._FIELD - 3):
            self._unpack()

    def add_counted(self, codes: np.ndarray, counts: np.ndarray) -> None:
        """Add codes with their counts."""
        codes = codes ^ self._flipped
        cells = _cells_of(codes)
        np.add.at(self._sums[:, 0], cells, counts)
        for column, shift in zip(self._sums.T[1:], (16, 8, 0), strict=True):
            np.add.at(column, cells, counts * (codes >> np.uint32(shift) & np.uint32(3)))

    def merge(self, other: _CellSums) -> None:
        """Add the cells of another one."""
        other._unpack()
        self._sums += other._sums

    def means(self, offset: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean colour of each cell that occurs, less `offset`, and the number of its colours."""
        self._unpack()
        cells = np.flatnonzero(self._sums[:, 0])
        counts, sums = self._sums[cells, 0], self._sums[cells, 1:]
        corners = np.stack([cells >> shift & 2**CELL_BITS - 1 for shift in (2 * CELL_BITS, CELL_BITS, 0)], axis=1)
        sums += (corners * 2 ** (8 - CELL_BITS) - offset) * counts[:, np.newaxis]
        return sums / counts[:, np.newaxis], counts

    def __getstate__(self) -> dict[str, object]:
        self._unpack()
        return self.__dict__

    def _unpack(self) -> None:
        (first, second), low = self._packed, 2**self._FIELD - 1
        for column, numbers in enumerate((first >> self._FIELD, first & low, second >> self._FIELD, second & low)):
            self._sums[:, column] += numbers
        self._packed[...] = 0
        self._n_packed = 0


def _cells_of(codes: np.ndarray) -> np.ndarray:
    """Return the index of the cell of each code: the upper 6 bits of its three channels."""
    cells = codes >> np.uint32(6) & np.uint32(0x3F000)
    cells |= codes >> np.uint32(4) & np.uint32(0xFC0)
    cells |= codes >> np.uint32(2) & np.uint32(0x3F)
    return cells.astype(np.intp)
