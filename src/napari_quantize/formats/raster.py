"""A picture with its place in the world and what it was made with: what goes into files, and comes out of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from napari_quantize.core.codebook.codebook import Codebook

PIXEL = "pixel"


@dataclass(frozen=True)
class Place:
    """The axes of a picture, all but that of colours.

    Attributes
    ----------
    axes : tuple of str
        Names, as ``("z", "y", "x")``.
    scale : tuple of float
        Size of a pixel along each, in its unit.
    units : tuple of str
        As pint spells them, ``"micrometer"``; ``"pixel"`` where there is none.
    """

    axes: tuple[str, ...]
    scale: tuple[float, ...]
    units: tuple[str, ...]

    def __post_init__(self) -> None:
        if not len(self.axes) == len(self.scale) == len(self.units):
            raise ValueError(
                f"{len(self.axes)} axes do not go with {len(self.scale)} scales and {len(self.units)} units"
            )

    @classmethod
    def of_pixels(cls, *axes: str) -> Place:
        """Return the place of a picture of which no more is known than the names of its axes."""
        return cls(axes, (1.0,) * len(axes), (PIXEL,) * len(axes))


@dataclass(frozen=True, eq=False)
class Raster:
    """A picture that is to be saved, or was loaded.

    Attributes
    ----------
    image : ndarray
        The pixels.
    rgb : bool
        Whether the last axis holds RGB or RGBA.
    place : Place
        What its other axes are.
    codebook : Codebook, optional
        What it was quantized with.
    record : dict, optional
        How it was made, in types that JSON can hold.
    """

    image: np.ndarray
    rgb: bool
    place: Place
    codebook: Codebook | None = None
    record: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.rgb and (self.image.ndim < 3 or self.image.shape[-1] not in (3, 4)):
            raise ValueError(f"an image of shape {self.image.shape} has no RGB or RGBA as its last axis")
        if self.image.ndim - self.rgb != len(self.place.axes):
            raise ValueError(
                f"an image of shape {self.image.shape} does not have the axes {', '.join(self.place.axes)}"
            )
