"""JPEG inside TIFF: each strip or tile has a size of its own, which decoders take memory for."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffFrame, TiffPage

_HEADER_BYTES = 2**16
_NOT_FRAMES = (0xC4, 0xC8, 0xCC)  # tables among the markers of frames


def check_strips(tif: TiffFile, page: TiffPage | TiffFrame) -> None:
    """Raise ValueError if a strip or tile of a JPEG-compressed page is much larger than its place in the image."""
    height, width = page.chunks[:2]
    for start, count in zip(page.dataoffsets, page.databytecounts, strict=False):
        tif.filehandle.seek(start)
        found = frame_size(tif.filehandle.read(min(count, _HEADER_BYTES)))
        if found is not None and found[0] * found[1] > 4 * height * width:
            raise ValueError(f"a part of {width:,}×{height:,} pixels holds a JPEG of {found[1]:,}×{found[0]:,}")


def frame_size(data: bytes) -> tuple[int, int] | None:
    """Return the height and width in the header of a JPEG; None if there is none.

    References
    ----------
    ITU-T Recommendation T.81 (1992), Annex B.
    """
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return height, width
        position += 2 + length
    return None
