"""Convert layers to the rasters that files hold, and rasters to layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.formats.raster import Calibration, Raster, axes_without_names
from napari_quantize.viewer.layers.provenance import (
    codebook_in,
    provenance_in,
    provenance_metadata,
    record_without_codebook,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.layers import Image

    from napari_quantize.formats.raster import Raster
    from napari_quantize.viewer.layers.axes import Plane

_SAVED_ATTRIBUTES = ("rgb", "scale", "units", "axis_labels", "metadata")


def raster_of(data: Any, attributes: Mapping[str, Any]) -> Raster:
    """Return the raster of a layer, with the codebook and the record of its metadata.

    Parameters
    ----------
    data, attributes
        As in ``layer.as_layer_data_tuple()``; of a multiscale layer level 0 is taken.
    """
    image = np.asarray(data[0] if attributes.get("multiscale") else data)
    rgb = bool(attributes.get("rgb"))
    n_axes = image.ndim - rgb
    scale = tuple(map(abs, map(float, attributes.get("scale", (1.0,) * n_axes))))
    units = tuple(map(str, attributes.get("units") or ("pixel",) * n_axes))
    labels = tuple(attributes.get("axis_labels") or ())
    metadata = attributes.get("metadata") or {}
    provenance = provenance_in(metadata)
    codebook = codebook_in(metadata) if provenance is None else provenance.codebook
    if provenance is not None and provenance.together:
        codebook = None  # this layer is only one channel of the codebook's colours
    record = None if provenance is None else record_without_codebook(provenance)
    return Raster(image, rgb, Calibration(_axes(labels, n_axes), scale, units), codebook, record)


def layer_attributes(raster: Raster) -> dict[str, Any]:
    """Return the arguments of ``add_image`` for a raster, metadata included."""
    return {
        "rgb": raster.rgb,
        "axis_labels": raster.calibration.axes,
        "scale": raster.calibration.scale,
        "units": raster.calibration.units,
        "metadata": provenance_metadata(raster.codebook, raster.record),
    }


def _axes(labels: tuple[str, ...], n_axes: int) -> tuple[str, ...]:
    """Return the names of the axes; number those that have napari's default names ``axis -3`` or ``-3``."""
    plain = [str(axis) for axis in range(-n_axes, 0)]
    if len(labels) != n_axes or [label.removeprefix("axis ") for label in labels] == plain:
        return axes_without_names(n_axes)
    return labels


def saved_attributes(layer: Image) -> dict[str, Any]:
    """Return the attributes of a layer that files hold beside its pixels, as arguments of ``add_image``."""
    return {name: getattr(layer, name) for name in _SAVED_ATTRIBUTES}


def raster_to_export(data: Any, plane: Plane, attributes: dict[str, Any]) -> Raster:
    """Return the raster whose PNG size is shown: an image with its attributes, or the pixels of a stack's plane.

    Parameters
    ----------
    data : array-like
        The layer's data at full resolution; lazy data are computed.
    plane : Plane
        The plane of a stack.
    attributes : dict
        As `saved_attributes` returns them.
    """
    if len(plane.position) == 2:
        return raster_of(np.asarray(data), attributes)
    return raster_of(plane.extract(data), {"rgb": attributes["rgb"]})
