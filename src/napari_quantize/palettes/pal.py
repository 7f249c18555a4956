"""Read and write palettes of Paint Shop Pro (JASC, text); read those of Windows (RIFF, binary). Both end in .pal."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

import numpy as np

from napari_quantize.palettes.palette import Palette
from napari_quantize.palettes.text_formats import BYTE_ORDER_MARK, byte_values, limited_rows, lines_of, quoted

JASC_SIGNATURE = re.compile(BYTE_ORDER_MARK + b"JASC-PAL")
RIFF_SIGNATURE = re.compile(b"RIFF....PAL ", re.DOTALL)
_MAX_WRITTEN = 256  # Paint Shop Pro reads no more


def decode_jasc(content: bytes) -> Palette:
    """Read a palette of Paint Shop Pro. Drop the fourth number of a line, which is alpha.

    Raises
    ------
    ValueError
        If a line is no colour, or the file does not hold as many colours as it says; the message names the line.
    """
    lines = lines_of(content)
    # Line 1 is the signature, line 2 the version "0100".
    at, count = next(islice(lines, 2, None), (3, ""))
    if not (count.isascii() and count.isdecimal() and len(count) < 10):
        raise ValueError(f"line {at} holds {quoted(count)}, which is no number of colours")
    colors = limited_rows(_rows(lines))
    if len(colors) != int(count):
        raise ValueError(f"it says that it has {int(count):,} colours, but {len(colors):,} are there")
    return Palette(np.array(colors, np.uint8).reshape(-1, 3))


def _rows(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, ...]]:
    for number, line in lines:
        fields = line.split()
        if fields and len(fields) not in (3, 4):
            raise ValueError(f"line {number}, {quoted(line)}, is no colour like 255 0 0")
        if fields:
            yield byte_values(number, fields)[:3]


def encode_jasc(palette: Palette) -> bytes:
    """Write a palette of Paint Shop Pro: 8 bits, no names.

    Raises
    ------
    ValueError
        If it has more than 256 colours.
    """
    check_256(palette, "JASC")
    rows = (f"{red} {green} {blue}\r\n" for red, green, blue in palette.rgb8.tolist())
    return f"JASC-PAL\r\n0100\r\n{len(palette.colors)}\r\n{''.join(rows)}".encode()


def check_256(palette: Palette, kind: str) -> None:
    """Raise a ValueError if there are more than the 256 colours that this kind of file holds."""
    if len(palette.colors) > _MAX_WRITTEN:
        raise ValueError(
            f"{kind} palettes hold at most {_MAX_WRITTEN} colours, but there are {len(palette.colors):,}; "
            ".gpl, .aco and .hex hold more"
        )


def decode_riff(content: bytes) -> Palette:
    """Read a palette of Windows.

    Raises
    ------
    ValueError
        If it is truncated.

    References
    ----------
    Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0, 1991: "Palette File Format".
    """
    start = 12  # behind "RIFF", the size and "PAL "
    while start + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, start)
        start += 8
        if kind == b"data":
            return _riff_colors(content[start : start + size])
        start += size + size % 2  # chunks are padded to an even length
    raise ValueError("it is truncated: there are no colours")


def _riff_colors(data: bytes) -> Palette:
    # LOGPALETTE: a version and a count of 16 bits, then red, green, blue and flags of each colour.
    count = int.from_bytes(data[2:4], "little")
    if len(data) < 4 + 4 * count:
        raise ValueError(f"it is truncated: {max(0, len(data) - 4) // 4:,} of its {count:,} colours are there")
    rows = np.frombuffer(data, np.uint8, 4 * count, 4 if count else 0).reshape(-1, 4)
    return Palette(rows[:, :3])
