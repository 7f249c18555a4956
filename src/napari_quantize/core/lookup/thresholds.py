"""Exact position of values wider than 16 bits among borders.

The bits of all values are mapped to unsigned integers in the same order. The integers between the lowest and the
highest border are divided into equal ranges. Most ranges hold no border, so one table entry decides all of their
values. Values in the other ranges are searched for among the borders.
"""

from __future__ import annotations

import numpy as np

_RANGE_BITS = 16  # of the number of ranges: a table of indices for them stays in the processor's cache


class ThresholdLookup:
    """Look-up of the number of borders below a value.

    Parameters
    ----------
    borders : ndarray, shape (n,)
        Finite and ascending, of the dtype of the values, in native byte order.
    """

    def __init__(self, borders: np.ndarray) -> None:
        # -0.0 and 0.0 are equal, but their bits differ: a border at zero is stored as 0.0, which comes after -0.0.
        self._borders = _ordered(np.where(borders == 0, borders.dtype.type(0), borders))
        low, high = (int(self._borders[0]), int(self._borders[-1])) if len(borders) else (0, 0)
        self._shift = max(0, (high - low).bit_length() - _RANGE_BITS)
        # The first range ends with the first border, so that it also decides everything below.
        self._start = max(0, low + 1 - 2**self._shift)
        unsigned = self._borders.dtype.type
        # Where the values above a border begin. This does not overflow: a border lies below the center that follows it.
        above = self._borders - unsigned(self._start) + unsigned(1)
        ranges = (above >> unsigned(self._shift)).astype(np.intp)
        # All values above the highest border are clipped into one range behind the others.
        self._last = int(ranges.max(initial=0)) + 1
        self._below = np.cumsum(np.bincount(ranges, minlength=self._last + 1))
        # A border exactly between two ranges divides neither.
        self._divided = np.zeros(self._last + 1, dtype=bool)
        self._divided[ranges[above & unsigned(2**self._shift - 1) != 0]] = True

    def table_of(self, results: np.ndarray) -> np.ndarray:
        """Return ``results[number of borders below]`` for each range; any of its results for a range with borders."""
        table: np.ndarray = results[self._below]
        return table

    def look_up(self, values: np.ndarray, results: np.ndarray, table: np.ndarray, out: np.ndarray) -> None:
        """Write ``results[number of borders below a value]`` for each value into `out`; anything for NaN.

        Parameters
        ----------
        values : ndarray
            Values of the borders' dtype, in any byte order.
        results : ndarray, shape (n + 1,)
            Result for the values between two neighbouring borders.
        table : ndarray
            Return value of `table_of` for `results`.
        out : ndarray
            Of the values' shape and the results' dtype.
        """
        ordered = _ordered(values)
        ranges = self._ranges_of(ordered)
        found = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
        np.take(table, ranges, out=found, mode="wrap")  # the fastest mode; no index is out of range
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
    """Return new unsigned integers, in C order, that compare as the values do."""
    bits = values.view(np.dtype(f"u{values.itemsize}").newbyteorder(values.dtype.byteorder))
    bits = bits.astype(bits.dtype.newbyteorder("="), order="C")
    if values.dtype.kind == "u":
        return bits
    sign = bits.dtype.type(1 << (8 * values.itemsize - 1))
    if values.dtype.kind == "f":
        # Bits of negative floats grow with the magnitude, so all bits are inverted, not only the sign. The arithmetic
        # shift makes a mask of ones for negative numbers and of zeros for others.
        negative = bits.view(f"i{values.itemsize}") >> (8 * values.itemsize - 1)
        bits ^= negative.view(bits.dtype) & ~sign
    bits ^= sign
    return bits
