"""Entering, changing and leaving view modes restores the user's arrangement, however a mode ends."""

import gc
import weakref
from itertools import pairwise, permutations, product

import numpy as np
import pytest
from compare_driver import open_family, press_mode, temporary_layers
from driving import (
    GREY,
    button,
    captions,
    compare_of,
    labels,
    menu_action,
    names,
    open_dock,
    open_dock_and_widget,
    press,
    same_camera,
    settle,
    shown,
)
from hypothesis import given
from hypothesis import strategies as st
from slow_cases import slow_except

from napari_quantize.viewer.family.find_layers import list_sources
from napari_quantize.viewer.family.view_modes import (
    MAX_TILES,
    ViewConditions,
    ViewMode,
    mode_after_change,
    mode_after_press,
    view_mode_problem,
)
from napari_quantize.viewer.layers.compat import camera_of, grid_of
from napari_quantize.viewer.widget import QuantizeWidget

PAIRS = ["Swipe", "Difference", "Flip"]
SAME = ((4, 5), (4, 5))


def arrangement(viewer):
    """Return all that leaving a mode must restore."""
    grid, camera = grid_of(viewer), camera_of(viewer)
    return (
        shown(viewer),
        {name: getattr(grid, name) for name in ("enabled", "shape", "stride", "spacing")},
        {name: getattr(camera, name) for name in ("center", "zoom", "angles", "mouse_pan")},
        {layer.name for layer in viewer.layers.selection},
    )


def is_same_arrangement(before, now):
    return before[:2] == now[:2] and before[3] == now[3] and same_camera(before[2], now[2])


@pytest.fixture
def compared(viewer, qtbot):
    """A family whose results are hidden, another layer, and a view of the user's own."""
    viewer.add_points([[1, 1]], name="points")
    widget, layer, results = open_family(viewer, qtbot)
    compare_of(widget).leave()
    viewer.layers.selection.active = results[-1]
    assert shown(viewer) == ["points", "cells"]
    camera_of(viewer).zoom = 3.5
    camera_of(viewer).center = (0, 4, 2)
    return viewer, widget, layer, results


def test_going_from_any_mode_to_any_other_and_back_restores_the_arrangement(compared, qtbot):
    viewer, widget, *_ = compared
    before = arrangement(viewer)
    walks = [
        ["Tile", "Swipe", "Tile", "Difference"],
        ["Difference", "Tile", "Flip", "Swipe"],
        ["Swipe", "Difference", "Swipe", "Flip"],
        ["Flip", "Difference", "Flip", "Tile"],
    ]
    assert {step for walk in walks for step in pairwise(walk)} == set(permutations(["Tile", *PAIRS], 2))
    for walk in walks:
        for name in walk:
            press_mode(widget, qtbot, name)
            camera_of(viewer).zoom = 9
            assert compare_of(widget).mode.value == name
        press_mode(widget, qtbot, name)
        # A comparison goes back to the tiles before it.
        assert (compare_of(widget).mode is ViewMode.TILE) == (name != "Tile" and "Tile" in walk)
        if compare_of(widget).mode is ViewMode.TILE:
            press_mode(widget, qtbot, "Tile")
        assert compare_of(widget).mode is ViewMode.NONE
        assert is_same_arrangement(before, arrangement(viewer)), walk
        assert temporary_layers(viewer) == []
        assert captions() == []


@pytest.mark.slow
def test_the_user_s_selection_is_restored(compared, qtbot):
    viewer, widget, layer, results = compared
    selection = viewer.layers.selection
    for name, before in product(
        ["One", "Tile", *PAIRS],
        ({results[-1]}, {layer, results[0]}, {viewer.layers["points"], layer, *results}),
    ):
        viewer.layers.selection = before
        active = selection.active
        settle(qtbot)
        press_mode(widget, qtbot, name)
        assert (set(selection), selection.active) == (before, active), name
        selection.active = results[0]
        settle(qtbot)
        assert compare_of(widget).mode.value == name
        compare_of(widget).leave()
        settle(qtbot)
        assert (set(selection), selection.active) == (before, active), name


def test_the_user_s_grid_is_restored(compared, qtbot):
    viewer, widget, *_ = compared
    grid_of(viewer).enabled = True
    before = arrangement(viewer)
    for name in PAIRS:
        press_mode(widget, qtbot, name)
        assert not grid_of(viewer).enabled, name
        press_mode(widget, qtbot, name)
        assert is_same_arrangement(before, arrangement(viewer)), name


