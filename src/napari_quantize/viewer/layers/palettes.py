"""Palettes in the viewer: layers of swatches, and layers that *Use a palette* accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.palettes.codebooks import palette_of
from napari_quantize.palettes.palette import Palette
from napari_quantize.viewer.layers.provenance import codebook_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.layers import Layer

PALETTE_KEY = "napari_quantize_palette"
_COLUMNS = 16
_SWATCH_SIZE = 16.0  # size of a swatch in world units: large enough to be seen beside images


def swatch_layer(palette: Palette | Codebook, name: str) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the data and attributes of a layer that shows a palette: one pixel for each colour, 16 in a row.

    Parameters
    ----------
    palette : Palette or Codebook
        A palette, or a codebook, whose levels are shown as greys.
    name : str
        Name of the layer of a codebook.

    Raises
    ------
    ValueError
        If a codebook is no palette: its channels have levels of their own, or its colours are not RGB.
    """
    if isinstance(palette, Codebook):
        stored: dict[str, Any] = {"name": name, "codebook": palette.to_dict()}
        palette = palette_of(palette, name, white=estimated_white(palette))
    else:
        stored = {"name": palette.name, "colors": palette.colors.tolist(), "bits": 8 * palette.colors.itemsize}
        stored["names"] = list(palette.names)
    colors = palette.colors
    n_rows = -(-len(colors) // _COLUMNS)
    image = np.zeros((n_rows * min(_COLUMNS, len(colors)), 4), colors.dtype)
    image[: len(colors), :3] = colors
    image[: len(colors), 3] = np.iinfo(colors.dtype).max  # the rest of the last row stays transparent
    attributes = {
        "name": stored["name"],
        "rgb": True,
        "scale": (_SWATCH_SIZE, _SWATCH_SIZE),
        "metadata": {PALETTE_KEY: stored},
    }
    return image.reshape(n_rows, -1, 4), attributes


def estimated_white(codebook: Codebook) -> float:
    """Return the value of a full channel of the images of a codebook, from its brightest colour.

    A codebook alone does not hold their white. Means are darker than the brightest pixel: where they need fewer bits
    than the image, the estimate is too low and the palette too bright.
    """
    return white_of(codebook.dtype, codebook.outputs[0].max())


def is_palette(layer: Layer) -> bool:
    """Return whether a layer shows a palette instead of an image."""
    return PALETTE_KEY in layer.metadata


def palette_in(metadata: Mapping[str, Any]) -> Palette | Codebook | None:
    """Return the palette of a swatch layer, or the codebook of a result, also of a copy or one from a file."""
    stored = metadata.get(PALETTE_KEY)
    if not isinstance(stored, dict):
        return codebook_in(metadata)
    try:
        if "codebook" in stored:
            return Codebook.from_dict(stored["codebook"])
        colors = np.array(stored["colors"], np.uint8 if stored["bits"] == 8 else np.uint16)
        return Palette(colors, stored["name"], tuple(stored["names"]))
    except (KeyError, ValueError, TypeError, OverflowError):  # somebody else wrote or changed the metadata
        return None
