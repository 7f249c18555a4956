"""Size of a pixel in a layer's units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.axes import Axes

_NAMES = {1: "length", 2: "area", 3: "volume"}
_POWERS = {1: "", 2: "²", 3: "³"}


@dataclass(frozen=True)
class PixelSize:
    """Length, area or volume of one pixel or voxel.

    Attributes
    ----------
    name : str
        "area", "volume" or "length"; "mean area" for means of several planes.
    unit : str
        Unit like "µm²"; empty if the layer has a scale but no unit.
    size : float
        Size of one pixel, in this unit.
    """

    name: str
    unit: str
    size: float

    @property
    def title(self) -> str:
        """Name and unit: ``area µm²``."""
        return f"{self.name} {self.unit}".strip()

    @property
    def column(self) -> str:
        """Title of a column: ``area (µm²)``."""
        return with_unit(self.name, self.unit)

    def mean_of(self, n_planes: int) -> PixelSize:
        """Return the size by which numbers of pixels in all of `n_planes` become the mean area of a plane."""
        return self if n_planes == 1 else PixelSize(f"mean {self.name}", self.unit, self.size / n_planes)


def pixel_size_of(axes: Axes, along: Sequence[int]) -> PixelSize | None:
    """Return the size of a pixel along some axes; None if the layer has no calibration.

    A scale without units, as most readers give it, makes an ``area`` without a unit. A scale of 1 without units tells
    nothing, and axes of different dimensions have no product: both give None.

    Parameters
    ----------
    axes : Axes
        Axes of the layer.
    along : sequence of int
        Up to three axes of space.
    """
    spacing = spacing_of(axes, along)
    if spacing is None:
        return None
    has_length = dict(axes.units[along[-1]].dimensionality) == {"[length]": 1}
    unit = unit_symbol(axes.units[along[-1]]) if has_length else ""
    if not unit and all(size == 1 for size in spacing):
        return None
    return PixelSize(_NAMES[len(along)], f"{unit}{_POWERS[len(along)]}" if unit else "", math.prod(spacing))


def mean_pixel_size_of(axes: Axes, along: Sequence[int], shape: Sequence[int]) -> PixelSize | None:
    """Return the size by which the number of pixels in an array becomes an area, or the mean area of several planes.

    The sum of the areas of time points or planes means nothing.

    Parameters
    ----------
    axes, along
        As in `pixel_size_of`.
    shape : sequence of int
        Length along each axis of the pixels that are counted.
    """
    pixel_size = pixel_size_of(axes, along)
    n_planes = math.prod(length for axis, length in enumerate(shape) if axis not in along)
    return None if pixel_size is None else pixel_size.mean_of(n_planes)


def spacing_of(axes: Axes, along: Sequence[int]) -> tuple[float, ...] | None:
    """Return the length of a pixel along some axes, in the unit of the last; None if they have different dimensions."""
    if not along:
        return None
    unit = axes.units[along[-1]]
    if any(axes.units[axis].dimensionality != unit.dimensionality for axis in along):
        return None
    return tuple(abs(axes.scale[axis]) * float((1 * axes.units[axis]).to(unit).magnitude) for axis in along)


def unit_symbol(unit: Any) -> str:
    """Return the symbol of a unit of length or time, such as "µm"; empty for pixels."""
    if dict(unit.dimensionality) not in ({"[length]": 1}, {"[time]": 1}):
        return ""
    # The micro sign, as in files: some versions of pint write the Greek letter, which looks alike.
    return f"{unit:~P}".replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")


def with_unit(name: str, unit: str) -> str:
    """Return the title of a column: ``area (µm²)``, or only the name without a unit."""
    return f"{name} ({unit})" if unit else name
