"""Figures of *Try* without a window: those that a result has."""

import numpy as np
import pytest

from napari_quantize import Codebook, delta_e, fit, sweep
from napari_quantize.core.quality.loss import samples_rmse
from napari_quantize.core.samples.samples import CountedSamples
from napari_quantize.formats.png.encode import png_kb
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.viewer.preview import figures
from napari_quantize.viewer.preview.figures import TriedFigures, figures_line, tried_figures

RNG = np.random.default_rng(3)
GREY = RNG.integers(0, 200, (9, 11), dtype=np.uint8)
PHOTO = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
COLORS = {"mode": "color", "channel_axis": -1}


def tried(image, k, *, rgb=False, whole=True, **options):
    [result] = sweep(image, (k,), **options)
    return result, tried_figures(result.codebook, result.samples, image, result.image, rgb=rgb, is_whole_plane=whole)


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (GREY, {}),
        (GREY > 90, {}),
        (GREY.astype(np.uint16) * 200 + 3, {}),
        (GREY.astype(np.float32) / 7 - 3, {}),
        (np.full((3, 4), 7, np.uint8), {}),
        (PHOTO, {"channel_axis": -1}),
        (PHOTO, {"channel_axis": -1, "mode": "per_channel"}),
        (PHOTO, COLORS),
        (np.dstack([PHOTO, GREY[:1, :1].repeat(20, 0).repeat(30, 1)]), {**COLORS, "alpha": True}),
    ],
)
def test_the_error_is_that_of_the_result(image, options):
    for result in sweep(image, (1, 3, 7), **options):
        assert samples_rmse(result.codebook, result.samples) == pytest.approx(result.quality.rmse, rel=1e-12)


def test_means_of_bins_lack_what_varies_within_them():
    image = RNG.normal(size=70_000).astype(np.float32)
    [result] = sweep(image, (4,))
    assert not result.samples[0].exact
    assert samples_rmse(result.codebook, result.samples) == pytest.approx(result.quality.rmse, rel=1e-3)
    assert figures_line(
        4, tried_figures(result.codebook, result.samples, image, result.image, rgb=False, is_whole_plane=False)
    ).startswith("K=4: about ± ")


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.int64])
def test_means_of_bins_are_rounded_in_images_of_integers(dtype):
    codebook = Codebook(2, (np.array([10.0, 20.0]),), np.dtype(dtype))
    samples = CountedSamples(np.array([9.8, 19.6]), np.array([3, 2]), False, 9, 20)
    assert samples_rmse(codebook, (samples,)) == 0


def test_the_colour_difference_is_that_of_the_pixels():
    result, found = tried(PHOTO, 5, rgb=True, **COLORS)
    assert found == TriedFigures(delta_e(PHOTO, result.image).mean, is_delta_e=True, kb=found.kb)


def test_a_dark_part_has_the_white_of_its_image():
    dark = PHOTO.astype(np.uint16) // 3
    [result] = sweep(dark, (5,), **COLORS)
    part = {"rgb": True, "is_whole_plane": False, "white": 4095.0}
    found = tried_figures(result.codebook, result.samples, dark, result.image, **part)
    assert found.error == delta_e(dark, result.image, white=4095).mean


def test_the_colour_difference_of_many_pixels_is_measured_on_some(monkeypatch):
    monkeypatch.setattr(figures, "_MAX_COMPARED", 300)
    monkeypatch.setattr(figures, "_MAX_ENCODED", 300)
    result, found = tried(PHOTO, 5, rgb=True, **COLORS)
    difference = delta_e(PHOTO[::2, ::2], result.image[::2, ::2]).mean
    assert found == TriedFigures(difference, is_delta_e=True, exact=False)


def test_colours_that_nobody_sees_have_no_difference():
    result, found = tried(PHOTO.astype(np.float32), 5, rgb=True, **COLORS)
    assert found == TriedFigures(samples_rmse(result.codebook, result.samples))


@pytest.mark.parametrize("options", [{"ignore": [0]}, {"mask": GREY > 50}])
def test_errors_of_a_part_say_so(options):
    assert tried(GREY, 4, **options)[1].on_part
    assert not tried(GREY, 4)[1].on_part


def test_of_such_colours_in_bins_the_error_is_not_exact():
    image = RNG.normal(size=(150, 160, 3)).astype(np.float32)
    result, found = tried(image, 4, rgb=True, channel_axis=-1)
    assert not result.samples[0].exact
    assert found == TriedFigures(samples_rmse(result.codebook, result.samples), exact=False)


def test_the_size_is_that_of_a_file_with_the_levels():
    result, found = tried(GREY, 4)
    calibration = Calibration(("y", "x"), (1.0, 1.0), ("pixel", "pixel"))
    assert found.kb == png_kb(Raster(result.image, False, calibration, result.codebook))
    assert tried(GREY, 4, whole=False)[1].kb is None
    assert tried(np.stack([GREY] * 2), 4)[1].kb is None
    assert tried(GREY[np.newaxis], 4)[1].kb == found.kb


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (None, "K=8: …"),
        (TriedFigures(5.031), "K=8: ± 5.03"),
        (TriedFigures(5.031, exact=False), "K=8: about ± 5.03"),
        (TriedFigures(5.031, kb=0.3), "K=8: ± 5.03 · about 1 KB"),
        (TriedFigures(5.031, kb=0.3, on_part=True), "K=8: ± 5.03 there · about 1 KB"),
        (TriedFigures(2.346, is_delta_e=True, kb=1234.4), "K=8: ΔE 2.35 · about 1,234 KB"),
        (TriedFigures(2.346, is_delta_e=True, exact=False), "K=8: about ΔE 2.35"),
    ],
)
def test_the_line_tells_what_is_known(found, line):
    assert figures_line(8, found) == line


def test_codebooks_of_the_api_have_no_other_error():
    [result] = sweep(GREY, (4,))
    assert samples_rmse(fit(GREY, 4), result.samples) == pytest.approx(result.quality.rmse)
