"""Every byte of every palette format: all 256 values, black and white among them."""

import struct

import numpy as np
import pytest

from napari_quantize.palettes.io import read_palette, write_palette
from napari_quantize.palettes.palette import Palette

BYTES = np.arange(256, dtype=np.uint8)
# Each byte in each channel once.
COLORS = np.stack([BYTES, BYTES[::-1], np.roll(BYTES, 100)], axis=1)
ROWS = COLORS.tolist()
SWATCHES = b"".join(struct.pack(">5H", 0, r * 257, g * 257, b * 257, 0) for r, g, b in ROWS)
WITH_NAMES = b"".join(
    struct.pack(">5HI", 0, r * 257, g * 257, b * 257, 0, len(str(r)) + 1) + f"{r}\0".encode("utf-16-be")
    for r, g, b in ROWS
)
CONTENTS = {
    ".gpl": "GIMP Palette\nName: all\nColumns: 0\n#\n" + "".join(f"{r:3} {g:3} {b:3}\t{r}\n" for r, g, b in ROWS),
    ".pal": "JASC-PAL\r\n0100\r\n256\r\n" + "".join(f"{r} {g} {b}\r\n" for r, g, b in ROWS),
    ".hex": "".join(f"{r:02x}{g:02x}{b:02x}\n" for r, g, b in ROWS),
    ".txt": ";paint.net Palette File\n;Palette Name: all\n;Colors: 256\n"
    + "".join(f"FF{r:02X}{g:02X}{b:02X}\n" for r, g, b in ROWS),
    ".act": COLORS.tobytes(),
    ".aco": struct.pack(">HH", 1, 256) + SWATCHES + struct.pack(">HH", 2, 256) + WITH_NAMES,
}


@pytest.mark.parametrize("ending", CONTENTS)
def test_every_byte_of_every_channel_is_written_exactly(tmp_path, ending):
    expected = CONTENTS[ending]
    path = tmp_path / f"all{ending}"
    write_palette(path, Palette(COLORS, "all", tuple(str(value) for value in range(256))))
    assert path.read_bytes() == (expected.encode() if isinstance(expected, str) else expected)
    read = read_palette(path)
    assert read.colors.dtype == np.uint8
    assert read.colors.tolist() == ROWS
    assert read.name == "all"


def test_a_color_table_of_fewer_colours_has_their_count(tmp_path):
    path = tmp_path / "few.act"
    write_palette(path, Palette(COLORS[:3]))
    assert path.read_bytes() == COLORS[:3].tobytes() + bytes(768 - 9) + b"\0\3\xff\xff"
    assert read_palette(path).colors.tolist() == ROWS[:3]


def test_as_many_swatches_as_the_count_can_say(tmp_path):
    colors = np.zeros((65_535, 3), np.uint16)
    colors[:, 1] = range(65_535)
    path = tmp_path / "most.aco"
    write_palette(path, Palette(colors))
    assert np.array_equal(read_palette(path).colors, colors)


def test_swatches_keep_16_bits(tmp_path):
    colors = np.array([[0, 1, 255], [256, 257, 65_535], [32_768, 65_280, 12_345]], np.uint16)
    path = tmp_path / "fine.aco"
    write_palette(path, Palette(colors))
    rows = b"".join(struct.pack(">5H", 0, *row, 0) for row in colors.tolist())
    unnamed = b"".join(struct.pack(">5HI", 0, *row, 0, 1) + b"\0\0" for row in colors.tolist())
    expected = struct.pack(">HH", 1, 3) + rows + struct.pack(">HH", 2, 3) + unnamed
    assert path.read_bytes() == expected
    assert read_palette(path).colors.tolist() == colors.tolist()
