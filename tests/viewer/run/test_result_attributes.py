"""Results inherit geometry and appearance of their source, and hold their provenance."""

import copy

import numpy as np
import pytest
from driving import GREY, RGB, open_dock, press, results_of
from slow_cases import slow_except

from napari_quantize import __version__, fit
from napari_quantize.viewer.layers.provenance import METADATA_KEY, provenance_of
from napari_quantize.viewer.layers.sources import APPEARANCE, GEOMETRY
from napari_quantize.viewer.preview.row import TryRow

STACK = np.random.default_rng(5).integers(0, 4000, (6, 12, 16), dtype=np.uint16)
EVERYTHING = {
    "scale": (2.0, 0.3, 0.4),
    "translate": (5.0, -7.0, 1.5),
    "rotate": 30.0,
    "shear": (0.1, 0.0, 0.2),
    "affine": np.array([[1, 0, 0, 3], [0, 0.9, 0.2, 4], [0, -0.2, 0.9, 5], [0, 0, 0, 1.0]]),
    "units": ("um", "um", "um"),
    "axis_labels": ("z", "row", "col"),
    "colormap": "magma",
    "gamma": 0.7,
    "contrast_limits": (100, 2500),
    "interpolation2d": "linear",
    "interpolation3d": "linear",
    "rendering": "minip",
    "depiction": "volume",
    "blending": "additive",
    "opacity": 0.6,
    "projection_mode": "max",
}


def state(layer):
    attributes = layer.as_layer_data_tuple()[1]
    return {name: attributes[name] for name in (*GEOMETRY, *APPEARANCE)}


def assert_same_state(layer, source):
    # Linear interpolation would show classes between those of the result.
    for name, value in (state(source) | {"interpolation3d": "nearest"}).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_allclose(state(layer)[name], value, err_msg=name)
        else:
            assert repr(state(layer)[name]) == repr(value), name


def test_results_inherit_geometry_and_appearance_also_when_replaced(viewer, qtbot):
    assert set(EVERYTHING) == {*GEOMETRY, *APPEARANCE} - {"rgb"}
    source = viewer.add_image(STACK, name="stack", **EVERYTHING)
    widget = open_dock(viewer)
    for layer in press(qtbot, widget):
        assert_same_state(layer, source)
        np.testing.assert_allclose(layer.extent.world, source.extent.world)
    source.scale = (4, 1, 1)
    source.translate = (0, 0, 9)
    for layer in press(qtbot, widget):
        assert_same_state(layer, source)
    assert len(viewer.layers) == 3


@pytest.mark.parametrize("kind", slow_except(["grey", "stack", "RGB"], "RGB"))
def test_hidden_results_have_the_thumbnails_that_they_have_when_they_are_shown(kind, window, qtbot):
    image = {"grey": GREY, "stack": STACK, "RGB": RGB}[kind]
    window.add_image(image, name="image", rgb=kind == "RGB")
    window.dims.current_step = (0,) * window.dims.ndim
    widget = open_dock(window, "2, 4, 8")
    results = press(qtbot, widget)
    hidden = [layer for layer in results if not layer.visible]
    row = widget.native.findChild(TryRow)
    row.number.setValue(6)  # switches *Try* on
    with qtbot.waitSignal(widget.finished) as ended:
        qtbot.waitUntil(row.add.isEnabled)
        row.add.click()
    hidden += ended.args[0]
    row.check.click()
    assert [layer.visible for layer in hidden] == [False] * 3
    before = [layer.thumbnail.copy() for layer in hidden]
    for layer, thumbnail in zip(hidden, before, strict=True):
        assert thumbnail[..., :3].any()
        layer.visible = True
        np.testing.assert_array_equal(layer.thumbnail, thumbnail)
    assert len({thumbnail.tobytes() for thumbnail in before}) == 3


@pytest.mark.slow
def test_the_mean_that_is_not_tiled_has_its_thumbnail(window, qtbot):
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    window.add_image(image, name="image", rgb=True)
    widget = open_dock(window, "1, 2, 4, 8, 16, 32")
    widget.tile.value = True
    first, *others = press(qtbot, widget)
    assert [layer.visible for layer in (first, *others)] == [False, *[True] * 5]
    assert np.isin(first.data[0, 0], first.thumbnail[..., :3]).all()  # black beside the picture, which is not square


