"""Dither images with Floyd and Steinberg's error diffusion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from napari_quantize.formats.png.pixels import MAX_PALETTE

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Raster


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
    R. W. Floyd, L. Steinberg, "An adaptive algorithm for spatial grey scale", Proc. SID 17(2), 1976. The
    implementation is Pillow's.
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
    colors = image[..., :3].copy()
    hidden = image[..., 3] == 0 if image.shape[2] == 4 else np.zeros(image.shape[:2], dtype=bool)
    colors[hidden] = palette[0]  # an exact colour: invisible pixels hand no error on
    target = Image.new("P", (1, 1))
    target.putpalette(palette.tobytes())
    indices = np.asarray(Image.fromarray(colors).quantize(palette=target, dither=Image.Dither.FLOYDSTEINBERG))
    result = image.copy()
    result[..., :3] = np.where(hidden[..., np.newaxis], image[..., :3], palette[indices])
    return replace(raster, image=result, record={**(raster.record or {}), "dithered": True})
