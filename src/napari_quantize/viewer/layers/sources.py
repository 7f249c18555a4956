"""An image layer as an array, and everything that a result must keep of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Image, Labels
    from numpy.typing import ArrayLike

# Where a layer lies and how it is shown. Copied one by one: the rest of a layer's state (multiscale, locked level,
# name, visibility) belongs to that layer alone.
PLACE = ("scale", "translate", "rotate", "shear", "affine", "units", "axis_labels")
LOOK = (
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
# Leading axes of so few entries are channels about as often as they are time points or z planes.
_DOUBTFUL = range(2, 6)
_CHANNEL_LABELS = {"c", "ch", "channel", "channels", "colour", "color"}
TIME_LABELS = {"t", "time", "frame", "frames"}
DEPTH_LABELS = {"z", "depth", "plane", "slice"}


@dataclass(frozen=True)
class Together:
    """Arrays of one shape and dtype, seen as the channels of one image; stacked when they are read."""

    arrays: tuple[Any, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the stack: channels first."""
        return (len(self.arrays), *map(int, self.arrays[0].shape))

    @property
    def dtype(self) -> np.dtype:
        """Dtype of all of them."""
        dtype: np.dtype = np.dtype(self.arrays[0].dtype)
        return dtype

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Read and stack."""
        return np.stack([np.asarray(array) for array in self.arrays])


@dataclass(frozen=True)
class Source:
    """A layer's full-resolution data, as it was when asked for.

    Attributes
    ----------
    layer_id, name : str
        ``unique_id`` and name of the layer.
    data : array-like
        Level 0 of a multiscale layer. dask and zarr arrays are still lazy.
    rgb : bool
        Whether the last axis is colour.
    axis_labels : tuple of str
        Names of the axes, the colour axis left out.
    """

    layer_id: str
    name: str
    data: Any
    rgb: bool
    axis_labels: tuple[str, ...]

    @classmethod
    def of(cls, layer: Image) -> Source:
        """Look at a layer; no data is read."""
        return cls(str(layer.unique_id), layer.name, data_of(layer), layer.rgb, tuple(layer.axis_labels))

    def joined(self, others: Sequence[Source]) -> Source:
        """See this layer's data and those of `others`, this one among them, as the channels of one image."""
        return replace(self, data=Together(tuple(other.data for other in others)), axis_labels=("c", *self.axis_labels))

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
        """Whether the data are still to be read or computed."""
        return not isinstance(self.data, np.ndarray)

    @property
    def alpha(self) -> bool:
        """Whether the last channel is alpha."""
        return self.rgb and self.shape[-1] == 4

    def possible_channel_axes(self) -> list[int]:
        """Return the axes that can be channels: short enough, and not the only two."""
        if self.rgb or len(self.shape) < 3:
            return []
        return [axis for axis, length in enumerate(self.shape) if 2 <= length <= 64]

    def known_channel_axis(self) -> int | None:
        """Return the axis that is labelled as channels, if one is."""
        for axis in self.possible_channel_axes():
            if self.axis_labels[axis].strip().lower() in _CHANNEL_LABELS:
                return axis
        return None

    def is_doubtful(self) -> bool:
        """Whether only the user can tell if the first axis holds channels."""
        return (
            0 in self.possible_channel_axes()
            and self.shape[0] in _DOUBTFUL
            and self.known_channel_axis() is None
            and self.axis_labels[0].strip().lower() not in TIME_LABELS | DEPTH_LABELS
        )


def data_of(layer: Image | Labels) -> Any:
    """Return a layer's data at full resolution; none are read."""
    # The coarsest level of a multiscale layer is what np.asarray would silently give.
    return layer.data[0] if layer.multiscale else layer.data


def place_of(layer: Image | Labels) -> dict[str, Any]:
    """Return where a layer lies: what is set again when a result is replaced."""
    state = layer.as_layer_data_tuple()[1]
    return {name: state[name] for name in PLACE}


def put(layer: Image | Labels, place: Mapping[str, Any]) -> None:
    """Lay a layer where `place` says; what is so already is left alone, or napari would slice again."""
    now = place_of(layer)
    for name in PLACE:
        same = now[name] == place[name] if isinstance(now[name], tuple) else np.array_equal(now[name], place[name])
        if not same:
            setattr(layer, name, place[name])


def place_of_part(layer: Image, offset: ArrayLike) -> dict[str, Any]:
    """Return where a layer of the same grid lies whose first pixel is that at `offset`, in pixels of `layer`."""
    shift = np.subtract(layer.data_to_world(offset), layer.data_to_world(np.zeros(layer.ndim)))
    # `translate` comes before `affine` on the way to the world.
    translate = np.asarray(layer.translate) + np.linalg.solve(layer.affine.linear_matrix, shift)
    return {**place_of(layer), "translate": translate}


def inherited(layer: Image) -> dict[str, Any]:
    """Return the arguments of ``add_image`` that make a new layer lie and look like `layer`."""
    state = layer.as_layer_data_tuple()[1]
    return {name: state[name] for name in (*PLACE, *LOOK)}


def limits_of(layer: Image | None) -> tuple[float, float]:
    """Return the display limits; twice the same where there are none."""
    if layer is None or layer.rgb:
        return 0.0, 0.0
    low, high = layer.contrast_limits
    return float(low), float(high)