def test_results_of_rgb_inherit_the_appearance(viewer, qtbot):
    source = viewer.add_image(
        RGB, name="photo", rgb=True, scale=(2, 3), opacity=0.5, blending="additive", interpolation2d="cubic"
    )
    for layer in press(qtbot, open_dock(viewer)):
        assert_same_state(layer, source)


def test_results_inherit_the_contrast_limits(viewer, qtbot):
    # The result of K=1 holds one value: its own limits would make it black or white.
    source = viewer.add_image(STACK[0].astype(np.float32) / 7, name="float")
    [layer] = press(qtbot, open_dock(viewer, "1"))
    np.testing.assert_allclose(layer.contrast_limits, source.contrast_limits)


def test_metadata_hold_the_provenance(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells", metadata={"microscope": "old"})
    widget = open_dock(viewer, "4")
    widget.random_state.value = 7
    [layer] = press(qtbot, widget)
    provenance = provenance_of(layer)
    assert (provenance.version, provenance.source_name) == (__version__, "cells")
    assert (provenance.source_id, provenance.layer_id) == (str(source.unique_id), str(layer.unique_id))
    codebook = provenance.codebook
    assert (codebook.k, codebook.random_state, codebook.mode) == (4, 7, "global")
    np.testing.assert_array_equal(codebook.centers, fit(GREY, 4, random_state=7).centers)
    np.testing.assert_array_equal(codebook.apply(GREY), layer.data)
    assert len(provenance.samples) == 1
    assert source.metadata == {"microscope": "old"}


def test_a_duplicate_of_a_result_is_an_ordinary_image(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "4")
    [layer] = press(qtbot, widget)
    data, attributes, _ = layer.as_layer_data_tuple()
    attributes = copy.deepcopy(attributes) | {"name": "mine"}
    twin = viewer.add_image(data, **attributes)
    assert METADATA_KEY in twin.metadata
    assert provenance_of(twin) is None
    assert widget.image.value is twin
    assert twin in widget.image.choices
    widget.k_values.value = "2"
    [second] = press(qtbot, widget)
    assert second.name == "K=2 · mine"
    assert provenance_of(second).source_id == str(twin.unique_id)
    assert provenance_of(layer) is not None
    assert len(results_of(viewer)) == 3


@pytest.mark.parametrize("rgb", [False, True])
def test_appearance_of_scalar_families_is_linked_but_not_visibility(rgb, viewer, qtbot):
    source = viewer.add_image(RGB if rgb else GREY, name="it", rgb=rgb)
    first, second = press(qtbot, open_dock(viewer))
    source.gamma = 0.5
    assert {first.gamma, second.gamma} == ({1.0} if rgb else {0.5})
    if not rgb:
        second.contrast_limits = (3, 44)
        first.colormap = "green"
        for layer in (source, first, second):
            assert tuple(layer.contrast_limits) == (3, 44)
            assert layer.colormap.name == "green"
    for layer, others in ((first, (source, second)), (source, (first, second))):
        before = [other.visible for other in others]
        layer.visible = not layer.visible
        assert [other.visible for other in others] == before
    source.opacity = 0.3
    assert second.opacity == 1


def test_results_look_like_the_image_that_was_changed_during_the_run(viewer, qtbot, gate):
    source = viewer.add_image(GREY, name="it")
    widget = open_dock(viewer, "2, 3, 4")
    gate.let(1)
    with qtbot.waitSignal(widget.finished):
        widget.run.native.click()
        qtbot.waitUntil(lambda: len(results_of(viewer)) == 1)
        source.contrast_limits, source.gamma, source.colormap = (20, 90), 0.5, "magma"
        gate.open()
    for layer in results_of(viewer):
        assert (tuple(layer.contrast_limits), layer.gamma, layer.colormap.name) == ((20, 90), 0.5, "magma")
