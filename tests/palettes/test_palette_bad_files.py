"""Whatever is in a file: it is read, or one sentence names it and says what is wrong."""

import os
import re
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_quantize import Codebook, fit
from napari_quantize.palettes.codebooks import codebook_from, palette_of
from napari_quantize.palettes.io import ENDINGS, read_palette, write_palette
from napari_quantize.palettes.palette import Palette

GPL, JASC = b"GIMP Palette\n#\n", b"JASC-PAL\n0100\n"
RGB = struct.pack(">5H", 0, 1, 2, 3, 0)
BAD = [
    ("a.gpl", b"", "a.gpl is empty"),
    ("a.gpl", b"1 2 3\n", "a.gpl: this is no palette that can be read; "),
    ("a.png", b"\x89PNG\r\n", "a.png: this is no palette that can be read; "),
    ("a.gpl", GPL, "a.gpl: it holds 0 colours: a palette has 1 to 65,536"),
    ("a.gpl", GPL + b"\0\1\2", "a.gpl: it holds binary data where text was expected"),
    ("a.gpl", GPL + b"1 2 3\n255 256 0\n", "a.gpl: line 4 holds “256”, which is no whole number between 0 and 255"),
    ("a.gpl", GPL + b"-1 2 3\n", "a.gpl: line 3 holds “-1”, which is no whole"),
    ("a.gpl", GPL + b"nan 2 3\n", "a.gpl: line 3 holds “nan”, which is no whole"),
    ("a.gpl", GPL + b"1.5 2 3\n", "a.gpl: line 3 holds “1.5”, which is no whole"),
    ("a.gpl", GPL + "١ 2 3\n".encode(), "a.gpl: line 3 holds “١”, which is no whole"),
    ("a.gpl", GPL + b"9" * 5000 + b" 2 3", f"a.gpl: line 3 holds “{'9' * 40}…”, which is no whole"),
    ("a.gpl", GPL + b"1 2\n", "a.gpl: line 3, “1 2”, is no colour like 255 0 0"),
    ("a.gpl", GPL + b"\x1b[31m\n", "a.gpl: line 3, “�[31m”, is no colour like 255 0 0"),
    ("a.gpl", GPL + b"Channels: RGBA\n1 2 3\n", "a.gpl: line 4, “1 2 3”, is no colour like 255 0 0"),
    ("a.gpl", GPL + b"1 2 3\n" * 65_537, "a.gpl: it holds more than 65,536 colours"),
    ("a.gpl", GPL + b"\n" * 262_144, "a.gpl: it has more than 262,144 lines: that is no palette"),
    ("a.hex", b"fff," * 65_537, "a.hex: it holds more than 65,536 colours"),
    ("a.pal", b"JASC-PAL", "a.pal: line 3 holds “”, which is no number of colours"),
    ("a.pal", JASC + b"x\n", "a.pal: line 3 holds “x”, which is no number of colours"),
    ("a.pal", JASC + b"2\n1 2 3\n", "a.pal: it says that it has 2 colours, but 1 are there"),
    ("a.pal", JASC + b"1\n1 2\n", "a.pal: line 4, “1 2”, is no colour like 255 0 0"),
    ("a.pal", JASC + b"1\n1 2 999\n", "a.pal: line 4 holds “999”, which is no whole number between 0 and 255"),
    ("a.pal", JASC + b"0\n", "a.pal: it holds 0 colours"),
    ("a.pal", b"RIFF\0\0\0\0WAVE", "a.pal: this is no palette that can be read; "),
    ("a.pal", b"RIFF\0\0\0\0PAL ", "a.pal: it is truncated: there are no colours"),
    (
        "a.pal",
        b"RIFF\0\0\0\0PAL data\x08\0\0\0\0\3\2\0\1\2\3\0",
        "a.pal: it is truncated: 1 of its 2 colours are there",
    ),
    ("a.pal", b"RIFF\0\0\0\0PAL data\4\0\0\0\0\3\0\0", "a.pal: it holds 0 colours"),
    ("a.act", bytes(767), "a.act: it has 767 bytes, but a colour table has 768 or 772"),
    ("a.act", bytes(768) + b"\1\1\0\0", "a.act: it says that it has 257 colours, but a colour table has 1 to 256"),
    ("a.act", bytes(768) + b"\0\1\0\0", "a.act: it holds 0 colours"),
    ("a.aco", b"\0\1", "a.aco: it holds no colours"),
    ("a.aco", b"\0\7\0\1", "a.aco: this is no file of swatches: it begins with 7, not with version 1 or 2"),
    ("a.aco", b"\0\1\0\2" + RGB, "a.aco: it is truncated: 1 of its 2 colours are there"),
    ("a.aco", b"\0\2\0\1" + RGB + b"\0\0\0\3\0A", "a.aco: it is truncated: 0 of its 1 colours are there"),
    ("a.aco", b"\0\2\0\1" + RGB + b"\x7f\0\0\3\0A", "a.aco: it is damaged: the name of a colour has 2,130,706,435"),
    ("a.aco", b"\0\2\0\1" + RGB + b"\xff\xff\xff\xff", "a.aco: it is damaged: the name of a colour has 4,294,967,295"),
    ("a.aco", b"\0\2\0\1" + RGB + b"\0\0\3\xe9" + b"\0A" * 1001, "a.aco: it is damaged: the name of a colour has 1,0"),
    ("a.aco", b"\0\1\0\1\0\3" + bytes(8), "a.aco: colour 1 is a Pantone colour, of which the file does not hold the"),
    ("a.aco", b"\0\1\0\1\0\x0b" + bytes(8), "a.aco: colour 1 is of colour space 11, of which the file"),
    ("a.hex", b"ff8000\n\nred\n", "a.hex: line 3 holds “red”, which is no colour like #ff8000"),
    ("a.hex", b"ff80\nff800", "a.hex: line 2 holds “ff800”, which is no colour like #ff8000"),
    ("a.txt", b"\xff\xd8\xff\0", "a.txt: it holds binary data where text was expected"),
    ("a.txt", b"; nothing", "a.txt: it holds 0 colours"),
    ("a.json", b"[1", "a.json is no JSON file: Expecting ',' delimiter: line 1 column 3 (char 2)"),
    ("a.json", b"\xff\xfe\xfd", "a.json is no JSON file: "),
    ("a.json", b"{" * 9, "a.json is no JSON file: "),
    ("a.json", b"[" * 100_000, "a.json is no JSON file: maximum recursion depth"),
    ("a.json", b'{"k": ' + b"9" * 5000 + b"}", "a.json is no JSON file: "),
    ("a.json", b"{}", "a.json: this is no codebook: it does not say format: 'napari-quantize codebook'"),
    ("a.gpl", b' {"format": 1}', "a.gpl: this is no codebook: it does not say format: 'napari-quantize codebook'"),
]


