"""Try follows the fields, the viewer's sliders, and changes of layers."""

import numpy as np
import pytest
from driving import GREY, RGB, button, labels, open_dock, press, settle
from preview_driver import has_data, preview_layers, try_k, try_row, wait_for_preview

from napari_quantize import fit
from napari_quantize.core.request.request import Request
from napari_quantize.viewer.layers.cache import cached_samples
from napari_quantize.viewer.layers.compat import camera_of
from napari_quantize.viewer.plan.regions import region_mask
from napari_quantize.viewer.preview import controller

STACK = np.random.default_rng(2).integers(0, 250, (7, 12, 16), dtype=np.uint8)


def test_the_preview_follows_the_fields(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer)
    try_k(qtbot, viewer, widget, 4)
    for mode in ("global", "per_channel", "color"):
        widget.mode.value = mode
        expected = fit(RGB, 4, mode=mode, channel_axis=-1).apply(RGB)
        wait_for_preview(qtbot, viewer, 4, lambda layer, expected=expected: has_data(layer, expected))
    widget.mode.value = "global"
    for field, value, options in (
        (widget.method, "exact", {"method": "exact"}),
        (widget.ignore, "zeros", {"method": "exact", "ignore": [0]}),
    ):
        field.value = value
        expected = fit(RGB, 4, channel_axis=-1, **options).apply(RGB)
        wait_for_preview(qtbot, viewer, 4, lambda layer, expected=expected: has_data(layer, expected))


