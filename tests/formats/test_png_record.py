"""What our PNG files tell beside their pixels comes back to the bit; strangers' files are checked."""

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imagecodecs import png_decode
from PIL import Image
from pngs import YX, few, raster

from napari_quantize import Codebook, fit
from napari_quantize.core.request.request import Request
from napari_quantize.formats.png.chunks import chunk
from napari_quantize.formats.png.encode import encode_png
from napari_quantize.formats.png.metadata import read_png_record
from napari_quantize.formats.raster import Calibration

PHOTO = few(300, 3, (20, 25))
WAYS = [
    (PHOTO, {"mode": "color", "channel_axis": -1}),
    (PHOTO, {"mode": "per_channel", "channel_axis": -1}),
    (PHOTO[..., 0], {}),
    (few(300, 0, (20, 25), np.uint16), {"method": "exact"}),
]
RECORD = {"source_name": "Zelle ü 😀", "quality": {"psnr": float("inf"), "mse": 0.1}, "n": [1, None, True]}
HEAD = b"napari-quantize\0\1\0\0\0"


def with_text(data):
    """Return a PNG with a text chunk of these bytes."""
    stream = io.BytesIO()
    Image.fromarray(PHOTO).save(stream, "PNG")
    file = stream.getvalue()
    return file[:33] + chunk(b"iTXt", data) + file[33:]


def with_content(content):
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return with_text(HEAD + zlib.compress(text))


def content_of(**changed):
    place = {"axes": ["y", "x"], "scale": [1, 1.0], "units": ["pixel", "pixel"]}
    return {"version": 1, "channels": 3, "dtype": "uint8", "place": place, "codebook": None, "record": None} | changed


def place_of(**changed):
    return content_of(place=content_of()["place"] | changed)


def read(tmp_path, file):
    path = tmp_path / "a.png"
    path.write_bytes(file)
    return read_png_record(path)


@pytest.mark.parametrize(("image", "options"), WAYS)
@pytest.mark.parametrize("level", ["fast", "best"])
def test_calibration_codebook_and_record_are_read_back_exactly(image, options, level, tmp_path):
    codebook = fit(image, 7, **options)
    calibration = Calibration(("y", "x"), (0.1, 1 / 3), ("micrometer", "pixel"))
    saved = raster(codebook.apply(image), calibration=calibration, codebook=codebook, record=RECORD)
    record, note = read(tmp_path, encode_png(saved, level=level))
    assert note == ""
    assert (record.calibration, record.codebook, record.record) == (calibration, codebook, RECORD)
    assert [np.array_equal(*pair) for pair in zip(record.codebook.levels, codebook.levels, strict=True)]


def test_surrogates_in_names_are_read_back(tmp_path):
    record, _ = read(tmp_path, encode_png(raster(PHOTO, record={"source_name": "a\udcff.png"})))
    assert record.record == {"source_name": "a\udcff.png"}


def test_a_png_of_another_program_has_no_record(tmp_path):
    stream = io.BytesIO()
    Image.fromarray(PHOTO).save(stream, "PNG")
    assert read(tmp_path, stream.getvalue()) == (None, "")
    assert read(tmp_path, with_text(b"Comment\0\0\0\0\0napari-quantize")) == (None, "")


GREY = few(9, 0)


@pytest.mark.parametrize(
    ("told", "pixels"),
    [
        ({"channels": 0}, few(9, 3)),
        ({"channels": 0}, few(9, 4)),
        ({"channels": 3}, few(9, 4)),
        ({"channels": 0, "dtype": "bool"}, GREY),
        ({"channels": 0, "dtype": "uint8"}, few(9, 0, dtype=np.uint16)),
    ],
)
def test_pixels_stay_as_they_are_if_they_do_not_match_the_record(told, pixels, tmp_path):
    record, _ = read(tmp_path, with_content(content_of(**told)))
    np.testing.assert_array_equal(record.restored(pixels), pixels)


@pytest.mark.parametrize("program", ["optipng", "exiftool"])
def test_the_record_survives_programs_that_rewrite_the_file(program):
    path = Path(__file__).parent / "made_by_others" / "png" / f"{program}.png"
    levels = np.array([[0.1, 0.2, 40.3], [100 / 3, 50.0, 7.7], [250.25, 1 / 7, 99.9]])
    record, note = read_png_record(path)
    assert note == ""
    assert record.codebook == Codebook(3, (levels,), np.dtype(np.uint8), Request(mode="color", channel_axis=-1))
    assert record.calibration == Calibration(("y", "x"), (0.5, 0.25), ("micrometer", "micrometer"))
    assert record.record == {"source_name": "ü"}
    image = np.rint(levels).astype(np.uint8)[np.arange(12 * 16).reshape(12, 16) % 5 % 3]
    np.testing.assert_array_equal(record.restored(png_decode(path.read_bytes())), image)


