"""How large a pixel is, in a layer's own units."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Layer

_NAMES = {1: "length", 2: "area", 3: "volume"}
_POWERS = {1: "", 2: "²", 3: "³"}
_DEPTHS = {"z", "depth", "plane", "slice"}


@dataclass(frozen=True)
class Measure:
    """What one pixel, or voxel, measures.

    Attributes
    ----------
    name : str
        "area", "volume" or "length".
    unit : str
        "µm²"; empty where the layer has a scale but no unit.
    size : float
        Of one pixel, in this unit.
    """

    name: str
    unit: str
    size: float

    @property
    def title(self) -> str:
        """What is measured, and in which unit."""
        return f"{self.name} {self.unit}".strip()


def measure_of(layer: Layer, axes: Collection[int]) -> Measure | None:
    """Return what a pixel measures along those of `axes` that lie in space; None where the layer has no scale.

    In space lie the axes with a unit of length. Where no axis has one, these are the last two, and one before them if
    it is called z: an axis without a name can as well be time. Channels and time have no length.

    Parameters
    ----------
    layer : napari.layers.Layer
        With `scale`, `units` and `axis_labels`.
    axes : collection of int
        Which of its axes are looked at.
    """
    with_unit = [axis for axis in range(layer.ndim) if layer.units[axis].is_compatible_with("meter")]
    spatial = [axis for axis in with_unit or _by_place(layer) if axis in axes][-3:]
    scale = [abs(float(layer.scale[axis])) for axis in spatial]
    if not spatial or (not with_unit and all(size == 1 for size in scale)):
        return None
    name, power = _NAMES[len(spatial)], _POWERS[len(spatial)]
    if not with_unit:
        return Measure(name, "", math.prod(scale))
    unit = layer.units[spatial[-1]]
    sizes = [(size * layer.units[axis]).to(unit).magnitude for size, axis in zip(scale, spatial, strict=True)]
    return Measure(name, f"{unit:~P}{power}", math.prod(sizes))


def _by_place(layer: Layer) -> list[int]:
    first = max(0, layer.ndim - 2)
    if first and layer.axis_labels[first - 1].strip().lower() in _DEPTHS:
        first -= 1
    return list(range(first, layer.ndim))
