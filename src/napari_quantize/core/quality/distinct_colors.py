"""Number of distinct colours of a result: the one figure of levels that needs whole pixels, not single values."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from napari_quantize.core.lookup.levels import LevelLookup
from napari_quantize.core.lookup.value_tables import keys_of
from napari_quantize.core.pixels.pixels import Index, Pixels
from napari_quantize.core.request.request import Mode, Tick
from napari_quantize.core.samples.distinct_rows import group_rows, pack_digits

_TABLE_SIZE = 2**24  # flags of one byte: all colours of 3 × 8 bits
_MIN_MERGED = 2**20  # rows before the first merge, which costs a sort


def distinct_colors(pixels: Pixels, tick: Tick) -> Pixels:
    """Return pixels with the same set of colours: each once for up to 3 channels of 8 bits, else unchanged."""
    channels = pixels.n_channels
    if pixels.array.dtype.itemsize > 1 or not 1 < channels <= 3:
        return pixels

    def codes(index: Index) -> np.ndarray:
        keys = keys_of(pixels.colors(index))
        return pack_digits(keys, 256)

    seen = _Table(256**channels)
    for block in pixels.map(codes, tick):
        seen.add(block)
    code = np.flatnonzero(seen.held)
    keys = np.stack([code >> 8 * (channels - 1 - c) & 255 for c in range(channels)], axis=-1).astype(np.uint8)
    return Pixels(keys.view(pixels.array.dtype), n_jobs=pixels.n_jobs)


def count_distinct_colors(colors: Pixels, levels: list[LevelLookup], mode: Mode, tick: Tick) -> int:
    """Count the distinct colours of a result, among the pixels that take part in all channels.

    Parameters
    ----------
    colors : Pixels
        Pixels of the source, or what `distinct_colors` returns for them.
    levels : list of LevelLookup
        The look-up of each group of channels.
    mode : {"global", "per_channel"}
        Whether channels share one look-up.
    tick : callable
        Called between blocks of pixels.

    Returns
    -------
    int
        Number of colours.
    """
    groups = colors.groups(mode)
    # Two centers can round to the same output, so pixels are compared by ranks among the distinct outputs.
    ranks = [np.unique(level.outputs, return_inverse=True)[1] for level in levels]
    base = max(int(rank.max()) for rank in ranks) + 1
    size = base**colors.n_channels
    found: _RowSet = _Table(size) if size <= _TABLE_SIZE else _Sorted()

    def words(index: Index) -> np.ndarray:
        block = colors.colors(index)
        columns = []
        valid = np.ones(len(block), dtype=bool)
        for group, level, rank in zip(groups, levels, ranks, strict=True):
            indices = level.indices(block[:, group])
            valid &= (indices < len(rank)).all(axis=1)
            # Pixels without a center are clipped to the last rank here and left out by `valid`.
            columns.append(np.take(rank, indices, mode="clip"))
        return found.reduced(pack_digits(np.concatenate(columns, axis=1)[valid], base))

    for part in colors.map(words, tick):
        found.add(part)
    return found.count()


class _RowSet(Protocol):
    """Set of distinct rows of words."""

    def reduced(self, words: np.ndarray) -> np.ndarray:
        """Return the words of a block to pass to `add`; called by several threads."""

    def add(self, words: np.ndarray) -> None:
        """Add the words of a block."""

    def count(self) -> int:
        """Return the number of distinct rows."""


class _Table:
    """Set of rows of one word, as a flag for each possible word."""

    def __init__(self, size: int) -> None:
        self.held = np.zeros(size, dtype=bool)

    def reduced(self, words: np.ndarray) -> np.ndarray:
        return words

    def add(self, words: np.ndarray) -> None:
        self.held[words[:, 0]] = True

    def count(self) -> int:
        return int(np.count_nonzero(self.held))


class _Sorted:
    """Set of rows as a sorted array. Merging whenever it has doubled sorts each row only a few times."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []
        self._n_new = 0
        self._n_merged = 0

    def reduced(self, words: np.ndarray) -> np.ndarray:
        return group_rows(words)[0]  # sorted in the block's own thread: `add` runs in one thread

    def add(self, words: np.ndarray) -> None:
        self._parts.append(words)
        self._n_new += len(words)
        if self._n_new > max(self._n_merged, _MIN_MERGED):
            self._merge()

    def count(self) -> int:
        self._merge()
        return self._n_merged

    def _merge(self) -> None:
        merged = group_rows(np.concatenate(self._parts))[0]
        self._parts, self._n_new, self._n_merged = [merged], 0, len(merged)
