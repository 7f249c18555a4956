"""Number of distinct colours of a result: the one figure of levels that needs whole pixels, not single values."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from napari_quantize.core.lookup.levels import LevelLookup
from napari_quantize.core.lookup.value_tables import keys_of
from napari_quantize.core.pixels.pixels import Group, Pixels
from napari_quantize.core.request.request import Tick
from napari_quantize.core.samples.distinct_rows import group_rows, pack_digits

_TABLE_SIZE = 2**24  # flags of one byte: all colours of 3 × 8 bits
_MIN_MERGED = 2**20  # rows before the first merge, which costs a sort
#: Rows that are held at most: a large image can have nearly as many colours as pixels.
MAX_ROWS = 2**22


def distinct_colors(pixels: Pixels, tick: Tick) -> Pixels:
    """Return pixels with the same set of colours: each once for up to 3 channels of 8 bits, else unchanged."""
    channels = pixels.n_channels
    if pixels.array.dtype.itemsize > 1 or not 1 < channels <= 3:
        return pixels
    # Threads have a table each, which takes as long as a few million pixels: fewer are left to one thread.
    few = pixels.array.size < _TABLE_SIZE
    seen = replace(pixels, n_jobs=1 if few else pixels.n_jobs).tally(partial(_ByteColorSet, channels), tick).flags
    code = np.flatnonzero(seen)
    keys = np.stack([code >> 8 * (channels - 1 - c) & 255 for c in range(channels)], axis=-1).astype(np.uint8)
    return Pixels(keys.view(pixels.array.dtype), n_jobs=pixels.n_jobs)


class _ByteColorSet:
    """Tally of the 8-bit colours that occur: a flag for each possible one."""

    def __init__(self, n_channels: int) -> None:
        self.flags = np.zeros(256**n_channels, dtype=bool)

    def add(self, pixels: Pixels) -> None:
        self.flags[pack_digits(keys_of(pixels.allowed_colors()), 256)[:, 0]] = True

    def merge(self, other: _ByteColorSet) -> None:
        self.flags |= other.flags


class OutputColors:
    """Tally of the distinct colours that levels make of pixels.

    Parameters
    ----------
    groups : list of slice
        Groups of channels.
    levels : list of LevelLookup
        The look-up of each group.
    n_channels : int
        Number of channels.
    """

    def __init__(self, groups: list[Group], levels: list[LevelLookup], n_channels: int) -> None:
        self._groups, self._levels = groups, levels
        # Two centers can round to the same output, so pixels are compared by ranks among the distinct outputs.
        self._ranks = [np.unique(level.outputs, return_inverse=True)[1] for level in levels]
        self._base = max(int(rank.max()) for rank in self._ranks) + 1
        size = self._base**n_channels
        self._rows: _RowSet = _FlaggedRows(size) if size <= _TABLE_SIZE else _SortedRows()

    def add(self, pixels: Pixels) -> None:
        """Add the pixels that take part in all channels."""
        block = pixels.allowed_colors()
        columns = []
        valid = np.ones(len(block), dtype=bool)
        for group, level, rank in zip(self._groups, self._levels, self._ranks, strict=True):
            indices = level.indices(block[:, group])
            valid &= (indices < len(rank)).all(axis=1)
            # Pixels without a center are clipped to the last rank here and left out by `valid`.
            columns.append(np.take(rank, indices, mode="clip"))
        self._rows.add(pack_digits(np.concatenate(columns, axis=1)[valid], self._base))

    def merge(self, other: OutputColors) -> None:
        """Add the colours of other pixels."""
        self._rows.merge(other._rows)

    def count(self) -> int | None:
        """Return the number of distinct colours.

        None if there are more than `MAX_ROWS`, and the levels combine to too many for a table.
        """
        return self._rows.count()


class _RowSet(Protocol):
    """Set of distinct rows of words."""

    def add(self, words: np.ndarray) -> None:
        """Add the words of a block."""

    def merge(self, other: Any) -> None:
        """Add the rows of another set of this class."""

    def count(self) -> int | None:
        """Return the number of distinct rows; None if there are too many."""


class _FlaggedRows:
    """Set of rows of one word, as a flag for each possible word."""

    def __init__(self, size: int) -> None:
        self._flags = np.zeros(size, dtype=bool)

    def add(self, words: np.ndarray) -> None:
        self._flags[words[:, 0]] = True

    def merge(self, other: _FlaggedRows) -> None:
        self._flags |= other._flags

    def count(self) -> int:
        return int(np.count_nonzero(self._flags))


class _SortedRows:
    """Set of rows as a sorted array, until there are more than `MAX_ROWS`: then none are kept.

    Merging whenever it has doubled sorts each row only a few times.
    """

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []
        self._n_new = self._n_merged = 0
        self._has_too_many = False

    def add(self, words: np.ndarray) -> None:
        if not self._has_too_many:
            self._hold(group_rows(words)[0])

    def merge(self, other: _SortedRows) -> None:
        if other._has_too_many:
            self._drop()
        for part in other._parts:
            self._hold(part)

    def count(self) -> int | None:
        self._merge()
        return None if self._has_too_many else self._n_merged

    def _hold(self, rows: np.ndarray) -> None:
        if self._has_too_many:
            return
        self._parts.append(rows)
        self._n_new += len(rows)
        if self._n_new > max(self._n_merged, _MIN_MERGED):
            self._merge()

    def _merge(self) -> None:
        if self._has_too_many:
            return
        merged = group_rows(np.concatenate(self._parts))[0]
        self._parts, self._n_new, self._n_merged = [merged], 0, len(merged)
        if self._n_merged > MAX_ROWS:
            self._drop()

    def _drop(self) -> None:
        self._has_too_many, self._parts = True, []
