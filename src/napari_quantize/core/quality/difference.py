"""Signed difference of a result from its source, and a picture of it for colours."""

from __future__ import annotations

import numpy as np

from napari_quantize.core.request.request import Tick

_BLOCK = 1 << 18  # values of a block: fits the processor's cache, and calls `tick` often enough
_GREY = 128
_STEPS = 127  # from grey to either end


def signed_difference(source: np.ndarray, result: np.ndarray, tick: Tick) -> np.ndarray:
    """Return ``result − source`` without integer overflow.

    Parameters
    ----------
    source, result : ndarray of one shape
        Of any integer, boolean or float dtype.
    tick : callable
        Called between blocks.

    Returns
    -------
    ndarray of float32
        Computed in float64 if float32 cannot hold every value; NaN where either is NaN or both are infinite.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if source.shape != result.shape:
        raise ValueError(f"image and result must have one shape, not {source.shape} and {result.shape}")
    difference = np.empty(source.shape, np.float32)
    wide = np.result_type(source.dtype, result.dtype, np.float32)  # float64 from 32-bit integers on
    for block in _blocks(source):
        with np.errstate(invalid="ignore", over="ignore"):
            difference[block] = np.subtract(result[block], source[block], dtype=wide, casting="unsafe")
        tick()
    return difference


def around_grey(difference: np.ndarray, limit: float, tick: Tick) -> np.ndarray:
    """Return a picture of the signed difference of colours: grey for 0, black and white for ∓ `limit`.

    Parameters
    ----------
    difference : (..., C) ndarray of float32
        As `signed_difference` returns it.
    limit : float
        Difference at the ends of the scale, above 0. Larger differences are clipped.
    tick : callable
        Called between blocks.

    Returns
    -------
    (..., C) ndarray of uint8
        128 where the difference is 0 or not a number.
    """
    picture = np.empty(difference.shape, np.uint8)
    for block in _blocks(difference):
        scaled = np.clip(difference[block] * np.float32(_STEPS / limit), -_STEPS, _STEPS)
        picture[block] = np.nan_to_num(np.rint(scaled) + _GREY, copy=False, nan=_GREY)
        tick()
    return picture


def _blocks(image: np.ndarray) -> list[slice]:
    """Return slices of the first axis with at most `_BLOCK` values, or one row."""
    per_row = max(1, image.size // max(1, len(image)))
    rows = max(1, _BLOCK // per_row)
    return [slice(start, start + rows) for start in range(0, len(image), rows)]
