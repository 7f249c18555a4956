"""What must hold for every photo: each value as it was, nothing lost without a note."""

import json
import os
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photos import ALPHA, GREY, GREY16, RGB, oriented, psd, written
from PIL import Image, ImageCms

from napari_quantize.formats.photo.open import photo_suffixes
from napari_quantize.formats.photo.read import read_image


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(Image.fromarray(GREY), GREY, id="L"),
        pytest.param(Image.fromarray(RGB), RGB, id="RGB"),
        pytest.param(Image.fromarray(ALPHA), ALPHA, id="RGBA"),
        pytest.param(Image.fromarray(GREY > 99), (GREY > 99) * np.uint8(255), id="1"),
        pytest.param(Image.fromarray(GREY16), GREY16, id="I;16"),
        pytest.param(
            Image.fromarray(np.dstack([GREY, ALPHA[..., 3]])),
            np.dstack([GREY, GREY, GREY, ALPHA[..., 3]]),
            id="LA",
        ),
    ],
)
def test_png_modes_keep_their_values(tmp_path, image, expected):
    data, info = read_image(written(tmp_path, image, "a.png", "PNG"))
    np.testing.assert_array_equal(data, expected)
    assert data.dtype == expected.dtype
    assert info["rgb"] == (expected.ndim == 3)
    assert info["notes"] == []
    assert (info["format"], info["original_size"], info["frames"]) == ("PNG", [7, 5], 1)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u2", "i2", "i4", "f4"])
def test_greys_are_exact_and_in_native_byte_order(tmp_path, order, kind):
    if order + kind in (">u2", "<u2"):
        mode, values = ("I;16" if order == "<" else "I;16B"), GREY16.astype(order + kind)
        image = Image.frombytes(mode, (7, 5), values.tobytes())
    else:
        image = Image.fromarray(GREY16.astype({"i2": "i4"}.get(kind, kind)))
    data, info = read_image(written(tmp_path, image, "a.tif", "TIFF"))
    np.testing.assert_array_equal(data, GREY16)
    assert data.dtype == {"u2": np.uint16, "f4": np.float32}.get(kind, np.int32)
    assert data.dtype.isnative
    assert not info["rgb"]


def test_16_bit_pgm_is_uint16(tmp_path):
    (tmp_path / "a.pgm").write_bytes(b"P5 7 5 65535\n" + GREY16.astype(">u2").tobytes())
    data, info = read_image(tmp_path / "a.pgm")
    np.testing.assert_array_equal(data, GREY16)
    assert data.dtype == np.uint16
    assert info["notes"] == []


def test_scaled_pgm_values_are_noted(tmp_path):
    (tmp_path / "a.pgm").write_bytes(b"P5 2 1 1023\n" + struct.pack(">2H", 0, 1023))
    data, info = read_image(tmp_path / "a.pgm")
    assert data.tolist() == [[0, 65535]]
    assert info["notes"] == ["The values 0 … 1,023 in the file were scaled to 0 … 65,535."]


@pytest.mark.parametrize("transparency", [None, 1, b"\x00\x80\xff"])
def test_palettes_become_colours(tmp_path, transparency):
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "L").convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    options = {} if transparency is None else {"transparency": transparency}
    data, info = read_image(written(tmp_path, image, "a.png", "PNG", **options))
    assert data[..., :3].tolist() == [[[10, 20, 30], [40, 50, 60], [70, 80, 90]]]
    alpha = {None: None, 1: [255, 0, 255], b"\x00\x80\xff": [0, 128, 255]}[transparency]
    assert (data[0, :, 3].tolist() if data.shape[-1] == 4 else None) == alpha
    assert (info["mode"], info["notes"]) == ("P", [])


def test_a_transparent_grey_becomes_rgba(tmp_path):
    image = Image.fromarray(np.array([[0, 7, 9]], np.uint8))
    data, _ = read_image(written(tmp_path, image, "a.png", "PNG", transparency=7))
    assert data.tolist() == [[[0, 0, 0, 255], [7, 7, 7, 0], [9, 9, 9, 255]]]


@pytest.mark.parametrize("mode", ["YCbCr", "CMYK"])
def test_other_colour_spaces_become_rgb(tmp_path, mode):
    data, info = read_image(written(tmp_path, Image.fromarray(RGB).convert(mode), "a.tif", "TIFF"))
    assert info["mode"] == mode
    np.testing.assert_allclose(data, RGB, atol=3)


def test_lab_becomes_rgb(tmp_path):
    muted = RGB // 2 + 64  # 8-bit LAB is coarse where colours are strong
    spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.applyTransform(Image.fromarray(muted), ImageCms.buildTransform(*spaces, "RGB", "LAB"))
    data, info = read_image(written(tmp_path, image, "a.tif", "TIFF"))
    assert info["mode"] == "LAB"
    np.testing.assert_allclose(data, muted, atol=5)


