"""The writers behind File ▸ Save: indexed PNG and OME-TIFF of any image, palettes of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_info

from napari_quantize.viewer.rasters import raster_of
from napari_quantize.viewer.record import codebook_in

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_image(path: str, data: Any, attributes: Mapping[str, Any]) -> list[str]:
    """Write an image layer, with its scale, units and axes, and how it was made.

    Parameters
    ----------
    path : str
        ``.indexed.png`` or ``.ome.tif``. What PNG cannot hold becomes a TIFF of the same name.
    data, attributes
        As ``layer.as_layer_data_tuple()`` has them.

    Returns
    -------
    list of str
        The file that was written.

    Raises
    ------
    FileExistsError
        If it has another name than was asked for, and there is such a file.
    OSError
        If it cannot be written.
    """
    from napari_quantize.files.save import save_raster

    # napari has asked whether the file may be replaced.
    saved = save_raster(path, raster_of(data, attributes), overwrite=True)
    show_info(saved.sentence)
    return [str(saved.path)]


def write_palette(path: str, _data: Any, attributes: Mapping[str, Any]) -> list[str]:
    """Write the colours or levels of a result, not its pixels.

    Raises
    ------
    ValueError
        If the layer is no result, or the format does not hold its colours.
    OSError
        If the file cannot be written.
    """
    from napari_quantize.files import palette

    codebook = codebook_in(attributes.get("metadata") or {})
    if codebook is None:
        raise ValueError(
            f"{Path(path).name} cannot be written: “{attributes.get('name')}” has no palette; results of "
            "K-means Quantization have one"
        )
    palette.write_palette(path, codebook, overwrite=True)
    return [path]
