"""The colour spaces of Photoshop's swatches, as sRGB."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

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


def _rgb(values: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = values[:, :3] / 65535
    return scaled


def _hsb(values: np.ndarray) -> np.ndarray:
    from skimage.color import hsv2rgb

    colors: np.ndarray = hsv2rgb(values[:, :3] / 65535)
    return colors


def _cmyk(values: np.ndarray) -> np.ndarray:
    light = values / 65535  # 0 is full ink
    colors: np.ndarray = light[:, :3] * light[:, 3:]
    return colors


def _wide_cmyk(values: np.ndarray) -> np.ndarray:
    light = 1 - np.minimum(values, 10_000) / 10_000
    colors: np.ndarray = light[:, :3] * light[:, 3:]
    return colors


def _lab(values: np.ndarray) -> np.ndarray:
    # Not by scikit-image, which warns of what lies beyond the gamut, and has no adaptation from D50.
    lightness = np.minimum(values[:, 0] / 100, 100)
    a, b = values[:, 1:3].astype(np.int16).T / 100
    middle = (lightness + 16) / 116
    roots = np.stack([middle + a / 500, middle, middle - b / 200], axis=1)
    xyz = _D50 * np.where(roots > 6 / 29, roots**3, 3 * (6 / 29) ** 2 * (roots - 4 / 29))
    linear = np.clip(xyz @ _D50_TO_LINEAR.T, 0, 1)
    colors: np.ndarray = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return colors


def _grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(np.minimum(values[:, :1], 10_000) / 10_000, 3, axis=1)


SPACES: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    0: _rgb,
    1: _hsb,
    2: _cmyk,
    7: _lab,
    8: _grey,
    9: _wide_cmyk,
}
"""What turns the four numbers of each colour, shape (n, 4), into sRGB from 0 to 1, shape (n, 3)."""
