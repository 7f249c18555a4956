"""Where pixels of a layer lie in the viewer, whose units can be others than the layer's.

Since 0.9, napari shows all layers in the smallest unit that one of them has, but a layer's own transform stays in its
own units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.components import Dims
    from napari.layers import Layer


def to_world(dims: Dims, layer: Layer, position: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the point of the viewer at which a position in a layer's data lies."""
    point: np.ndarray = np.asarray(layer.data_to_world(position), float) * _factors(dims, layer)
    return point


def to_data(dims: Dims, layer: Layer, point: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the position in a layer's data at a point of the viewer, which can have more axes than the layer."""
    own = np.asarray(point, float)[-layer.ndim :] / _factors(dims, layer)
    return np.asarray(layer.world_to_data(own), float)


def world_extent(dims: Dims, layer: Layer) -> np.ndarray:
    """Return the lowest and the highest point of the viewer that a layer reaches, shape (2, ndim)."""
    extent: np.ndarray = np.asarray(layer.extent.world, float) * _factors(dims, layer)
    return extent


def _factors(dims: Dims, layer: Layer) -> np.ndarray:
    """Return the numbers by which lengths in a layer's units become lengths in those of the viewer."""
    shared = getattr(dims, "units", None)
    if shared is None or len(shared) < layer.ndim:
        return np.ones(layer.ndim)
    pairs = zip(layer.units, shared[-layer.ndim :], strict=True)
    return np.array(
        [float((1 * own).to(of).magnitude) if own.dimensionality == of.dimensionality else 1.0 for own, of in pairs]
    )
