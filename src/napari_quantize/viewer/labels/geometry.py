"""Axes and geometry of labels: those of the image, without the channel axis if a pixel has one class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.labels.features import World
from napari_quantize.viewer.layers.axes import Axes
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import geometry_of, geometry_of_part, shear_matrix

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.viewer.layers.labels_provenance import LabelsProvenance
    from napari_quantize.viewer.layers.provenance import Provenance


def dropped_axis(provenance: Provenance, source: Image) -> int | None:
    """Return the axis of the image layer that labels lack; None if there is none, as in RGB layers of napari."""
    axis = provenance.codebook.channel_axis
    if (
        axis is None
        or source.rgb
        or provenance.together
        or provenance.each_slice
        or provenance.codebook.mode == "global"
    ):
        return None
    return axis % int(source.ndim)


def spread_axis(provenance: Provenance, source: Image) -> int | None:
    """Return the axis along which labels are one pixel that spans all channels; None if they lack the channel axis.

    napari lays the last axes of layers over each other. So labels can lack the first axis only.
    """
    return dropped_axis(provenance, source) or None


def labels_geometry(provenance: Provenance, source: Image) -> dict[str, Any]:
    """Return the geometry of a result's labels."""
    dropped = dropped_axis(provenance, source)
    if dropped is None:
        return geometry_of(source)
    if dropped:
        return _spread(source, dropped)
    geometry, n = geometry_of(source), source.ndim
    rest = list(range(1, n))
    affine = [*rest, n]
    return {
        **{name: np.asarray(geometry[name])[rest] for name in ("scale", "translate")},
        **{name: tuple(geometry[name][axis] for axis in rest) for name in ("units", "axis_labels")},
        "rotate": np.asarray(geometry["rotate"])[np.ix_(rest, rest)],
        "shear": shear_matrix(geometry)[np.ix_(rest, rest)],
        "affine": np.asarray(geometry["affine"])[np.ix_(affine, affine)],
    }


def geometry_on_source(viewer: Viewer, labels: LabelsProvenance) -> dict[str, Any] | None:
    """Return the geometry that labels have where their image is now; None if the image or the result was removed."""
    result = layer_by_id(viewer, labels.result_id)
    # Of layers that were quantized together, each can lie elsewhere: the labels have the geometry of one of them.
    provenance = None if result is None else provenance_of(result)
    source = None if provenance is None else layer_by_id(viewer, provenance.source_id)
    return None if provenance is None or source is None else labels_geometry(provenance, source)


def _spread(source: Image, axis: int) -> dict[str, Any]:
    """Return the geometry of one pixel along an axis that spans all pixels of the image."""
    n_channels = source.data.shape[axis]
    middle = np.zeros(source.ndim)
    middle[axis] = (n_channels - 1) / 2
    geometry = geometry_of_part(source, middle)
    scale = np.array(geometry["scale"], dtype=float)
    scale[axis] *= n_channels
    return {**geometry, "scale": scale}


def labels_axes(viewer: Viewer, provenance: Provenance, source: Image) -> Axes:
    """Return the axes of a result's labels without the channel axis, in the order in which the viewer shows them."""
    dropped = dropped_axis(provenance, source)
    channel = None if provenance.together or provenance.in_colors else provenance.codebook.channel_axis
    if channel is not None:
        channel = None if source.rgb else channel % int(source.ndim)
    axes = Axes.of(source, viewer.dims, channel)
    return axes if dropped is None else _without(axes, dropped)


def labels_world(provenance: Provenance, source: Image) -> World:
    """Return the positions of the labels' pixels in the world, without the channel axis."""
    dropped = dropped_axis(provenance, source)
    rest = [axis for axis in range(source.ndim) if axis != dropped]
    offset = np.asarray(source.data_to_world(np.zeros(source.ndim)))
    columns = [np.asarray(source.data_to_world(unit)) - offset for unit in np.eye(source.ndim)]
    return World(np.stack(columns, axis=1)[np.ix_(rest, rest)], offset[rest])


def _without(axes: Axes, dropped: int) -> Axes:
    """Return the axes without one of them, and renumber the others."""
    rest = [axis for axis in range(len(axes.names)) if axis != dropped]
    return Axes(
        tuple(axes.names[axis] for axis in rest),
        tuple(axes.units[axis] for axis in rest),
        tuple(axes.scale[axis] for axis in rest),
        tuple(rest.index(axis) for axis in axes.order if axis != dropped),
        displayed_in_3d=axes.displayed_in_3d,
    )