BOMB = HEAD + zlib.compress(b" " * (2**24 + 2**20), 9)
DAMAGED = {
    "not compressed": (with_text(b"napari-quantize\0\0\0\0\0{}"), "it is not compressed as expected"),
    "no zlib": (with_text(HEAD + b"abc"), "it cannot be decompressed"),
    "cut": (with_text(HEAD + zlib.compress(b"{}" * 99)[:-5]), "it is cut off or has more than 16,777,216 bytes"),
    "bomb": (with_text(BOMB), "it is cut off or has more than 16,777,216 bytes"),
    "no JSON": (with_content(b"{version"), "Expecting property name"),
    "no UTF-8": (with_content(b'{"version": "\xff"}'), "can't decode"),
    "deep": (with_content(b"[" * 10**5), "recursion"),
    "a long number": (with_content(b'{"version": ' + b"9" * 5000 + b"}"), "Exceeds the limit"),
    "a list": (with_content([1]), "it does not say version 1"),
    "another version": (with_content(content_of(version=2)), "it does not say version 1"),
    "channels": (with_content(content_of(channels=5)), "its channels, its dtype or its record are of another kind"),
    "dtype": (with_content(content_of(dtype="object")), "its channels, its dtype or its record are of another kind"),
    "record": (with_content(content_of(record=[])), "its channels, its dtype or its record are of another kind"),
    "no place": (with_content(content_of(place=None)), "its axes or units are None, not two names"),
    "axes": (with_content(place_of(axes=["y", "x", "z"])), "its axes or units are ['y', 'x', 'z'], not two names"),
    "units": (with_content(place_of(units=["m", 1])), "its axes or units are ['m', 1], not two names"),
    "scale": (with_content(place_of(scale=[1, 0])), "its scale is [1, 0], not two lengths"),
    "NaN": (with_content(place_of(scale=[1, float("nan")])), "its scale is [1, nan], not two lengths"),
    "huge": (with_content(place_of(scale=[1, 10**400])), "its scale is [1, 1000"),
    "true": (with_content(place_of(scale=[1, True])), "its scale is [1, True], not two lengths"),
    "codebook": (with_content(content_of(codebook={"format": "x"})), "this is no codebook"),
    "code": (with_content(content_of(codebook="__import__('os')")), "this is no codebook"),
}


@pytest.mark.parametrize(("file", "sentence"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_records_are_noted_and_ignored(file, sentence, tmp_path):
    record, note = read(tmp_path, file)
    assert record is None
    assert note.startswith("The record of how a.png was made is damaged and was ignored: ")
    assert sentence in note
    assert len(note) < 300


GOOD = with_content(content_of())


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (GOOD[:60], "the checksum of a text is wrong"),
        (GOOD[:40], "the file ends before its pixels"),
        (GOOD[:20], "the file ends before its pixels"),
        (GOOD[:52] + b"?" + GOOD[53:], "the checksum of a text is wrong"),
        (GOOD[:33] + struct.pack(">I", 2**32 - 1) + GOOD[37:], "a text of 4,294,967,295 bytes is too large"),
        (b"", "this is no PNG"),
        (b"GIF89a" + GOOD, "this is no PNG"),
    ],
)
def test_damaged_files_have_no_record(file, sentence, tmp_path):
    record, note = read(tmp_path, file)
    assert record is None
    assert sentence in note


def test_missing_files_and_folders_are_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_png_record(tmp_path / "none.png")
    with pytest.raises(OSError):
        read_png_record(tmp_path)


@given(st.integers(0, 2**32 - 1))
def test_changed_bytes_raise_no_error(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    content = content_of(codebook=fit(PHOTO[..., 0], 3).to_dict(), record=RECORD)
    text = bytearray(json.dumps(content).encode())
    for place in rng.integers(0, len(text), 3):
        text[place] = rng.integers(32, 127)
    record, note = read(tmp_path_factory.mktemp("flips"), with_content(bytes(text)))
    if record is None:
        assert note.startswith("The record of how a.png was made is damaged and was ignored: ")
    else:
        assert note == ""
        assert record.codebook is None or isinstance(record.codebook, Codebook)


@given(place=st.integers(33, len(GOOD) - 1), bit=st.integers(0, 7))
def test_a_changed_bit_of_the_record_is_found(tmp_path_factory, place, bit):
    flipped = bytearray(GOOD)
    flipped[place] ^= 1 << bit
    record, note = read(tmp_path_factory.mktemp("flips"), bytes(flipped))
    pixels = GOOD.index(b"IDAT")
    if place >= pixels + 4:
        assert (record.calibration, note) == (YX, "")
    elif place < pixels - 4:
        is_other_chunk = 37 <= place < 41  # its name says that the text is none
        assert record is None
        assert (note == "") == is_other_chunk
