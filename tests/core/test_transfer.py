"""A codebook on another image: applied as ever, and measured on that image."""

import numpy as np
import pytest

from napari_quantize import fit, sweep
from napari_quantize.core.api import transfer

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 200, (9, 11, 3), dtype=np.uint8)
OTHER = RNG.integers(20, 255, (5, 7, 3), dtype=np.uint8)
OPTIONS = [
    {},
    {"mode": "per_channel", "channel_axis": -1},
    {"mode": "color", "channel_axis": -1},
    {"ignore": [(0, 30)]},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_on_its_own_image_it_is_what_a_sweep_gives(options):
    [expected] = sweep(IMAGE, (4,), **options)
    found = transfer(IMAGE, expected.codebook)
    np.testing.assert_array_equal(found.image, expected.image)
    ours, theirs = vars(found.quality), vars(expected.quality)
    assert {**theirs, "excess": None} == ours
    assert [s.digest() for s in found.samples] == [s.digest() for s in expected.samples]


@pytest.mark.parametrize("options", OPTIONS[:3])
def test_codebooks_are_applied_to_another_image(options):
    codebook = fit(IMAGE, 4, **options)
    found = transfer(OTHER, codebook)
    np.testing.assert_array_equal(found.image, codebook.apply(OTHER))
    assert found.quality.mse == pytest.approx(((OTHER - found.image.astype(float)) ** 2).mean())
    assert found.codebook is codebook


@pytest.mark.parametrize("options", OPTIONS)
def test_the_loss_is_measured_within_a_mask(options):
    mask = IMAGE[..., 0] > 90
    [expected] = sweep(IMAGE, (4,), mask=mask, **{"channel_axis": -1, **options})
    found = transfer(IMAGE, expected.codebook, mask=mask)
    np.testing.assert_array_equal(found.image, expected.image)
    assert vars(found.quality) == {**vars(expected.quality), "excess": None}
    assert [s.digest() for s in found.samples] == [s.digest() for s in expected.samples]


def test_images_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="learnt from uint8"):
        transfer(OTHER * 1.0, fit(IMAGE, 2))
    with pytest.raises(ValueError, match="2 channels, but the codebook has 3"):
        transfer(OTHER[..., :2], fit(IMAGE, 2, mode="color", channel_axis=-1))
    with pytest.raises(ValueError, match="no finite, visible value"):
        transfer(np.full((2, 2), np.nan), fit(IMAGE / 2, 2))
    with pytest.raises(ValueError, match="mask is True nowhere"):
        transfer(IMAGE, fit(IMAGE, 2), mask=np.zeros(IMAGE.shape, bool))
    with pytest.raises(TypeError, match="codebook='x' must be a Codebook"):
        transfer(OTHER, "x")


@pytest.mark.parametrize("dtype", ["u1", "u2", "f8"])
@pytest.mark.parametrize("options", OPTIONS[:3])
def test_a_constant_image_in_other_values(dtype, options):
    codebook = fit(IMAGE.astype(dtype), 4, **options)
    quality = transfer(np.full((5, 7, 3), 250, dtype), codebook).quality
    assert quality.mse > 0
    assert quality.explained == -np.inf
    assert quality.psnr == (pytest.approx(10 * np.log10(255**2 / quality.mse)) if dtype == "u1" else -np.inf)
