"""Read and write GIMP's palettes (.gpl), which Inkscape, Krita and Aseprite share: text, one named colour a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import numpy as np

from napari_quantize.palettes.palette import Palette
from napari_quantize.palettes.text_formats import BYTE_ORDER_MARK, byte_values, limited_rows, lines_of, quoted

GPL_SIGNATURE = re.compile(BYTE_ORDER_MARK + b"GIMP Palette")
_UNNAMED = "Untitled"  # what GIMP calls a colour without a name


def decode_gpl(content: bytes) -> Palette:
    """Read a palette. Drop the alpha of RGBA colours, which Aseprite writes.

    Raises
    ------
    ValueError
        If the content is no GIMP palette; the message names the line.
    """
    head: dict[str, str] = {}
    rows = limited_rows(_rows(content, head))
    colors = np.array([color for color, _ in rows], np.uint8).reshape(-1, 3)
    return Palette(colors, head.get("Name", ""), tuple("" if name == _UNNAMED else name for _, name in rows))


def _rows(content: bytes, head: dict[str, str]) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield the colours with their names. Put the fields of the header into `head`."""
    for number, line in islice(lines_of(content), 1, None):  # behind the signature
        if not line or line.startswith("#"):
            continue
        key, colon, value = line.partition(":")
        if colon and re.fullmatch("[A-Za-z]+", key):
            head[key] = value.strip()
            continue
        n_channels = 4 if head.get("Channels") == "RGBA" else 3
        fields = line.split(maxsplit=n_channels)
        if len(fields) < n_channels:
            raise ValueError(f"line {number}, {quoted(line)}, is no colour like 255 0 0")
        yield byte_values(number, fields[:n_channels])[:3], " ".join(fields[n_channels:])


def encode_gpl(palette: Palette) -> bytes:
    """Write a palette with its names, in 8 bits."""
    names = palette.names or ("",) * len(palette.colors)
    rows = (
        f"{red:3} {green:3} {blue:3}\t{name or _UNNAMED}\n"
        for (red, green, blue), name in zip(palette.rgb8.tolist(), names, strict=True)
    )
    return f"GIMP Palette\nName: {palette.name}\nColumns: 0\n#\n{''.join(rows)}".encode()
