"""Decode deflated strips that hold more rows than the image has, which tifffile refuses."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.formats.tiff.segments import read_bytes

if TYPE_CHECKING:
    from tifffile import TiffFrame, TiffPage, TiffPageSeries

#: Values of the tag Compression for deflate.
_DEFLATE = (8, 32946)


def may_have_long_strips(keyframe: TiffPage) -> bool:
    """Return whether the last strip of a page could be longer than the page: some programs fill it with rows."""
    return (
        keyframe.compression in _DEFLATE
        and not keyframe.is_tiled
        and keyframe.bitspersample in (8, 16, 32, 64)
        and keyframe.imagelength % keyframe.rowsperstrip != 0
    )


def decode_long_strips(series: TiffPageSeries) -> np.ndarray:
    """Return the pixels of all pages, without the rows that lie below the image.

    Raises
    ------
    ValueError, zlib.error
        If a strip holds more rows than the header says, or is damaged.
    """
    pages = [_decode_page(page, series.keyframe) for page in series.pages if page is not None]
    return np.stack(pages).reshape(series.shape)


def _decode_page(page: TiffPage | TiffFrame, keyframe: TiffPage) -> np.ndarray:
    result = np.zeros(keyframe.shaped, keyframe.dtype)
    for index, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=False)):
        if not count:
            continue
        _, (sample, depth, row, _, _), shape = keyframe.decode(None, index)
        row_bytes = math.prod(shape[2:]) * keyframe.bitspersample // 8
        unpack = zlib.decompressobj()
        data = unpack.decompress(read_bytes(page, offset, count), keyframe.rowsperstrip * row_bytes + 1)
        if len(data) > keyframe.rowsperstrip * row_bytes:
            raise ValueError(f"a strip holds more than {keyframe.rowsperstrip:,} rows")
        # tifffile applies predictor and byte order, but wants a strip of the right length.
        strip = keyframe.decode(zlib.compress(data[: shape[1] * row_bytes], 1), index)[0]
        if strip is not None:
            result[sample, depth, row : row + shape[1]] = strip[0]
    return result
