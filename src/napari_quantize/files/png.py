"""How large a picture is as a PNG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

_MAX_PALETTE = 256


def png_kb(picture: np.ndarray) -> float | None:
    """Return the size of a picture as a PNG, with a palette where it has at most 256 colours.

    Parameters
    ----------
    picture : ndarray, shape (M, N), (M, N, 3) or (M, N, 4)
        8-bit grey or colour, 16-bit grey, or bool.

    Returns
    -------
    float or None
        Size in KB of 1,024 bytes; None where PNG cannot hold the values as they are.
    """
    encoded = io.BytesIO()
    image = _as_png_image(picture.astype(picture.dtype.newbyteorder("="), copy=False))
    if image is None:
        return None
    image.save(encoded, format="PNG", optimize=True)
    return len(encoded.getbuffer()) / 1024


def _as_png_image(picture: np.ndarray) -> Image.Image | None:
    if picture.dtype == bool:
        return Image.fromarray(picture.astype(np.uint8) * 255).convert("1")
    if picture.dtype == np.uint16 and picture.ndim == 2:
        return Image.fromarray(np.ascontiguousarray(picture))
    if picture.dtype != np.uint8:
        return None
    image = Image.fromarray(np.ascontiguousarray(picture))
    return image if picture.shape[2:] == (4,) else _indexed(picture) or image


def _indexed(picture: np.ndarray) -> Image.Image | None:
    """Return an image with a palette, or None for more than 256 colours."""
    channels = picture.reshape(*picture.shape[:2], -1)
    code = channels[..., 0].astype(np.uint32)
    for channel in range(1, channels.shape[-1]):
        code <<= 8
        code |= channels[..., channel]
    colors = np.unique(code)  # without the inverse, which costs a sort of all pixels: most photos have too many colours
    if len(colors) > _MAX_PALETTE:
        return None
    indices = np.searchsorted(colors, code).astype(np.uint8)
    image = Image.fromarray(indices, mode="L")
    # Grey values stand for themselves three times over.
    shifts = (16, 8, 0) if channels.shape[-1] == 3 else (0, 0, 0)
    palette = colors[:, np.newaxis] >> np.array(shifts, dtype=np.uint32) & 255
    image.putpalette(palette.astype(np.uint8).tobytes())
    return image
