"""Counts and look-ups of values of at most 16 bits, by a table of all possible values.

Bytes are processed in pairs: one step in a table of 65,536 entries replaces two steps in a table of 256.
"""

from __future__ import annotations

import numpy as np

from napari_quantize.core.cached_property import cached_property

_N_PAIRS = 2**16
_MIN_FOR_PAIRS = 2**14  # values; for fewer, the table of pairs costs more than it saves
_MIN_FOR_BINCOUNT = 2**16  # keys


def keys_of(values: np.ndarray) -> np.ndarray:
    """View values of at most 16 bits as unsigned integers: their indices in `table_of` their dtype."""
    return values.view(f"u{values.itemsize}")


def table_of(dtype: np.dtype) -> np.ndarray:
    """Return all values that a dtype of at most 16 bits can hold, as float64, in the order of their keys."""
    keys = np.arange(256**dtype.itemsize, dtype=f"u{dtype.itemsize}")
    # Where the processor widens float16, a signalling NaN warns, which says nothing about the image.
    with np.errstate(invalid="ignore"):
        # Bytes other than 0 and 1 occur in a bool, too, in arrays that were viewed as bool: numpy makes 1 of them.
        return keys.view(dtype).astype(np.float64)


class KeyCounts:
    """Counts of each key of a dtype."""

    def __init__(self, dtype: np.dtype) -> None:
        self._singles = np.zeros(256**dtype.itemsize, dtype=np.int64)
        self._pairs = np.zeros(_N_PAIRS if dtype.itemsize == 1 else 0, dtype=np.int64)

    def add(self, values: np.ndarray) -> None:
        """Count values."""
        # Counts do not depend on the order: that of the memory needs no copy.
        keys = keys_of(values).ravel(order="K")
        if len(self._pairs):
            pairs, keys = _split(keys)
            _count(pairs, self._pairs)
        _count(keys, self._singles)

    def merge(self, other: KeyCounts) -> None:
        """Add the counts of other values of the dtype."""
        self._singles += other._singles
        self._pairs += other._pairs

    def totals(self) -> np.ndarray:
        """Return the counts, in the order of the keys."""
        if not len(self._pairs):
            return self._singles
        # Sums along both axes count the first and the second bytes, whatever the byte order.
        pairs = self._pairs.reshape(256, 256)
        total: np.ndarray = self._singles + pairs.sum(axis=0) + pairs.sum(axis=1)
        return total


def _count(keys: np.ndarray, counts: np.ndarray) -> None:
    if len(keys) < _MIN_FOR_BINCOUNT:
        np.add.at(counts, keys.astype(np.intp), 1)
    else:  # makes a table of its own, but lets other threads work meanwhile
        counts += np.bincount(keys.astype(np.intp), minlength=len(counts))


def _split(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split contiguous bytes into pairs and the remainder: no byte, or one."""
    whole = len(keys) // 2 * 2
    return keys[:whole].view(np.uint16), keys[whole:]


class KeyTable:
    """Look-up of a result for each key of a dtype.

    Parameters
    ----------
    table : ndarray
        The results, in the order of the keys.
    """

    def __init__(self, table: np.ndarray) -> None:
        self._table = table

    @cached_property
    def _pairs(self) -> np.ndarray:
        """Results of pairs of bytes, in the order of the pairs, on machines of any byte order."""
        both = np.arange(_N_PAIRS, dtype=np.uint16).view(np.uint8)
        return self._table[both].view(np.uint16)

    def look_up(self, values: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Return the results for `values`, written into `out` if it is given."""
        keys = keys_of(values)
        if out is None:
            out = np.empty(keys.shape, self._table.dtype)
        if not (keys.flags.c_contiguous and out.flags.c_contiguous):
            out[...] = _take(self._table, keys)
            return out
        flat, flat_out = keys.reshape(-1), out.reshape(-1)
        if keys.itemsize == out.itemsize == 1 and out.size >= _MIN_FOR_PAIRS:
            pairs, flat = _split(flat)
            pairs_out, flat_out = _split(flat_out)
            _take(self._pairs, pairs, pairs_out)
        _take(self._table, flat, flat_out)
        return out


def _take(table: np.ndarray, keys: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    # mode="wrap" is the fastest mode and writes into `out` without a buffer. No key is out of range.
    return np.take(table, keys.astype(np.intp), out=out, mode="wrap")


def run_starts(ordered: np.ndarray) -> np.ndarray:
    """Return, for sorted numbers or rows, whether each differs from the one before it."""
    first = np.ones(len(ordered), dtype=bool)
    differ = ordered[1:] != ordered[:-1]
    first[1:] = differ if ordered.ndim == 1 else np.logical_or.reduce(differ, axis=1)
    return first
