"""What the tests of colour mode compare with: plain formulas, on all pixels."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import skimage.data
from oracles import same_bytes
from skimage.color import rgb2lab

from napari_quantize import Codebook

RNG = np.random.default_rng(0)
PHOTO = skimage.data.astronaut()[::6, ::6]
COLOR = {"mode": "color", "channel_axis": -1}
LAB, BALANCE = {"color_space": "lab"}, {"balance": True}
KEEP = {"keep": [(0, 0, 0), (255, 255, 255), (10, 200, 30)]}
OPTIONS = [LAB, BALANCE, KEEP, {**LAB, **KEEP}, {**BALANCE, **KEEP}]

Coordinates = Callable[[np.ndarray], np.ndarray]


def vectors(image: np.ndarray, axis: int = -1) -> np.ndarray:
    """The colours of an image as rows of float64."""
    return np.moveaxis(image, axis, -1).reshape(-1, image.shape[axis]).astype(np.float64)


def plain_ranges(rows: np.ndarray) -> np.ndarray:
    """The robust range of each channel, by sorting all values."""
    ordered = np.sort(rows, axis=0)
    low, high = (ordered[int(np.ceil(share * len(rows) / 1000)) - 1] for share in (1, 999))
    robust, full = high - low, ordered[-1] - ordered[0]
    return np.where(robust > 0, robust, np.where(full > 0, full, 1))


def plain_coordinates(image: np.ndarray, codebook: Codebook) -> Coordinates:
    """What distances are measured in, by formulas of others."""
    if codebook.request.color_space == "lab":
        white = 1 if image.dtype.kind == "f" else np.iinfo(image.dtype).max
        return lambda colors: rgb2lab(colors / white)
    scales = 1 if codebook.scales is None else np.array(codebook.scales)
    return lambda colors: colors / scales


def nearest(rows: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """The index of each row's nearest center, of equally near ones the first: all distances, one by one."""
    with np.errstate(invalid="ignore"):
        distances = sum((rows[:, c, np.newaxis] - centers[:, c]) ** 2 for c in range(rows.shape[1]))
    found = distances.argmin(axis=1)
    found[~np.isfinite(rows).all(axis=1)] = len(centers)
    return found


def assert_nearest_to(points: np.ndarray, centers: np.ndarray, codes: np.ndarray) -> None:
    """Compare indices of nearest centers with brute force.

    Far from all centers, squares in float64 round away what tells two of them apart. Where both differ there, exact
    fractions decide, up to the rounding of coordinates.
    """
    expected = nearest(points, centers)
    middle = centers.mean(axis=0)
    longest = np.linalg.norm(centers - middle, axis=1).max()
    for row in np.flatnonzero(codes != expected):
        length = np.linalg.norm(points[row] - middle)
        assert length > 3.9 * longest, (points[row], codes[row], expected[row])
        found, other = (_squared_distance(points[row], centers[index]) for index in (codes[row], expected[row]))
        rounding = Fraction(1e-15 * longest * (longest + length))
        assert found <= other + rounding, (points[row], codes[row], expected[row])


def _squared_distance(one: np.ndarray, other: np.ndarray) -> Fraction:
    steps = (Fraction(x) - Fraction(y) for x, y in zip(one.tolist(), other.tolist(), strict=True))
    return sum((step**2 for step in steps), Fraction())


def assert_exact(image: np.ndarray, codebook: Codebook, axis: int = -1) -> None:
    """Encode and apply against brute force."""
    coordinates, rows = plain_coordinates(image, codebook), vectors(image, axis)
    centers = codebook.centers
    codes = codebook.encode(image)
    assert codes.shape == np.moveaxis(image, axis, -1).shape[:-1]
    assert codes.dtype == np.min_scalar_type(len(centers))
    indices = codes.ravel()
    assert_nearest_to(coordinates(rows), coordinates(centers), indices)
    result = codebook.apply(image)
    assert (result.shape, result.dtype) == (image.shape, image.dtype)
    assert same_bytes(codebook.apply(result), result)
    kept = indices == len(centers)
    found = np.moveaxis(result, axis, -1).reshape(len(rows), -1)
    source = np.moveaxis(image, axis, -1).reshape(len(rows), -1)
    assert same_bytes(found[kept], source[kept])
    rounded = (np.rint(centers) if image.dtype.kind in "biu" else centers).astype(image.dtype)
    own = nearest(coordinates(rounded.astype(np.float64)), coordinates(centers)) == np.arange(len(centers))
    sure = ~kept & np.append(own, False)[indices]  # where rounding does not bring a center nearer to another one
    assert np.array_equal(found[sure], rounded[indices[sure]])
