"""Check that the strips or tiles of a TIFF are complete, and no larger than the header says."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tifffile import TiffFile, TiffFrame, TiffPage, TiffPageSeries

#: Values of the tag Compression for which each strip or tile is a JPEG with a size of its own.
JPEG = (6, 7)

_UNCOMPRESSED = 1
#: Largest ratio of pixels to bytes by values of the tag Compression: none, LZW, deflate (two numbers), PackBits.
_LARGEST_RATIOS = {_UNCOMPRESSED: 1, 5: 4096, 8: 1040, 32946: 1040, 32773: 64}

_HEADER_BYTES = 2**16
_NOT_FRAMES = (0xC4, 0xC8, 0xCC)  # DHT, JPG and DAC, which lie among the SOF markers


def check_segments(tif: TiffFile, series: TiffPageSeries) -> list[str]:
    """Check segments before decoding: tifffile fills missing ones with 0 and allocates whatever a JPEG claims.

    Returns
    -------
    list of str
        Sentences on segments that the file leaves out, which are read as 0.

    Raises
    ------
    ValueError
        If there are fewer segments than the size of the image needs, if segments are in other files, reach beyond the
        end of this one or hold too few bytes, or if a JPEG is larger than its strip or tile.
    """
    pages = [page for page in series.pages if page is not None]
    if len(pages) < len(series.pages):
        n_missing = len(series.pages) - len(pages)
        raise ValueError(f"{n_missing:,} of its {len(series.pages):,} planes are not in the file")
    keyframe = series.keyframe
    for page in pages:
        _check_number(page, keyframe)
    if series.dataoffset is not None:  # contiguous: tifffile may list only the first page
        missing = series.dataoffset + series.nbytes - tif.filehandle.size
        if missing > 0:
            raise ValueError(f"{missing:,} bytes are missing")
        return []
    notes = _check_offsets(pages, keyframe)
    for page in pages:
        _check_bytes(page, keyframe)
        if keyframe.compression in JPEG:
            _check_jpegs(page)
    return notes


def _check_offsets(pages: list[TiffPage | TiffFrame], keyframe: TiffPage) -> list[str]:
    """Raise ValueError if segments are not in their file. Note those that were left out on purpose.

    The planes of an OME-TIFF can be in several files.
    """
    name, segments = _name(keyframe), [segment for page in pages for segment in _segments(page)]
    beyond = sum(offset + count > page.parent.filehandle.size for page in pages for offset, count in _segments(page))
    if beyond:
        raise ValueError(f"{beyond:,} of its {len(segments):,} {name} reach beyond the end of the file")
    # A segment that was left out on purpose has neither offset nor byte count. Some scanners leave the offset of tiles.
    left_out = sum(not count and (not offset or keyframe.is_tiled) for offset, count in segments)
    unusable = sum(not (offset and count) for offset, count in segments) - left_out
    if unusable:
        raise ValueError(f"{unusable:,} of its {len(segments):,} {name} have no offset or no bytes")
    if left_out == len(segments):
        raise ValueError(f"all of its {len(segments):,} {name} are missing")
    return [f"{left_out:,} of {len(segments):,} {name} are not in the file; they were read as 0."] if left_out else []


def _name(keyframe: TiffPage) -> str:
    return "tiles" if keyframe.is_tiled else "strips"


def _segments(page: TiffPage | TiffFrame) -> Iterator[tuple[int, int]]:
    """Return the offset and the byte count of each strip or tile of a page."""
    return zip(page.dataoffsets, page.databytecounts, strict=False)


def _check_number(page: TiffPage | TiffFrame, keyframe: TiffPage) -> None:
    """Raise ValueError if a page has fewer strips or tiles than its size, depth and planes of samples need."""
    needed, found = math.prod(keyframe.chunked), min(len(page.dataoffsets), len(page.databytecounts))
    # Some programs write all rows as one strip, and fewer rows a strip into the header.
    in_one = keyframe.compression == _UNCOMPRESSED and found == 1 and page.databytecounts[0] >= _packed_bytes(keyframe)
    if found < needed and not in_one:
        raise ValueError(f"it has {found:,} of the {needed:,} {_name(keyframe)} that {_describe_size(keyframe)} need")


def _check_bytes(page: TiffPage | TiffFrame, keyframe: TiffPage) -> None:
    """Raise ValueError if the segments of a page are too small to hold its pixels, however well they are compressed."""
    ratio = _LARGEST_RATIOS.get(keyframe.compression)
    counts = [count for _, count in _segments(page)]
    if ratio is None or 0 in counts or keyframe.is_contiguous:
        return
    if ratio * sum(counts) < _packed_bytes(keyframe):
        raise ValueError(f"its {_name(keyframe)} hold {sum(counts):,} bytes: too few for {_describe_size(keyframe)}")


def _packed_bytes(keyframe: TiffPage) -> int:
    """Return the bytes of a page's pixels without compression and padding."""
    # Samples of 5, 6 and 5 bits are a tuple.
    return int(math.prod(keyframe.shaped) * np.mean(keyframe.bitspersample) / 8)


def _describe_size(keyframe: TiffPage) -> str:
    planes = keyframe.shaped[0] * keyframe.shaped[1]
    return f"{keyframe.imagewidth:,}×{keyframe.imagelength:,} pixels" + (f" in {planes:,} planes" if planes > 1 else "")


def _check_jpegs(page: TiffPage | TiffFrame) -> None:
    height, width = page.chunks[:2]
    for start, count in _segments(page):
        found = _frame_size(read_bytes(page, start, min(count, _HEADER_BYTES)))
        # A little more than the strip is harmless: encoders pad to whole blocks of 8 or 16 pixels.
        if found is not None and found[0] * found[1] > 4 * height * width:
            raise ValueError(f"a part of {width:,}×{height:,} pixels holds a JPEG of {found[1]:,}×{found[0]:,}")


def read_bytes(page: TiffPage | TiffFrame, start: int, count: int) -> bytes:
    """Return bytes of the file that a page is in; tifffile closes all files of an OME-TIFF but the first."""
    file = page.parent.filehandle
    is_closed = file.closed
    if is_closed:
        file.open()
    try:
        file.seek(start)
        data: bytes = file.read(count)
        return data
    finally:
        if is_closed:
            file.close()


def _frame_size(data: bytes) -> tuple[int, int] | None:
    """Return the height and width in the header of a JPEG (ITU-T T.81, Annex B); None if there is none."""
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return height, width
        position += 2 + length
    return None
