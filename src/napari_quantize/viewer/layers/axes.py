"""The displayed part of a layer: its axes in the viewer's order, and the position of the sliders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.text.names import DEPTH_AXES, TIME_AXES, axis_title, is_named
from napari_quantize.viewer.layers.sources import data_of
from napari_quantize.viewer.layers.world import to_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.components import Dims
    from napari.layers import Image, Layer


def axes_in_order(dims: Dims, ndim: int) -> list[int]:
    """Return the axes of a layer of `ndim` dimensions in the viewer's order; the last two or three are displayed.

    A layer with fewer dimensions than the viewer has the viewer's last ones.
    """
    missing = dims.ndim - ndim
    return [axis - missing for axis in dims.order if axis >= missing]


def displayed_axes(dims: Dims, ndim: int) -> list[int]:
    """Return the displayed axes of a layer of `ndim` dimensions: two, or three in 3-D."""
    return axes_in_order(dims, ndim)[-dims.ndisplay :]


def plane_axes(dims: Dims, ndim: int) -> tuple[int, int]:
    """Return the axes of a layer of `ndim` dimensions that run downwards and to the right in the 2-D display."""
    down, right = axes_in_order(dims, ndim)[-2:]
    return down, right


def pixel_at(dims: Dims, layer: Image, shape: Sequence[int] | None = None) -> tuple[int, ...]:
    """Return the index of the pixel at the sliders' position, without a colour axis, clipped to the layer.

    Parameters
    ----------
    dims : napari.components.Dims
        The viewer's dimensions.
    layer : Image
        The layer.
    shape : sequence of int, optional
        Shape of the level of a multiscale layer; the full resolution by default.
    """
    whole = plain_shape(layer)
    shape = whole if shape is None else shape
    # `to_data` returns pixels of the full resolution; a pixel of a coarser level spans whole / shape of them.
    position = to_data(dims, layer, dims.point) / np.divide(whole, shape)
    return tuple(np.clip(np.rint(position), 0, np.subtract(shape, 1)).astype(int).tolist())


def plain_shape(layer: Image) -> tuple[int, ...]:
    """Return the shape of a layer's full-resolution data without the colour axis."""
    return tuple(map(int, data_of(layer).shape[: layer.ndim]))


@dataclass(frozen=True)
class Plane:
    """A plane of a layer's data.

    Attributes
    ----------
    position : tuple of int or None
        Index along each axis; None for the two axes of the plane.
    transposed : bool
        True if the viewer shows the plane's second axis downwards.
    """

    position: tuple[int | None, ...]
    transposed: bool

    @classmethod
    def displayed(cls, dims: Dims, layer: Image) -> Plane:
        """Return the plane at the position of the viewer's sliders."""
        axes = plane_axes(dims, layer.ndim)
        position = (None if axis in axes else index for axis, index in enumerate(pixel_at(dims, layer)))
        return cls(tuple(position), transposed=axes[0] > axes[1])

    @property
    def index(self) -> tuple[int | slice, ...]:
        """Index of the plane in the data."""
        return tuple(slice(None) if index is None else index for index in self.position)

    def extract(self, data: Any) -> np.ndarray:
        """Return the plane as the viewer turns it; this computes lazy data."""
        plane = np.asarray(data[self.index])
        return plane.swapaxes(0, 1) if self.transposed else plane


@dataclass(frozen=True)
class Axes:
    """The axes of a layer, with the viewer's order.

    Attributes
    ----------
    names : tuple of str
        Names of the axes.
    units : tuple of pint.Unit
        Unit of each axis.
    scale : tuple of float
        Size of a pixel along each axis, in these units.
    order : tuple of int
        The axes in the viewer's order; the last two or three are displayed.
    channel : int or None
        The channel axis.
    displayed_in_3d : bool
        True if the viewer displays three axes.
    """

    names: tuple[str, ...]
    units: tuple[Any, ...]
    scale: tuple[float, ...]
    order: tuple[int, ...]
    channel: int | None = None
    displayed_in_3d: bool = False

    @classmethod
    def of(cls, layer: Layer, dims: Dims, channel: int | None) -> Axes:
        """Return the axes of a layer with channel axis `channel`."""
        return cls(
            tuple(layer.axis_labels),
            tuple(layer.units),
            tuple(map(float, layer.scale)),
            tuple(axes_in_order(dims, layer.ndim)),
            channel,
            dims.ndisplay == 3,
        )

    @property
    def spatial(self) -> tuple[int, ...]:
        """The axes of space, at most three: neither time nor channels.

        If two or more axes have a unit of length, only these count.
        """
        possible = [axis for axis in self.order if axis != self.channel and not self._is_time(axis)]
        measured = [axis for axis in possible if _has_dimension(self.units[axis], "[length]")]
        return tuple(measured if len(measured) > 1 else possible)[-3:]

    @property
    def forms_volume(self) -> bool:
        """True if the planes seem to form a volume, by their name, their units or the 3-D display."""
        if len(self.spatial) < 3:
            return False
        measured = all(_has_dimension(self.units[axis], "[length]") for axis in self.spatial)
        return self.displayed_in_3d or measured or is_named(self.names[self.spatial[0]], DEPTH_AXES)

    def connected_axes(self, through: bool | None = None) -> tuple[int, ...]:
        """Return the axes of a volume if `through`, else of a plane; None decides by `forms_volume`."""
        through = self.forms_volume if through is None else through
        return self.spatial if through else self.spatial[-2:]

    def title(self, axis: int) -> str:
        """Return the name of an axis; empty if it has none of its own."""
        return axis_title(self.names, axis)

    def _is_time(self, axis: int) -> bool:
        return is_named(self.names[axis], TIME_AXES) or _has_dimension(self.units[axis], "[time]")


def _has_dimension(unit: Any, dimension: str) -> bool:
    """Return whether a unit has a dimension such as ``[length]`` or ``[time]``."""
    return dict(unit.dimensionality) == {dimension: 1}
