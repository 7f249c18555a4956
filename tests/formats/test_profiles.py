"""Colours are in sRGB, whatever profile a file has."""

import numpy as np
import pytest
from photos import (
    ALPHA,
    GREY,
    GREY16,
    LINEAR_GREY,
    RGB,
    SRGB,
    SWAPPED,
    black_only_cmyk,
    dull_rgb,
    srgb_from_linear,
    written,
)
from PIL import Image

from napari_quantize.formats.photo.read import read_image


@pytest.mark.parametrize("pixels", [RGB, ALPHA])
@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_a_profile_is_converted_to_srgb(tmp_path, pixels, image_format):
    data, info = read_image(written(tmp_path, pixels, "a", image_format, icc_profile=SWAPPED))
    exchanged = pixels.copy()
    exchanged[..., :3] = pixels[..., 2::-1]
    np.testing.assert_allclose(data, exchanged, atol=2)
    np.testing.assert_array_equal(data[..., 3:], pixels[..., 3:])
    assert (info["profile"], info["converted_to_srgb"], info["notes"]) == ("sRGB built-in", True, [])


def test_the_profile_of_a_palette_is_converted(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([200, 100, 0])
    data, info = read_image(written(tmp_path, image, "a.png", "PNG", icc_profile=SWAPPED))
    np.testing.assert_allclose(data, [[[0, 100, 200]] * 2], atol=2)
    assert info["converted_to_srgb"]


def test_a_grey_profile_is_converted(tmp_path):
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    data, info = read_image(written(tmp_path, ramp, "a.png", "PNG", icc_profile=LINEAR_GREY))
    np.testing.assert_allclose(data, srgb_from_linear(ramp), atol=1)
    assert (data.shape, info["profile"], info["converted_to_srgb"]) == ((16, 16), "Linear grey", True)


def test_cmyk_is_converted_by_its_profile(tmp_path):
    inks = np.zeros((2, 2, 4), np.uint8)
    inks[..., 0], inks[1, :, 3] = 200, 255
    data, info = read_image(
        written(tmp_path, Image.fromarray(inks, "CMYK"), "a.tif", "TIFF", icc_profile=black_only_cmyk())
    )
    np.testing.assert_allclose(data[0], 255, atol=2)
    np.testing.assert_allclose(data[1], 0, atol=2)
    assert (info["mode"], info["profile"], info["converted_to_srgb"]) == ("CMYK", "Black only", True)
    assert info["notes"] == []


def test_white_becomes_white_and_black_black(tmp_path):
    """Relative colorimetric, with compensation of the black point, as Photoshop and the browsers convert."""
    levels = np.array([0, 64, 128, 192, 255], np.uint8)
    pixels = np.repeat(levels[np.newaxis, :, np.newaxis], 3, axis=2)
    data, info = read_image(written(tmp_path, pixels, "a.png", "PNG", icc_profile=dull_rgb()))
    lightness = 20 + 80 * (levels / 255)  # of the colorimetric table
    luminance = ((lightness + 16) / 116) ** 3
    expected = srgb_from_linear(255 * (luminance - luminance[0]) / (1 - luminance[0]))
    np.testing.assert_allclose(data[0], np.repeat(expected[:, np.newaxis], 3, axis=1), atol=2)
    assert (info["profile"], info["converted_to_srgb"]) == ("Dull", True)


def test_cmyk_without_a_profile_is_noted(tmp_path):
    data, info = read_image(written(tmp_path, Image.new("CMYK", (2, 2)), "a.jpg", "JPEG"))
    assert np.unique(data).tolist() == [255]
    assert info["notes"] == ["The CMYK colours have no usable profile; their conversion to RGB is approximate."]


@pytest.mark.parametrize("pixels", [RGB, GREY, ALPHA])
def test_srgb_pixels_are_not_changed(tmp_path, pixels):
    data, info = read_image(written(tmp_path, pixels, "a.png", "PNG", icc_profile=SRGB))
    np.testing.assert_array_equal(data, pixels)
    assert (info["profile"], info["converted_to_srgb"], info["notes"]) == ("sRGB built-in", False, [])


NO_TEXT = LINEAR_GREY.replace(b"Linear grey", b"Linear gr\xe9y"), SRGB[:16] + b"RG\xffB" + SRGB[20:]


@pytest.mark.parametrize("broken", [b"junk", SRGB[:200], SRGB[:-40], *NO_TEXT])
def test_a_broken_profile_is_ignored_and_noted(tmp_path, broken):
    data, info = read_image(written(tmp_path, RGB, "a.png", "PNG", icc_profile=broken))
    np.testing.assert_array_equal(data, RGB)
    assert (info["profile"], info["converted_to_srgb"]) == (None, False)
    assert info["notes"] == ["The colour profile in the file is damaged and was ignored."]


@pytest.mark.parametrize(("pixels", "profile"), [(RGB, LINEAR_GREY), (GREY, SWAPPED), (GREY16, LINEAR_GREY)])
def test_a_profile_for_another_kind_of_image_is_noted(tmp_path, pixels, profile):
    data, info = read_image(written(tmp_path, pixels, "a.png", "PNG", icc_profile=profile))
    np.testing.assert_array_equal(data, pixels)
    assert not info["converted_to_srgb"]
    assert len(info["notes"]) == 1
    assert info["profile"] in info["notes"][0]
