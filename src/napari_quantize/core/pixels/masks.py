"""What to learn from: masks over an image, and ranges of values that are left out."""

from __future__ import annotations

import hashlib
import math

import numpy as np

from napari_quantize.core.lookup.value_tables import KeyTable, table_of
from napari_quantize.core.request.ignore import IgnoredRange

# Values of a mask that are hashed at a time.
_PIECE = 2**20
# Characters of a mask's hash: 64 bits tell apart all masks that anybody will ever draw.
_DIGEST_LENGTH = 16


class Ignored:
    """Which values of one dtype are left out.

    Parameters
    ----------
    ranges : tuple of (low, high)
        As `check_ignore` returns them. Their ends are rounded to a float dtype, so that 0.1 means what is stored
        for 0.1 in float32 too, as in numpy's own comparisons.
    dtype : numpy.dtype
        Of the image.
    """

    def __init__(self, ranges: tuple[IgnoredRange, ...], dtype: np.dtype) -> None:
        ends = _float_ends(ranges, dtype) if dtype.kind == "f" else _integer_ends(ranges, dtype)
        self._lows, self._highs = ends[:, 0], ends[:, 1]
        self._table = KeyTable(self.holds(table_of(dtype))) if dtype.itemsize <= 2 else None

    def holds(self, numbers: np.ndarray) -> np.ndarray:
        """Return which of some numbers lie in one of the ranges; NaN lies in none."""
        if not len(self._lows):
            return np.zeros(numbers.shape, dtype=bool)
        # Lows and highs both ascend, so no range before the last one that has begun can reach further.
        begun = np.searchsorted(self._lows, numbers, side="right")
        with np.errstate(invalid="ignore"):
            inside: np.ndarray = (begun > 0) & (numbers <= self._highs[begun - 1])
        return inside

    def among(self, values: np.ndarray) -> np.ndarray:
        """Return which values of the dtype are left out: as `holds`, by a table where that is small."""
        return self.holds(values) if self._table is None else self._table.look_up(values)


def _float_ends(ranges: tuple[IgnoredRange, ...], dtype: np.dtype) -> np.ndarray:
    ends = [(-math.inf if low is None else low, math.inf if high is None else high) for low, high in ranges]
    with np.errstate(over="ignore"):  # beyond the dtype's largest value only its infinities are left to ignore
        return np.array(ends, dtype=np.float64).reshape(-1, 2).astype(dtype.newbyteorder("="))


def _integer_ends(ranges: tuple[IgnoredRange, ...], dtype: np.dtype) -> np.ndarray:
    # In integers throughout: as floats, the ends of 64 bits would be rounded.
    limits = np.iinfo(np.uint8 if dtype.kind == "b" else dtype)
    ends = [
        (
            limits.min if low is None else max(limits.min, math.ceil(low)),
            limits.max if high is None else min(limits.max, math.floor(high)),
        )
        for low, high in ranges
    ]
    return np.array([(low, high) for low, high in ends if low <= high], dtype=limits.dtype).reshape(-1, 2)


def check_mask(mask: np.ndarray | None, shape: tuple[int, ...], channel_axis: int | None) -> np.ndarray | None:
    """Return a mask as a view in the shape of the image.

    Parameters
    ----------
    mask : ndarray of bool or None
        With as many axes as the image it is one for all values, with fewer for pixels. Missing axes come first.
    shape : tuple of int
        Of the image.
    channel_axis : int or None
        Of the image.

    Returns
    -------
    ndarray of bool or None
        Nothing is copied: axes that `mask` lacks have stride 0.

    Raises
    ------
    TypeError
        If the mask is not boolean.
    ValueError
        If its shape does not fit the image, or it is True nowhere.
    """
    if mask is None:
        return None
    mask = _as_mask(mask)
    if channel_axis is None or mask.ndim >= len(shape):
        whole = _broadcast(mask, shape, "the image's shape")
    else:
        axis = channel_axis % len(shape)
        of_pixels = _broadcast(mask, shape[:axis] + shape[axis + 1 :], "the image's shape without its channels")
        whole = np.broadcast_to(np.expand_dims(of_pixels, axis), shape)
    if not mask.any():
        raise ValueError("mask is True nowhere: there is nothing to learn from")
    return whole


def mask_digest(mask: np.ndarray | None) -> str | None:
    """Return a short hash of a mask's shape and values, the same for every memory layout; None for no mask."""
    if mask is None:
        return None
    mask = _as_mask(mask)
    digest = hashlib.sha256(repr(mask.shape).encode())
    flat = mask.reshape(-1) if mask.flags.c_contiguous else mask.flat  # never copied as a whole
    for start in range(0, mask.size, _PIECE):
        digest.update(np.packbits(flat[start : start + _PIECE]).tobytes())
    return digest.hexdigest()[:_DIGEST_LENGTH]


def _as_mask(mask: np.ndarray) -> np.ndarray:
    if isinstance(mask, np.ma.MaskedArray):
        raise TypeError("mask is a masked array: fill its own masked values first (with False to leave them out)")
    array = np.asarray(mask)
    if array.dtype.kind != "b":
        raise TypeError(f"mask of dtype {array.dtype} must be boolean, like labels > 0")
    return array


def _broadcast(mask: np.ndarray, shape: tuple[int, ...], what: str) -> np.ndarray:
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"mask of shape {mask.shape} does not broadcast to {what}, {shape}") from None
