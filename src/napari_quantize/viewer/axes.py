"""What the axes of a layer are: which of them lie in space, and which of these belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_quantize.viewer.layers import DEPTH_LABELS, TIME_LABELS
from napari_quantize.viewer.slices import axes_in_order

if TYPE_CHECKING:
    from napari.components import Dims
    from napari.layers import Layer


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
