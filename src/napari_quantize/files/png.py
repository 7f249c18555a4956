"""Pictures as PNG: exactly, and as small as a palette, few bits and a good compressor make them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_quantize.files.png_chunks import MAX_LENGTH, SIGNATURE, chunk
from napari_quantize.files.png_pixels import Layout, header, layouts
from napari_quantize.files.png_record import read_png_record, text_of

if TYPE_CHECKING:
    from napari_quantize.files.raster import Place, Raster

__all__ = ["encode_png", "png_kb", "read_png_record"]

_QUICK = 1  # enough to see which way to store pixels is the smaller one
_DEFLATE = {"fast": 6, "best": 12}
_METERS = {
    "meter": 1.0,
    "decimeter": 1e-1,
    "centimeter": 1e-2,
    "millimeter": 1e-3,
    "micrometer": 1e-6,
    "micron": 1e-6,
    "nanometer": 1e-9,
    "angstrom": 1e-10,
    "picometer": 1e-12,
    "inch": 0.0254,
}


def encode_png(raster: Raster, *, level: Literal["fast", "best"] = "best") -> bytes:
    """Return a picture as a PNG file that holds its pixels exactly.

    Up to 256 colours become a palette, sorted from dark to bright, with 1, 2, 4 or 8 bits a pixel; grey levels are
    stored as such where this is smaller. More colours, and 16 bits, are stored as they are. The place, the codebook
    and the record go along in a compressed text chunk, and lengths in the chunk that image programs read.

    Parameters
    ----------
    raster : Raster
        Two-dimensional: bool, uint8 or uint16, with or without RGB or RGBA.
    level : {"best", "fast"}
        Whether the file is to be as small as possible, or ready soon.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If PNG cannot hold the picture; the sentence says why.

    Notes
    -----
    Deflate by libdeflate, which at its level 12 finds a near-optimal parse. Rows of indices are not filtered: on
    quantized photos each of PNG's filters makes them larger.
    """
    image = raster.image
    _check(image, raster.rgb)
    layout, rows = _smallest(image)
    height, width = image.shape[:2]
    parts = [SIGNATURE, header(layout, width, height), _physical(raster.place), chunk(b"iTXt", text_of(raster))]
    pixels = _deflate(rows, _DEFLATE[level])
    pieces = [pixels[start : start + MAX_LENGTH] for start in range(0, len(pixels), MAX_LENGTH)]
    return b"".join([*parts, layout.tables(), *(chunk(b"IDAT", piece) for piece in pieces), chunk(b"IEND", b"")])


def png_kb(raster: Raster) -> float:
    """Return the size of the file that a picture is exported as.

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
        If PNG cannot hold the picture; the sentence says why.
    """
    return len(encode_png(raster)) / 1024


def _check(image: np.ndarray, rgb: bool) -> None:
    if image.ndim - rgb != 2:
        raise ValueError(f"a PNG cannot hold {image.ndim - rgb} dimensions")
    if image.dtype.newbyteorder("=") not in (np.dtype(bool), np.dtype(np.uint8), np.dtype(np.uint16)):
        kind = {"f": " float", "i": " signed", "c": " complex"}.get(image.dtype.kind, "")
        raise ValueError(f"a PNG cannot hold {8 * image.dtype.itemsize} bit{kind} values")
    if rgb and image.dtype == bool:
        raise ValueError("a PNG cannot hold binary colours")
    height, width = image.shape[:2]
    if min(height, width) == 0 or max(height, width) > MAX_LENGTH:
        raise ValueError(f"a PNG cannot hold {width:,}×{height:,} pixels")


def _smallest(image: np.ndarray) -> tuple[Layout, bytes]:
    """Return the layout of the smallest file, and its rows."""
    ways = [(layout, rows) for layout in layouts(image) for rows in (layout.plain(), layout.filtered()) if rows]
    if len(ways) == 1:
        return ways[0]
    return min(ways, key=lambda way: len(way[0].tables()) + len(_deflate(way[1], _QUICK)))


def _deflate(rows: bytes, level: int) -> bytes:
    from imagecodecs import deflate_encode

    return bytes(deflate_encode(rows, level))


def _physical(place: Place) -> bytes:
    """Return the chunk of pixels a metre, where the units are lengths."""
    if not all(unit in _METERS for unit in place.units):
        return b""
    density = [round(1 / (abs(scale) * _METERS[unit])) for scale, unit in zip(place.scale, place.units, strict=True)]
    if not all(1 <= number <= MAX_LENGTH for number in density):
        return b""
    return chunk(b"pHYs", struct.pack(">IIB", density[1], density[0], 1))
