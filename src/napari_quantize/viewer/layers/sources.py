"""Image layers as arrays, with the attributes that results inherit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.lookup.color_spaces import has_fixed_white, white_of
from napari_quantize.core.pixels.limits import find_white
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.text.names import CHANNEL_AXES, DEPTH_AXES, TIME_AXES, is_named

if TYPE_CHECKING:
    from napari.layers import Image, Labels, Layer
    from numpy.typing import ArrayLike

    from napari_quantize.core.request.request import Tick

# Attributes of a layer's geometry and appearance, which results inherit. Listed one by one: the rest of a layer's state
# (multiscale, locked level, name, visibility) belongs to that layer alone.
GEOMETRY = ("scale", "translate", "rotate", "shear", "affine", "units", "axis_labels")
_WORDS = ("units", "axis_labels")  # all others are numbers
APPEARANCE = (
    "rgb",
    "colormap",
    "gamma",
    "contrast_limits",
    "interpolation2d",
    "interpolation3d",
    "rendering",
    "depiction",
    "blending",
    "opacity",
    "projection_mode",
)

MAX_LAZY_BYTES = 2 * 1024**3
# A first axis of so few entries may as well hold channels as time points or z planes, so the user is asked.
_UNCLEAR_LENGTHS = range(2, 6)


@dataclass(frozen=True)
class JoinedChannels:
    """Arrays of one shape and dtype as the channels of one image; stacked when they are read."""

    arrays: tuple[Any, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the stack, channels first."""
        return (len(self.arrays), *map(int, self.arrays[0].shape))

    @property
    def dtype(self) -> np.dtype:
        """Dtype of all of them."""
        dtype: np.dtype = np.dtype(self.arrays[0].dtype)
        return dtype

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Read and stack the arrays."""
        return np.stack([np.asarray(array) for array in self.arrays])


@dataclass(frozen=True)
class Source:
    """A layer's full-resolution data when this was created.

    Attributes
    ----------
    layer_id, name : str
        ``unique_id`` and name of the layer.
    data : array-like
        Level 0 of a multiscale layer. Lazy arrays (dask, zarr) stay lazy.
    rgb : bool
        True if the last axis holds colours.
    axis_labels : tuple of str
        Names of the axes, without the colour axis.
    """

    layer_id: str
    name: str
    data: Any
    rgb: bool
    axis_labels: tuple[str, ...]

    @classmethod
    def of(cls, layer: Image) -> Source:
        """Return the source of a layer, without reading data."""
        return cls(str(layer.unique_id), layer.name, data_of(layer), layer.rgb, tuple(layer.axis_labels))

    def joined(self, others: Sequence[Source]) -> Source:
        """Return a source whose channels are the data of `others`, which contain this one."""
        return replace(
            self, data=JoinedChannels(tuple(other.data for other in others)), axis_labels=("c", *self.axis_labels)
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the data."""
        return tuple(map(int, self.data.shape))

    @property
    def dtype(self) -> np.dtype:
        """Dtype of the data."""
        dtype: np.dtype = np.dtype(self.data.dtype)
        return dtype

    @property
    def n_bytes(self) -> int:
        """Size of the data in memory."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def is_lazy(self) -> bool:
        """True if the data must still be read or computed."""
        arrays = self.data.arrays if isinstance(self.data, JoinedChannels) else (self.data,)
        return not all(isinstance(array, np.ndarray) for array in arrays)

    @property
    def is_too_large(self) -> bool:
        """True if the data must still be read, and are larger than what is read whole."""
        return self.is_lazy and self.n_bytes > MAX_LAZY_BYTES

    @property
    def alpha(self) -> bool:
        """True if the last channel is alpha."""
        return self.rgb and self.shape[-1] == 4

    def white(self, high: float | None, tick: Tick) -> float:
        """Return the value of a full channel of the colours.

        If `high`, the largest value, is None, this reads all data of uint16. It reads none of other types.
        """
        if high is None and not has_fixed_white(self.dtype):
            return find_white(Pixels.of(np.asarray(self.data), -1, self.alpha), tick)
        return white_of(self.dtype, high)

    def possible_channel_axes(self) -> list[int]:
        """Return the axes that can hold channels: short ones, of at least three axes."""
        if self.rgb or len(self.shape) < 3:
            return []
        return [axis for axis, length in enumerate(self.shape) if 2 <= length <= 64]

    def known_channel_axis(self) -> int | None:
        """Return the axis whose label says channels; None if no label does."""
        for axis in self.possible_channel_axes():
            if is_named(self.axis_labels[axis], CHANNEL_AXES):
                return axis
        return None

    def has_unclear_channel_axis(self) -> bool:
        """Return whether the first axis may hold channels or slices, so that the user must be asked."""
        return (
            0 in self.possible_channel_axes()
            and self.shape[0] in _UNCLEAR_LENGTHS
            and self.known_channel_axis() is None
            and not self.holds_slices(0)
        )

    def holds_slices(self, axis: int) -> bool:
        """Return whether the label of an axis says that it holds slices: time points or planes."""
        return not self.rgb and is_named(self.axis_labels[axis], TIME_AXES | DEPTH_AXES)


def data_of(layer: Image | Labels) -> Any:
    """Return a layer's data at full resolution, without reading them."""
    # np.asarray of multiscale data would silently give the coarsest level.
    return layer.data[0] if layer.multiscale else layer.data


