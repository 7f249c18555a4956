"""Values wider than 16 bits: on which side of which border each lies, exactly.

All values are seen as unsigned integers that ascend as they do. The integers between the lowest and the highest
border are cut into equal ranges; most hold no border, so that a table says all about their values. The others' values
are searched for among the borders.
"""

from __future__ import annotations

import numpy as np

_RANGE_BITS = 16


class ThresholdLookup:
    """Borders, ready to tell where values lie among them.

    Parameters
    ----------
    borders : ndarray, shape (n,)
        Finite and ascending, of the dtype of the values, in native byte order.
    """

    def __init__(self, borders: np.ndarray) -> None:
        # 0.0 comes right after -0.0, and is no larger.
        self._borders = _ordered(np.where(borders == 0, borders.dtype.type(0), borders))
        low, high = (int(self._borders[0]), int(self._borders[-1])) if len(borders) else (0, 0)
        self._shift = max(0, (high - low).bit_length() - _RANGE_BITS)
        # The first range ends with the first border, so that all that lies below has an answer.
        self._start = max(0, low + 1 - 2**self._shift)
        unsigned = self._borders.dtype.type
        above = self._borders - unsigned(self._start) + unsigned(1)  # where the values above a border begin
        ranges = (above >> unsigned(self._shift)).astype(np.intp)
        self._last = int(ranges.max(initial=0)) + 1
        self._below = np.cumsum(np.bincount(ranges, minlength=self._last + 1))
        self._divided = np.zeros(self._last + 1, dtype=bool)
        self._divided[ranges[above & unsigned(2**self._shift - 1) != 0]] = True

    def table_of(self, results: np.ndarray) -> np.ndarray:
        """Return ``results[number of borders below]`` for each range; for divided ranges, one of their results."""
        table: np.ndarray = results[self._below]
        return table

    def look_up(self, values: np.ndarray, results: np.ndarray, table: np.ndarray, out: np.ndarray) -> None:
        """Write ``results[number of borders below a value]`` for each value into `out`; anything for NaN.

        Parameters
        ----------
        values : ndarray
            Values of the borders' dtype, in any byte order.
        results : ndarray, shape (n + 1,)
            What becomes of values between two borders.
        table : ndarray
            What `table_of` returned for them.
        out : ndarray
            Of the values' shape and the results' dtype.
        """
        ordered = _ordered(values)
        ranges = self._ranges_of(ordered)
        found = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
        np.take(table, ranges, out=found, mode="wrap")  # the fastest mode: no range lies outside
        divided = np.flatnonzero(np.take(self._divided, ranges, mode="wrap"))
        if len(divided):
            below = np.searchsorted(self._borders, ordered.reshape(-1)[divided])
            found.reshape(-1)[divided] = results[below]
        if found is not out:
            out[...] = found

    def _ranges_of(self, ordered: np.ndarray) -> np.ndarray:
        unsigned = ordered.dtype.type
        ranges: np.ndarray = np.maximum(ordered, unsigned(self._start))
        ranges -= unsigned(self._start)
        ranges >>= unsigned(self._shift)
        np.minimum(ranges, unsigned(self._last), out=ranges)
        return ranges.astype(np.intp)


def _ordered(values: np.ndarray) -> np.ndarray:
    """Return new unsigned integers, in C order, that ascend as the values do."""
    bits = values.view(np.dtype(f"u{values.itemsize}").newbyteorder(values.dtype.byteorder))
    bits = bits.astype(bits.dtype.newbyteorder("="), order="C")
    if values.dtype.kind == "u":
        return bits
    sign = bits.dtype.type(1 << (8 * values.itemsize - 1))
    if values.dtype.kind == "f":
        # The bits of negative floats ascend with their size: all of them are turned round, not the sign alone.
        negative = bits.view(f"i{values.itemsize}") >> (8 * values.itemsize - 1)
        bits ^= negative.view(bits.dtype) & ~sign
    bits ^= sign
    return bits
