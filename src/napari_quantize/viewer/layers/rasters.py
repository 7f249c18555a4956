"""A layer as files take it, and a layer of what a file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.viewer.layers.provenance import codebook_in, metadata_with, provenance_in, record_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.layers import Image

    from napari_quantize.formats.raster import Raster
    from napari_quantize.viewer.layers.axes import Plane

_TOLD = ("rgb", "scale", "units", "axis_labels", "metadata")


def raster_of(data: Any, attributes: Mapping[str, Any]) -> Raster:
    """Return a layer as files take it, with the codebook and the record that its metadata hold.

    Parameters
    ----------
    data, attributes
        As ``layer.as_layer_data_tuple()`` has them; the first level of a multiscale layer is taken.
    """
    image = np.asarray(data[0] if attributes.get("multiscale") else data)
    rgb = bool(attributes.get("rgb"))
    n_axes = image.ndim - rgb
    scale = tuple(map(abs, map(float, attributes.get("scale", (1.0,) * n_axes))))
    units = tuple(map(str, attributes.get("units") or ("pixel",) * n_axes))
    labels = tuple(attributes.get("axis_labels") or ())
    metadata = attributes.get("metadata") or {}
    codebook, made = codebook_in(metadata), provenance_in(metadata)
    # Of several layers that were quantized together, none can say alone what its colours are.
    own = codebook if made is None or not made.together else None
    return Raster(
        image, rgb, Calibration(_axes(labels, n_axes), scale, units), own, None if made is None else record_of(made)
    )


def attributes_of(raster: Raster) -> dict[str, Any]:
    """Return the arguments of ``add_image`` for what a file holds; the metadata are its own."""
    return {
        "rgb": raster.rgb,
        "axis_labels": raster.calibration.axes,
        "scale": raster.calibration.scale,
        "units": raster.calibration.units,
        "metadata": metadata_with(raster.codebook, raster.record),
    }


def _axes(labels: tuple[str, ...], n_axes: int) -> tuple[str, ...]:
    """Return names of the axes; those that have none, which napari calls ``axis -3`` or ``-3``, are counted."""
    plain = [str(axis) for axis in range(-n_axes, 0)]
    if len(labels) != n_axes or [label.removeprefix("axis ") for label in labels] == plain:
        return (*plain[:-2], "y", "x")[-n_axes:]
    return labels


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
