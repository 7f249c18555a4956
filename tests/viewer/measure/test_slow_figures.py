"""Figures that take long equal those of the core; what their cached values depend on."""

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize import sweep
from napari_quantize.core.quality.noise import estimate_noise
from napari_quantize.core.quality.perception import delta_e, ssim
from napari_quantize.core.request.request import no_tick
from napari_quantize.formats.png.encode import encode_png, png_kb
from napari_quantize.text.figures import NOISE
from napari_quantize.viewer.layers.axes import Plane
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.layers.raster_conversion import raster_of, saved_attributes
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.measure.slow_figures import FigureTask

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 200, (12, 16), dtype=np.uint8)
RGB = RNG.integers(0, 200, (12, 16, 3), dtype=np.uint8)
STACK = RNG.integers(0, 200, (4, 13, 16), dtype=np.uint8)
WHOLE = Plane((None, None), transposed=False)


def make_result(image, **options):
    [result] = sweep(image, (4,), **options)
    layer = Image(result.image, rgb=options.get("channel_axis") == -1)
    return layer, Provenance.of(result, "id", "cells", layer)


def measure(name, image, layer, *, plane, channel_axis=None):
    source = Image(image, rgb=layer.rgb)
    of = source if name == "noise" else layer
    return FigureTask.of(name, Source.of(source), source, of, plane, channel_axis)


def test_the_noise_depends_on_which_axis_holds_channels(viewer):
    random = np.random.default_rng(0)
    data = np.stack([random.normal(100, 3, (40, 50)), random.normal(9_000, 3, (40, 50))], axis=-1)
    image = viewer.add_image(data, rgb=False)
    plane = Plane.displayed(viewer.dims, image)
    found = {}
    for axis in (None, 2):
        task = FigureTask.of(NOISE.name, Source.of(image), image, image, plane, axis)
        assert task.recall() is None
        found[axis] = task.run(lambda: None).value
        task.remember(task.run(lambda: None))
    assert abs(found[2] - 3) < 0.5
    assert found[None] != found[2]


@pytest.mark.parametrize("rgb", [True, False])
def test_measured_figures_equal_those_of_the_core(rgb):
    axis = -1 if rgb else None
    image = RGB if rgb else GREY
    layer, _ = make_result(image, channel_axis=axis)
    quantized = layer.data
    expected = {
        "ssim": ssim(image, quantized, channel_axis=axis),
        "kb": png_kb(raster_of(quantized, saved_attributes(layer))),
        "noise": estimate_noise(image, channel_axis=axis),
    }
    if rgb:
        expected["delta_e"] = delta_e(image, quantized).mean
    for name, value in expected.items():
        task = measure(name, image, layer, plane=WHOLE)
        assert task.recall() is None
        figure = task.run(no_tick)
        assert figure.value == value
        task.remember(figure)
        assert task.recall() is figure


def test_stacks_are_measured_whole_or_in_the_displayed_plane():
    layer, _ = make_result(STACK)
    plane = Plane((2, None, None), transposed=True)
    similar = measure("ssim", STACK, layer, plane=plane).run(no_tick)
    assert similar.value == ssim(STACK[2].T, layer.data[2].T)
    assert "of the plane that is shown" in similar.note
    whole = measure("noise", STACK, layer, plane=plane).run(no_tick)
    assert whole.value == estimate_noise(STACK)
    assert whole.note == ""


def test_sizes_equal_those_of_exported_files():
    layer, provenance = make_result(RGB, channel_axis=-1, mode="color")
    provenance.write(layer)
    plain = measure("kb", RGB, layer, plane=WHOLE).run(no_tick)
    layer.scale, layer.units = (0.123456, 0.123456), ("micrometer", "micrometer")
    scaled = measure("kb", RGB, layer, plane=WHOLE)
    assert scaled.recall() is None
    file = encode_png(raster_of(layer.data, layer.as_layer_data_tuple()[1]))
    assert scaled.run(no_tick).value == len(file) / 1024 > plain.value
    # Turned in the display, the file is the same.
    assert measure("kb", RGB, layer, plane=Plane((None, None), transposed=True)).run(no_tick).value == len(file) / 1024
    film, provenance = make_result(STACK)
    provenance.write(film)
    plane = measure("kb", STACK, film, plane=Plane((2, None, None), transposed=False)).run(no_tick)
    assert plane.value == png_kb(raster_of(film.data[2], {}))


def test_large_stacks_are_measured_in_the_displayed_plane(monkeypatch):
    monkeypatch.setattr("napari_quantize.viewer.measure.slow_figures._MAX_STACK_VALUES", 100)
    layer, _ = make_result(STACK)
    plane = Plane((1, None, None), transposed=False)
    assert measure("noise", STACK, layer, plane=plane, channel_axis=0).run(no_tick).value == estimate_noise(STACK[1])
    flat, _ = make_result(GREY)
    assert measure("noise", GREY, flat, plane=WHOLE).run(no_tick).value == estimate_noise(GREY)


@pytest.mark.parametrize(
    ("name", "image", "note"),
    [
        ("ssim", GREY[:5], "SSIM looks through 11 × 11 pixels: the image has 5 × 16"),
        ("noise", GREY[:2], "it takes planes in which 3 × 3 pixels are visible and finite"),
        ("kb", GREY.astype(np.float32), "a PNG cannot hold 32 bit float values"),
    ],
)
def test_figures_that_cannot_be_measured_have_the_reason_as_note(name, image, note):
    layer, _ = make_result(image)
    figure = measure(name, image, layer, plane=WHOLE).run(no_tick)
    assert figure.value is None
    assert note in figure.note