def test_the_grid_button_ends_the_mode(compared, qtbot):
    viewer, widget, *_ = compared
    before = shown(viewer)
    for name in PAIRS:
        press_mode(widget, qtbot, name)
        grid_of(viewer).enabled = True
        settle(qtbot)
        assert compare_of(widget).mode is ViewMode.NONE, name
        assert grid_of(viewer).enabled
        assert shown(viewer) == before
        grid_of(viewer).enabled = False


def remove_temporary_layers(viewer, _widget):
    for layer in temporary_layers(viewer):
        viewer.layers.remove(layer)


# How a mode ends, and the layers that are left then.
ENDINGS = {
    "temporary layers removed": (remove_temporary_layers, ["cells", "K=2 · cells", "K=4 · cells"]),
    "results removed": (lambda _viewer, widget: menu_action(widget, "Remove results").trigger(), ["cells"]),
    "source removed": (lambda viewer, _widget: viewer.layers.remove("cells"), ["K=2 · cells", "K=4 · cells"]),
    "all layers removed": (lambda viewer, _widget: viewer.layers.clear(), []),
    "dock closed": (
        lambda viewer, widget: viewer.window.remove_dock_widget(widget.native),
        ["cells", "K=2 · cells", "K=4 · cells"],
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", slow_except(PAIRS, "Swipe"))
def test_removing_compared_layers_or_the_dock_ends_the_mode(name, ending, compared, qtbot):
    viewer, widget, *_ = compared
    press_mode(widget, qtbot, name)
    assert compare_of(widget).mode.value == name
    end, left = ENDINGS[ending]
    end(viewer, widget)
    settle(qtbot)
    if ending == "temporary layers removed" and name != "Swipe":  # the other modes go on
        compare_of(widget).leave()
        settle(qtbot)
    assert compare_of(widget).mode is ViewMode.NONE
    assert temporary_layers(viewer) == []
    assert {layer.name for layer in viewer.layers} - {"points"} == set(left)
    assert not viewer.mouse_move_callbacks


def test_the_3d_display_ends_the_mode_with_a_message(viewer, qtbot):
    widget, *_ = open_family(viewer, qtbot, "stack")
    for name in ("Swipe", "Difference"):
        press_mode(widget, qtbot, name)
        viewer.dims.ndisplay = 3
        settle(qtbot)
        assert compare_of(widget).mode is ViewMode.NONE
        assert any(f"{name} needs the 2-D display" in text for text in labels(widget))
        press_mode(widget, qtbot, name)
        assert compare_of(widget).mode is ViewMode.NONE
        viewer.dims.ndisplay = 2
        press_mode(widget, qtbot, name)
        assert compare_of(widget).mode.value == name
        assert not any("needs the 2-D display" in text for text in labels(widget))


def test_temporary_layers_are_neither_sources_nor_selected(compared, qtbot):
    viewer, widget, layer, results = compared
    table = widget.table_text
    press_mode(widget, qtbot, "Swipe")
    assert widget.table_text == table
    assert list_sources(viewer) == [layer]
    assert widget.image.choices == (layer,)
    for each in temporary_layers(viewer):
        viewer.layers.selection.active = each
        settle(qtbot)
        assert viewer.layers.selection.active is results[-1]
        assert compare_of(widget).mode is ViewMode.SWIPE


def test_the_selection_that_a_new_dock_finds_is_restored(viewer, qtbot):
    widget, layer, _ = open_family(viewer, qtbot)
    viewer.layers.selection.active = layer
    viewer.window.remove_dock_widget(widget.native)
    settle(qtbot)
    widget = open_dock(viewer)
    press_mode(widget, qtbot, "Swipe")
    viewer.layers.selection.active = temporary_layers(viewer)[0]
    settle(qtbot)
    assert viewer.layers.selection.active is layer


def test_a_run_and_a_new_layer_while_comparing(compared, qtbot):
    viewer, widget, *_ = compared
    press_mode(widget, qtbot, "Swipe")
    widget.k_values.value = "3"
    press(qtbot, widget)
    settle(qtbot)
    assert shown(viewer) == ["Swipe: source", "Swipe: result"]
    viewer.add_points([[2, 2]], name="new")
    settle(qtbot)
    press_mode(widget, qtbot, "Swipe")
    assert shown(viewer) == ["points", "cells", "new"]


def test_choosing_another_image_ends_the_mode(compared, qtbot):
    viewer, widget, *_ = compared
    before = shown(viewer)
    press_mode(widget, qtbot, "Swipe")
    other = viewer.add_image(GREY.T.copy(), name="other")
    settle(qtbot)
    assert compare_of(widget).mode is ViewMode.NONE
    assert shown(viewer) == [*before, "other"]
    assert viewer.layers.selection.active is other


def test_a_mode_of_one_dock_ends_that_of_another_dock(compared, qtbot):
    viewer, first, *_ = compared
    before = arrangement(viewer)
    second = QuantizeWidget(viewer)
    viewer.window.add_dock_widget(second, name="from the menu")
    press_mode(first, qtbot, "Swipe")
    press_mode(second, qtbot, "Swipe")
    assert (compare_of(first).mode, compare_of(second).mode) == (
        ViewMode.NONE,
        ViewMode.SWIPE,
    )
    assert not button(first, "Swipe").isChecked()
    assert len(temporary_layers(viewer)) == 2
    press_mode(second, qtbot, "Swipe")
    assert is_same_arrangement(before, arrangement(viewer))


def open_compare_and_close(viewer, qtbot, name):
    dock, widget = open_dock_and_widget(viewer)
    before = len(camera_of(viewer).events.zoom.callbacks), len(viewer.mouse_drag_callbacks)
    press_mode(widget, qtbot, name)
    assert compare_of(widget).mode.value == name
    dock.destroyOnClose()
    assert (len(camera_of(viewer).events.zoom.callbacks), len(viewer.mouse_drag_callbacks)) == before
    return [weakref.ref(each) for each in (widget, widget.native, compare_of(widget))]


def test_a_dock_that_is_closed_while_comparing_is_freed(viewer, qtbot):
    widget, _, (result,) = open_family(viewer, qtbot, ks="2")
    viewer.window.remove_dock_widget(widget.native)
    refs = []
    for name in PAIRS:
        refs += open_compare_and_close(viewer, qtbot, name)
        settle(qtbot)
        assert names(viewer.layers) == ["cells", result.name]
    gc.collect()
    assert [ref() for ref in refs if ref() is not None] == []


def test_an_image_with_another_shape_is_not_compared(compared, qtbot):
    _, widget, layer, _ = compared
    layer.data = np.zeros((3, 3), np.uint8)
    press_mode(widget, qtbot, "Swipe")
    assert compare_of(widget).mode is ViewMode.NONE
    assert any("3 × 3 now, the result 12 × 16" in text for text in labels(widget))


# Without a window

MODES = st.sampled_from(list(ViewMode))
CONDITIONS = st.builds(
    ViewConditions, st.integers(0, 60), st.sampled_from([None, SAME, ((3, 5), (4, 5))]), st.sampled_from([2, 3])
)


@given(MODES, MODES, CONDITIONS)
def test_only_possible_modes_are_entered(now, asked, conditions):
    mode, why = mode_after_press(now, asked, conditions)
    assert (mode is asked) or bool(why) or (mode is ViewMode.NONE and now is asked)
    if why:
        assert mode is now
    elif mode is not ViewMode.NONE and mode is not now:
        assert view_mode_problem(mode, conditions) is None


@given(MODES, CONDITIONS, st.booleans())
def test_only_possible_modes_outlast_a_change(now, conditions, coming):
    mode, _ = mode_after_change(now, conditions, results_expected=coming)
    assert mode in (now, ViewMode.NONE)
    if mode is not ViewMode.NONE and not coming:
        assert view_mode_problem(mode, conditions) is None


@pytest.mark.parametrize(
    ("mode", "conditions", "words"),
    [
        (ViewMode.TILE, ViewConditions(MAX_TILES + 1, SAME, n_tiles=MAX_TILES + 1), "too small to compare"),
        (ViewMode.ONE, ViewConditions(1, None), "quantize an image first"),
        (ViewMode.SWIPE, ViewConditions(2, None), "has been removed"),
        (ViewMode.DIFFERENCE, ViewConditions(2, SAME, 3), "Difference needs the 2-D display"),
        (ViewMode.SWIPE, ViewConditions(2, ((4, 6), (4, 5))), "it is 4 × 6 now, the result 4 × 5"),
    ],
)
def test_reasons_why_a_mode_is_not_possible(mode, conditions, words):
    assert words in view_mode_problem(mode, conditions)
    assert view_mode_problem(ViewMode.NONE, conditions) is None
