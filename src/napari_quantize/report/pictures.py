"""Draw pictures for a report: one plane of an image, in 8 bits, reduced, as a data URI."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.core.pixels.limits import find_white
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.formats.png.encode import encode_png
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.text.names import axis_title
from napari_quantize.text.numbers import format_number, format_percent

# Percentile of the values below the black limit, and above the white one. With the extremes as limits, a few hot pixels
# would make the rest of a micrograph black.
_OUTSIDE = 0.1  # percent
_MAX_SIDE = 1024
_MIN_PIXELS = 20_000
_UNNAMED = "slice"


@dataclass(frozen=True)
class Picture:
    """A picture that is embedded in a page.

    Attributes
    ----------
    uri : str
        A ``data:`` URI of a PNG.
    width, height : int
        Size in pixels.
    ratio : float
        Displayed width divided by height. Pixels need not be square.
    """

    uri: str
    width: int
    height: int
    ratio: float


@dataclass(frozen=True, eq=False)
class PlaneView:
    """Plane, pixels and limits that the pictures of an image and its results share.

    Attributes
    ----------
    index : tuple of int
        Index of the plane along the leading axes.
    position_names : tuple of str
        For each leading axis its name and that index, from 0 as napari's sliders show it: ``"t 2"``.
    rows, columns : ndarray of int
        Indices of the plane's rows and columns that the pictures show.
    rgb : bool
        True if the last axis holds colours.
    limits : tuple of float
        Values of black and of white.
    ratio : float
        Displayed width of the plane divided by its height.
    notes : tuple of str
        Sentences on the choice of plane, pixels and limits.
    """

    index: tuple[int, ...]
    position_names: tuple[str, ...]
    rows: np.ndarray
    columns: np.ndarray
    rgb: bool
    limits: tuple[float, float]
    ratio: float
    notes: tuple[str, ...]

    @classmethod
    def of(cls, raster: Raster, n_pixels: float) -> PlaneView:
        """Choose the middle plane, its limits, and rows and columns that give about `n_pixels` pixels."""
        shape = raster.image.shape[:-1] if raster.rgb else raster.image.shape
        *leading, height, width = (1, *shape)[-max(2, len(shape)) :]
        index = tuple(length // 2 for length in leading)
        plane = _plane(raster.image, index, rgb=raster.rgb)
        scale = (1.0, *raster.calibration.scale)[-2:]
        ratio = width * scale[1] / (height * scale[0])
        rows, columns = _choose_pixels(height, width, n_pixels)
        limits, notes = _limits_of_colors(raster.image) if raster.rgb else _limits(plane)
        names = _position_names(raster.calibration.axes, index)
        if index:
            shown = (f"{name} of 0 to {length - 1:,}" for name, length in zip(names, leading, strict=True))
            notes.insert(0, f"Shown: {', '.join(shown)}, the middle one.")
        if len(rows) * len(columns) < height * width:
            notes.append(f"The pictures are {len(columns)}×{len(rows)}: pixels are left out, none are mixed.")
        if not raster.rgb and plane.dtype.kind == "f":
            missing = 1 - np.isfinite(plane).mean()
            notes += [
                f"{format_percent(missing)} of the pixels shown are NaN or infinite: they are transparent."
            ] * bool(missing)
        return cls(index, names, rows, columns, raster.rgb, limits, ratio, tuple(notes))

    def picture(self, image: np.ndarray) -> Picture:
        """Return the picture of the source or of a result."""
        plane = _plane(image, self.index, rgb=self.rgb)[np.ix_(self.rows, self.columns)]
        return Picture(_as_uri(self._to_bytes(plane)), len(self.columns), len(self.rows), self.ratio)

    def colors(self, values: np.ndarray) -> np.ndarray:
        """Convert values, shape (n,), or colours, shape (n, 3), to displayed colours: uint8, shape (n, 3)."""
        shown = self._scale(values)
        return shown[:, :3] if shown.ndim == 2 else np.repeat(shown[:, np.newaxis], 3, axis=1)

    def _to_bytes(self, plane: np.ndarray) -> np.ndarray:
        if plane.dtype.kind != "f" or np.isfinite(plane).all():
            return self._scale(plane)
        finite = np.isfinite(plane)
        shown = self._scale(np.where(finite, plane, self.limits[0]))
        if self.rgb:
            shown = np.dstack((shown[..., :3], shown[..., 3] if shown.shape[2] == 4 else np.full(shown.shape[:2], 255)))
            finite = finite.all(axis=-1)
        else:
            shown = np.dstack((shown, shown, shown, np.full_like(shown, 255)))
        shown[~finite, 3] = 0
        return shown.astype(np.uint8)

    def _scale(self, values: np.ndarray) -> np.ndarray:
        low, high = self.limits
        if values.dtype == np.uint8 and (low, high) == (0, 255):
            return values
        part = (values.astype(np.float64) - low) / (high - low)
        return np.rint(np.clip(part, 0, 1) * 255).astype(np.uint8)


def pixels_per_picture(n_pictures: int, total: float = 6e6) -> float:
    """Return the number of pixels for each picture that keeps the page within a few MB."""
    return max(_MIN_PIXELS, total / max(1, n_pictures))


def _plane(image: np.ndarray, index: tuple[int, ...], *, rgb: bool) -> np.ndarray:
    plane: np.ndarray = image[index]
    return plane[np.newaxis] if plane.ndim < 2 + rgb else plane


def _choose_pixels(height: int, width: int, n_pixels: float) -> tuple[np.ndarray, np.ndarray]:
    """Return evenly spaced rows and columns for a picture of at most `n_pixels` pixels."""
    # Pixels are left out, never averaged: a mean would show colours that the result does not have.
    factor = min(1.0, _MAX_SIDE / max(height, width), (n_pixels / (height * width)) ** 0.5)
    new = [max(1, round(length * factor)) for length in (height, width)]
    rows, columns = (
        ((np.arange(n) + 0.5) * length / n).astype(int) for n, length in zip(new, (height, width), strict=True)
    )
    return rows, columns


def _limits(plane: np.ndarray) -> tuple[tuple[float, float], list[str]]:
    """Return the values of black and white of a grey plane, and notes on them."""
    if plane.dtype.kind == "b":
        return (0.0, 1.0), []
    if plane.dtype == np.uint8:
        return (0.0, 255.0), []
    finite = plane[np.isfinite(plane)]
    if not len(finite):
        return (0.0, 1.0), []
    part = f"{100 - 2 * _OUTSIDE:g} %"
    low, high = map(float, np.percentile(finite, (_OUTSIDE, 100 - _OUTSIDE)))
    if low == high:
        part, low, high = "all", float(finite.min()), float(finite.max())
    if low == high:
        return (low, low + 1.0), [f"The plane holds {format_number(low)} alone: it is black."]
    return (low, high), [
        f"Black is {format_number(low)} and white {format_number(high)}: between them lie {part} of its values."
    ]


def _limits_of_colors(image: np.ndarray) -> tuple[tuple[float, float], list[str]]:
    """Return the values of black and white of all planes of an RGB image, and notes on them."""
    dtype, white = image.dtype, find_white(Pixels.of(image, -1, alpha=image.shape[-1] == 4))
    if dtype.kind == "f":
        return (0.0, white), ["Colours are shown from 0 to 1."]
    if white < white_of(dtype):
        return (0.0, white), [f"White is {white:,.0f}, and colours are shown with 8 bits."]
    return (0.0, white), [f"Colours of {8 * dtype.itemsize} bits are shown with 8."] if dtype.itemsize > 1 else []


def _position_names(axes: Sequence[str], index: Sequence[int]) -> tuple[str, ...]:
    has_names = len(axes) >= len(index)
    names = [axis_title(axes, axis) if has_names else "" for axis in range(len(index))]
    return tuple(f"{name or _UNNAMED} {position:,}" for name, position in zip(names, index, strict=True))


def _as_uri(picture: np.ndarray) -> str:
    file = encode_png(Raster(picture, picture.ndim == 3, Calibration.of_pixels("y", "x")))
    return f"data:image/png;base64,{base64.b64encode(file).decode()}"
