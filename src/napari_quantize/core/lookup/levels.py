"""Look-up of the exactly nearest center for single values: indices, and quantized values."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from napari_quantize.core.lookup.thresholds import ThresholdLookup
from napari_quantize.core.lookup.value_tables import KeyTable, keys_of, table_of


class LevelLookup(Protocol):
    """Look-up of the nearest of several 1-D centers, for values of one dtype."""

    outputs: np.ndarray
    """The centers rounded to that dtype, shape (n_used,): the quantized values."""

    def indices(self, values: np.ndarray) -> np.ndarray:
        """Return the index of the nearest center for each value; n_used for NaN and infinities."""

    def apply(self, values: np.ndarray, out: np.ndarray) -> None:
        """Write the nearest center for each value into `out`; NaN and infinities keep their bytes."""


def level_lookup(centers: np.ndarray, dtype: np.dtype, limits: np.ndarray | None = None) -> LevelLookup:
    """Return the look-up of `centers` for values of `dtype`: a table up to 16 bits, a search beyond.

    `limits` are borders between the centers that were set by hand; by default, the nearest center is looked up.
    """
    if limits is None:
        limits = borders(centers)
        outputs = _nearest_outputs(centers, dtype, limits)
    else:
        outputs = _own_outputs(centers, dtype, limits)
    return (_TableLookup if dtype.itemsize <= 2 else _SearchLookup)(outputs, dtype, limits)


def index_dtype(n_used: int) -> np.dtype:
    """Return the smallest unsigned dtype that holds the indices and n_used itself."""
    return np.min_scalar_type(n_used)


def borders(centers: np.ndarray) -> np.ndarray:
    """Return, for each center but the last, the largest float64 that is no nearer to the next center.

    Parameters
    ----------
    centers : ndarray of float64, shape (n,)
        Ascending centers.

    Returns
    -------
    ndarray of float64, shape (n - 1,)
        A value belongs to center ``i`` or a lower one exactly if it is at most ``borders[i]``. Midpoints that
        float64 cannot hold are rounded down, using the exact error of their sum, so ties and neighbours of ties
        are decided as in exact arithmetic.

    References
    ----------
    D. E. Knuth, The Art of Computer Programming, vol. 2, 4.2.2, theorem B (the error of a sum).
    """
    low, high = centers[:-1], centers[1:]
    # Knuth's two-sum: `total + error` is the exact sum of two neighbours, whatever was rounded in `total`.
    total = low + high
    part = total - low
    error = (low - (total - part)) + (high - part)
    middle = total / 2
    # Halving is exact except for subnormal numbers, and for these the sum is exact. So either the sum or the halving
    # was rounded, never both, and its direction tells whether `middle` lies above the true midpoint.
    too_high = np.where(2 * middle == total, error < 0, 2 * middle > total)
    limits: np.ndarray = np.where(too_high, np.nextafter(middle, -np.inf), middle)
    return limits


def _nearest_outputs(centers: np.ndarray, dtype: np.dtype, limits: np.ndarray) -> np.ndarray:
    """Round ascending centers to `dtype`; `limits` are the borders halfway between them."""
    if dtype.kind in "iub":
        # If another center is nearer to a rounded center, it lies within ½ of it and rounds to the same integer.
        rounded: np.ndarray = np.rint(centers).astype(dtype)
        return rounded
    nearest = centers.astype(dtype)
    # Floats are spaced unevenly, so a rounded center can lie nearer to another center. Taking the output of that
    # other center keeps `apply` idempotent: quantizing twice gives the same as quantizing once.
    outputs: np.ndarray = nearest[np.searchsorted(limits, nearest.astype(np.float64))]
    return outputs


def _own_outputs(centers: np.ndarray, dtype: np.dtype, limits: np.ndarray) -> np.ndarray:
    """Round ascending centers to values of `dtype` within these limits, so that each value keeps its class.

    A center can lie on its limit, or less than a step from it. A class without values of `dtype` has no such value.
    """
    native = np.dtype(np.uint8) if dtype.kind == "b" else dtype.newbyteorder("=")
    highest = rounded_down(limits, native)
    outputs: np.ndarray = (centers if dtype.kind == "f" else np.rint(centers)).astype(native)
    outputs[1:] = np.maximum(outputs[1:], _next_above(highest))
    outputs[:-1] = np.minimum(outputs[:-1], highest)
    return outputs.astype(dtype)


def _next_above(values: np.ndarray) -> np.ndarray:
    """Return the next larger value of the same dtype. There is one: a center lies above each limit."""
    above: np.ndarray = (
        np.nextafter(values, values.dtype.type(np.inf)) if values.dtype.kind == "f" else values + values.dtype.type(1)
    )
    return above


class _TableLookup:
    """Look-up of values of at most 16 bits, by a table of all possible values."""

    def __init__(self, outputs: np.ndarray, dtype: np.dtype, limits: np.ndarray) -> None:
        self._arguments = outputs, dtype, limits
        values = table_of(dtype)
        finite = np.isfinite(values)
        nearest = np.searchsorted(limits, values)
        self.outputs = outputs
        results = self.outputs[nearest]
        # NaN and infinities keep their bytes: as unsigned integers, their table entries are their own keys.
        np.copyto(keys_of(results), np.arange(len(values)), where=~finite, casting="unsafe")
        self._values = KeyTable(results)
        self._indices = KeyTable(np.where(finite, nearest, len(outputs)).astype(index_dtype(len(outputs))))

    def __reduce__(self) -> tuple[object, ...]:
        return _TableLookup, self._arguments  # a process makes its own table

    def indices(self, values: np.ndarray) -> np.ndarray:
        return self._indices.look_up(values)

    def apply(self, values: np.ndarray, out: np.ndarray) -> None:
        self._values.look_up(values, out)


class _SearchLookup:
    """Look-up of wider values: a table of ranges, and a binary search in the few ranges that hold a border."""

    def __init__(self, outputs: np.ndarray, dtype: np.dtype, limits: np.ndarray) -> None:
        self._arguments = outputs, dtype, limits
        self._ranges = ThresholdLookup(rounded_down(limits, dtype.newbyteorder("=")))
        self.outputs = outputs
        self._indices = np.arange(len(outputs), dtype=index_dtype(len(outputs)))
        self._outputs_of_ranges = self._ranges.table_of(self.outputs)
        self._indices_of_ranges = self._ranges.table_of(self._indices)

    def __reduce__(self) -> tuple[object, ...]:
        return _SearchLookup, self._arguments

    def indices(self, values: np.ndarray) -> np.ndarray:
        indices = np.empty(values.shape, self._indices.dtype)
        self._ranges.look_up(values, self._indices, self._indices_of_ranges, indices)
        finite = np.isfinite(values)
        if not finite.all():
            indices[~finite] = len(self._indices)
        return indices

    def apply(self, values: np.ndarray, out: np.ndarray) -> None:
        self._ranges.look_up(values, self.outputs, self._outputs_of_ranges, out)
        finite = np.isfinite(values)
        if not finite.all():
            np.copyto(out, values, where=~finite)


def rounded_down(limits: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Round limits down to values of `dtype`, so that comparisons in `dtype` give the same answers."""
    rounded: np.ndarray
    if dtype.kind in "iu":
        rounded = np.floor(limits).astype(dtype)
        return rounded
    rounded = limits.astype(dtype)  # to nearest, so perhaps up
    below: np.ndarray = np.nextafter(rounded, dtype.type(-np.inf))
    return np.where(rounded > limits, below, rounded)
