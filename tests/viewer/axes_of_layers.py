"""A helper that returns the axes of a layer with given names, units and scale."""

import numpy as np
from napari.layers import Image

from napari_quantize.viewer.layers.axes import Axes


def axes_of(*names, units="pixel", scale=1.0, **more):
    n = len(names)
    units = (units,) * n if isinstance(units, str) else units
    layer = Image(np.zeros((2,) * n), units=units, scale=np.broadcast_to(scale, n), axis_labels=names)
    return Axes(names, layer.units, tuple(layer.scale), tuple(range(n)), **more)