@pytest.mark.parametrize(
    ("suffix", "image_format", "options"),
    [
        ("bmp", "BMP", {}),
        ("ppm", "PPM", {}),
        ("webp", "WEBP", {"lossless": True}),
        ("tga", "TGA", {}),
        ("jp2", "JPEG2000", {}),
        ("qoi", "QOI", {}),
        ("avif", "AVIF", {"quality": 100, "subsampling": "4:4:4"}),
        ("jpg", "JPEG", {"quality": 100, "subsampling": 0}),
    ],
)
def test_photos_of_each_format_are_read(tmp_path, suffix, image_format, options):
    smooth = np.stack(np.meshgrid(range(0, 160, 5), range(0, 96, 3)), axis=-1).repeat(2, axis=-1)[..., :3]
    data, info = read_image(written(tmp_path, smooth.astype(np.uint8), f"a.{suffix}", image_format, **options))
    assert np.abs(data.astype(int) - smooth).max() <= (4 if suffix in ("avif", "jpg") else 0)
    assert (info["format"], info["notes"]) == (image_format, [])


@given(
    mode=st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]),
    size=st.none() | st.tuples(st.integers(1, 20), st.integers(1, 20)),
    orientation=st.integers(1, 8),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arrays_are_writeable_and_info_is_json(tmp_path, mode, size, orientation):
    image = Image.fromarray(GREY16) if mode == "I;16" else Image.fromarray(ALPHA).convert(mode)
    data, info = read_image(written(tmp_path, image, "a.png", "PNG", exif=oriented(orientation)), size)
    assert data.flags.c_contiguous
    assert data.flags.owndata
    assert data.flags.writeable
    assert data.dtype.isnative
    turned = (5, 7) if orientation > 4 else (7, 5)
    assert data.shape[1::-1] == (size or turned)
    assert json.loads(json.dumps(info)) == info
    assert info["rgb"] == (data.ndim == 3)


@pytest.mark.parametrize("pixels", [RGB, ALPHA, GREY])
def test_resizing_is_pillows_default(tmp_path, pixels):
    data, info = read_image(written(tmp_path, pixels, "a.png", "PNG"), size=(12, 3))
    np.testing.assert_array_equal(data, np.asarray(Image.fromarray(pixels).resize((12, 3))))
    assert info["original_size"] == [7, 5]


@pytest.mark.parametrize("top", [255, 4095, 65535])
def test_resized_16_bit_edges_do_not_wrap(tmp_path, top):
    edge = np.zeros((8, 8), np.uint16)
    edge[:, 4:] = top
    data, _ = read_image(written(tmp_path, edge, "a.png", "PNG"), size=(32, 8))
    assert data.dtype == np.uint16
    exact = np.asarray(Image.fromarray(edge.astype(np.float32)).resize((32, 8), Image.Resampling.BICUBIC))
    np.testing.assert_allclose(data, exact.clip(0, 65535), atol=0.51)


@pytest.mark.parametrize("size", [(0, 5), (5,), (5, 6, 7), (-1, 5), (2.0, 5), (True, 5), "ab", 5, ("5", "5")])
def test_bad_sizes_are_refused(tmp_path, size):
    with pytest.raises(ValueError, match=r"size=.* must be two integers of at least 1: \(width, height\)") as error:
        read_image(tmp_path / "not looked at.png", size)
    assert repr(size) in str(error.value)


@pytest.mark.parametrize(
    "name", ["Grüße aus Köln.png", "with  spaces.png", "ö" * 100 + ".png", "no suffix", "wrong.jpg"]
)
def test_any_file_name_can_be_read(tmp_path, name):
    path = written(tmp_path, RGB, name, "PNG")
    np.testing.assert_array_equal(read_image(path)[0], RGB)
    np.testing.assert_array_equal(read_image(str(path))[0], RGB)


def test_symbolic_links_are_followed(tmp_path):
    path = written(tmp_path, RGB, "a.png", "PNG")
    (tmp_path / "link.png").symlink_to(path)
    data, info = read_image(tmp_path / "link.png")
    np.testing.assert_array_equal(data, RGB)
    assert info["file_kb"] == round(os.path.getsize(path) / 1024, 1)


def test_the_suffixes_are_those_of_photos():
    suffixes = photo_suffixes()
    assert suffixes >= {".jpg", ".jpeg", ".avif", ".png", ".bmp", ".gif", ".webp", ".ppm", ".tif"}
    assert not suffixes & {".eps", ".h5", ".hdf", ".mpg", ".pdf", ".wmf", ".txt"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [(psd(RGB), RGB), (psd(GREY, mode=1), GREY), (psd(ALPHA), ALPHA)],
    ids=["RGB", "grey", "RGBA"],
)
def test_the_merged_picture_of_a_photoshop_file_is_read(tmp_path, content, expected):
    (tmp_path / "a.psd").write_bytes(content)
    data, info = read_image(tmp_path / "a.psd")
    np.testing.assert_array_equal(data, expected)
    assert (info["format"], info["frames"], info["notes"]) == ("PSD", 1, [])