def channel_colors(layers: Sequence[Image]) -> np.ndarray:
    """Return the brightest colour of each layer's colormap, from 0 to 1, shape (number of layers, 3)."""
    return np.array([layer.colormap.map(1.0).reshape(-1)[:3] for layer in layers])


def geometry_of(layer: Layer) -> dict[str, Any]:
    """Return the attributes that position a layer in the world."""
    state = layer.as_layer_data_tuple()[1]
    return {name: state[name] for name in GEOMETRY}


def set_geometry(layer: Image | Labels, geometry: Mapping[str, Any]) -> None:
    """Position a layer. Attributes that are equal already are not set, since napari would slice the layer again."""
    now, new = _comparable(geometry_of(layer)), _comparable(geometry)
    for name in GEOMETRY:
        if now[name] != new[name]:
            setattr(layer, name, geometry[name])


def has_geometry(layer: Layer, geometry: Mapping[str, Any]) -> bool:
    """Return whether a layer has this geometry."""
    return _comparable(geometry_of(layer)) == _comparable(geometry)


def geometry_key(geometry: Mapping[str, Any]) -> str:
    """Return a text that is the same for equal geometries only."""
    return repr(_comparable(geometry))


def _comparable(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a geometry of lists and tuples, which are equal and written alike where the geometry is the same."""
    found = {**geometry, "shear": shear_matrix(geometry)}
    return {
        # -0.0 becomes 0.0
        name: tuple(found[name]) if name in _WORDS else (np.asarray(found[name], float) + 0.0).tolist()
        for name in GEOMETRY
    }


def shear_matrix(geometry: Mapping[str, Any]) -> np.ndarray:
    """Return the shear as a matrix: napari also accepts the upper triangle, row by row, and gives back either."""
    shear, n = np.asarray(geometry["shear"], float), len(geometry["scale"])
    if shear.ndim > 1:
        return shear
    matrix = np.eye(n)
    matrix[np.triu_indices(n, 1)] = shear
    return matrix


def geometry_of_part(layer: Image, offset: ArrayLike) -> dict[str, Any]:
    """Return the geometry of a part of a layer whose first pixel is the layer's pixel at `offset`."""
    shift = np.subtract(layer.data_to_world(offset), layer.data_to_world(np.zeros(layer.ndim)))
    # napari applies `affine` after `translate`: map the shift back through the linear part of `affine`.
    translate = np.asarray(layer.translate) + np.linalg.solve(layer.affine.linear_matrix, shift)
    return {**geometry_of(layer), "translate": translate}


def inherited_attributes(layer: Image) -> dict[str, Any]:
    """Return the arguments of ``add_image`` that give a new layer the geometry and appearance of `layer`."""
    state = layer.as_layer_data_tuple()[1]
    return {name: state[name] for name in (*GEOMETRY, *APPEARANCE)}


def result_attributes(layer: Image) -> dict[str, Any]:
    """Return the arguments of ``add_image`` for a quantized copy of `layer`."""
    # Between the voxels of two classes, a linear interpolation would show classes that are not there.
    return inherited_attributes(layer) | {"interpolation3d": "nearest"}


def display_limits(layer: Image | None) -> tuple[float, float]:
    """Return the contrast limits; ``(0.0, 0.0)`` for RGB, which has none."""
    if layer is None or layer.rgb:
        return 0.0, 0.0
    low, high = layer.contrast_limits
    return float(low), float(high)
