"""Swipe: each side of the line shows the pixels of its layer, for each kind of layer."""

import numpy as np
import pytest
from compare_driver import KINDS, STACK, displayed_value, open_family, press_mode, temporary_layers
from driving import GREY, compare_of, open_dock, press, settle, shown
from hypothesis import given
from hypothesis import strategies as st
from slow_cases import slow_except

from napari_quantize.viewer.compare.canvas_overlay import clip_line
from napari_quantize.viewer.compare.crop import Cut, LazyPart, crop, crop_levels, cut_axis
from napari_quantize.viewer.layers.compat import camera_of


def swipe_of(widget):
    return compare_of(widget).swipe


def check_sides(viewer, layer, result, axis, index):
    """Check every pixel of the displayed slice: before `index` the source is seen, from there on the result."""
    whole = layer.data[0] if layer.multiscale else layer.data
    ndim = layer.ndim
    step = np.rint(layer.world_to_data(viewer.dims.point)).astype(int)
    shown_axes = [at - (viewer.dims.ndim - ndim) for at in viewer.dims.displayed]
    for position in np.ndindex(*whole.shape[:ndim]):
        if all(at in shown_axes or position[at] == step[at] for at in range(ndim)):
            expected = (whole if position[axis] < index else result.data)[position]
            np.testing.assert_array_equal(displayed_value(viewer, layer.data_to_world(position)), expected)


@pytest.mark.parametrize("kind", slow_except(KINDS, "stack", "affine", "multiscale"))
def test_each_side_shows_the_pixels_of_its_layer(kind, viewer, qtbot):
    widget, layer, [result] = open_family(viewer, qtbot, kind, "4")
    press_mode(widget, qtbot, "Swipe")
    assert shown(viewer) == ["Swipe: source", "Swipe: result"]
    axis, other = (0, 1) if kind == "affine" else (layer.ndim - 1, layer.ndim - 2)
    shape = result.data.shape
    check_sides(viewer, layer, result, axis, round(0.5 * shape[axis]))
    swipe_of(widget).move_to(0.3, horizontal=True)
    settle(qtbot)
    check_sides(viewer, layer, result, other, round(0.3 * shape[other]))
    for side in temporary_layers(viewer):
        assert any(np.shares_memory(side.data[0] if side.multiscale else side.data, array)
                   for array in (layer.data[0] if layer.multiscale else layer.data, result.data))  # fmt: skip


def test_the_line_at_the_ends_in_other_slices_and_with_swapped_axes(viewer, qtbot):
    widget, layer, (_, result) = open_family(viewer, qtbot, "stack")
    press_mode(widget, qtbot, "Swipe")
    for position, names in ((0.0, ["Swipe: result"]), (1.0, ["Swipe: source"])):
        swipe_of(widget).move_to(position, horizontal=False)
        settle(qtbot)
        assert shown(viewer) == names
    swipe_of(widget).move_to(0.5, horizontal=False)
    viewer.dims.set_point(0, 2)
    settle(qtbot)
    check_sides(viewer, layer, result, 2, 7)
    viewer.dims.order = (1, 2, 0)
    settle(qtbot)
    check_sides(viewer, layer, result, 0, 2)


def test_sides_follow_the_appearance_and_geometry_of_their_layers(viewer, qtbot):
    widget, layer, (_, result) = open_family(viewer, qtbot)
    press_mode(widget, qtbot, "Swipe")
    layer.contrast_limits = (10, 50)
    layer.colormap = "viridis"
    result.opacity = 0.5
    source_side, result_side = temporary_layers(viewer)
    for side in (source_side, result_side):
        assert side.contrast_limits == [10, 50]
        assert side.colormap.name == "viridis"
    assert (source_side.opacity, result_side.opacity) == (1, 0.5)
    layer.scale = result.scale = (3, 3)
    layer.units = result.units = ("µm", "µm")
    settle(qtbot)
    assert all(side.units == layer.units for side in temporary_layers(viewer))
    check_sides(viewer, layer, result, 1, 8)


def test_sides_follow_another_result_and_replaced_data(viewer, qtbot):
    widget, layer, (two, _) = open_family(viewer, qtbot)
    press_mode(widget, qtbot, "Swipe")
    viewer.layers.selection.active = two
    settle(qtbot)
    check_sides(viewer, layer, two, 1, 8)
    layer.data = GREY[::-1].copy()
    settle(qtbot)
    check_sides(viewer, layer, two, 1, 8)


@pytest.mark.parametrize("tile", slow_except([True, False], True))
def test_after_a_run_the_current_result_is_compared(tile, viewer, qtbot):
    layer = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 8, 16", tile=tile)
    eight = press(qtbot, widget)[1]
    assert viewer.layers.selection.active is layer
    assert widget._family.snapshot().current[0] is eight
    press_mode(widget, qtbot, "Swipe")
    check_sides(viewer, layer, eight, 1, 8)


class Mouse:
    """A mouse event as napari hands it to callbacks."""

    button = 1

    def __init__(self, kind, position):
        self.type, self.position = kind, position


