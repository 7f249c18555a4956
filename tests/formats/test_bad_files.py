"""A photo that cannot be read is one sentence that names it, whoever reads it."""

import os
import sys

import numpy as np
import pytest
from photos import RGB, STEPS, animation, encoded, psd, raw_png, written
from PIL import Image

from napari_quantize.formats.load import load
from napari_quantize.formats.photo.read import read_image, read_images


def bitmap(**fields: int) -> bytes:
    """Return a BMP with other fields in its header."""
    content = bytearray(encoded(RGB, "BMP"))
    for name, value in fields.items():
        start, size = {"bits": (28, 2), "compression": (30, 4)}[name]
        content[start : start + size] = value.to_bytes(size, "little")
    return bytes(content)


def read_stack(path):
    return read_images([path])


both_readers = pytest.mark.parametrize("read", [read_image, load])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jpg", b"", r"^empty\.jpg is empty$"),
        ("notes.txt", b"dear diary", r"^notes\.txt is not an image that can be read$"),
        ("page.jpg", b"<html>" * 99, r"^page\.jpg is not an image that can be read$"),
        ("drawing.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", r"^drawing\.eps is not an image that"),
        ("cut.jpg", encoded(RGB, "JPEG")[:-30], r"^cut\.jpg is truncated or damaged: "),
        ("cut.png", encoded(RGB, "PNG")[:-40], r"^cut\.png is truncated or damaged: "),
        ("cut.gif", encoded(RGB, "GIF")[:-1], r"^cut\.gif is truncated or damaged: its end is missing$"),
        (
            "coded.bmp",
            bitmap(compression=4),
            r"^coded\.bmp is of a kind that is not supported: Unsupported BMP compression \(4\)$",
        ),
        (
            "many.bmp",
            bitmap(bits=64),
            r"^many\.bmp is of a kind that is not supported: Unsupported BMP pixel depth \(64\)$",
        ),
        (
            "deep.psd",
            psd(RGB.astype(">u2"), depth=16),
            r"^deep\.psd is a Photoshop file, which cannot be read here: save",
        ),
        (
            "huge.png",
            raw_png(50_000, 50_000, 8, 2, b""),
            r"^huge\.png has 2,500,000,000 pixels: more than the safety limit of [\d,]+ pixels$",
        ),
    ],
)
@both_readers
def test_bad_photos_are_errors_of_one_sentence(tmp_path, read, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.png", "missing.tif"])
@both_readers
def test_a_missing_file_is_named(tmp_path, read, name):
    with pytest.raises(FileNotFoundError, match=name.replace(".", r"\.")):
        read(tmp_path / name)


@pytest.mark.parametrize("read", [read_image, read_stack, load])
def test_a_folder_is_named(tmp_path, read):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(IsADirectoryError, match=r"^a\.png is a folder, not a file$"):
        read(tmp_path / "a.png")
    with pytest.raises((IsADirectoryError, PermissionError), match=tmp_path.name):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in the file system")
@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@both_readers
def test_a_pipe_is_refused_at_once(tmp_path, read, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(ValueError, match=rf"^{name} is a pipe or a device, not a file$"):
        read(tmp_path / name)


@pytest.mark.skipif(sys.platform != "linux", reason="permissions of POSIX, which on Linux can bind root, too")
@pytest.mark.parametrize(("name", "image_format"), [("a.png", "PNG"), ("a.tif", "TIFF")])
@both_readers
def test_a_file_without_permission_is_named(tmp_path, bound_by_permissions, read, name, image_format):
    path = written(tmp_path, RGB, name, image_format)
    path.chmod(0)
    with pytest.raises(PermissionError, match=name.replace(".", r"\.")):
        read(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", raw_png(50_000, 50_000, 8, 2, bytes(30_000))),
        ("b.png", raw_png(50_000, 50_000, 16, 6, bytes(30_000))),
        ("a.ppm", b"P6 50000 50000 65535 "),
        ("a.pgm", b"P5 50000 50000 65535 "),
        ("a.gif", b"GIF89a\x50\xc3\x50\xc3\0\0\0,\0\0\0\0\x50\xc3\x50\xc3\0\2\0\0;"),
        ("a.bmp", encoded(RGB, "BMP")[:18] + b"\x50\xc3\0\0" * 2 + encoded(RGB, "BMP")[26:]),
    ],
)
@both_readers
def test_small_files_of_huge_images_are_refused(tmp_path, read, name, content):
    (tmp_path / name).write_bytes(content)
    assert len(content) < 40_000
    with pytest.raises(ValueError, match=f"^{name} has 2,500,000,000 pixels: more than the safety limit of "):
        read(tmp_path / name)


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIC"),
        (b"\xff\x0a\x00\x10", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"%PDF-1.7\n", "PDF"),
        (b"SIMPLE  =                    T", "FITS"),
    ],
)
@both_readers
def test_formats_that_cannot_be_read_are_named(tmp_path, read, beginning, kind):
    (tmp_path / "a.jpg").write_bytes(beginning + bytes(40))
    expected = f"a.jpg is a {kind} file, which cannot be read here: save it as JPEG, PNG or TIFF"
    with pytest.raises(ValueError) as caught:
        read(tmp_path / "a.jpg")
    assert str(caught.value) == expected


@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.gif", "a.avif", "a.webp", "a.txt", "a"])
def test_a_wrong_ending_does_not_matter(tmp_path, name):
    np.testing.assert_array_equal(read_image(written(tmp_path, RGB, name, "PNG"))[0], RGB)


@pytest.mark.skipif(sys.platform != "linux", reason="names are text on other systems")
def test_names_that_are_not_unicode_are_shown_with_a_replacement(tmp_path):
    good, bad = os.fsdecode(b"good\xff.png"), os.fsdecode(b"bad\xff.png")
    written(tmp_path, RGB, good, "PNG")
    (tmp_path / bad).write_bytes(b"")
    np.testing.assert_array_equal(read_image(tmp_path / good)[0], RGB)
    with pytest.raises(ValueError, match=r"^bad\ufffd\.png is empty$"):
        read_image(tmp_path / bad)
    assert read_images([tmp_path / good])[1]["files"] == ["good\ufffd.png"]


def test_rest_after_the_end_of_a_gif_is_allowed(tmp_path):
    (tmp_path / "a.gif").write_bytes(animation(STEPS, "GIF") + b"\0\0more")
    np.testing.assert_array_equal(read_image(tmp_path / "a.gif")[0], STEPS)


def test_large_but_allowed_image_is_read_with_a_note(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 34)
    data, info = read_image(written(tmp_path, RGB, "a.png", "PNG"))
    np.testing.assert_array_equal(data, RGB)
    assert info["notes"] == ["The image is unusually large: 35 pixels."]
