"""TIFF files that other programs made (make_tiffs.sh), and what they were told to put into them."""

from pathlib import Path

import numpy as np
import pytest

from napari_quantize.formats.load import load

HERE = Path(__file__).parent / "made_by_others" / "tiff"

GREY = np.array([[0, 1, 255, 256], [1000, 4660, 22136, 39612], [32767, 32768, 65534, 65535]], np.uint16)
DEEP = np.stack([GREY, 65535 - GREY, 7 * np.arange(12, dtype=np.uint16).reshape(3, 4)], axis=-1)
RED = np.array([[0, 1, 2, 3], [50, 51, 52, 53], [200, 201, 254, 255]], np.uint8)
PHOTO = np.stack([RED, 255 - RED, 7 * np.arange(12, dtype=np.uint8).reshape(3, 4)], axis=-1)
WAYS = ("none", "lzw", "zip", "zstd", "lzw_predictor", "zip_predictor", "packbits", "tiled", "planes", "ffmpeg")
RGB16 = [f"rgb16_{way}.tif" for way in WAYS]
INVERTED = ("grey16_white.tif", "bits.tif")  # the program marked their numbers as those of ink


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[(name, DEEP) for name in RGB16],
        ("grey16_msb.tif", GREY),
        ("grey16_big.tif", GREY),
        ("grey16_white.tif", 65535 - GREY),
        ("grey16_cm.tif", GREY),
        ("grey16_inch.tif", GREY),
        ("pages.tif", np.stack([GREY] * 3)),
        ("bits.tif", GREY > 32768),
        ("rgb8.tif", PHOTO),
        ("rgb8_planes.tif", PHOTO),
        ("rgb8_gm.tif", PHOTO),
        ("palette.tif", PHOTO),
        ("grey16_alpha.tif", np.dstack([GREY, GREY, GREY, np.full((3, 4), 65535, np.uint16)])),
    ],
)
def test_pixels_are_those_that_the_program_wrote(name, expected):
    loaded = load(HERE / name)
    np.testing.assert_array_equal(loaded.raster.image, expected)
    assert loaded.raster.image.dtype == expected.dtype
    assert loaded.raster.rgb == (expected.shape[-1] in (3, 4) and expected.shape != (3, 3, 4) and expected.ndim == 3)
    assert loaded.info["notes"] == ["The file stores white as 0; its values were inverted."] * (name in INVERTED)
    assert loaded.info["original_size"] == [4, 3]


@pytest.mark.parametrize("name", ["grey_float.tif", "grey_float_predictor.tif"])
def test_float_values_are_kept(name):
    image = load(HERE / name).raster.image
    assert image.dtype == np.float32
    np.testing.assert_allclose(image, GREY / 65535, rtol=1e-6)


def test_jpeg_is_decoded_to_rgb():
    loaded = load(HERE / "jpeg.tif")
    assert loaded.raster.rgb
    np.testing.assert_allclose(loaded.raster.image[8::16, 8::16], PHOTO, atol=2)


def test_only_metric_densities_are_a_scale():
    calibration = load(HERE / "grey16_cm.tif").raster.calibration
    assert (calibration.axes, calibration.scale, calibration.units) == (("y", "x"), (0.5, 0.25), ("micrometer",) * 2)
    assert load(HERE / "grey16_inch.tif").raster.calibration.units == ("pixel", "pixel")


def test_the_axis_of_pages_has_no_name():
    loaded = load(HERE / "pages.tif")
    assert loaded.raster.calibration.axes == ("-3", "y", "x")
    assert loaded.channel_axis is None


def test_the_first_of_unlike_pages_is_read_with_a_note():
    loaded = load(HERE / "pages_differ.tif")
    np.testing.assert_array_equal(loaded.raster.image, GREY)
    assert loaded.info["notes"] == ["The file holds 2 images; the first was read."]


def test_a_hyperstack_of_imagej_has_axes_and_scale():
    loaded = load(HERE / "imagej_hyperstack.tif")
    calibration = loaded.raster.calibration
    assert calibration.axes == ("t", "z", "c", "y", "x")
    assert calibration.scale == (0.5, 1.5, 1.0, 0.2166, 0.1083)
    assert calibration.units == ("second", "micrometer", "pixel", "micrometer", "micrometer")
    assert loaded.channel_axis == 2
    t, z, c, y, x = np.indices((4, 3, 2, 5, 7))
    np.testing.assert_array_equal(loaded.raster.image, 10000 * (t + 1) + 1000 * (z + 1) + 100 * (c + 1) + 10 * y + x)


def test_lookup_tables_of_imagej_do_not_change_values():
    loaded = load(HERE / "imagej_lut.tif")
    assert not loaded.raster.rgb
    np.testing.assert_array_equal(loaded.raster.image[0], [0, 36, 73, 109, 146, 182, 219])


def test_the_codebook_is_left_out_if_imagej_changed_the_pixels():
    loaded = load(HERE / "ours_other_pixels.tif")
    assert loaded.raster.image[2, 3] == 12345
    assert loaded.raster.codebook is None
    assert loaded.raster.record is None
    assert loaded.raster.calibration.scale == (0.1083, 0.1083)
    assert loaded.info["notes"] == [
        "The pixels were changed after the file was written: the codebook and the record in it were left out."
    ]


def test_a_scale_set_in_imagej_replaces_the_recorded_one():
    raster = load(HERE / "ours_other_scale.tif").raster
    assert raster.calibration.scale == (0.5, 0.5)
    assert raster.record == {"by": "us"}
    np.testing.assert_array_equal(raster.codebook.apply(raster.image), raster.image)
