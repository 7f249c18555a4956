"""Dithering: pixels of a palette mixed so that they look like more colours from afar."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from napari_quantize.formats.png.pixels import MAX_PALETTE

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Raster


def dither_image(raster: Raster) -> Raster:
    """Return a photo in the colours of its codebook, dithered by Floyd and Steinberg's error diffusion.

    Neighbours make up for what each pixel is off. This is for eyes only: pixels do not have their nearest colour,
    and no figures or labels are to be taken from them. The record says so: ``"dithered": True``.

    Parameters
    ----------
    raster : Raster
        RGB or RGBA of 8 bits, as it was before it was quantized, with a codebook of at most 256 colours.

    Returns
    -------
    Raster
        Alpha, and what is invisible, stay as they are.

    Raises
    ------
    ValueError
        If it is another kind of picture, or has no codebook of colours.

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
    colors[hidden] = palette[0]  # no error comes from there
    target = Image.new("P", (1, 1))
    target.putpalette(palette.tobytes())
    indices = np.asarray(Image.fromarray(colors).quantize(palette=target, dither=Image.Dither.FLOYDSTEINBERG))
    result = image.copy()
    result[..., :3] = np.where(hidden[..., np.newaxis], image[..., :3], palette[indices])
    return replace(raster, image=result, record={**(raster.record or {}), "dithered": True})
