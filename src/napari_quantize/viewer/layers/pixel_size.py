"""Size of a pixel in a layer's units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.axes import Axes

_NAMES = {1: "length", 2: "area", 3: "volume"}
_POWERS = {1: "", 2: "²", 3: "³"}
_TO_ASCII = str.maketrans({"²": "2", "³": "3", "µ": "u", " ": "_"})


@dataclass(frozen=True)
class PixelSize:
    """Length, area or volume of one pixel or voxel.

    Attributes
    ----------
    name : str
        "area", "volume" or "length".
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
        """The title in ASCII for other programs: ``area_um2``."""
        return self.title.translate(_TO_ASCII)


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
    if not along:
        return None
    unit = axes.units[along[-1]]
    if any(axes.units[axis].dimensionality != unit.dimensionality for axis in along):
        return None
    has_length = dict(unit.dimensionality) == {"[length]": 1}
    sizes = [abs(axes.scale[axis]) * float((1 * axes.units[axis]).to(unit).magnitude) for axis in along]
    if not has_length and all(size == 1 for size in sizes):
        return None
    name = _NAMES[len(along)]
    # The micro sign, as in files: some versions of pint write the Greek letter, which looks alike.
    symbol = f"{unit:~P}".replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")
    return PixelSize(name, f"{symbol}{_POWERS[len(along)]}" if has_length else "", math.prod(sizes))