@pytest.mark.parametrize(("file", "content", "sentence"), BAD)
def test_bad_palettes_are_errors_of_one_sentence(tmp_path, file, content, sentence):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}") as caught:
        read_palette(tmp_path / file)
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("file", ["a.gpl", "a.json"])
def test_larger_files_than_any_codebook_are_refused(tmp_path, file):
    with (tmp_path / file).open("wb") as stream:
        stream.truncate(64 * 2**20 + 1)
    with pytest.raises(ValueError, match=f"^{re.escape(file)} is larger than 64 MB: that is no palette$"):
        read_palette(tmp_path / file)


@pytest.mark.parametrize("file", ["a.json", "a.gpl"])
def test_large_codebooks_are_read_whatever_their_ending(tmp_path, file):
    codebook = fit(np.arange(9, dtype=np.uint8), 2)
    codebook.save(tmp_path / file)
    with (tmp_path / file).open("ab") as stream:
        stream.write(b" " * (9 * 2**20))
    assert read_palette(tmp_path / file) == codebook


def test_long_messages_are_cut(tmp_path):
    content = fit(np.arange(9, dtype=np.uint8), 2).to_dict() | {"levels": "x" * 10_000}
    (tmp_path / "a.json").write_text(str(content).replace("'", '"').replace("None", "null").replace("False", "false"))
    with pytest.raises(ValueError, match=r"^a\.json: the codebook's levels hold 'xxx") as caught:
        read_palette(tmp_path / "a.json")
    assert len(str(caught.value)) < 300


def test_missing_files_and_folders_are_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_palette(tmp_path / "no.gpl")
    with pytest.raises((IsADirectoryError, PermissionError)):
        read_palette(tmp_path)