def test_the_preview_follows_display_limits_that_bound_the_learning(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells", contrast_limits=(20, 160))
    widget = open_dock(viewer)
    widget.ignore.value = "outside"
    try_k(qtbot, viewer, widget, 3)
    for low, high in ((20, 160), (50, 90)):
        grey.contrast_limits = (low, high)
        expected = fit(GREY, 3, ignore=[(None, low - 1), (high + 1, None)]).apply(GREY)
        wait_for_preview(qtbot, viewer, 3, lambda layer, expected=expected: has_data(layer, expected))


def test_the_preview_follows_the_sliders_of_the_viewer(viewer, qtbot):
    viewer.add_image(STACK, name="film", scale=(5, 1, 1))
    widget = open_dock(viewer)
    result = fit(STACK, 3).apply(STACK)
    layer = try_k(qtbot, viewer, widget, 3)
    assert layer.data.shape == STACK.shape
    for t in (5, 0):
        viewer.dims.set_current_step(0, t)
        wait_for_preview(qtbot, viewer, 3, lambda layer, t=t: np.array_equal(layer.data[t], result[t]))
    viewer.dims.order = (2, 0, 1)
    viewer.dims.set_current_step(2, 9)
    wait_for_preview(qtbot, viewer, 3, lambda layer: np.array_equal(layer.data[:, :, 9], result[:, :, 9]))


def test_learning_from_this_slice_follows_the_slider(viewer, qtbot):
    viewer.add_image(STACK * np.linspace(0.2, 1, 7)[:, None, None], name="film")
    widget = open_dock(viewer)
    widget.learn_from.value = "slice"
    try_k(qtbot, viewer, widget, 3)
    for t in (2, 6):
        viewer.dims.set_current_step(0, t)
        data = viewer.layers["film"].data
        expected = fit(data[t], 3).apply(data[t])
        wait_for_preview(
            qtbot, viewer, 3, lambda layer, t=t, expected=expected: np.array_equal(layer.data[t], expected)
        )


def test_the_preview_follows_a_painted_region(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells")
    mask = np.zeros(GREY.shape, dtype=np.uint8)
    mask[:5] = 1
    region = viewer.add_labels(mask, name="region")
    viewer.layers.selection.active = grey
    widget = open_dock(viewer)
    widget.learn_from.value = region
    try_k(qtbot, viewer, widget, 3)
    inside = mask > 0
    wait_for_preview(qtbot, viewer, 3, lambda layer: has_data(layer, fit(GREY, 3, mask=inside).apply(GREY)))
    region.data_setitem((np.array([8, 8]), np.array([3, 4])), 1)
    more = inside.copy()
    more[8, 3:5] = True
    wait_for_preview(qtbot, viewer, 3, lambda layer: has_data(layer, fit(GREY, 3, mask=more).apply(GREY)))
    region.data = np.zeros_like(mask)
    qtbot.waitUntil(lambda: not preview_layers(viewer))
    assert "Nothing lies inside “region”: draw something there, or learn from the whole image." in labels(widget)


def test_the_preview_follows_replaced_data(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    try_k(qtbot, viewer, widget, 3)
    grey.data = GREY[::-1, :9] // 3
    wait_for_preview(qtbot, viewer, 3, lambda layer: has_data(layer, fit(grey.data, 3).apply(grey.data)))
    grey.data = STACK
    wait_for_preview(qtbot, viewer, 3, lambda layer: layer.ndim == 3)
    step = viewer.dims.current_step[0]
    wait_for_preview(qtbot, viewer, 3, lambda layer: np.array_equal(layer.data[step], fit(STACK, 3).apply(STACK)[step]))


def test_the_preview_follows_appearance_and_geometry(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells", colormap="green", contrast_limits=(10, 90))
    widget = open_dock(viewer)
    layer = try_k(qtbot, viewer, widget, 3)
    assert (layer.colormap.name, tuple(layer.contrast_limits)) == ("green", (10, 90))
    grey.contrast_limits = (0, 50)
    assert tuple(layer.contrast_limits) == (0, 50)
    grey.translate = (7, 8)
    grey.scale = (2, 2)
    np.testing.assert_allclose(layer.extent.world, grey.extent.world)
    try_row(widget).check.click()
    layer.contrast_limits = (3, 4)
    assert tuple(grey.contrast_limits) == (0, 50)


@pytest.mark.parametrize("geometry", [{}, {"scale": (2, 3), "rotate": 20, "shear": [0.3], "translate": (5, 6)}])
def test_the_preview_of_a_pyramid_covers_its_source(viewer, qtbot, geometry):
    level = np.random.default_rng(3).integers(0, 250, (64, 96), dtype=np.uint8)
    affine = np.array([[0.8, 0.6, 3], [-0.6, 0.8, 2], [0, 0, 1]])
    source = viewer.add_image([level, level[::2, ::2], level[::4, ::4]], multiscale=True, affine=affine, **geometry)
    widget = open_dock(viewer)
    layer = try_k(qtbot, viewer, widget, 3)
    corners = [(-0.5, -0.5), (63.5, 95.5)]
    on_trial = [(-0.5, -0.5), tuple(n - 0.5 for n in layer.data.shape)]
    for ours, theirs in zip(on_trial, corners, strict=True):
        np.testing.assert_allclose(layer.data_to_world(ours), source.data_to_world(theirs))


def test_the_field_of_view_of_a_pyramid_is_covered_to_the_pixel(window, qtbot):
    level = np.random.default_rng(4).integers(0, 250, (1024, 1024), dtype=np.uint8)
    pyramid = [level, level[::2, ::2], level[::4, ::4]]
    source = window.add_image(pyramid, multiscale=True, rotate=20, scale=(1, 2))
    widget = open_dock(window)
    try_k(qtbot, window, widget, 255)  # no two values become one: it looks as the image does
    [layer] = preview_layers(window)

    def look_the_same():
        pictures = []
        for one, other in ((source, layer), (layer, source)):
            one.visible, other.visible = True, False
            pictures.append(window.screenshot(flash=False))
        source.visible = True
        return np.array_equal(*pictures)

    for zoom in (0.2, 1, 6):
        camera_of(window).zoom = zoom
        qtbot.waitUntil(look_the_same)


def test_the_preview_of_a_volume_has_no_values_between_the_levels(viewer, qtbot):
    volume = viewer.add_image(np.stack([GREY] * 8), name="volume", interpolation2d="linear", interpolation3d="linear")
    widget = open_dock(viewer)
    viewer.dims.ndisplay = 3
    layer = try_k(qtbot, viewer, widget, 4)
    assert (layer.interpolation2d, layer.interpolation3d) == ("linear", "nearest")
    assert (volume.interpolation2d, volume.interpolation3d) == ("linear", "linear")


def test_choosing_another_image_previews_that_one(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells", blending="additive")
    stack = viewer.add_image(STACK[:3], name="stack")
    viewer.layers.selection.active = grey
    widget = open_dock(viewer)
    try_k(qtbot, viewer, widget, 3)
    assert not grey.visible
    viewer.layers.selection.active = stack  # its first axis is asked about
    settle(qtbot)
    assert preview_layers(viewer) == []
    assert grey.visible
    assert try_row(widget).is_on
    button(widget, "Time or z").click()
    assert wait_for_preview(qtbot, viewer, 3).name == "Try K=3 · stack"


@pytest.mark.parametrize("removed", ["cells", "Try K=3 · cells"])
def test_removing_source_or_preview_switches_off(viewer, qtbot, removed):
    viewer.add_image(RGB, name="photo", rgb=True)
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    try_k(qtbot, viewer, widget, 3)
    viewer.layers.remove(viewer.layers[removed])
    settle(qtbot)
    assert preview_layers(viewer) == []
    assert not try_row(widget).is_on
    try_row(widget).check.click()
    assert wait_for_preview(qtbot, viewer, 3).name == f"Try K=3 · {widget.image.value.name}"


def test_several_layers_are_previewed_together(viewer, qtbot):
    layers = [viewer.add_image(data, name=name) for name, data in (("a", GREY), ("b", GREY[::-1]))]
    widget = open_dock(viewer)
    viewer.layers.selection = layers
    widget.mode.value = "together"
    layer = try_k(qtbot, viewer, widget, 3)
    both = np.stack([GREY, GREY[::-1]])
    own = layers.index(widget.image.value)
    np.testing.assert_array_equal(layer.data, fit(both, 3, mode="color", channel_axis=0, balance=True).apply(both)[own])
    assert viewer.layers.selection == set(layers)


def test_a_stroke_of_the_brush_computes_the_mask_once(viewer, qtbot, monkeypatch):
    viewer.add_image(GREY, name="cells")
    mask = np.zeros(GREY.shape, int)
    mask[2:6, 3:9] = 1
    region = viewer.add_labels(mask, name="region")
    widget = open_dock(viewer)
    widget.image.value, widget.learn_from.value = viewer.layers["cells"], region
    try_k(qtbot, viewer, widget, 3)
    computed = []
    monkeypatch.setattr(controller, "region_mask", lambda *which: computed.append(1) or region_mask(*which))
    for column in range(9, 15):  # as the brush moves
        region.data_setitem((np.arange(2, 6), np.full(4, column)), 1)
    expected = fit(GREY, 3, mask=region.data > 0).apply(GREY)
    wait_for_preview(qtbot, viewer, 3, lambda layer: has_data(layer, expected))
    assert computed == [1]


def test_the_preview_follows_pixels_that_are_written_in_place(window, qtbot):
    source = window.add_image(GREY.copy(), name="cells")
    widget = open_dock(window, "2")
    press(qtbot, widget)
    source.visible = True  # napari does not draw what is hidden
    try_k(qtbot, window, widget, 3)
    settle(qtbot)
    new = 255 - GREY // 3
    source.data[...] = new
    source.refresh()
    wait_for_preview(qtbot, window, 3, lambda layer: has_data(layer, fit(new, 3).apply(new)))
    settle(qtbot)
    samples = cached_samples(source, Request())
    assert samples is None or samples[0].low == new.min()


@pytest.mark.parametrize("moved", ["image", "shapes"])
def test_the_preview_follows_shapes_and_image_that_are_moved(moved, viewer, qtbot):
    image = viewer.add_image(GREY, name="cells")
    shapes = viewer.add_shapes([np.array([[2, 2], [2, 8], [7, 8], [7, 2]])], name="box")
    widget = open_dock(viewer)
    widget.image.value, widget.learn_from.value = image, shapes
    try_k(qtbot, viewer, widget, 3)
    before = region_mask(shapes, viewer, image, None)
    (image if moved == "image" else shapes).translate = (3, 2)
    mask = region_mask(shapes, viewer, image, None)
    assert not np.array_equal(mask, before)
    expected = fit(GREY, 3, mask=mask).apply(GREY)
    assert not np.array_equal(expected, fit(GREY, 3, mask=before).apply(GREY))
    wait_for_preview(qtbot, viewer, 3, lambda layer: has_data(layer, expected))


def test_a_stack_can_be_removed_while_its_levels_are_learnt(viewer, qtbot):
    viewer.add_image(STACK, name="stack")
    widget = open_dock(viewer)
    viewer.dims.set_current_step(0, 3)
    viewer.add_shapes([[0, 0], [4, 4]], shape_type="line", name="line")  # flat, and selected
    try_row(widget).number.setValue(3)
    assert try_row(widget).is_on
    viewer.layers.remove("stack")
    settle(qtbot)
    assert [layer.name for layer in viewer.layers] == ["line"]
    assert not try_row(widget).is_on
