"""GIMP's palettes, which Inkscape, Krita, Aseprite and many others use too: text, one colour a line, with names."""

from __future__ import annotations

import re

import numpy as np

from napari_quantize.files.palettes.colours import Palette
from napari_quantize.files.palettes.text import byte_values, lines_of, shown

SIGNATURE = re.compile(b"GIMP Palette")
_UNNAMED = "Untitled"  # what GIMP calls a colour without a name


def decode(content: bytes) -> Palette:
    """Read a palette; of RGBA colours, which Aseprite writes, alpha is left out.

    Raises
    ------
    ValueError
        If it is none; the sentence names the line.
    """
    name, n_channels = "", 3
    colors, names = [], []
    for number, line in lines_of(content)[1:]:
        text = line.strip()
        key, colon, value = text.partition(":")
        if not text or text.startswith("#"):
            continue
        if colon and re.fullmatch("[A-Za-z]+", key):  # Columns and what later versions may add are not needed
            name = value if key == "Name" else name
            n_channels = 4 if (key, value.strip()) == ("Channels", "RGBA") else n_channels
            continue
        fields = text.split(maxsplit=n_channels)
        if len(fields) < n_channels:
            raise ValueError(f"line {number}, {shown(text)}, is no colour like 255 0 0")
        colors.append(byte_values(number, fields[:n_channels])[:3])
        names.append(" ".join(fields[n_channels:]))
    return Palette(
        np.array(colors, np.uint8).reshape(-1, 3), name, tuple("" if name == _UNNAMED else name for name in names)
    )


def encode(palette: Palette) -> bytes:
    """Write a palette with its names, in 8 bits."""
    names = palette.names or ("",) * len(palette.colors)
    rows = (
        f"{red:3} {green:3} {blue:3}\t{name or _UNNAMED}\n"
        for (red, green, blue), name in zip(palette.rgb8.tolist(), names, strict=True)
    )
    return f"GIMP Palette\nName: {palette.name}\nColumns: 0\n#\n{''.join(rows)}".encode()
