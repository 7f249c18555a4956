"""Whatever is in a file, and whatever it is called, gives a picture or one sentence."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photos import RGB, encoded, raw_png, written
from PIL import Image

from napari_quantize.formats.photo.read import read_image, read_images

FOLDER = Path(__file__).parent / "made_by_others" / "photos"
IN_PLACE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
SIGNATURES = {
    "PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "16-bit PNG": raw_png(3, 2, 16, 2, b"")[:33],
    "JPEG": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "GIF": b"GIF89a",
    "WebP": b"RIFF\x40\0\0\0WEBPVP8L",
    "extended WebP": b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0",
    "AVIF": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "J2K": b"\xff\x4f\xff\x51\0\x2f",
    "TIFF": b"II*\0\x08\0\0\0",
    "big-endian TIFF": b"MM\0*\0\0\0\x08",
    "BMP": b"BM",
    "PPM": b"P6 ",
    "plain PPM": b"P3 2 2 255 ",
    "QOI": b"qoif\0\0\0\2\0\0\0\2",
    "PSD": b"8BPS\0\1",
    "ICO": b"\0\0\1\0",
}
GOOD = [
    "deep_magick.png", "deep_alpha.png", "deep.ppm", "deep.jp2", "deep_animated.png", "turned_16bit_5.png",
    "alpha.png", "profile_adobe_16bit.png", "palette_alpha.png", "grey_see_through.png", "ycck.jpg", "turned_6.jpg",
    "arithmetic.jpg", "disposal_blue.gif", "moving.gif", "moving.png", "moving.webp", "moving.avif",
    "turned_1_1.avif", "twelve_bits.avif", "turned_6.tif", "profile_p3.tif", "moving.tif", "alpha.webp",
    "rgb_rle.bmp", "rgb.ico", "rgb.pcx", "rgb.sgi", "rgb.jp2",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_huge_pictures(monkeypatch):
    """A damaged size can make a test slow."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)


def sentence(path: Path) -> str:
    """Return what is said of a file that cannot be read; nothing of one that can."""
    try:
        data, info = read_image(path)
    except (ValueError, OSError) as error:
        return str(error)
    assert data.ndim - info["rgb"] in (2, 3)
    return ""


@pytest.mark.parametrize("kind", SIGNATURES)
@given(rest=st.binary(max_size=200))
@IN_PLACE
def test_anything_after_a_signature(tmp_path, kind, rest):
    (tmp_path / "a").write_bytes(SIGNATURES[kind] + rest)
    said = sentence(tmp_path / "a")
    assert not said or said.startswith("a ")
    assert "\n" not in said


@given(content=st.binary(max_size=60))
@IN_PLACE
def test_anything(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    assert sentence(tmp_path / "a").startswith("a ") or content


@pytest.mark.parametrize("name", GOOD)
@given(data=st.data())
@IN_PLACE
def test_flipped_bytes(tmp_path, name, data):
    content = bytearray((FOLDER / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "a").write_bytes(content)
    said = sentence(tmp_path / "a")
    assert not said or said.startswith("a ")


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith("pcx")])  # whose palette may be missing
@given(data=st.data())
@IN_PLACE
def test_cut_anywhere(tmp_path, name, data):
    content = (FOLDER / name).read_bytes()
    (tmp_path / "a").write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    said = sentence(tmp_path / "a")
    if said:
        assert said.startswith("a is ")
    else:
        np.testing.assert_array_equal(read_image(tmp_path / "a")[0], read_image(FOLDER / name)[0])


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
def test_bombs(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert len(content) < 40_000
    assert sentence(tmp_path / name).startswith(f"{name} has 2,500,000,000 pixels: more than the safety limit of ")


@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.gif", "a.avif", "a.webp", "a.txt", "a"])
def test_a_wrong_ending_does_not_matter(tmp_path, name):
    np.testing.assert_array_equal(read_image(written(tmp_path, RGB, name, "PNG"))[0], RGB)


def test_a_folder(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(IsADirectoryError, match=r"^a\.png is a folder, not a file$"):
        read_image(tmp_path / "a.png")
    with pytest.raises(IsADirectoryError, match=r"^a\.png is a folder, not a file$"):
        read_images([tmp_path / "a.png"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"^a\.png is a pipe or a device, not a file$"):
        read_image(tmp_path / "a.png")


@pytest.mark.skipif(sys.platform != "linux", reason="permissions of POSIX, which on Linux can bind root, too")
def test_no_permission(tmp_path, bound_by_permissions):
    path = written(tmp_path, RGB, "a.png", "PNG")
    path.chmod(0)
    with pytest.raises(PermissionError, match=r"a\.png"):
        read_image(path)


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIC"),
        (b"\xff\x0a\x00\x10", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"%PDF-1.7\n", "PDF"),
    ],
)
def test_kinds_that_are_named(tmp_path, beginning, kind):
    (tmp_path / "a.jpg").write_bytes(beginning + bytes(40))
    expected = f"a.jpg is a {kind} file, which cannot be read here: save it as JPEG, PNG or TIFF"
    assert sentence(tmp_path / "a.jpg") == expected


@pytest.mark.skipif(sys.platform != "linux", reason="names are text on other systems")
def test_names_that_are_no_text(tmp_path):
    good, bad = os.fsdecode(b"good\xff.png"), os.fsdecode(b"bad\xff.png")
    written(tmp_path, RGB, good, "PNG")
    (tmp_path / bad).write_bytes(b"")
    np.testing.assert_array_equal(read_image(tmp_path / good)[0], RGB)
    assert sentence(tmp_path / bad) == "bad\ufffd.png is empty"
    assert read_images([tmp_path / good])[1]["files"] == ["good\ufffd.png"]
