"""Whatever napari shows as an image is quantized as the library does it, and nothing happens to the image."""

import dask.array as da
import numpy as np
import pytest
import zarr
from driving import GREY, RGB, open_dock, press, results_of, shown
from slow_cases import slow_except

from napari_quantize import quantize

RNG = np.random.default_rng(2)
FLOATS = RNG.normal(size=(12, 16)).astype(np.float32)
BROKEN = FLOATS.copy()
BROKEN[:2, :3] = [[np.nan, np.inf, -np.inf], [0, -0.0, np.nan]]
RGBA = np.dstack([RGB, np.where(GREY > 60, 255, 0).astype(np.uint8)])
STACK = RNG.integers(0, 4000, (7, 12, 16), dtype=np.uint16)
COLOUR = {"rgb": True}

KINDS = {
    "grey 8 bit": (GREY, {}),
    "grey 16 bit": (STACK[0], {}),
    "16 bit, most significant byte first": (STACK[0].astype(">u2"), {}),
    "in columns": (np.asfortranarray(GREY), {}),
    "every second pixel": (GREY[::2, ::-1], {}),
    "float": (FLOATS, {}),
    "half float": (FLOATS.astype(np.float16), {}),
    "double": (FLOATS.astype(np.float64), {}),
    "NaN and infinities": (BROKEN, {}),
    "binary": (GREY > 100, {}),
    "signed 32 bit": (GREY.astype(np.int32) * 1000 - 90_000, {}),
    "3-D": (STACK, {}),
    "time series of stacks": (RNG.integers(0, 99, (6, 7, 8, 9), dtype=np.uint8), {}),
    "20×20×3 that is no colour": (RNG.integers(0, 255, (20, 20, 3), dtype=np.uint8), {"rgb": False}),
    "RGB": (RGB, COLOUR),
    "RGB float": ((RGB / 255).astype(np.float32), COLOUR),
    "RGB time series": (np.stack([RGB, RGB + 1, RGB // 2] * 2), COLOUR),
    "RGBA": (RGBA, COLOUR),
    "RGBA float": ((RGBA / 255).astype(np.float32), COLOUR),
}


def expected(image, k, attributes):
    rgb = attributes.get("rgb", False)
    if not rgb:
        return quantize(image, k)
    return quantize(image, k, mode="color", channel_axis=-1, alpha=image.shape[-1] == 4)


@pytest.mark.parametrize("family", [False, True], ids=["scalar", "colour"])
def test_results_are_those_of_the_library_for_every_kind_of_image(family, viewer, qtbot):
    # One viewer for many: opening a window costs more than a run.
    widget = open_dock(viewer, "3")
    for kind, (image, attributes) in KINDS.items():
        if attributes.get("rgb", False) != family:
            continue
        kept = image.copy()
        source = viewer.add_image(image, name=kind, **attributes)
        assert widget.image.value is source
        [layer] = press(qtbot, widget)
        assert layer.name == f"K=3 · {kind}", widget.message.value
        assert (layer.data.dtype, layer.data.shape, layer.rgb) == (image.dtype, image.shape, source.rgb), kind
        np.testing.assert_array_equal(layer.data, expected(kept, 3, attributes), err_msg=kind)
        np.testing.assert_allclose(layer.contrast_limits, source.contrast_limits, err_msg=kind)
        assert source.data is image
        np.testing.assert_array_equal(image, kept, err_msg=kind)
        viewer.layers.clear()


def test_alpha_and_transparent_pixels_are_kept(viewer, qtbot):
    viewer.add_image(RGBA, name="sticker", rgb=True)
    widget = open_dock(viewer, "2")
    [layer] = press(qtbot, widget)
    np.testing.assert_array_equal(layer.data[..., 3], RGBA[..., 3])
    invisible = RGBA[..., 3] == 0
    np.testing.assert_array_equal(layer.data[invisible], RGBA[invisible])
    assert len(np.unique(layer.data[~invisible][:, :3], axis=0)) == 2


def test_multiscale_images_are_quantized_at_full_resolution(viewer, qtbot):
    image = RNG.integers(0, 200, (64, 48), dtype=np.uint8)
    viewer.add_image([image, image[::2, ::2], image[::4, ::4]], name="pyramid", multiscale=True, scale=(0.5, 0.5))
    widget = open_dock(viewer, "3")
    [layer] = press(qtbot, widget)
    assert not layer.multiscale
    np.testing.assert_array_equal(layer.data, quantize(image, 3))
    np.testing.assert_allclose(layer.scale, (0.5, 0.5))


@pytest.mark.parametrize("multiscale", [False, True])
def test_lazy_data_are_read_in_the_background(multiscale, viewer, qtbot):
    lazy = da.from_array(STACK, chunks=(3, 5, 16))
    viewer.add_image([lazy, lazy[:, ::2, ::2]] if multiscale else lazy, name="lazy", multiscale=multiscale)
    widget = open_dock(viewer, "3")
    [layer] = press(qtbot, widget)
    assert isinstance(layer.data, np.ndarray)
    np.testing.assert_array_equal(layer.data, quantize(STACK, 3))


def test_zarr_arrays_are_quantized(viewer, qtbot):
    stored = zarr.array(STACK)
    viewer.add_image(stored, name="zarr")
    [layer] = press(qtbot, open_dock(viewer, "3"))
    np.testing.assert_array_equal(layer.data, quantize(STACK, 3))


def test_lazy_data_beyond_the_limit_are_declined_unread(viewer):
    def never():
        raise AssertionError("a block of a declined image was computed")

    def block(_):
        return never()

    huge = da.zeros((40_000, 40_000, 2), chunks=4096, dtype=np.uint8).map_blocks(block, meta=np.zeros((0, 0, 0), "u1"))
    viewer.add_image(huge, name="huge", rgb=False, visible=False, contrast_limits=(0, 255))
    widget = open_dock(viewer)
    assert not widget.run.native.isEnabled()
    assert "“huge”" in widget.message.value
    assert "3.0 GB" in widget.message.value
    assert "2.0 GB" in widget.message.value
    widget.run.changed.emit(True)
    assert not widget.busy
    assert results_of(viewer) == []


@pytest.mark.parametrize("blending", slow_except(["additive", "translucent", "minimum", "opaque"], "minimum", "opaque"))
def test_composites_keep_their_blending_and_show_one_member(blending, viewer, qtbot):
    viewer.add_image(GREY, name="nuclei", blending=blending, colormap="green")
    viewer.add_image(GREY.T.copy().T, name="membranes", blending=blending, colormap="magenta")
    viewer.layers.selection.active = viewer.layers["nuclei"]
    widget = open_dock(viewer, "2, 4")
    assert widget.image.value.name == "nuclei"
    results = press(qtbot, widget)
    assert {layer.blending for layer in results} == {blending}
    family = {"nuclei", "K=2 · nuclei", "K=4 · nuclei"}
    assert len(family & set(shown(viewer))) == 1
    assert "membranes" in shown(viewer)
