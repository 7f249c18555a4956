"""Sample images, from scikit-image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    LayerData = tuple[NDArray[Any], dict[str, Any], str]


def astronaut() -> list[LayerData]:
    """Return a colour photo: 512×512 pixels, RGB, uint8."""
    from skimage import data

    return [(data.astronaut(), {"name": "astronaut", "rgb": True}, "image")]


def cell() -> list[LayerData]:
    """Return a micrograph of a cell: 660×550 pixels, grey, uint8."""
    from skimage import data

    return [(data.cell(), {"name": "cell", "rgb": False}, "image")]
