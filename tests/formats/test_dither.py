"""Dithered photos have the palette's colours only, and their neighbourhoods' means."""

from dataclasses import replace

import numpy as np
import pytest
from pngs import YX, few, raster

from napari_quantize import fit
from napari_quantize.formats.png.dither import dither_image
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.palettes.palette import Palette

Y, X = np.mgrid[:32, :48]
PHOTO = np.stack([5 * X, 8 * Y, 255 - 5 * X], -1).astype(np.uint8)


def learnt(image, k=6, **options):
    return fit(image, k, mode="color", channel_axis=-1, **options)


@pytest.mark.parametrize("k", [1, 2, 6, 256])
def test_dithered_pixels_have_colours_of_the_palette_only(k):
    codebook = learnt(PHOTO, k)
    result = dither_image(raster(PHOTO, codebook=codebook, record={"seed": 0}))
    palette = {bytes(color) for color in codebook.outputs[0]}
    assert {bytes(color) for color in result.image.reshape(-1, 3)} <= palette
    assert result.record == {"seed": 0, "dithered": True}
    assert (result.codebook, result.calibration, result.rgb) == (codebook, YX, True)


def test_means_of_neighbourhoods_are_nearer_than_without_dithering():
    codebook = learnt(PHOTO)
    means = [
        image[:32, :48].astype(float).reshape(4, 8, 6, 8, 3).mean(axis=(1, 3))
        for image in (PHOTO, dither_image(raster(PHOTO, codebook=codebook)).image, codebook.apply(PHOTO))
    ]
    # At the borders there are colours beyond all of the palette, which no mixture can make.
    photo, mixed, nearest = (mean[1:-1, 1:-1] for mean in means)
    assert np.abs(mixed - photo).mean() < 0.5 * np.abs(nearest - photo).mean()


def test_palette_colours_are_not_changed():
    codebook = learnt(PHOTO)
    flat = np.broadcast_to(codebook.outputs[0][2], (9, 9, 3))
    np.testing.assert_array_equal(dither_image(raster(flat, codebook=codebook)).image, flat)


def slowly_dithered(colors, hidden, palette):
    """Return indices by Floyd and Steinberg's rule, pixel by pixel, in whole sixteenths of a level."""
    colors, palette = (16 * array.astype(int) for array in (colors, palette))
    height, width = colors.shape[:2]
    received = np.zeros((height + 1, width + 2, 3), dtype=int)
    indices = np.empty((height, width), dtype=int)
    for y, x in np.ndindex(height, width):
        wanted = np.clip(colors[y, x] + np.rint(received[y, x + 1] / 16).astype(int), 0, 16 * 255)
        indices[y, x] = ((wanted - palette) ** 2).sum(axis=1).argmin()
        if not hidden[y, x]:
            error = wanted - palette[indices[y, x]]
            received[y, x + 2] += 7 * error
            received[y + 1, x : x + 3] += np.outer((3, 5, 1), error)
    return indices


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 7), (7, 2), (3, 3), (12, 5), (5, 12), (20, 23)])
@pytest.mark.parametrize("k", [1, 2, 7, 200])
def test_errors_are_handed_on_as_in_a_loop_over_the_pixels(shape, k):
    rng = np.random.default_rng(k)
    photo = rng.integers(0, 256, (*shape, 4), dtype=np.uint8)
    photo[..., 3] = rng.choice([0, 9, 255], shape, p=[0.1, 0.5, 0.4])
    palette = Palette(rng.integers(0, 256, (k, 3), dtype=np.uint8), "any")
    codebook = codebook_from(palette, np.uint8, channel_axis=-1, alpha=True)
    colors, hidden = codebook.outputs[0], photo[..., 3] == 0
    expected = colors[slowly_dithered(photo[..., :3], hidden, colors)]
    result = dither_image(raster(photo, codebook=codebook)).image
    np.testing.assert_array_equal(result[~hidden, :3], expected[~hidden])
    np.testing.assert_array_equal(result[hidden], photo[hidden])


@pytest.mark.parametrize("color_space", ["rgb", "lab"])
def test_lossless_palettes_change_nothing(color_space):
    ramp = np.repeat(np.arange(256, dtype=np.uint8).reshape(8, 32, 1), 3, axis=2)
    blues = np.stack([X % 3, Y % 4, 100 + X // 3], -1).astype(np.uint8)
    for photo in (ramp, blues):
        codebook = learnt(photo, 256, color_space=color_space)
        np.testing.assert_array_equal(dither_image(raster(photo, codebook=codebook)).image, photo)


def test_gradients_keep_their_mean_colour():
    x = np.linspace(20, 235, 300)
    photo = np.broadcast_to(np.stack([x, 255 - x, np.full(300, 70)], -1).astype(np.uint8), (200, 300, 3))
    corners = np.array(list(np.ndindex(2, 2, 2)), dtype=np.uint8) * 255
    mixed = dither_image(raster(photo, codebook=codebook_from(Palette(corners, "8"), np.uint8, channel_axis=-1))).image
    np.testing.assert_allclose(mixed.mean(axis=(0, 1)), photo.mean(axis=(0, 1)), atol=0.5)
    np.testing.assert_allclose(mixed[:, 100:140].mean(axis=(0, 1)), photo[:, 100:140].mean(axis=(0, 1)), atol=2)


def test_alpha_and_invisible_pixels_are_not_changed():
    alpha = np.where(X < 20, 0, np.where(X < 30, 128, 255)).astype(np.uint8)
    photo = np.dstack([PHOTO, alpha])
    codebook = learnt(photo, alpha=True)
    result = dither_image(raster(photo, codebook=codebook)).image
    np.testing.assert_array_equal(result[..., 3], alpha)
    np.testing.assert_array_equal(result[:, :20], photo[:, :20])
    palette = {bytes(color) for color in codebook.outputs[0]}
    assert {bytes(color) for color in result[:, 20:, :3].reshape(-1, 3)} <= palette
    # What lies under the invisible does not matter.
    other = photo.copy()
    other[:, :20, :3] = 255 - other[:, :20, :3]
    np.testing.assert_array_equal(dither_image(raster(other, codebook=codebook)).image[:, 20:], result[:, 20:])


GREY = few(9, 0)
COLORS = "only palettes of RGB colours can be dithered, not levels"
PHOTOS = "only RGB photos of 8 bits can be dithered"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (raster(GREY, codebook=fit(GREY, 2)), PHOTOS),
        (raster(PHOTO.astype(np.uint16), codebook=learnt(PHOTO)), PHOTOS),
        (Raster(PHOTO[np.newaxis], True, Calibration.of_pixels("t", "y", "x")), PHOTOS),
        (raster(PHOTO), COLORS),
        (raster(PHOTO, codebook=fit(PHOTO, 2, channel_axis=-1)), COLORS),
        (raster(PHOTO, codebook=learnt(few(9, 4))), COLORS),
        (raster(PHOTO, codebook=learnt(PHOTO, 257)), "257 uint8 colours cannot be dithered: up to 256 of 8 bits can"),
    ],
)
def test_images_that_cannot_be_dithered_are_refused(given, sentence):
    with pytest.raises(ValueError) as caught:
        dither_image(given)
    assert str(caught.value) == sentence


def test_the_photo_is_not_changed():
    before = PHOTO.copy()
    dither_image(replace(raster(PHOTO), codebook=learnt(PHOTO)))
    np.testing.assert_array_equal(PHOTO, before)
