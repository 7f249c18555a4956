"""The readers behind File ▸ Open for palettes, codebooks and indexed PNG."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_quantize.viewer.contributions.photo_reader import show_notes
from napari_quantize.viewer.layers.palettes import swatch_layer

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    LayerData = tuple[NDArray[Any], dict[str, Any], str]

_ENDINGS = frozenset({".gpl", ".pal", ".act", ".aco", ".hex"})
_MARK = b'"napari-quantize codebook"'
_LOOKED_AT = 4096  # `Codebook.save` writes the mark first


def get_palette_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """Return the reader for one palette, or for one codebook that this plugin has written; None for anything else."""
    if not isinstance(path, str | os.PathLike) or os.path.isdir(path):
        return None
    ending = Path(path).suffix.lower()
    if ending in _ENDINGS or (ending == ".json" and _is_codebook(path)):
        return read_palette_layer
    return None


def read_palette_layer(path: str) -> list[LayerData]:
    """Read a palette as a layer of swatches, which the dock offers as a palette.

    Raises
    ------
    ValueError
        If the file holds none.
    OSError
        If it cannot be read.
    """
    from napari_quantize.palettes.io import read_palette

    return [(*swatch_layer(read_palette(path), Path(path).stem), "image")]


def get_indexed_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """Return the reader for one indexed PNG; None for anything else."""
    is_one = isinstance(path, str | os.PathLike) and not os.path.isdir(path)
    return read_png_layer if is_one and str(path).lower().endswith(".indexed.png") else None


def read_png_layer(path: str) -> list[LayerData]:
    """Read a PNG; one of ours with its place, and how it was made in the metadata.

    Raises
    ------
    ValueError
        If the file is damaged.
    OSError
        If it cannot be read.
    """
    from napari_quantize.formats.load import load
    from napari_quantize.viewer.layers.raster_conversion import layer_attributes

    loaded = load(path)
    attributes = layer_attributes(loaded.raster)
    attributes["metadata"]["file"] = loaded.info
    attributes["name"] = Path(path).stem.removesuffix(".indexed")
    show_notes(loaded.info["notes"])
    return [(loaded.raster.image, attributes, "image")]


def _is_codebook(path: str | os.PathLike[str]) -> bool:
    try:
        with open(path, "rb") as stream:
            return _MARK in stream.read(_LOOKED_AT)
    except OSError:
        return False
