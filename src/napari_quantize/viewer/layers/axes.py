"""Which part of a layer is displayed: its axes as the viewer orders them, and where the sliders stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.viewer.layers.sources import DEPTH_LABELS, TIME_LABELS, data_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.components import Dims
    from napari.layers import Image, Layer


def axes_in_order(dims: Dims, ndim: int) -> list[int]:
    """Return the axes of a layer of `ndim` dimensions in the viewer's order: the last two, or three, are displayed.

    A layer of fewer dimensions than the viewer has the last ones of the viewer's, in the order that these have.
    """
    missing = dims.ndim - ndim
    return [axis - missing for axis in dims.order if axis >= missing]


def displayed_axes(dims: Dims, ndim: int) -> list[int]:
    """Return the axes of a layer of `ndim` dimensions that are displayed: two, or in 3-D three."""
    return axes_in_order(dims, ndim)[-dims.ndisplay :]


def plane_axes(dims: Dims, ndim: int) -> tuple[int, int]:
    """Return the axes of a layer of `ndim` dimensions that run downwards and to the right in the 2-D display."""
    down, right = axes_in_order(dims, ndim)[-2:]
    return down, right


def pixel_at(dims: Dims, layer: Image, shape: Sequence[int] | None = None) -> tuple[int, ...]:
    """Return the pixel that the sliders point at, colours left out; beyond the ends of the layer the nearest one.

    Parameters
    ----------
    dims : napari.components.Dims
        The viewer's.
    layer : Image
        Where.
    shape : sequence of int, optional
        Of the level whose pixels are counted, of a multiscale layer; the full resolution if left out.
    """
    whole = plain_shape(layer)
    shape = whole if shape is None else shape
    place = np.asarray(layer.world_to_data(dims.point)) / np.divide(whole, shape)
    return tuple(np.clip(np.rint(place), 0, np.subtract(shape, 1)).astype(int).tolist())


def plain_shape(layer: Image) -> tuple[int, ...]:
    """Return the shape of a layer's full-resolution data without the axis of colours."""
    return tuple(map(int, data_of(layer).shape[: layer.ndim]))


@dataclass(frozen=True)
class Plane:
    """Where a plane lies in a layer's data.

    Attributes
    ----------
    at : tuple of int or None
        Place along each axis; None for the two axes of the plane.
    turned : bool
        Whether the plane's second axis is shown downwards.
    """

    at: tuple[int | None, ...]
    turned: bool

    @classmethod
    def shown(cls, dims: Dims, layer: Image) -> Plane:
        """Return where the plane lies that the viewer's sliders point at."""
        axes = plane_axes(dims, layer.ndim)
        at = (None if axis in axes else place for axis, place in enumerate(pixel_at(dims, layer)))
        return cls(tuple(at), turned=axes[0] > axes[1])

    @property
    def index(self) -> tuple[int | slice, ...]:
        """Index of the plane in the data."""
        return tuple(slice(None) if place is None else place for place in self.at)

    def of(self, data: Any) -> np.ndarray:
        """Read the plane, the way up it is shown; lazy data are computed."""
        plane = np.asarray(data[self.index])
        return plane.swapaxes(0, 1) if self.turned else plane


@dataclass(frozen=True)
class Axes:
    """The axes of a layer, as the viewer shows them.

    Attributes
    ----------
    names : tuple of str
        As the layer has them.
    units : tuple of pint.Unit
        The same.
    scale : tuple of float
        Size of a pixel in these units.
    order : tuple of int
        The axes in the order of the viewer's: the last two, or three, are those that it shows.
    channel : int or None
        Of them, the one that holds channels.
    volume : bool
        Whether the viewer shows three at once.
    """

    names: tuple[str, ...]
    units: tuple[Any, ...]
    scale: tuple[float, ...]
    order: tuple[int, ...]
    channel: int | None = None
    volume: bool = False

    @classmethod
    def of(cls, layer: Layer, dims: Dims, channel: int | None) -> Axes:
        """Look at a layer, whose axis `channel` holds channels."""
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
        """Those that can be space, at most three: no time, no channels.

        Where two or more have a unit of length, those that have none are something else.
        """
        possible = [axis for axis in self.order if axis != self.channel and not self._is_time(axis)]
        measured = [axis for axis in possible if _is(self.units[axis], "[length]")]
        return tuple(measured if len(measured) > 1 else possible)[-3:]

    @property
    def goes_through(self) -> bool:
        """Whether planes seem to lie above each other: so named, so measured, or shown so."""
        if len(self.spatial) < 3:
            return False
        measured = all(_is(self.units[axis], "[length]") for axis in self.spatial)
        return self.volume or measured or self._is_named(self.spatial[0], DEPTH_LABELS)

    def connected(self, through: bool | None = None) -> tuple[int, ...]:
        """Return the axes of a plane, or of a volume if it goes `through` the planes; None for what they seem to be."""
        through = self.goes_through if through is None else through
        return self.spatial if through else self.spatial[-2:]

    def _is_time(self, axis: int) -> bool:
        return self._is_named(axis, TIME_LABELS) or _is(self.units[axis], "[time]")

    def _is_named(self, axis: int, names: set[str]) -> bool:
        return self.names[axis].strip().lower() in names


def _is(unit: Any, dimension: str) -> bool:
    """Whether a unit is one of a dimension: ``[length]``, ``[time]``."""
    return dict(unit.dimensionality) == {dimension: 1}
