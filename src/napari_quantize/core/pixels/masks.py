"""Masks over an image, and ranges of values that are ignored."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from copy import copy
from typing import Any

import numpy as np

from napari_quantize.core.arrays import as_array, is_lazy, is_masked
from napari_quantize.core.lookup.value_tables import KeyTable, table_of
from napari_quantize.core.request.ignore import IgnoredRange

# Values of a mask that are hashed at a time: a multiple of 8, so that packed bits are the same in pieces.
_PIECE = 2**20
# Hexadecimal digits of a mask's hash: 64 bits, enough to tell any masks of one project apart.
_DIGEST_LENGTH = 16


class Ignored:
    """Test whether values of one dtype are ignored.

    Parameters
    ----------
    ranges : tuple of (low, high)
        As `check_ignore` returns them. In float images, the ends are rounded to the dtype, so that 0.1 also matches
        the float32 nearest to 0.1, as in numpy's own comparisons.
    dtype : numpy.dtype
        Of the image.

    Attributes
    ----------
    only_whole : bool
        Whether a value is ignored only if all channels of its pixel are, as of colours.
    """

    def __init__(self, ranges: tuple[IgnoredRange, ...], dtype: np.dtype) -> None:
        self.only_whole = False
        ends = _float_ends(ranges, dtype) if dtype.kind == "f" else _integer_ends(ranges, dtype)
        self._lows, self._highs = ends[:, 0], ends[:, 1]
        self._table = KeyTable(self.holds(table_of(dtype))) if dtype.itemsize <= 2 else None

    def of_colors(self) -> Ignored:
        """Return the same test for values of colours."""
        other = copy(self)
        other.only_whole = True
        return other

    def holds(self, numbers: np.ndarray) -> np.ndarray:
        """Return, for each number, whether it lies in one of the ranges; NaN lies in none."""
        if not len(self._lows):
            return np.zeros(numbers.shape, dtype=bool)
        # Ranges are disjoint and ascend, so only the last range that begins at or below a number can hold it.
        begun = np.searchsorted(self._lows, numbers, side="right")
        inside: np.ndarray = (begun > 0) & (numbers <= self._highs[begun - 1])
        return inside

    def among(self, values: np.ndarray) -> np.ndarray:
        """Return, for each value of the dtype, whether it is ignored: as `holds`, by a table up to 16 bits."""
        return self.holds(values) if self._table is None else self._table.look_up(values)


def _float_ends(ranges: tuple[IgnoredRange, ...], dtype: np.dtype) -> np.ndarray:
    ends = [(-math.inf if low is None else low, math.inf if high is None else high) for low, high in ranges]
    with np.errstate(over="ignore"):  # ends beyond the dtype's range become infinities, which match no finite value
        return np.array(ends, dtype=np.float64).reshape(-1, 2).astype(dtype.newbyteorder("="))


def _integer_ends(ranges: tuple[IgnoredRange, ...], dtype: np.dtype) -> np.ndarray:
    # In integers throughout, because float64 would round the ends of 64-bit ranges.
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
    """Return a mask broadcast to the shape of the image.

    Parameters
    ----------
    mask : ndarray of bool or None
        With as many axes as the image it applies to values, with fewer axes to pixels. Missing axes are the first ones.
    shape : tuple of int
        Shape of the image.
    channel_axis : int or None
        Axis of the image's channels.

    Returns
    -------
    ndarray of bool or None
        A view: axes that `mask` lacks have stride 0.

    Raises
    ------
    TypeError
        If the mask is not boolean.
    ValueError
        If the shape does not fit the image, or the mask is True nowhere.
    """
    if mask is None:
        return None
    mask = _as_mask(mask)
    if not all(length == length for length in shape):  # NaN
        raise ValueError("the lengths of the image's chunks are not known: call compute_chunk_sizes() on it first")
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
    for piece in _pieces(mask):
        digest.update(np.packbits(piece).tobytes())
    return digest.hexdigest()[:_DIGEST_LENGTH]


def _pieces(mask: Any) -> Iterator[np.ndarray]:
    """Yield the values of a mask in C order; all pieces but the last are multiples of 8 long.

    A lazy mask is held whole where it is not divided along its first axis.
    """
    if is_lazy(mask):
        rest = np.empty(0, dtype=bool)
        for rows in mask.rechunk(dict.fromkeys(range(1, mask.ndim), -1)).blocks if mask.ndim else [mask]:
            values = np.concatenate((rest, np.asarray(rows).reshape(-1)))
            whole = len(values) // 8 * 8
            rest = values[whole:]
            yield values[:whole]
        yield rest
        return
    flat = mask.reshape(-1) if mask.flags.c_contiguous else mask.flat  # so that the mask is never copied as a whole
    for start in range(0, mask.size, _PIECE):
        yield flat[start : start + _PIECE]


def _as_mask(mask: np.ndarray) -> np.ndarray:
    if is_masked(mask):
        raise TypeError("mask is a masked array: fill its own masked values first (with False to leave them out)")
    array: np.ndarray = as_array(mask)
    if array.dtype.kind != "b":
        raise TypeError(f"mask of dtype {array.dtype} must be boolean, like labels > 0")
    return array


def _broadcast(mask: np.ndarray, shape: tuple[int, ...], what: str) -> np.ndarray:
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"mask of shape {mask.shape} does not broadcast to {what}, {shape}") from None