STARTS = [
    b"",
    GPL,
    GPL + b"1 2 3\n",
    JASC,
    JASC + b"1\n",
    b"RIFF\0\0\0\0PAL data\x08\0\0\0",
    b"\0\1\0\1",
    b"\0\2\0\1\0\x07",
]


@pytest.mark.parametrize("ending", ENDINGS)
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=60) | st.binary(min_size=768, max_size=772))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(tmp_path, ending, start, rest):
    path = tmp_path / f"a{ending}"
    path.write_bytes(start + rest)
    try:
        palette = read_palette(path)
    except ValueError as error:
        assert str(error).startswith("a.")  # noqa: PT017
    else:
        assert isinstance(palette, Codebook) or len(palette.colors)


def test_cut_and_changed_files_are_read_or_refused(tmp_path):
    palette = Palette(np.arange(36, dtype=np.uint16).reshape(12, 3) * 999, "it", tuple("abcdefghijkl"))
    rng = np.random.default_rng(0)
    for ending in (*ENDINGS[:-1], ".json"):
        path = tmp_path / f"a{ending}"
        content = palette if ending != ".json" else codebook_from(palette, np.uint8, channel_axis=-1)
        write_palette(path, content)
        whole = path.read_bytes()
        for _ in range(60):
            changed = bytearray(whole[: rng.integers(len(whole) + 1)] if rng.random() < 0.5 else whole)
            for place in rng.integers(len(changed), size=3) if changed else ():
                changed[place] = rng.integers(256)
            path.write_bytes(changed)
            try:
                read_palette(path)
            except ValueError as error:
                assert str(error).startswith(f"a{ending}")  # noqa: PT017


MANY = Palette(np.zeros((257, 3), np.uint8))


@pytest.mark.parametrize(
    ("file", "palette", "sentence"),
    [
        ("a.pal", MANY, "a.pal cannot be written: JASC palettes hold at most 256 colours, but there are 257; "),
        (
            "a.act",
            MANY,
            "a.act cannot be written: Photoshop's .act palettes hold at most 256 colours, but there are 257",
        ),
        (
            "a.aco",
            Palette(np.zeros((65_536, 3), np.uint8)),
            "a.aco cannot be written: Photoshop's .aco palettes hold at most 65,535 colours, but there are 65,536",
        ),
        ("a.ase", MANY, "a.ase cannot be written: that is no palette's ending; .gpl, .pal, .act, .aco, .hex, .txt are"),
        ("a", MANY, "a cannot be written: that is no palette's ending; "),
        ("a.json", MANY, "a.json cannot be written: a .json file holds a codebook, not a palette; "),
        (
            "a.gpl",
            fit(np.zeros((3, 3, 2), np.uint8), 1, mode="per_channel", channel_axis=-1),
            "each of the 2 channels has levels of its own: there is no one palette of them",
        ),
    ],
)
def test_palettes_that_cannot_be_written_leave_no_file(tmp_path, file, palette, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        write_palette(tmp_path / file, palette)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.zeros((0, 3), np.uint8),), "it holds 0 colours: a palette has 1 to 65,536"),
        ((np.zeros((2, 4), np.uint8),), "colours of shape (2, 4) and uint8 are no rows of 8- or 16-bit RGB"),
        ((np.zeros((2, 3)),), "colours of shape (2, 3) and float64 are no rows of 8- or 16-bit RGB"),
        ((np.zeros((2, 3), np.uint8), "", ("a",)), "1 names do not go with 2 colours"),
    ],
)
def test_arrays_that_are_no_palette_are_refused(arguments, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Palette(*arguments)


def test_codebooks_that_are_not_rgb_have_no_palette():
    two = fit(np.zeros((3, 3, 2), np.uint8), 1, mode="color", channel_axis=-1)
    with pytest.raises(ValueError, match=r"^the colours have 2 channels: palettes are of RGB, which has 3$"):
        palette_of(two)
    bright = fit(np.full((3, 3, 3), 7.5), 1, mode="color", channel_axis=-1)
    with pytest.raises(ValueError, match=r"^the colours are float64 from 7\.5 to 7\.5: palettes are of uint8, uint16"):
        palette_of(bright)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only Unix has pipes with names")
@pytest.mark.parametrize("name", ["a.gpl", "a.json"])
def test_a_pipe_is_refused(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(ValueError, match=rf"^{re.escape(name)} is a pipe or a device, not a file$"):
        read_palette(tmp_path / name)
