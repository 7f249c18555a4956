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

_SUFFIXES = frozenset({".gpl", ".pal", ".act", ".aco", ".hex"})
_CODEBOOK_MARK = b'"napari-quantize codebook"'
_HEAD_BYTES = 4096  # `Codebook.save` writes the mark at the beginning


def get_palette_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """Return the reader for one palette, or for one codebook of this plugin; None for other files.

    Parameters
    ----------
    path : str or list of str
        One file. Lists are declined: each palette is a layer of its own.
    """
    if not isinstance(path, str | os.PathLike) or os.path.isdir(path):
        return None
    ending = Path(path).suffix.lower()
    if ending in _SUFFIXES or (ending == ".json" and _is_codebook(path)):
        return read_palette_layer
    return None


def read_palette_layer(path: str) -> list[LayerData]:
    """Read a palette as a layer of swatches, which the dock lists among the palettes.

    Parameters
    ----------
    path : str
        A palette file, or a codebook as JSON.

    Returns
    -------
    list of one LayerData tuple
        Pixels of the swatches, arguments of the layer and its type.

    Raises
    ------
    ValueError
        If the file holds no palette.
    OSError
        If the file cannot be read.
    """
    from napari_quantize.palettes.io import read_palette

    return [(*swatch_layer(read_palette(path), Path(path).stem), "image")]


def get_indexed_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """Return the reader for one indexed PNG; None for other files.

    Parameters
    ----------
    path : str or list of str
        One file; lists are declined.
    """
    is_one = isinstance(path, str | os.PathLike) and not os.path.isdir(path)
    return read_png_layer if is_one and str(path).lower().endswith(".indexed.png") else None


def read_png_layer(path: str) -> list[LayerData]:
    """Read a PNG; one of this plugin with its scale, and with its provenance in the metadata.

    Parameters
    ----------
    path : str
        The file.

    Returns
    -------
    list of one LayerData tuple
        Pixels, arguments of the layer and its type. ``metadata["file"]`` holds facts about the file.

    Raises
    ------
    ValueError
        If the file is damaged.
    OSError
        If the file cannot be read.
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
    if not os.path.isfile(path):  # opening a pipe could wait for ever
        return False
    try:
        with open(path, "rb") as stream:
            return _CODEBOOK_MARK in stream.read(_HEAD_BYTES)
    except OSError:
        return False
