"""Checks of the options of colour mode: the space of distances, and colours that are kept."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, get_args

import numpy as np

Color = tuple[float, ...]
ColorSpace = Literal["rgb", "lab"]
COLOR_SPACES: tuple[ColorSpace, ...] = get_args(ColorSpace)


def check_keep(keep: Iterable[Sequence[float]]) -> tuple[Color, ...]:
    """Return colours as tuples of floats in lexicographic order, whatever their types and order were.

    Raises
    ------
    TypeError, ValueError
        If `keep` is not an iterable of colours, or colours are not finite, differ in length or occur twice. The message
        names the colour.
    """
    if not _is_listing(keep):
        raise TypeError(f"keep={keep!r} must be a sequence of colours, like [(0, 0, 0), (255, 255, 255)]")
    colors = sorted(map(_color, keep))
    for one, other in pairwise(colors):  # equal colours are neighbours, since they are sorted
        if one == other:
            raise ValueError(f"keep holds {_shown(one)} twice")
    for color in colors:
        if len(color) != len(colors[0]):
            raise ValueError(f"keep holds {_shown(colors[0])} and {_shown(color)}, which differ in length")
    return tuple(colors)


def check_keep_fits(keep: tuple[Color, ...], k: int) -> None:
    """Raise a ValueError if there are more kept colours than `k` centers."""
    if len(keep) > k:
        raise ValueError(f"keep holds {len(keep)} colours, which are more than k={k}")


def _is_listing(value: object) -> bool:
    return hasattr(value, "__iter__") and not isinstance(value, str | bytes) and getattr(value, "ndim", 1) > 0


def _color(color: object) -> Color:
    if not _is_listing(color):
        raise TypeError(f"keep holds {color!r}, which is no colour like (0, 0, 0)")
    return tuple(_number(value, color) for value in color)  # type: ignore[attr-defined]


def _number(value: object, color: object) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"keep holds {color!r}: {value!r} is no number")
    # As an int, because float() rounds integers beyond 2**53 without an error; comparisons of int and float are exact.
    exact = int(value) if isinstance(value, int | np.integer) else float(value)
    if not abs(exact) <= sys.float_info.max:
        raise ValueError(f"keep holds {color!r}: {value!r} is not finite")
    number = float(exact) + 0.0  # -0.0 becomes 0.0: what is equal has equal bytes
    if number != exact:
        raise ValueError(f"keep holds {color!r}: {value!r} is too large an integer for float64")
    return number


def _shown(color: Color) -> str:
    return f"({', '.join(f'{value:g}' for value in color)})"


def check_color_image(
    image: np.ndarray,
    n_channels: int,
    color_space: ColorSpace,
    keep: tuple[Color, ...],
    limits: tuple[float, float],
) -> None:
    """Raise a ValueError if an image cannot be converted to Lab, or kept colours do not fit it.

    Parameters
    ----------
    image : ndarray
        An image.
    n_channels : int
        Number of channels without alpha.
    color_space : {"rgb", "lab"}
        Space in which distances are measured.
    keep : tuple of tuple of float
        As `check_keep` returns them.
    limits : (low, high)
        Smallest and largest value of the image's dtype.
    """
    dtype = image.dtype
    if color_space == "lab":
        if n_channels != 3:
            raise ValueError(f"color_space='lab' takes 3 channels, but shape {image.shape} has {n_channels}")
        if dtype.kind != "f" and not (dtype.kind == "u" and dtype.itemsize <= 2):
            raise ValueError(
                f"color_space='lab' takes photographs: uint8, uint16, or floats from 0 to 1, but the image is {dtype}"
            )
    low, high = (0, 1) if color_space == "lab" and dtype.kind == "f" else limits
    for color in keep:
        if len(color) != n_channels:
            raise ValueError(
                f"keep holds {_shown(color)}, a colour of {len(color)} channels, but the image has {n_channels}"
            )
        for value in color:
            if not low <= value <= high:
                raise ValueError(f"keep holds {_shown(color)}: {value:g} does not lie between {low:g} and {high:g}")
