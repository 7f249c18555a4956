"""Read and write Photoshop's swatches (.aco): 16 bits, several colour spaces, names in version 2."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from napari_quantize.palettes.palette import Palette

_MAX_WRITTEN = 65_535  # the count has 16 bits
_NAME_LIMIT = 1000  # letters; a longer name means a damaged file
_RGB = 0  # the colour space whose values are not converted
_BOOKS = {3: "Pantone", 4: "Focoltone", 5: "Trumatch", 6: "Toyo", 10: "HKS"}

# CIE XYZ of the white point of Photoshop's Lab, and from there to linear sRGB with Bradford's adaptation to D65.
# B. Lindbloom, http://www.brucelindbloom.com/index.html?Eqn_RGB_XYZ_Matrix.html
_D50 = np.array([0.96422, 1.0, 0.82521])
_D50_TO_LINEAR = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
)


class _Swatch(NamedTuple):
    space: int
    values: tuple[int, ...]
    name: str


def decode_aco(content: bytes) -> Palette:
    """Read swatches of version 1 or 2. If the file holds both, read version 2, which has names.

    Colours have 8 bits unless RGB ones need 16. HSB, CMYK, Lab and grey are converted to sRGB; CMYK without a profile,
    as (1 - ink) · (1 - black).

    Raises
    ------
    ValueError
        If it is truncated, or a colour is of a printer's colour book, which only Photoshop has.

    References
    ----------
    Adobe Photoshop File Formats Specification, 2019: "Color Swatches".
    """
    version, swatches, end = _block(content, 0)
    if version == 1 and content[end : end + 2] == b"\0\2":
        _, swatches, _ = _block(content, end)
    if not swatches:
        raise ValueError("it holds no colours")
    for number, swatch in enumerate(swatches, 1):
        if swatch.space != _RGB and swatch.space not in _TO_SRGB:
            book = f"a {_BOOKS[swatch.space]} colour" if swatch.space in _BOOKS else f"of colour space {swatch.space}"
            raise ValueError(f"colour {number} is {book}, of which the file does not hold the RGB values")
    return Palette(_colors(swatches), names=tuple(swatch.name for swatch in swatches))


def _block(content: bytes, start: int) -> tuple[int, list[_Swatch], int]:
    """Return the version, the swatches and the end of the block that begins at `start`."""
    version, count = struct.unpack_from(">HH", content.ljust(start + 4, b"\0"), start)
    if version not in (1, 2):
        raise ValueError(f"this is no file of swatches: it begins with {version}, not with version 1 or 2")
    end, swatches = start + 4, []
    for number in range(1, count + 1):
        try:
            space, *values = struct.unpack_from(">H4H", content, end)
            end += 10
            name, end = _name(content, end) if version == 2 else ("", end)
        except struct.error:
            raise ValueError(f"it is truncated: {number - 1:,} of its {count:,} colours are there") from None
        swatches.append(_Swatch(space, tuple(values), name))
    return version, swatches, end


def _name(content: bytes, start: int) -> tuple[str, int]:
    (length,) = struct.unpack_from(">I", content, start)
    if length > _NAME_LIMIT:
        raise ValueError(f"it is damaged: the name of a colour has {length:,} letters")
    (encoded,) = struct.unpack_from(f"{2 * length}s", content, start + 4)
    # `Palette` drops the NUL at its end, as other control characters.
    return encoded.decode("utf-16-be", errors="replace"), start + 4 + 2 * length


def _colors(swatches: list[_Swatch]) -> np.ndarray:
    """Return the colours in 8 bits, or in 16 if RGB colours need them."""
    spaces = np.array([swatch.space for swatch in swatches])
    values = np.array([swatch.values for swatch in swatches], np.uint16)
    plain = values[spaces == _RGB, :3]
    # Photoshop expands 8 bits to 16 by repeating the byte (× 257), other programs by appending zeros (× 256).
    step = next((step for step in (257, 256) if not (plain % step).any()), 1)
    full = 65535 if step == 1 else 255
    colors = np.empty((len(values), 3), np.uint16 if step == 1 else np.uint8)
    for space in np.unique(spaces):
        own = spaces == space
        colors[own] = plain // step if space == _RGB else np.rint(_TO_SRGB[space](values[own]) * full)
    return colors


def encode_aco(palette: Palette) -> bytes:
    """Write 16-bit RGB swatches: version 1 for old programs, then version 2 with names.

    Raises
    ------
    ValueError
        If it has more than 65,535 colours.
    """
    count = len(palette.colors)
    if count > _MAX_WRITTEN:
        raise ValueError(f"Photoshop's .aco palettes hold at most {_MAX_WRITTEN:,} colours, but there are {count:,}")
    scale = 257 if palette.colors.dtype == np.uint8 else 1
    rows = [struct.pack(">H4H", 0, *color, 0) for color in (palette.colors.astype(np.uint32) * scale).tolist()]
    names = (f"{name}\0".encode("utf-16-be") for name in palette.names or ("",) * count)
    named = (row + struct.pack(">I", len(name) // 2) + name for row, name in zip(rows, names, strict=True))
    return struct.pack(">HH", 1, count) + b"".join(rows) + struct.pack(">HH", 2, count) + b"".join(named)


def _hsb(values: np.ndarray) -> np.ndarray:
    from skimage.color import hsv2rgb

    colors: np.ndarray = hsv2rgb(values[:, :3] / 65535)
    return colors


def _cmyk(values: np.ndarray) -> np.ndarray:
    light = values / 65535  # 0 means full ink
    colors: np.ndarray = light[:, :3] * light[:, 3:]
    return colors


def _wide_cmyk(values: np.ndarray) -> np.ndarray:
    # Hundredths of a percent of ink, where `_cmyk` counts light.
    light = 1 - np.minimum(values, 10_000) / 10_000
    colors: np.ndarray = light[:, :3] * light[:, 3:]
    return colors


def _lab(values: np.ndarray) -> np.ndarray:
    # Not with scikit-image: its conversion warns of colours beyond the gamut, and does not adapt from D50 to D65.
    # Hundredths: lightness from 0 to 10,000, a and b signed.
    lightness = np.minimum(values[:, 0] / 100, 100)
    a, b = values[:, 1:3].astype(np.int16).T / 100
    middle = (lightness + 16) / 116
    roots = np.stack([middle + a / 500, middle, middle - b / 200], axis=1)
    # CIE 15: the inverse of the cube root with a linear part near black. Below: the encoding of IEC 61966-2-1.
    xyz = _D50 * np.where(roots > 6 / 29, roots**3, 3 * (6 / 29) ** 2 * (roots - 4 / 29))
    linear = np.clip(xyz @ _D50_TO_LINEAR.T, 0, 1)
    colors: np.ndarray = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return colors


def _grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(np.minimum(values[:, :1], 10_000) / 10_000, 3, axis=1)


_TO_SRGB: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: _hsb,
    2: _cmyk,
    7: _lab,
    8: _grey,
    9: _wide_cmyk,
}
"""Functions that convert four numbers a colour, shape (n, 4), to sRGB from 0 to 1, shape (n, 3), by colour space."""