def drag(viewer, callback, *positions):
    """Press at the first position and move to the others; return whether the camera could pan meanwhile."""
    event = Mouse("mouse_press", positions[0])
    steps = callback(viewer, event)
    panning = []
    if next(steps, "ended") != "ended":
        for position in positions[1:]:
            event.type, event.position = "mouse_move", position
            next(steps)
            panning.append(camera_of(viewer).mouse_pan)
        event.type = "mouse_release"
        assert next(steps, "ended") == "ended"
    return panning


def test_dragging_moves_the_line_but_not_the_camera(viewer, qtbot):
    widget, layer, (_, result) = open_family(viewer, qtbot, "transformed")
    press_mode(widget, qtbot, "Swipe")
    [callback] = [each for each in viewer.mouse_drag_callbacks if "Swipe" in each.__qualname__]
    start, end = layer.data_to_world((6, 7.5)), layer.data_to_world((2, 11.5))
    assert drag(viewer, callback, start, end) == [False]
    assert camera_of(viewer).mouse_pan
    settle(qtbot)
    assert swipe_of(widget).position == pytest.approx(12 / 16)
    assert widget._results_view.compare._slider.value() == 750
    check_sides(viewer, layer, result, 1, 12)
    assert drag(viewer, callback, layer.data_to_world((6, 2)), end) == []
    press_mode(widget, qtbot, "Swipe")
    assert callback not in viewer.mouse_drag_callbacks
    assert len(viewer.mouse_move_callbacks) == 0


def test_the_slider_moves_and_turns_the_line(viewer, qtbot):
    widget, layer, (_, result) = open_family(viewer, qtbot)
    press_mode(widget, qtbot, "Swipe")
    bar = widget._results_view.compare
    bar._slider.setValue(250)
    settle(qtbot)
    check_sides(viewer, layer, result, 1, 4)
    bar._direction.click()
    settle(qtbot)
    check_sides(viewer, layer, result, 0, 3)
    start, end = swipe_of(widget).line()
    np.testing.assert_allclose([start, end], [[2.5, -0.5], [2.5, 15.5]])


# Without a window


@given(st.floats(0, 1), st.integers(1, 50), st.booleans())
def test_both_sides_of_a_cut_make_the_whole_axis(position, length, flipped):
    cut = Cut.at(position, 0, length, flipped=flipped)
    first, second = set(range(*cut.first)), set(range(*cut.second))
    assert first | second == set(range(length))
    assert not first & second
    assert len(first) == round(position * length)


@given(st.floats(0, 360), st.booleans(), st.tuples(st.floats(0.1, 9), st.floats(0.1, 9)))
def test_the_line_cuts_the_axis_perpendicular_to_it(degrees, mirrored, scale):
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    steps = (turn * scale).T * ([1, -1] if mirrored else [1, 1])
    for horizontal, component in ((False, 1), (True, 0)):
        axis, flipped = cut_axis(steps, horizontal=horizontal)
        along = steps[axis, component]
        assert abs(along) >= np.linalg.norm(steps[axis]) * (np.sqrt(0.5) - 1e-9)
        assert flipped == (along < 0)


INDICES = st.one_of(st.integers(-3, 2), st.slices(3))


@given(st.tuples(INDICES, st.slices(6), st.slices(14)), st.integers(1, 2))
def test_lazy_parts_are_indexed_like_numpy_views(key, axis):
    part = LazyPart(STACK, axis, 2, 8)
    view = crop(STACK, axis, 2, 8)
    key = tuple(slice(*k.indices(n)) if isinstance(k, slice) and k.step is None else k
                for k, n in zip(key, view.shape, strict=True))  # fmt: skip
    np.testing.assert_array_equal(part[key], view[key])
    np.testing.assert_array_equal(part[..., 1], view[..., 1])
    np.testing.assert_array_equal(np.asarray(part), view)
    assert (part.shape, part.ndim, part.size, len(part)) == (view.shape, 3, view.size, 3)


@given(st.integers(0, 99), st.integers(1, 100))
def test_parts_of_all_pyramid_levels_have_at_least_one_pixel(start, length):
    levels = [np.zeros((5, 200)), np.zeros((3, 67)), np.zeros((1, 7))]
    parts = crop_levels(levels, 1, start, start + length)
    assert parts[0].shape == (5, length)
    assert all(part.shape[1] >= 1 for part in parts)


@pytest.mark.parametrize(
    ("line", "seen_part"),
    [
        (((50, -100), (50, 500)), ((50, 0), (50, 80))),
        (((10, 10), (20, 20)), ((10, 10), (20, 20))),
        (((-10, -10), (200, 200)), ((0, 0), (80, 80))),
        (((150, -100), (150, 500)), None),
        (((-5, 10), (-5, 20)), None),
    ],
)
def test_a_line_is_clipped_to_the_canvas(line, seen_part):
    found = clip_line(line, 100, 80)
    assert (found is None) == (seen_part is None)
    if found is not None:
        np.testing.assert_allclose(found, seen_part)
