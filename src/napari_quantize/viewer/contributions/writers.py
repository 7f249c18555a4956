"""The writers behind File ▸ Save: indexed PNG and OME-TIFF of any image, palettes of results."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_info

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.viewer.export.predict import predict_file
from napari_quantize.viewer.layers.palettes import estimated_white, palette_in
from napari_quantize.viewer.layers.provenance import provenance_in
from napari_quantize.viewer.layers.raster_conversion import raster_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_quantize.palettes.palette import Palette

_INDEXED = ".indexed.png"


def write_image(path: str, data: Any, attributes: Mapping[str, Any]) -> list[str]:
    """Write an image layer with its scale, units, axes and provenance.

    Parameters
    ----------
    path : str
        Path ending in ``.indexed.png`` or ``.ome.tif``. An image that PNG cannot hold becomes a TIFF of the same name.
    data, attributes
        As in ``layer.as_layer_data_tuple()``.

    Returns
    -------
    list of str
        The file that was written.

    Raises
    ------
    FileExistsError
        If the file would get another name than `path`, and such a file exists.
    OSError
        If the file cannot be written.
    """
    from napari_quantize.formats.save import save_raster

    raster = raster_of(data, attributes)
    if path.lower().endswith(_INDEXED):
        stem = path[: -len(_INDEXED)]
        # napari has asked whether to replace `path`, but not files of other suffixes. Predicting the suffix means
        # encoding the image, so do it only if such files exist.
        others = [ending for ending in (".png", ".tif") if os.path.exists(stem + ending)]
        if others and (ending := predict_file(raster, _INDEXED).suffix) in others:
            name = Path(path).name
            raise FileExistsError(f"“{name}” would become “{Path(stem + ending).name}”, which exists already")
    saved = save_raster(path, raster, overwrite=True)
    show_info(saved.sentence)
    return [str(saved.path)]


def write_layer_palette(path: str, _data: Any, attributes: Mapping[str, Any]) -> list[str]:
    """Write the colours or levels of a result, or of a layer that shows a palette.

    Parameters
    ----------
    path : str
        Path whose suffix chooses the format.
    _data, attributes
        As in ``layer.as_layer_data_tuple()``; only the metadata is used.

    Returns
    -------
    list of str
        The file that was written.

    Raises
    ------
    OSError
        If the layer has no palette, the format cannot hold its colours, or the file cannot be written. (napari takes a
        ValueError to mean that there is no such writer.)
    """
    from napari_quantize.palettes import io

    palette = palette_in(attributes.get("metadata") or {})
    if palette is None:
        raise OSError(
            f"{Path(path).name} cannot be written: “{attributes.get('name')}” has no palette; results of "
            "K-means Quantization have one"
        )
    try:
        io.write_palette(path, palette, white=_white_of(palette, attributes["metadata"]), overwrite=True)
    except ValueError as error:
        raise OSError(str(error)) from None
    return [path]


def _white_of(palette: Palette | Codebook, metadata: Mapping[str, Any]) -> float | None:
    """Return the value of a full channel of a layer's colours; None for a palette, which is RGB already."""
    provenance = provenance_in(metadata)
    if provenance is not None:
        return provenance.white
    return estimated_white(palette) if isinstance(palette, Codebook) else None
