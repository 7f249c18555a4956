"""Gaussian smoothing against scikit-image, and pixels that must take no part."""

import numpy as np
import pytest
from skimage.filters import gaussian

from napari_quantize.core.classes.smoothing import smooth

RNG = np.random.default_rng(0)
STACK = RNG.integers(0, 4000, (4, 20, 30), dtype=np.uint16)


@pytest.mark.parametrize("sigmas", [(0, 1.5, 1.5), (0.6, 2, 2), (0, 0, 3)])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", ">u2", "f4", "f8"])
def test_each_plane_or_volume_is_smoothed_as_scikit_image_does(sigmas, dtype):
    image = STACK.astype(dtype)
    expected = gaussian(image.astype(np.float64), sigmas, mode="nearest", preserve_range=True)
    smoothed = smooth(image, sigmas)
    assert smoothed.dtype == image.dtype
    if image.dtype.kind == "f":
        np.testing.assert_allclose(smoothed, expected, rtol=1e-5)
    else:
        np.testing.assert_array_equal(smoothed, np.rint(expected))


def test_nothing_is_smoothed_along_channels_and_alpha_is_kept():
    image = RNG.integers(0, 255, (12, 9, 4), dtype=np.uint8)
    image[..., 3] = 200
    smoothed = smooth(image, (1, 1, 0), channel_axis=-1, alpha=True)
    for channel in range(3):
        np.testing.assert_array_equal(smoothed[..., channel], smooth(image[..., channel], (1, 1)))
    np.testing.assert_array_equal(smoothed[..., 3], image[..., 3])
    first = np.moveaxis(image, -1, 0)
    np.testing.assert_array_equal(smooth(first, (0, 1, 1), channel_axis=0)[:3], np.moveaxis(smoothed, -1, 0)[:3])


def test_pixels_without_a_value_stay_and_add_nothing():
    image = np.full((15, 15), 7.0)
    image[5:8, 5:8] = np.nan, np.inf, -np.inf
    np.testing.assert_allclose(smooth(image, (2, 2)), image, rtol=1e-12)
    noisy = RNG.normal(100, 5, (15, 15))
    known = noisy.copy()
    known[4, 6] = np.nan
    weights = np.zeros((15, 15))
    weights[4, 6] = 1
    left_out = gaussian(np.where(np.isnan(known), 0, known), 1.5) / (1 - gaussian(weights, 1.5))
    finite = np.isfinite(known)
    np.testing.assert_allclose(smooth(known, (1.5, 1.5))[finite], left_out[finite])
    assert np.isnan(smooth(known, (1.5, 1.5))[4, 6])


def test_invisible_pixels_add_nothing():
    image = np.full((9, 9, 4), 50, np.uint8)
    image[3:6, 3:6] = 255, 255, 255, 0
    np.testing.assert_array_equal(smooth(image, (1, 1, 0), channel_axis=-1, alpha=True), image)


def test_a_width_of_zero_changes_nothing_and_copies():
    smoothed = smooth(STACK, (0, 0, 0))
    np.testing.assert_array_equal(smoothed, STACK)
    assert not np.shares_memory(smoothed, STACK)


@pytest.mark.parametrize("dtype", [np.uint64, np.int64])
def test_the_largest_integers_do_not_overflow(dtype):
    image = np.full((5, 5), np.iinfo(dtype).max, dtype)
    assert (smooth(image, (1, 1)) > np.iinfo(dtype).max // 2).all()


def test_bits_become_what_most_neighbours_are():
    image = np.zeros((9, 9), bool)
    image[:, 5:] = True
    image[4, 1] = True
    image[4, 7] = False
    smoothed = smooth(image, (1, 1))
    assert smoothed.dtype == bool
    np.testing.assert_array_equal(smoothed, np.arange(9) >= 5 + np.zeros((9, 1)))
