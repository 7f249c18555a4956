"""Read and write Photoshop's colour tables (.act): 256 colours, optionally a count and a transparent index."""

from __future__ import annotations

import numpy as np

from napari_quantize.palettes.pal import check_256
from napari_quantize.palettes.palette import Palette

_N_BYTES = 768  # 256 colours; four more bytes hold the number of colours and the transparent index
_NONE = 0xFFFF  # no transparent colour


def decode_act(content: bytes) -> Palette:
    """Read a colour table without its transparent colour.

    Raises
    ------
    ValueError
        If the size of the file or its number of colours is not that of a colour table.

    References
    ----------
    Adobe Photoshop File Formats Specification, 2019: "Color Table".
    """
    if len(content) not in (_N_BYTES, _N_BYTES + 4):
        raise ValueError(f"it has {len(content):,} bytes, but a colour table has 768 or 772")
    colors = np.frombuffer(content, np.uint8, _N_BYTES).reshape(-1, 3)
    if len(content) == _N_BYTES:
        return Palette(colors)
    count, transparent = (int(number) for number in np.frombuffer(content, ">u2", 2, _N_BYTES))
    if not 1 <= count <= 256:
        raise ValueError(f"it says that it has {count:,} colours, but a colour table has 1 to 256")
    colors = colors[:count]
    return Palette(np.delete(colors, transparent, axis=0) if transparent < count else colors)


def encode_act(palette: Palette) -> bytes:
    """Write a colour table: 8 bits, no names. Append the number of colours if it is not 256.

    Raises
    ------
    ValueError
        If it has more than 256 colours.
    """
    check_256(palette, "Photoshop's .act")
    count = len(palette.colors)
    table = palette.rgb8.tobytes().ljust(_N_BYTES, b"\0")
    return table if count == 256 else table + np.array([count, _NONE], ">u2").tobytes()
