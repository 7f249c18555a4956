"""Convert codebooks to palettes and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.lookup.color_spaces import by_luminance, has_fixed_white
from napari_quantize.core.request.request import Request
from napari_quantize.palettes.palette import Palette
from napari_quantize.text.numbers import format_values

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from napari_quantize.core.request.color_options import ColorSpace


def palette_of(codebook: Codebook, name: str = "", *, white: float | None = None) -> Palette:
    """Return a codebook's colours, or its levels as a grey ramp, in the codebook's order.

    Colours of uint8, and levels of uint8, are kept. Colours of uint16 are scaled so that `white` becomes 65,535.
    Colours of floats, which must lie in 0 … 1, become 16 bits. For other levels the value of white is unknown, so they
    are scaled: the lowest becomes black and the highest white, and the palette's name says which values these are.

    Parameters
    ----------
    codebook : Codebook
        Colours of 3 channels, or levels.
    name : str
        Name of the palette. If empty, the name of the palette from which the codebook was made, if any.
    white : float, optional
        Value of a full channel of the image, if its colours are of uint16: ``Quality.white`` of the result. 65,535 by
        default; cameras of 12 bits fill a sixteenth of that.

    Returns
    -------
    Palette
        One colour for each center.

    Raises
    ------
    ValueError
        If each channel has levels of its own, the colours do not have 3 channels, or they are neither uint8, uint16,
        nor floats from 0 to 1.
    """
    if len(codebook.levels) > 1:
        raise ValueError(
            f"each of the {len(codebook.levels)} channels has levels of its own: there is no one palette of them"
        )
    outputs, name = codebook.outputs[0], name or codebook.request.palette
    if codebook.mode == "color":
        return Palette(_as_rgb(outputs, white), name)
    if outputs.dtype == np.uint8:
        return Palette(np.stack([outputs] * 3, axis=1), name)
    low, high = float(outputs[0]), float(outputs[-1])
    # Halves first: the difference of the largest and the lowest float64 would overflow.
    ramp = np.rint((outputs.astype(np.float64) / 2 - low / 2) / (high / 2 - low / 2 or 1) * 255).astype(np.uint8)
    description = f"levels {' to '.join(format_values([low, high]))} shown from black to white"
    return Palette(np.stack([ramp] * 3, axis=1), f"{name} ({description})" if name else description)


def _as_rgb(colors: np.ndarray, white: float | None) -> np.ndarray:
    if colors.shape[1] != 3:
        raise ValueError(f"the colours have {colors.shape[1]} channels: palettes are of RGB, which has 3")
    if colors.dtype == np.uint8:
        return colors
    if colors.dtype == np.uint16:
        scale = 1 if white is None else 65535 / white
        return np.rint(np.minimum(colors * scale, 65535)).astype(np.uint16)
    if colors.dtype.kind != "f" or colors.min() < 0 or colors.max() > 1:
        raise ValueError(
            f"the colours are {colors.dtype} from {' to '.join(format_values([colors.min(), colors.max()]))}: "
            "palettes are of uint8, uint16, or floats from 0 to 1"
        )
    return np.rint(colors.astype(np.float64) * 65535).astype(np.uint16)


def codebook_from(
    palette: Palette,
    dtype: DTypeLike,
    *,
    channel_axis: int | None = None,
    alpha: bool = False,
    color_space: ColorSpace = "rgb",
    white: float | None = None,
) -> Codebook:
    """Return a codebook that maps each pixel to the nearest of a palette's colours.

    Parameters
    ----------
    palette : Palette
        The colours. Duplicates are dropped.
    dtype : dtype-like
        Dtype of the images: uint8, uint16, or floats from 0 to 1.
    channel_axis : int or None
        Axis of red, green and blue; None for grey images, whose levels are taken from a palette of greys.
    alpha : bool
        True if there is a fourth channel, alpha, which is kept.
    color_space : {"rgb", "lab"}
        Colour space in which distances are measured, as in `napari_quantize.fit`: white of uint16 is 65,535 in Lab.
    white : float, optional
        Value of a full channel of images of uint16; 65,535 by default. Cameras of 12 bits fill a sixteenth of that.

    Returns
    -------
    Codebook
        Codebook with ``method="given"`` and the palette's name.

    Raises
    ------
    ValueError
        If the dtype has no defined white, the palette holds colours and the images are grey, or ``color_space="lab"``
        goes with grey images.
    """
    # Rounding 16 bits to 8 can make two colours equal, and a codebook has none twice.
    colors = np.unique(_scaled(palette.colors, np.dtype(dtype), white), axis=0)
    if channel_axis is not None:
        levels = by_luminance(colors)
    elif (colors == colors[:, :1]).all():
        levels = colors[:, 0]
    else:
        label = f"the palette “{palette.name}”" if palette.name else "the palette"
        raise ValueError(f"{label} holds colours, but the image is grey: only greys can be its levels")
    request = Request(
        mode="global" if channel_axis is None else "color",
        channel_axis=channel_axis,
        alpha=alpha,
        method="given",
        color_space=color_space,
        palette=palette.name,
    )
    return Codebook(len(levels), (levels,), np.dtype(dtype), request)


def _scaled(colors: np.ndarray, dtype: np.dtype, white: float | None) -> np.ndarray:
    """Scale colours to the range of `dtype`."""
    full = float(np.iinfo(colors.dtype).max)
    if dtype.kind == "f":
        return colors / full
    if dtype.newbyteorder("=") not in (np.uint8, np.uint16):
        raise ValueError(f"palettes are for images of uint8, uint16, or floats from 0 to 1, not of {dtype}")
    top = np.iinfo(dtype).max if white is None or has_fixed_white(dtype) else white
    return np.rint(colors * (top / full))
