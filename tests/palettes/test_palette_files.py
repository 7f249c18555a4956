"""Palettes come back from every format as it can hold them, and files of other programs are read as these show them."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_quantize import Codebook, fit
from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.palettes.io import read_palette, write_palette
from napari_quantize.palettes.palette import Palette

OTHERS = Path(__file__).parent / "made_by_others"
FIVE = [[255, 0, 0], [0, 128, 0], [1, 2, 3], [254, 255, 0], [77, 99, 200]]
SWATCH = b"\0\2\0\1\0\0\x01\x01\x02\x02\x03\x03\0\0"  # one colour, 010203, whose name follows
NAMES = ("Red", "Grün", "Almost black", "Yellow", "Blue")
in_place = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

names = st.text(max_size=12).filter(lambda name: name.strip() != "Untitled")


@st.composite
def palettes(draw, most=300):
    count = draw(st.integers(1, most))
    colors = draw(arrays(draw(st.sampled_from([np.uint8, np.uint16])), (count, 3)))
    few = draw(st.lists(names, min_size=1, max_size=4))
    return Palette(colors, draw(names), tuple((few * count)[:count]) if draw(st.booleans()) else ())


@pytest.mark.parametrize(
    ("ending", "most", "has_name", "has_names"),
    [
        (".gpl", 300, True, True),
        (".aco", 300, False, True),
        (".pal", 256, False, False),
        (".act", 256, False, False),
        (".hex", 300, False, False),
        (".txt", 300, True, False),
    ],
)
@given(data=st.data())
@in_place
def test_palettes_are_read_back(tmp_path, ending, most, has_name, has_names, data):
    palette = data.draw(palettes(most))
    path = tmp_path / f"it{ending}"
    write_palette(path, palette, overwrite=True)
    read = read_palette(path)
    colors = palette.colors
    if ending != ".aco" or colors.dtype == np.uint8 or not (colors % 257).any():
        colors = palette.rgb8
    elif not (colors % 256).any():  # what other programs mean by it
        colors = (colors // 256).astype(np.uint8)
    name = palette.name if has_name and palette.name else "it"
    assert read == Palette(colors, name, palette.names if has_names else ())
    again = path.read_bytes()
    write_palette(path, read, overwrite=True)
    assert read_palette(path) == read
    if ending != ".aco":
        assert path.read_bytes() == again


@pytest.mark.parametrize(
    ("file", "name", "names"),
    [
        ("any.gpl", "Five", NAMES),
        ("any-jasc.pal", "any-jasc", ()),
        ("any-riff.pal", "any-riff", ()),
        ("any.aco", "any", NAMES),
        ("any.txt", "Five", ()),
    ],
)
def test_files_of_anypalette_are_read(file, name, names):
    assert read_palette(OTHERS / file) == Palette(np.array(FIVE, np.uint8), name, names)


def test_a_color_table_without_a_count_has_256_colours():
    colors = read_palette(OTHERS / "any.act").colors
    assert colors[:5].tolist() == FIVE
    assert colors.shape == (256, 3)
    assert not colors[5:].any()


def test_a_file_of_gimp_is_read():
    expected = Palette(np.array(FIVE[:3], np.uint8), "Von GIMP", ("Rot", "Grün", ""))
    assert read_palette(OTHERS / "gimp.gpl") == expected


def test_swatches_in_several_spaces_are_read():
    palette = read_palette(OTHERS / "swatch-mixed.aco")
    assert palette.names == ("Magenta", "Deep", "HSB", "Cyan ink", "Half", "Dark grey")
    assert [bytes(color).hex() for color in palette.colors.astype(">u2")] == [
        "ffff0000ffff",
        "123456789abc",
        "6000c0006000",
        "0000ffffffff",
        "6000c000c000",
        "400040004000",
    ]


@pytest.mark.parametrize(
    ("file", "content", "colors", "name", "names"),
    [
        (
            "a.gpl",
            b"GIMP Palette\r\nName: x: y\r\nColumns: 2\r\n#\r\n  1   2   3\tone\r\n\r\n",
            ["010203"],
            "x: y",
            ("one",),
        ),
        ("a.gpl", b"GIMP Palette\n1 2 3 12 monkeys\n4 5 6\n", ["010203", "040506"], "a", ("12 monkeys", "")),
        ("a.gpl", b"GIMP Palette\rName:\r9 8 7\r", ["090807"], "a", ()),
        ("a.gpl", b"GIMP Palette\nChannels: RGBA\n#\n1 2 3 0 it\n4 5 6 255\n", ["010203", "040506"], "a", ("it", "")),
        ("a.gpl", b"GIMP Palette\n1 2 3 Gr\xfcn\n", ["010203"], "a", ("Grün",)),
        ("a.txt", b"GIMP Palette\n1 2 3\n", ["010203"], "a", ()),
        ("a.gpl", b"JASC-PAL\n0100\n2\n1 2 3\n4 5 6\n", ["010203", "040506"], "a", ()),
        ("a.pal", b"JASC-PAL\r\n0100\r\n1\r\n1 2 3 255\r\n\r\n", ["010203"], "a", ()),
        ("a.PAL", b"RIFF\x14\0\0\0PAL junk\x01\0\0\0x\0data\x08\0\0\0\0\3\1\0\1\2\3\0", ["010203"], "a", ()),
        ("a.hex", b"ff8000\n00ff00", ["ff8000", "00ff00"], "a", ()),
        (
            "a.gpl",
            b"\xef\xbb\xbfGIMP Palette\nName: two\n255 0 0 red\n0 0 1\n",
            ["ff0000", "000001"],
            "two",
            ("red", ""),
        ),
        ("a.pal", b"\xef\xbb\xbfJASC-PAL\r\n0100\r\n1\r\n1 2 3\r\n", ["010203"], "a", ()),
        ("a.hex", b"\xef\xbb\xbf#F80, #0f0f;grey\r\n", ["ff8800", "00ff00"], "a", ()),
        ("a.txt", b"# comment\n// one\n  ; two\n#ff800080 80FF8000\n", ["ff8000", "ff8000"], "a", ()),
        ("a.txt", b"[\"#f94144\", 'f3722c', 0xf8961e]", ["f94144", "f3722c", "f8961e"], "a", ()),
        ("a.TXT", b";Palette Name: SLSO8\n;Colors: 1\nFF0d2b45\n", ["0d2b45"], "SLSO8", ()),
        ("a.act", bytes(range(1, 7)) + bytes(762) + b"\0\2\xff\xff", ["010203", "040506"], "a", ()),
        ("a.act", bytes(range(1, 7)) + bytes(762) + b"\0\2\0\0", ["040506"], "a", ()),
        ("a.act", bytes(range(1, 7)) + bytes(762) + b"\0\2\0\2", ["010203", "040506"], "a", ()),
        ("a.act", b"\1" * 768 + b"\1\0\xff\xff", ["010101"] * 256, "a", ()),
        ("a.act", b"RIFF{}" + bytes(762) + b"\0\2\xff\xff", ["524946", "467b7d"], "a", ()),
        ("a.aco", b"\0\1\0\1\0\0\x80\0\xff\0\0\0\0\0", ["80ff00"], "a", ()),
        ("a.aco", SWATCH + b"\0\0\0\3\0A\0b\0\0", ["010203"], "a", ("Ab",)),
        ("a.aco", SWATCH + b"\0\0\0\5\0M\0\0\0A\0X\0\0", ["010203"], "a", ("M AX",)),
        ("a.aco", SWATCH + b"\0\0\0\2\xd8\0\0x", ["010203"], "a", ("�x",)),
        ("a.aco", SWATCH + b"\0\0\3\xe8" + b"\0x" * 1000, ["010203"], "a", ("x" * 200,)),
        ("a.aco", b"\0\1\0\1" + struct.pack(">5H", 0, 257, 514, 771, 0) + b"rest", ["010203"], "a", ()),
    ],
)
def test_variants_of_each_format_are_read(tmp_path, file, content, colors, name, names):
    (tmp_path / file).write_bytes(content)
    expected = np.array([list(bytes.fromhex(color)) for color in colors], np.uint8)
    assert read_palette(tmp_path / file) == Palette(expected, name, names)


def test_text_formats_are_written_exactly(tmp_path):
    palette = Palette(np.array([[255, 0, 9], [1, 20, 3]], np.uint8), "My own", ("red", ""))
    expected = {
        ".gpl": "GIMP Palette\nName: My own\nColumns: 0\n#\n255   0   9\tred\n  1  20   3\tUntitled\n",
        ".pal": "JASC-PAL\r\n0100\r\n2\r\n255 0 9\r\n1 20 3\r\n",
        ".hex": "ff0009\n011403\n",
        ".txt": ";paint.net Palette File\n;Palette Name: My own\n;Colors: 2\nFFFF0009\nFF011403\n",
    }
    for ending, text in expected.items():
        write_palette(tmp_path / f"a{ending}", palette)
        assert (tmp_path / f"a{ending}").read_bytes() == text.encode()


def test_names_are_reduced_to_one_line():
    palette = Palette(np.zeros((2, 3), np.uint8), " a\nName: b\0 ", ("x\r\n1 2 3", "\ud800\u2028"))
    assert (palette.name, palette.names) == ("a Name: b", ("x 1 2 3", ""))
    assert Palette(np.zeros((1, 3), np.uint8), "x" * 10**6).name == "x" * 200


def test_palettes_cannot_be_changed():
    own = np.zeros((2, 3), np.uint8)
    palette = Palette(own)
    own[0] = 9
    assert not palette.colors.any()
    with pytest.raises(ValueError, match="read-only"):
        palette.colors[0] = 9
    assert len({palette, Palette(np.zeros((2, 3), np.uint8))}) == 1
    assert palette != Palette(np.zeros((2, 3), np.uint16))
    assert palette != "palette"


def test_codebooks_are_read_back_by_their_content(tmp_path):
    codebook = fit(np.arange(99, dtype=np.float32), 4)
    for file in ("a.json", "b.json"):
        write_palette(tmp_path / file, codebook)
    (tmp_path / "b.json").rename(tmp_path / "b.txt")
    assert read_palette(tmp_path / "a.json") == codebook
    assert read_palette(tmp_path / "b.txt") == codebook
    write_palette(tmp_path / "a.gpl", codebook)
    ramp = read_palette(tmp_path / "a.gpl")
    assert not isinstance(ramp, Codebook)
    assert ramp.colors[[0, -1]].tolist() == [[0] * 3, [255] * 3]
    assert ramp.name.startswith("a (levels ")
    given = codebook_from(Palette(np.array(FIVE, np.uint8), "Five"), np.uint8, channel_axis=-1)
    write_palette(tmp_path / "b.gpl", given)
    assert read_palette(tmp_path / "b.gpl").name == "Five"


@pytest.mark.parametrize("ending", [".gpl", ".json"])
def test_existing_files_are_replaced_only_with_overwrite(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.write_text("mine")
    codebook = fit(np.arange(99, dtype=np.uint8), 4)
    with pytest.raises(FileExistsError, match=f"^a{ending} exists already$"):
        write_palette(path, codebook)
    assert path.read_text() == "mine"
    write_palette(path, codebook, overwrite=True)
    assert read_palette(path)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
