"""Spaces in which distances between colours are measured: data units, channels divided by their ranges, or CIELAB."""

from __future__ import annotations

from functools import cache

import numpy as np

from napari_quantize.core.request.color_options import ColorSpace
from napari_quantize.core.request.request import MAX_SIZE, dtype_limits

MIN_SCALE = 1 / MAX_SIZE  # squares of smaller numbers underflow float64

# The largest values of cameras of 8, 10, 12, 14 and 16 bits, whatever the dtype they are stored in.
CAMERA_TOPS = (2**8 - 1, 2**10 - 1, 2**12 - 1, 2**14 - 1, 2**16 - 1)

LUMINANCE = (0.2126, 0.7152, 0.0722)  # Rec. 709


class Space:
    """The data's own units: coordinates are the values of the channels.

    Attributes
    ----------
    steps : ndarray of float64, shape (C,) or (1,), or None
        Change of each coordinate for a step of 1 in each channel; None where coordinates are not proportional to
        channels.
    plain : bool
        Whether coordinates equal the values.
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
    """Channels divided by their own scales.

    Parameters
    ----------
    scales : tuple of float
        Scale of each channel.
    """

    plain = False

    def __init__(self, scales: tuple[float, ...]) -> None:
        self._scales = np.array(scales)
        self.steps = 1 / self._scales

    def coordinates(self, colors: np.ndarray) -> np.ndarray:
        """Divide by the scales."""
        scaled: np.ndarray = colors / self._scales
        return scaled

    def colors(self, coordinates: np.ndarray) -> np.ndarray:
        """Multiply by the scales."""
        values: np.ndarray = coordinates * self._scales
        return values


class LabSpace(Space):
    """CIELAB (white point D65, observer of 2°) of sRGB colours.

    Parameters
    ----------
    white : float
        Value of a full channel: 255, 65535 or 1.

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
        # Not as a matrix product: BLAS rounds a row differently depending on the rows around it, so the nearest center
        # would depend on how pixels are divided among threads.
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
    """Return CIE XYZ of full red, green and blue, one in each row."""
    from skimage.color import rgb2xyz

    # The columns of scikit-image's matrix, by a public function: 0 and 1 are the same encoded and linear.
    primaries: np.ndarray = rgb2xyz(np.eye(3))
    return primaries


def space_for(color_space: ColorSpace, scales: tuple[float, ...] | None, dtype: np.dtype) -> Space:
    """Return the space of distances for images of `dtype`; `scales` are those of balanced channels."""
    if color_space == "lab":
        return LabSpace(white_of(dtype))
    return Space() if scales is None else ScaledSpace(scales)


def white_of(dtype: np.dtype, high: float | None = None) -> float:
    """Return the value of a full channel of a photograph.

    Cameras of 10, 12 and 14 bits fill a part of uint16, and napari stretches what it shows to the largest value. So the
    white of uint16 is the full value of the fewest bits that hold the image. A dark image of real 16 bits is then taken
    for brighter than it is: its colour differences err on the large side.

    Parameters
    ----------
    dtype : dtype
        Dtype of the image.
    high : float or None
        Largest value of the image; None if it is not known, which gives the largest value of `dtype`.

    Returns
    -------
    float
        1 for floats; for uint16 the smallest of 255, 1,023, 4,095, 16,383 and 65,535 that is not below `high`; for
        other integers the largest value of `dtype`.
    """
    if dtype.kind == "f":
        return 1.0
    if high is not None and not has_fixed_white(dtype):
        return float(next(top for top in CAMERA_TOPS if top >= high))
    return float(dtype_limits(dtype)[1])


def has_fixed_white(dtype: np.dtype) -> bool:
    """Return whether `white_of` is the same for all images of a dtype."""
    return not (dtype.kind == "u" and dtype.itemsize == 2)  # of either byte order


def by_luminance(colors: np.ndarray) -> np.ndarray:
    """Return colours in `luminance_order`."""
    ordered: np.ndarray = colors[luminance_order(colors)]
    return ordered


def luminance_order(colors: np.ndarray) -> np.ndarray:
    """Return the order from dark to bright: by Rec. 709 luminance for three channels, by the mean for others.

    Parameters
    ----------
    colors : ndarray of float64, shape (n, C)
        Colours.

    Returns
    -------
    ndarray of intp, shape (n,)
        Indices that sort the colours; ties are in lexicographic order.
    """
    bright = colors @ np.array(LUMINANCE) if colors.shape[1] == 3 else colors.mean(axis=1)
    # `lexsort` takes the last key first.
    return np.lexsort((*colors.T[::-1], bright))
