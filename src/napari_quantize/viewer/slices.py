"""Which part of a layer's data is displayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari.components import Dims
    from napari.layers import Image


def displayed_axes(dims: Dims, ndim: int) -> tuple[int, int]:
    """Return the data axes of a layer of `ndim` dimensions that run downwards and to the right in the 2-D display."""
    missing = dims.ndim - ndim  # the leading axes of the viewer that the layer does not have
    order = [axis - missing for axis in dims.order if axis >= missing]
    return order[-2], order[-1]


def displayed_slice(dims: Dims, layer: Image, shape: tuple[int, ...]) -> tuple[int | slice, ...]:
    """Return the index of the slice that is displayed in 2-D, of data with `shape` (colours left out).

    Beyond the ends of the layer, where nothing is shown, it is the nearest one.
    """
    shown = displayed_axes(dims, len(shape))
    point = np.rint(layer.world_to_data(dims.point))
    return tuple(
        slice(None) if axis in shown else int(np.clip(point[axis], 0, length - 1)) for axis, length in enumerate(shape)
    )


def plain_shape(layer: Image) -> tuple[int, ...]:
    """Return the shape of a layer's full-resolution data without the axis of colours."""
    shape = tuple(map(int, (layer.data[0] if layer.multiscale else layer.data).shape))
    return shape[:-1] if layer.rgb else shape
