"""Check that the strips or tiles of a TIFF are complete, and no larger than the header says."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tifffile import TiffFile, TiffFrame, TiffPage, TiffPageSeries

#: Values of the tag Compression for which each strip or tile is a JPEG with a size of its own.
JPEG = (6, 7)

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
        If planes are in other files or reach beyond the end of this one, or a JPEG is larger than its strip or tile.
    """
    size = tif.filehandle.size
    if series.dataoffset is not None:  # contiguous: tifffile may list only the first page
        if series.dataoffset + series.nbytes > size:
            raise ValueError(f"{series.dataoffset + series.nbytes - size:,} bytes are missing")
        return []
    pages = [page for page in series.pages if page is not None]
    missing = len(series.pages) - len(pages)
    missing += sum(any(start + count > size for start, count in _segments(page)) for page in pages)
    if missing:
        raise ValueError(f"{missing:,} of its {len(series.pages):,} planes are not whole")
    if series.keyframe.compression in JPEG:
        for page in pages:
            _check_jpegs(tif, page)
    if any(not count for page in pages for _, count in _segments(page)):
        return ["Parts of the image are not in the file; they were read as 0."]
    return []


def _segments(page: TiffPage | TiffFrame) -> Iterator[tuple[int, int]]:
    """Return the offset and the byte count of each strip or tile of a page."""
    return zip(page.dataoffsets, page.databytecounts, strict=False)


def _check_jpegs(tif: TiffFile, page: TiffPage | TiffFrame) -> None:
    height, width = page.chunks[:2]
    for start, count in _segments(page):
        tif.filehandle.seek(start)
        found = _frame_size(tif.filehandle.read(min(count, _HEADER_BYTES)))
        # A little more than the strip is harmless: encoders pad to whole blocks of 8 or 16 pixels.
        if found is not None and found[0] * found[1] > 4 * height * width:
            raise ValueError(f"a part of {width:,}×{height:,} pixels holds a JPEG of {found[1]:,}×{found[0]:,}")


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
