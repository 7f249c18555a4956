"""An image with its calibration, its codebook and the record of its making: what the files hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from napari_quantize.core.codebook.codebook import Codebook

PIXEL = "pixel"


@dataclass(frozen=True)
class Calibration:
    """Names, scale and units of an image's axes, except for the axis of colours.

    Attributes
    ----------
    axes : tuple of str
        Names, for example ``("z", "y", "x")``.
    scale : tuple of float
        Size of a pixel along each axis, in the unit of that axis.
    units : tuple of str
        Unit of each axis as pint spells it, for example ``"micrometer"``; ``"pixel"`` if the size is not known.

    Raises
    ------
    ValueError
        If axes, scale and units differ in length.
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
    def of_pixels(cls, *axes: str) -> Calibration:
        """Return the calibration of an image whose pixel size is not known."""
        return cls(axes, (1.0,) * len(axes), (PIXEL,) * len(axes))


def axes_without_names(n_axes: int) -> tuple[str, ...]:
    """Return names for axes that have none: numbers from the end, as napari counts them, and y and x."""
    return (*(str(axis) for axis in range(-n_axes, -2)), "y", "x")[-n_axes:]


@dataclass(frozen=True, eq=False)
class Raster:
    """An image to save, or one that was loaded.

    Attributes
    ----------
    image : ndarray
        The pixels.
    rgb : bool
        True if the last axis holds RGB or RGBA.
    calibration : Calibration
        Names, scale and units of the other axes.
    codebook : Codebook, optional
        Codebook that the image was quantized with.
    record : dict, optional
        How it was made, in types that JSON can hold. It stays as the file has it, since anybody may have written that:
        `Record.from_dict` checks it.

    Raises
    ------
    ValueError
        If `rgb` is True and the last axis does not hold 3 or 4 entries, or the calibration does not name all other
        axes.
    """

    image: np.ndarray
    rgb: bool
    calibration: Calibration
    codebook: Codebook | None = None
    record: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.rgb and (self.image.ndim < 3 or self.image.shape[-1] not in (3, 4)):
            raise ValueError(f"an image of shape {self.image.shape} has no RGB or RGBA as its last axis")
        if self.image.ndim - self.rgb != len(self.calibration.axes):
            raise ValueError(
                f"an image of shape {self.image.shape} does not have the axes {', '.join(self.calibration.axes)}"
            )
