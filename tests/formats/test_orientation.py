"""Photos are upright."""

import numpy as np
import pytest
from photos import RGB, oriented, written

from napari_quantize.formats.photo.read import read_image

UPRIGHT = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.swapaxes(np.rot90(a, 2), 0, 1),
    8: np.rot90,
}


@pytest.mark.parametrize(
    ("suffix", "image_format", "options"),
    [
        ("png", "PNG", {}),
        ("webp", "WEBP", {"lossless": True}),
        ("tif", "TIFF", {}),
        ("tiff", "TIFF", {"compression": "tiff_lzw"}),
    ],
)
@pytest.mark.parametrize("number", UPRIGHT)
def test_orientation_is_applied(tmp_path, number, suffix, image_format, options):
    path = written(tmp_path, RGB, f"a.{suffix}", image_format, exif=oriented(number), **options)
    data, info = read_image(path)
    np.testing.assert_array_equal(data, UPRIGHT[number](RGB))
    assert (info["orientation"], info["original_size"]) == (number, [7, 5])


@pytest.mark.parametrize("number", UPRIGHT)
@pytest.mark.parametrize("image_format", ["JPEG", "AVIF"])
def test_orientation_of_lossy_photos_is_applied(tmp_path, number, image_format):
    quadrants = np.zeros((32, 48), np.uint8)
    quadrants[:16, 24:], quadrants[16:, :24], quadrants[16:, 24:] = 80, 160, 240
    data, info = read_image(written(tmp_path, quadrants, "a.jpg", image_format, exif=oriented(number)))
    grey = data if data.ndim == 2 else data[..., 0]
    np.testing.assert_allclose(grey, UPRIGHT[number](quadrants), atol=12)
    assert info["orientation"] == number


@pytest.mark.parametrize("number", [0, 9, 400])
def test_an_invalid_orientation_is_noted(tmp_path, number):
    data, info = read_image(written(tmp_path, RGB, "a.png", "PNG", exif=oriented(number)))
    np.testing.assert_array_equal(data, RGB)
    assert info["orientation"] == 1
    assert info["notes"] == [f"The EXIF orientation {number} in the file has no meaning and was ignored."]


def test_a_photo_with_damaged_exif_is_read(tmp_path):
    data, info = read_image(written(tmp_path, RGB, "a.webp", "WEBP", lossless=True, exif=b"Exif\0\0not exif"))
    np.testing.assert_array_equal(data, RGB)
    assert info["notes"] == ["The EXIF data in the file are damaged and were ignored."]
