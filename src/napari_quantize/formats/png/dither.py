"""Dither images with Floyd and Steinberg's error diffusion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.pixels.blas_threads import one_thread
from napari_quantize.formats.png.pixels import MAX_PALETTE

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Raster

_PARTS = 16  # of a level
_WHITE = 255 * _PARTS


def dither_image(raster: Raster) -> Raster:
    """Return a photo in the colours of its codebook, dithered with Floyd and Steinberg's error diffusion.

    Error diffusion hands the error of each pixel on to its neighbours. Dithering is for display only: a pixel may not
    have its nearest colour, so do not measure or label a dithered image. Its record says ``"dithered": True``.

    Parameters
    ----------
    raster : Raster
        The original image, not the quantized one: 8-bit RGB or RGBA, with a codebook of at most 256 colours.

    Returns
    -------
    Raster
        The dithered image. Alpha, and pixels whose alpha is 0, are unchanged.

    Raises
    ------
    ValueError
        If it is another kind of image, or has no codebook of colours.

    References
    ----------
    R. W. Floyd, L. Steinberg, "An adaptive algorithm for spatial grey scale", Proc. SID 17(2), 75–77, 1976.
    """
    image, codebook = raster.image, raster.codebook
    if not raster.rgb or image.ndim != 3 or image.dtype != np.uint8:
        raise ValueError("only RGB photos of 8 bits can be dithered")
    if codebook is None or codebook.mode != "color" or codebook.outputs[0].shape[1:] != (3,):
        raise ValueError("only palettes of RGB colours can be dithered, not levels")
    palette = codebook.outputs[0]
    if len(palette) > MAX_PALETTE or palette.dtype != np.uint8:
        raise ValueError(
            f"{len(palette)} {palette.dtype} colours cannot be dithered: up to {MAX_PALETTE} of 8 bits can"
        )
    hidden = image[..., 3] == 0 if image.shape[2] == 4 else np.zeros(image.shape[:2], dtype=bool)
    with one_thread("blas"):  # the products are so small that more threads make them slower
        indices = _diffuse(image[..., :3], hidden, palette)
    result = image.copy()
    result[..., :3] = np.where(hidden[..., np.newaxis], image[..., :3], palette[indices])
    return replace(raster, image=result, record={**(raster.record or {}), "dithered": True})


def _diffuse(colors: np.ndarray, hidden: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return the index of each pixel's colour; hidden pixels hand no error on.

    A pixel at column x of row y needs the errors of its left neighbour and of the three above it. So all pixels of the
    same x + 2 y are independent of each other, and are computed at once.
    """
    height, width = hidden.shape
    # Colours and errors are counted in sixteenths of a level. All numbers are whole then, and below 2**24: float32
    # holds them exactly, and the nearest colour is the exactly nearest one.
    centers = palette.astype(np.float32)
    products = np.vstack((-2 * centers.T, _PARTS * (centers**2).sum(axis=1)))  # |x - c|² less |x|², as in a look-up
    points = np.ones((height, 4), dtype=np.float32)
    # Errors of the last three steps and of this one, each at its row + 1: there are none above the image.
    errors = np.zeros((4, height + 1, 3), dtype=np.float32)
    indices = np.zeros((height, width), dtype=np.uint8)
    for step in range(width + 2 * (height - 1)):
        first, end = max(0, (step - width + 2) // 2), min(height, step // 2 + 1)
        rows = np.arange(first, end)
        columns = step - 2 * rows
        own, above = slice(first + 1, end + 1), slice(first, end)
        before, before_2, before_3 = (errors[(step - back) % 4] for back in (1, 2, 3))
        received = 7 * before[own] + 3 * before[above] + 5 * before_2[above] + before_3[above]
        wanted = points[: len(rows)]
        wanted[:, :3] = np.clip(_PARTS * colors[rows, columns].astype(np.float32) + np.rint(received / 16), 0, _WHITE)
        found = (wanted @ products).argmin(axis=1)
        indices[rows, columns] = found
        errors[step % 4] = 0
        errors[step % 4, own] = np.where(hidden[rows, columns, np.newaxis], 0, wanted[:, :3] - _PARTS * centers[found])
    return indices
