"""How large a layer is as the PNG that *Export…* writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.viewer.rasters import raster_of

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_quantize.files.raster import Raster
    from napari_quantize.viewer.slices import Plane

_TOLD = ("rgb", "scale", "units", "axis_labels", "metadata")


def told_by(layer: Image) -> dict[str, Any]:
    """Return what a file tells of a layer beside its pixels, as arguments of ``add_image``."""
    return {name: getattr(layer, name) for name in _TOLD}


def as_exported(data: Any, plane: Plane, attributes: dict[str, Any]) -> Raster:
    """Return what of a layer is a PNG: the whole of a plane with all that is told of it, of a stack one plane's pixels.

    Parameters
    ----------
    data : array-like
        The layer's data at full resolution. Lazy ones are read.
    plane : Plane
        The plane of a stack.
    attributes : dict
        As `told_by` returns them.
    """
    if len(plane.at) == 2:
        return raster_of(np.asarray(data), attributes)
    return raster_of(plane.of(data), {"rgb": attributes["rgb"]})
