"""Sizes are those of files that hold the picture pixel by pixel."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from napari_quantize.files.png import png_kb

RNG = np.random.default_rng(0)
FEW = RNG.integers(0, 255, (9, 3), dtype=np.uint8)[RNG.integers(0, 9, (7, 11))]


def decoded(picture):
    """Return what is read back from the file whose size is told, and that size."""
    files = []
    original = Image.Image.save

    def spy(image, file, *args, **options):
        original(image, file, *args, **options)
        files.append(file.getvalue())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image.Image, "save", spy)
        kb = png_kb(picture)
    assert kb == len(files[0]) / 1024
    return Image.open(io.BytesIO(files[0]))


@pytest.mark.parametrize(
    ("picture", "mode", "back"),
    [
        (FEW, "P", "RGB"),
        (RNG.integers(0, 255, (40, 50, 3), dtype=np.uint8), "RGB", "RGB"),
        (FEW[..., 0], "P", "L"),
        (np.dstack([FEW, FEW[..., 0]]), "RGBA", "RGBA"),
        (RNG.integers(0, 2**16, (7, 11), dtype=np.uint16), "I;16", "I;16"),
        (RNG.integers(0, 2**16, (7, 11), dtype=np.uint16).astype(">u2"), "I;16", "I;16"),
        (np.asfortranarray(FEW)[::-1, ::2], "P", "RGB"),
        (FEW[..., 0] > 100, "1", "1"),
    ],
)
def test_pixels_come_back(picture, mode, back):
    image = decoded(picture)
    assert image.mode == mode
    np.testing.assert_array_equal(np.asarray(image.convert(back)), picture)


@pytest.mark.parametrize("n_colors", [1, 2, 255, 256, 257])
def test_palettes_hold_256_colours(n_colors):
    codes = np.arange(n_colors)
    picture = np.stack([codes % 256, codes // 256, np.full(n_colors, 9)], -1).astype(np.uint8)[np.newaxis]
    image = decoded(picture)
    assert image.mode == ("P" if n_colors <= 256 else "RGB")
    np.testing.assert_array_equal(np.asarray(image.convert("RGB")), picture)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_any_small_picture(height, width, channels, seed):
    shape = (height, width, channels) if channels in (3,) else (height, width)
    picture = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    image = decoded(picture)
    np.testing.assert_array_equal(np.asarray(image.convert("RGB" if channels == 3 else "L")), picture)


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint32, np.int64, np.float64])
def test_what_png_cannot_hold(dtype):
    assert png_kb(np.zeros((3, 4), dtype)) is None


def test_16_bit_colour_is_not_told():
    assert png_kb(np.zeros((3, 4, 3), np.uint16)) is None
