"""Where distances between colours are measured: in the data's units, in units of the channels' ranges, or in CIELAB."""

from __future__ import annotations

from functools import cache

import numpy as np

from napari_quantize.core.request.color_options import ColorSpace
from napari_quantize.core.request.request import MAX_SIZE, dtype_limits

_PERMILLES = np.array([1, 999])  # as integers: the places of percentiles are not to be rounded
# Of the full range; a smaller robust range tells nothing about the channel, and numbers in units of it leave float64.
_NOTHING = 1e-12
MIN_SCALE = 1 / MAX_SIZE  # squares of smaller numbers leave float64 too

LUMINANCE = (0.2126, 0.7152, 0.0722)  # Rec. 709


class Space:
    """The data's own units: coordinates are the values of the channels.

    Attributes
    ----------
    steps : ndarray of float64, shape (C,) or (1,), or None
        How far a step of 1 in each channel leads along each coordinate; None where channels and coordinates are not
        proportional to each other.
    plain : bool
        Whether coordinates are the values themselves.
    """

    steps: np.ndarray | None = np.ones(1)
    plain = True

    def coordinates(self, colors: np.ndarray) -> np.ndarray:
        """Return the coordinates of colours in data units: float64, shape (n, C)."""
        return colors

    def colors(self, coordinates: np.ndarray) -> np.ndarray:
        """Return the colours, in data units, that have these coordinates."""
        return coordinates


class ScaledSpace(Space):
    """Channels in units of their own.

    Parameters
    ----------
    scales : tuple of float
        The unit of each channel.
    """

    plain = False

    def __init__(self, scales: tuple[float, ...]) -> None:
        self._scales = np.array(scales)
        self.steps = 1 / self._scales

    def coordinates(self, colors: np.ndarray) -> np.ndarray:
        """Divide by the units."""
        scaled: np.ndarray = colors / self._scales
        return scaled

    def colors(self, coordinates: np.ndarray) -> np.ndarray:
        """Multiply by the units."""
        values: np.ndarray = coordinates * self._scales
        return values


class LabSpace(Space):
    """CIELAB (white point D65, observer of 2°) of sRGB colours.

    Parameters
    ----------
    white : float
        The value of a channel that is full: 255, 65535 or 1.

    References
    ----------
    IEC 61966-2-1:1999 (sRGB); CIE 15:2004, Colorimetry. The constants are those of scikit-image.
    """

    steps = None
    plain = False

    def __init__(self, white: float) -> None:
        self._white = white

    def coordinates(self, colors: np.ndarray) -> np.ndarray:
        """Return lightness, a and b: ``skimage.color.rgb2lab``; colours beyond the gamut are clipped to it."""
        from skimage.color import xyz2lab

        encoded = np.clip(colors / self._white, 0, 1)
        linear = np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)
        # Not as a product of matrices: that rounds a row in another way where it stands among others, so that what is
        # nearest would depend on how pixels are shared out among threads.
        red, green, blue = (linear[:, c, np.newaxis] * primary for c, primary in enumerate(_primaries()))
        lab: np.ndarray = xyz2lab(red + green + blue)
        return lab

    def colors(self, coordinates: np.ndarray) -> np.ndarray:
        """Return colours within the gamut: ``skimage.color.lab2rgb``."""
        from skimage.color import lab2rgb

        values: np.ndarray = lab2rgb(coordinates) * self._white
        return values


@cache
def _primaries() -> np.ndarray:
    """Return CIE XYZ of full red, green and blue, one a row."""
    from skimage.color import rgb2xyz

    primaries: np.ndarray = rgb2xyz(np.eye(3))
    return primaries


def space_for(color_space: ColorSpace, scales: tuple[float, ...] | None, dtype: np.dtype) -> Space:
    """Return the space of images of `dtype`, with units of its channels if there are any."""
    if color_space == "lab":
        return LabSpace(white_of(dtype))
    return Space() if scales is None else ScaledSpace(scales)


def white_of(dtype: np.dtype) -> float:
    """Return what a full channel of a photograph holds."""
    return 1.0 if dtype.kind == "f" else float(dtype_limits(dtype)[1])


def by_luminance(colors: np.ndarray) -> np.ndarray:
    """Return colours in `luminance_order`."""
    ordered: np.ndarray = colors[luminance_order(colors)]
    return ordered


def luminance_order(colors: np.ndarray) -> np.ndarray:
    """Return the order from dark to bright: by Rec. 709 luminance where there are three channels, else by their mean.

    Where that is the same, in lexicographic order.
    """
    bright = colors @ np.array(LUMINANCE) if colors.shape[1] == 3 else colors.mean(axis=1)
    return np.lexsort((*colors.T[::-1], bright))
