"""Encode images as PNG: lossless, and small through palettes, few bits a pixel and libdeflate."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_quantize.formats.png.chunks import MAX_LENGTH, MAX_PIXELS, SIGNATURE, chunk, deflate
from napari_quantize.formats.png.metadata import encode_texts
from napari_quantize.formats.png.pixels import Layout, header, layouts
from napari_quantize.formats.units import METERS

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Calibration, Raster

_QUICK = 1  # compression level that is enough to compare two layouts
_FAST, _BEST, _BEST_OF_LARGE = 6, 12, 10
_LARGE = 2**24  # bytes; above, level 12 takes many seconds more than level 10 and saves less than a percent


def encode_png(raster: Raster, *, level: Literal["fast", "best"] = "best") -> bytes:
    """Return an image as a PNG file that holds its pixels exactly.

    Up to 256 colours become a palette, sorted from dark to bright, with 1, 2, 4 or 8 bits a pixel; grey levels are
    stored as such where this is smaller. More colours, and 16 bits, are stored as they are. A compressed text
    chunk (several of at most a million bytes if it is longer) holds the calibration, the codebook and the record; pHYs,
    which image programs read, holds the pixel size.

    Parameters
    ----------
    raster : Raster
        Two-dimensional: bool, uint8 or uint16, with or without RGB or RGBA.
    level : {"best", "fast"}
        Make the file as small as possible, or encode it quickly.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If PNG cannot hold the image.

    Notes
    -----
    Pixels are compressed with libdeflate, which searches for the optimal parse from level 10 on. Palette indices are
    not filtered: each of PNG's filters makes quantized photos larger, also when the palette is sorted by luminance.
    """
    image = raster.image
    _check(image, raster.rgb)
    layout, rows = _smallest(image)
    height, width = image.shape[:2]
    effort = _FAST if level == "fast" else _BEST if len(rows) < _LARGE else _BEST_OF_LARGE
    pixels = deflate(rows, effort)
    parts = [
        SIGNATURE,
        header(layout, width, height),
        _physical(raster.calibration),
        layout.tables(),
        *(chunk(b"iTXt", text) for text in encode_texts(raster, effort)),
        *(chunk(b"IDAT", pixels[start : start + MAX_LENGTH]) for start in range(0, len(pixels), MAX_LENGTH)),
        chunk(b"IEND", b""),
    ]
    return b"".join(parts)


def png_kb(raster: Raster) -> float:
    """Return the size of the PNG file of an image.

    Parameters
    ----------
    raster : Raster
        As `encode_png` takes it.

    Returns
    -------
    float
        In units of 1,024 bytes.

    Raises
    ------
    ValueError
        If PNG cannot hold the image.
    """
    return len(encode_png(raster)) / 1024


def _check(image: np.ndarray, rgb: bool) -> None:
    n_axes = image.ndim - rgb
    if n_axes != 2:
        raise ValueError(f"a PNG cannot hold {n_axes} dimension{'s' * (n_axes != 1)}")
    if image.dtype.newbyteorder("=") not in (np.dtype(bool), np.dtype(np.uint8), np.dtype(np.uint16)):
        kind = {"f": " float", "i": " signed", "c": " complex"}.get(image.dtype.kind, "")
        raise ValueError(f"a PNG cannot hold {8 * image.dtype.itemsize} bit{kind} values")
    if rgb and image.dtype == bool:
        raise ValueError("a PNG cannot hold binary colours")
    height, width = image.shape[:2]
    if min(height, width) == 0 or max(height, width) > MAX_LENGTH:
        raise ValueError(f"a PNG cannot hold {width:,}×{height:,} pixels")
    if height * width > MAX_PIXELS:
        raise ValueError(f"many programs refuse to read a PNG of more than {MAX_PIXELS:,} pixels")


def _smallest(image: np.ndarray) -> tuple[Layout, bytes | bytearray]:
    """Return the layout that compresses best, and its rows."""
    options = [(layout, rows) for layout in layouts(image) for rows in (layout.plain(), layout.filtered()) if rows]
    if len(options) == 1:
        return options[0]
    return min(options, key=lambda option: len(option[0].tables()) + len(deflate(option[1], _QUICK)))


def _physical(calibration: Calibration) -> bytes:
    """Return the chunk of pixels a metre, where the units are lengths."""
    sizes = [
        abs(scale) * METERS.get(unit, 0.0) for scale, unit in zip(calibration.scale, calibration.units, strict=True)
    ]
    # Within these bounds, pixels a metre are integers that pHYs can hold: 1 to 2**31 - 1.
    if not all(1 / MAX_LENGTH <= size <= 1 for size in sizes):
        return b""
    down, right = (round(1 / size) for size in sizes)
    return chunk(b"pHYs", struct.pack(">IIB", right, down, 1))
