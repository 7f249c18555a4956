"""A palette as a codebook maps to exactly nearest colours; a codebook as a palette shows its colours or levels."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.color import rgb2lab

from napari_quantize import Codebook, fit, sweep
from napari_quantize.core.api import transfer
from napari_quantize.palettes.codebooks import codebook_from, palette_of
from napari_quantize.palettes.palette import Palette

RNG = np.random.default_rng(0)
WEB = np.stack(np.meshgrid(*[np.arange(0, 256, 51, dtype=np.uint8)] * 3), axis=-1).reshape(-1, 3)
COLORS = Palette(RNG.integers(0, 256, (20, 3), dtype=np.uint8), "twenty")
GREYS = Palette(np.repeat(np.array([[200], [0], [17], [200]], np.uint8), 3, axis=1), "greys")


def brightness(color):
    return np.dot(color, [0.2126, 0.7152, 0.0722])


def nearest(pixels, centers):
    """Return the nearest center of each pixel, the first of several, by all squared distances."""
    apart = pixels[:, np.newaxis] - centers
    return (apart**2).sum(axis=2).argmin(axis=1)


@given(
    colors=arrays(np.uint8, st.tuples(st.integers(1, 40), st.just(3))),
    image=arrays(np.uint8, (5, 7, 3)),
    dtype=st.sampled_from([np.uint8, np.uint16]),
)
def test_integers_get_the_exactly_nearest_colour(colors, image, dtype):
    scale = np.iinfo(dtype).max // 255
    image = image.astype(dtype) * dtype(scale) if scale > 1 else image
    codebook = codebook_from(Palette(colors), dtype, channel_axis=-1)
    assert {tuple(color) for color in codebook.outputs[0].tolist()} == {
        tuple(scale * value for value in color) for color in colors.tolist()
    }
    expected = nearest(image.reshape(-1, 3).astype(np.int64), codebook.outputs[0].astype(np.int64))
    assert np.array_equal(codebook.encode(image).ravel(), expected)
    assert np.array_equal(codebook.apply(image), codebook.outputs[0][expected].reshape(image.shape))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_get_the_nearest_colour(dtype):
    codebook = codebook_from(COLORS, dtype, channel_axis=-1)
    image = RNG.random((30, 30, 3)).astype(dtype)
    expected = nearest(image.reshape(-1, 3).astype(float), codebook.centers)
    assert np.array_equal(codebook.encode(image).ravel(), expected)
    assert np.array_equal(np.unique(codebook.centers, axis=0), np.unique(COLORS.colors / 255, axis=0))


def test_16_bit_colours_are_scaled_to_the_dtype():
    deep = Palette(np.array([[0, 128, 65535], [257, 513, 257]], np.uint16))
    assert sorted(codebook_from(deep, np.uint16, channel_axis=-1).centers.tolist()) == sorted(deep.colors.tolist())
    assert codebook_from(deep, np.uint8, channel_axis=-1).centers.tolist() == [[1, 2, 1], [0, 0, 255]]
    assert codebook_from(deep, float, channel_axis=-1).centers.max() == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_images_of_either_byte_order_get_the_palette(order):
    image = RNG.integers(0, 65536, (9, 9, 3), dtype=np.uint16)
    codebook = codebook_from(COLORS, f"{order}u2", channel_axis=-1)
    assert codebook == codebook_from(COLORS, np.uint16, channel_axis=-1)
    assert np.array_equal(codebook.apply(image.astype(f"{order}u2")), codebook.apply(image))


def test_alpha_is_kept():
    image = RNG.integers(0, 256, (6, 6, 4), dtype=np.uint8)
    codebook = codebook_from(COLORS, image.dtype, channel_axis=-1, alpha=True)
    mapped = codebook.apply(image)
    assert np.array_equal(mapped[..., 3], image[..., 3])
    seen = image[..., 3] > 0
    plain = codebook_from(COLORS, image.dtype, channel_axis=-1)
    assert np.array_equal(mapped[seen][:, :3], plain.apply(image[..., :3])[seen])


def test_color_space_lab_gives_the_perceptually_nearest_colour():
    image = RNG.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    codebook = codebook_from(COLORS, image.dtype, channel_axis=-1, color_space="lab")
    expected = nearest(rgb2lab(image).reshape(-1, 3), rgb2lab(codebook.centers / 255))
    assert np.array_equal(codebook.encode(image).ravel(), expected)
    assert not np.array_equal(codebook.apply(image), codebook_from(COLORS, "u1", channel_axis=-1).apply(image))


@pytest.mark.parametrize(("dtype", "scale"), [(np.uint8, 1), (np.uint16, 257), (np.float32, 1 / 255)])
def test_greys_are_levels_of_grey_images(dtype, scale):
    codebook = codebook_from(GREYS, dtype)
    assert (codebook.mode, codebook.k, codebook.method) == ("global", 3, "given")
    assert np.allclose(codebook.centers, np.array([0, 17, 200]) * scale, rtol=1e-15)
    image = (np.arange(256).reshape(16, 16) * scale).astype(dtype)
    expected = np.abs(image.astype(float)[..., np.newaxis] - codebook.centers).argmin(axis=-1)
    assert np.array_equal(codebook.encode(image), expected)


def test_order_and_repeats_of_colours_do_not_matter():
    codebook = codebook_from(Palette(np.concatenate([WEB, WEB[:9]]), "web"), np.uint8, channel_axis=-1)
    other = codebook_from(Palette(RNG.permutation(WEB), "web"), "u1", channel_axis=-1)
    assert codebook == other
    assert (codebook.k, codebook.n_used, codebook.request.palette) == (216, 216, "web")
    assert Codebook.from_dict(codebook.to_dict()) == codebook
    assert codebook.centers.tolist() == sorted(codebook.centers.tolist(), key=lambda c: (round(brightness(c), 9), c))


def test_what_a_palette_loses_is_measured():
    image = RNG.integers(0, 256, (9, 9, 3), dtype=np.uint8)
    codebook = codebook_from(COLORS, image.dtype, channel_axis=-1)
    result = transfer(image, codebook)
    assert np.array_equal(result.image, codebook.apply(image))
    apart = result.image.astype(float) - image
    assert result.quality.mse == pytest.approx((apart**2).mean())
    assert result.quality.excess is None


@pytest.mark.parametrize(
    ("dtype", "options", "sentence"),
    [
        (np.uint8, {}, "the palette “twenty” holds colours, but the image is grey: only greys can be its levels"),
        (
            np.int16,
            {"channel_axis": -1},
            "palettes are for images of uint8, uint16, or floats from 0 to 1, not of int16",
        ),
        (bool, {"channel_axis": -1}, "palettes are for images of uint8, uint16, or floats from 0 to 1, not of bool"),
        (np.uint8, {"channel_axis": -1, "color_space": "hsv"}, "color_space='hsv' must be one of 'rgb', 'lab'"),
    ],
)
def test_images_that_palettes_do_not_fit_are_refused(dtype, options, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        codebook_from(COLORS, dtype, **options)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colours_make_a_palette_and_the_same_codebook(dtype):
    image = RNG.integers(0, np.iinfo(dtype).max, (9, 9, 3), dtype=dtype, endpoint=True)
    codebook = fit(image, 12, mode="color", channel_axis=-1)
    palette = palette_of(codebook, "mine")
    assert (palette.colors.dtype, palette.name) == (dtype, "mine")
    assert np.array_equal(palette.colors, codebook.outputs[0])
    again = codebook_from(palette, dtype, channel_axis=-1)
    assert np.array_equal(again.outputs[0], np.array(sorted(palette.colors.tolist(), key=brightness), dtype))


@pytest.mark.parametrize(("high", "white"), [(200, 255), (1000, 1023), (4000, 4095), (9000, 16383), (60000, 65535)])
def test_colours_of_cameras_are_as_bright_as_the_image(high, white):
    image = RNG.integers(0, high, (9, 9, 3), dtype=np.uint16)
    image[0, 0, 0] = high
    [result] = sweep(image, [4], mode="color", channel_axis=-1)
    assert result.quality.white == white
    colors = result.codebook.outputs[0]
    assert np.abs(palette_of(result.codebook, white=white).colors / 65535 - colors / white).max() <= 0.5 / 65535
    assert np.array_equal(palette_of(result.codebook).colors, colors)
    again = codebook_from(palette_of(result.codebook, white=white), np.uint16, channel_axis=-1, white=white)
    assert np.array_equal(again.apply(image), result.image)


def test_float_colours_make_a_16_bit_palette():
    codebook = fit(RNG.random((9, 9, 3)), 5, mode="color", channel_axis=-1)
    palette = palette_of(codebook)
    assert palette.colors.dtype == np.uint16
    assert np.abs(palette.colors / 65535 - codebook.centers).max() <= 0.5 / 65535


@pytest.mark.parametrize(
    ("values", "greys", "name"),
    [
        (np.array([3, 99, 200], np.uint8), [3, 99, 200], "it"),
        (np.array([100, 300, 500], np.uint16), [0, 128, 255], "it (levels 100 to 500 shown from black to white)"),
        (
            np.array([16_000_009, 16_000_046], np.uint32),
            [0, 255],
            "it (levels 16000009 to 16000046 shown from black to white)",
        ),
        (np.array([-1, 0, 3], np.int8), [0, 64, 255], "it (levels -1 to 3 shown from black to white)"),
        (np.array([False, True]), [0, 255], "it (levels 0 to 1 shown from black to white)"),
        (np.array([-1e150, 0, 1e150]), [0, 128, 255], "it (levels -1e+150 to 1e+150 shown from black to white)"),
        (np.array([0.25]), [0], "it (levels 0.25 to 0.25 shown from black to white)"),
    ],
)
def test_levels_make_a_grey_ramp(values, greys, name):
    palette = palette_of(fit(values, 3), "it")
    assert palette.colors.tolist() == [[grey] * 3 for grey in greys]
    assert palette.name == name
    assert palette_of(fit(values, 3)).name == name.removeprefix("it").strip(" ()")
