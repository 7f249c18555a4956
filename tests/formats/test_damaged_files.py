"""Whatever is in a file, it is read whole, or refused with one sentence that names it."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photos import RGB, STEPS, TIMES, animation, encoded, raw_png
from PIL import Image
from rasters import encode_npy, encode_our_tiff, encode_tiff, grey

from napari_quantize.formats import arrays
from napari_quantize.formats.load import load
from napari_quantize.formats.photo.open import UndecodableError
from napari_quantize.formats.photo.read import read_image

FOLDER = Path(__file__).parent / "made_by_others" / "photos"
ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
PHOTOS = {
    "JPEG": encoded(RGB, "JPEG"),
    "progressive JPEG": encoded(RGB, "JPEG", progressive=True),
    "PNG": encoded(RGB, "PNG"),
    "WebP": encoded(RGB, "WEBP"),
    "AVIF": encoded(RGB, "AVIF"),
    "JPEG 2000": encoded(RGB, "JPEG2000"),
    "BMP": encoded(RGB, "BMP"),
    "GIF": encoded(RGB, "GIF"),
    "TIFF": encoded(RGB, "TIFF", compression="tiff_lzw"),
    "animated GIF": animation(STEPS, "GIF", duration=TIMES),
    "animated PNG": animation(STEPS, "PNG", duration=TIMES),
    "animated WebP": animation(STEPS, "WEBP", duration=TIMES),
}
PHOTOS_OF_OTHERS = [
    "deep_magick.png", "deep_alpha.png", "deep.ppm", "deep.jp2", "deep_animated.png", "turned_16bit_5.png",
    "alpha.png", "profile_adobe_16bit.png", "palette_alpha.png", "grey_see_through.png", "ycck.jpg", "turned_6.jpg",
    "arithmetic.jpg", "disposal_blue.gif", "moving.gif", "moving.png", "moving.webp", "moving.avif",
    "turned_1_1.avif", "twelve_bits.avif", "turned_6.tif", "profile_p3.tif", "moving.tif", "alpha.webp",
    "rgb_rle.bmp", "rgb.ico", "rgb.pcx", "rgb.sgi", "rgb.jp2",
]  # fmt: skip
ARRAYS = {
    "plain": encode_tiff(),
    "imagej": encode_our_tiff(grey(3, 20, 30)),
    "ome": encode_our_tiff(grey(3, 40, 50, dtype="int16"), ome=True),
    "shaped": encode_our_tiff(grey(3, 20, 30, dtype="float16")),
    "rgb": encode_our_tiff(grey(20, 30, 3), "yx", rgb=True),
    "lzw": encode_tiff(compression="lzw", predictor=True),
    "jpeg": encode_tiff(grey(40, 50, 3), compression="jpeg", photometric="rgb"),
    "tiles": encode_tiff(tile=(16, 16), compression="zstd"),
    "palette": encode_tiff(photometric="palette", colormap=np.zeros((3, 256), np.uint16)),
    "big": encode_tiff(bigtiff=True),
    "npy": encode_npy(grey(40, 50)),
}
CONTENTS = {
    **PHOTOS,
    **{name: (FOLDER / name).read_bytes() for name in PHOTOS_OF_OTHERS},
    **{f"array: {kind}": content for kind, content in ARRAYS.items()},
}
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


@pytest.fixture(autouse=True)
def no_huge_pictures(monkeypatch):
    """Refuse large sizes, because a damaged size can make a test slow."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    monkeypatch.setattr(arrays, "MAX_ARRAY_BYTES", 10**6)


def read_photo(path: Path) -> np.ndarray:
    image, info = read_image(path)
    assert image.ndim - info["rgb"] in (2, 3)
    return image


def read(kind: str, path: Path) -> np.ndarray:
    return load(path).raster.image if kind.startswith("array") else read_photo(path)


def refusal(kind: str, path: Path) -> str:
    """Return what the error says of the file, or nothing if it can be read."""
    try:
        read(kind, path)
    except ValueError as error:
        error_type, message = type(error), str(error)
    else:
        return ""
    assert error_type in (ValueError, UndecodableError)  # not a subclass that Python raises for its own reasons
    found = re.fullmatch(rf"{path.name}:? (.+)", message)  # one line
    assert found, message
    return found[1]


DAMAGED = r"is truncated or damaged: \S.*"
NO_IMAGE = "is empty|is not an image that can be read"
# What else a changed byte can make of a file.
OTHER = "|".join(
    (
        "is of a kind that is not supported: .+",
        "is damaged: its description speaks of .+",
        "has [0-9,]+ pixels: more than the safety limit of 20,000 pixels",
        "would need .+: more than the safety limit of .+ GB",
        r"holds no image: its shape is \([0-9, ]*\)",
        "holds values of a kind that cannot be read",
        "images of dtype .+ cannot be quantized: .+",
        "is a [A-Za-z ]+ file, which cannot be read here: save it as JPEG, PNG or TIFF",
    )
)


@pytest.mark.parametrize(
    "kind", [kind for kind in CONTENTS if not kind.endswith("pcx")]
)  # whose palette may be missing
@given(data=st.data())
@ONE_FOLDER
def test_a_cut_file_is_read_whole_or_refused(tmp_path, kind, data):
    content = CONTENTS[kind]
    (tmp_path / "whole").write_bytes(content)
    (tmp_path / "cut").write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    message = refusal(kind, tmp_path / "cut")
    if message:
        assert re.fullmatch(f"{DAMAGED}|{NO_IMAGE}", message), message
    else:
        np.testing.assert_array_equal(read(kind, tmp_path / "cut"), read(kind, tmp_path / "whole"))


@pytest.mark.parametrize("kind", CONTENTS)
@given(data=st.data())
@ONE_FOLDER
def test_a_file_with_changed_bytes_is_read_or_refused(tmp_path, kind, data):
    content = bytearray(CONTENTS[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "bad").write_bytes(content)
    message = refusal(kind, tmp_path / "bad")
    assert re.fullmatch(f"|{DAMAGED}|{NO_IMAGE}|{OTHER}", message), message


@pytest.mark.parametrize("kind", SIGNATURES)
@given(rest=st.binary(max_size=200))
@ONE_FOLDER
def test_any_bytes_after_a_signature_are_read_or_refused(tmp_path, kind, rest):
    (tmp_path / "a").write_bytes(SIGNATURES[kind] + rest)
    message = refusal("photo", tmp_path / "a")
    assert re.fullmatch(f"|{DAMAGED}|{NO_IMAGE}|{OTHER}", message), message


@given(content=st.binary(max_size=60))
@ONE_FOLDER
def test_any_few_bytes_are_refused(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    message = refusal("photo", tmp_path / "a")
    assert re.fullmatch(
        f"{DAMAGED}|{NO_IMAGE}|is an? .+ file, which cannot be read here: .+" if content else "is empty", message
    ), message
