"""Entering a mode, going to another, and leaving: what the user had is given back, however it ends."""

import gc
import weakref

import numpy as np
import pytest
from driving import GREY, button, captions, labels, menu_action, names, press, same_camera, settle, shown
from families import family, go, temporary
from hypothesis import given
from hypothesis import strategies as st

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


def had(viewer):
    """Return all that must be given back."""
    grid, camera = grid_of(viewer), camera_of(viewer)
    return (
        shown(viewer),
        {name: getattr(grid, name) for name in ("enabled", "shape", "stride", "spacing")},
        {name: getattr(camera, name) for name in ("center", "zoom", "angles", "mouse_pan")},
        {layer.name for layer in viewer.layers.selection},
    )


def same(before, now):
    return before[:2] == now[:2] and before[3] == now[3] and same_camera(before[2], now[2])


@pytest.fixture
def window(viewer, qtbot):
    """A family whose results are hidden, a stranger, and a view of the user's own."""
    viewer.add_points([[1, 1]], name="points")
    widget, layer, made = family(viewer, qtbot)
    widget._family_controller._compare_controller.leave()
    viewer.layers.selection.active = made[-1]
    assert shown(viewer) == ["points", "cells"]
    camera_of(viewer).zoom = 3.5
    camera_of(viewer).center = (0, 4, 2)
    return viewer, widget, layer, made


@pytest.mark.parametrize("first", ["Tile", *PAIRS])
def test_from_way_to_way_and_back(first, window, qtbot):
    viewer, widget, *_ = window
    before = had(viewer)
    for name in [first, *(mode for mode in ("Tile", *PAIRS) if mode != first)]:
        go(widget, qtbot, name)
        camera_of(viewer).zoom = 9
        assert widget._family_controller._compare_controller.mode.value == name
    go(widget, qtbot, name)
    assert widget._family_controller._compare_controller.mode is ViewMode.NONE
    assert same(before, had(viewer))
    assert temporary(viewer) == []
    assert captions() == []


@pytest.mark.parametrize("name", ["One", "Tile", *PAIRS])
def test_the_selection_that_the_user_had_is_given_back(name, window, qtbot):
    viewer, widget, layer, made = window
    selection = viewer.layers.selection
    for before in ({made[-1]}, {layer, made[0]}, {viewer.layers["points"], layer, *made}):
        viewer.layers.selection = before
        active = selection.active
        settle(qtbot)
        go(widget, qtbot, name)
        assert (set(selection), selection.active) == (before, active)
        selection.active = made[0]
        settle(qtbot)
        assert widget._family_controller._compare_controller.mode.value == name
        widget._family_controller._compare_controller.leave()
        settle(qtbot)
        assert (set(selection), selection.active) == (before, active)


@pytest.mark.parametrize("name", PAIRS)
def test_the_grid_that_the_user_had(name, window, qtbot):
    viewer, widget, *_ = window
    grid_of(viewer).enabled = True
    before = had(viewer)
    go(widget, qtbot, name)
    assert not grid_of(viewer).enabled
    go(widget, qtbot, name)
    assert same(before, had(viewer))


@pytest.mark.parametrize("name", PAIRS)
def test_the_grid_button_ends_it(name, window, qtbot):
    viewer, widget, *_ = window
    before = shown(viewer)
    go(widget, qtbot, name)
    grid_of(viewer).enabled = True
    settle(qtbot)
    assert widget._family_controller._compare_controller.mode is ViewMode.NONE
    assert grid_of(viewer).enabled
    assert shown(viewer) == before


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("what", ["source", "results", "everything", "temporary", "dock"])
def test_what_is_removed_ends_it(what, name, window, qtbot):
    viewer, widget, layer, made = window
    go(widget, qtbot, name)
    if what == "source":
        viewer.layers.remove(layer)
    elif what == "results":
        menu_action(widget, "Remove results").trigger()
    elif what == "everything":
        del viewer.layers[:]
    elif what == "dock":
        viewer.window.remove_dock_widget(widget.native)
    else:
        for each in temporary(viewer):
            viewer.layers.remove(each)
    settle(qtbot)
    if what != "temporary" or name == "Swipe":
        assert widget._family_controller._compare_controller.mode is ViewMode.NONE
        assert temporary(viewer) == []
    left = {"source": made, "results": [layer], "everything": [], "dock": [layer, *made], "temporary": [layer, *made]}
    assert {each.name for each in viewer.layers} - {"points"} - {"Difference"} == set(names(left[what]))
    assert not viewer.mouse_move_callbacks or what == "temporary"


@pytest.mark.parametrize("name", ["Swipe", "Difference"])
def test_three_dimensions_end_it_with_a_sentence(name, viewer, qtbot):
    widget, *_ = family(viewer, qtbot, "stack")
    go(widget, qtbot, name)
    viewer.dims.ndisplay = 3
    settle(qtbot)
    assert widget._family_controller._compare_controller.mode is ViewMode.NONE
    assert any("needs the 2-D display" in text for text in labels(widget))
    go(widget, qtbot, name)
    assert widget._family_controller._compare_controller.mode is ViewMode.NONE
    viewer.dims.ndisplay = 2
    go(widget, qtbot, name)
    assert widget._family_controller._compare_controller.mode.value == name
    assert not any("needs the 2-D display" in text for text in labels(widget))


def test_temporary_layers_are_nobodys(window, qtbot):
    viewer, widget, layer, made = window
    table = widget.table_text
    go(widget, qtbot, "Swipe")
    assert widget.table_text == table
    assert list_sources(viewer) == [layer]
    assert widget.image.choices == (layer,)
    for each in temporary(viewer):
        viewer.layers.selection.active = each
        settle(qtbot)
        assert viewer.layers.selection.active is made[-1]
        assert widget._family_controller._compare_controller.mode is ViewMode.SWIPE


def test_a_run_and_a_new_layer_meanwhile(window, qtbot):
    viewer, widget, *_ = window
    go(widget, qtbot, "Swipe")
    widget.k_values.value = "3"
    press(qtbot, widget)
    settle(qtbot)
    assert shown(viewer) == ["Swipe: source", "Swipe: result"]
    viewer.add_points([[2, 2]], name="new")
    settle(qtbot)
    go(widget, qtbot, "Swipe")
    assert shown(viewer) == ["points", "cells", "new"]


def test_another_image_ends_it(window, qtbot):
    viewer, widget, *_ = window
    before = shown(viewer)
    go(widget, qtbot, "Swipe")
    other = viewer.add_image(GREY.T.copy(), name="other")
    settle(qtbot)
    assert widget._family_controller._compare_controller.mode is ViewMode.NONE
    assert shown(viewer) == [*before, "other"]
    assert viewer.layers.selection.active is other


def test_two_docks_give_way_to_each_other(window, qtbot):
    viewer, first, *_ = window
    before = had(viewer)
    second = QuantizeWidget(viewer)
    viewer.window.add_dock_widget(second, name="from the menu")
    go(first, qtbot, "Swipe")
    go(second, qtbot, "Swipe")
    assert (first._family_controller._compare_controller.mode, second._family_controller._compare_controller.mode) == (
        ViewMode.NONE,
        ViewMode.SWIPE,
    )
    assert not button(first, "Swipe").isChecked()
    assert len(temporary(viewer)) == 2
    go(second, qtbot, "Swipe")
    assert same(before, had(viewer))


def open_compare_and_close(viewer, qtbot, name):
    dock, widget = viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
    before = len(camera_of(viewer).events.zoom.callbacks), len(viewer.mouse_drag_callbacks)
    go(widget, qtbot, name)
    assert widget._family_controller._compare_controller.mode.value == name
    dock.destroyOnClose()
    assert (len(camera_of(viewer).events.zoom.callbacks), len(viewer.mouse_drag_callbacks)) == before
    return [weakref.ref(each) for each in (widget, widget.native, widget._family_controller._compare_controller)]


def test_a_dock_that_is_closed_while_two_are_compared_is_gone(viewer, qtbot):
    widget, _, (result,) = family(viewer, qtbot, ks="2")
    viewer.window.remove_dock_widget(widget.native)
    refs = []
    for name in PAIRS:
        refs += open_compare_and_close(viewer, qtbot, name)
        settle(qtbot)
        assert names(viewer.layers) == ["cells", result.name]
    gc.collect()
    assert [ref() for ref in refs if ref() is not None] == []


def test_a_changed_image_is_not_compared(window, qtbot):
    _, widget, layer, _ = window
    layer.data = np.zeros((3, 3), np.uint8)
    go(widget, qtbot, "Swipe")
    assert widget._family_controller._compare_controller.mode is ViewMode.NONE
    assert any("3 × 3 now, the result 12 × 16" in text for text in labels(widget))


# Without a window

MODES = st.sampled_from(list(ViewMode))
CONDITIONS = st.builds(
    ViewConditions, st.integers(0, 60), st.sampled_from([None, SAME, ((3, 5), (4, 5))]), st.sampled_from([2, 3])
)


@given(MODES, MODES, CONDITIONS)
def test_what_is_entered_can_be_seen(now, asked, conditions):
    mode, why = mode_after_press(now, asked, conditions)
    assert (mode is asked) or bool(why) or (mode is ViewMode.NONE and now is asked)
    if why:
        assert mode is now
    elif mode is not ViewMode.NONE and mode is not now:
        assert view_mode_problem(mode, conditions) is None


@given(MODES, CONDITIONS, st.booleans())
def test_what_stays_can_be_seen(now, conditions, coming):
    mode, _ = mode_after_change(now, conditions, results_expected=coming)
    assert mode in (now, ViewMode.NONE)
    if mode is not ViewMode.NONE and not coming:
        assert view_mode_problem(mode, conditions) is None


@pytest.mark.parametrize(
    ("mode", "conditions", "words"),
    [
        (ViewMode.TILE, ViewConditions(MAX_TILES + 1, SAME), "too small to compare"),
        (ViewMode.ONE, ViewConditions(1, None), "quantize an image first"),
        (ViewMode.SWIPE, ViewConditions(2, None), "has been removed"),
        (ViewMode.DIFFERENCE, ViewConditions(2, SAME, 3), "Difference needs the 2-D display"),
        (ViewMode.SWIPE, ViewConditions(2, ((4, 6), (4, 5))), "it is 4 × 6 now, the result 4 × 5"),
    ],
)
def test_why_not(mode, conditions, words):
    assert words in view_mode_problem(mode, conditions)
    assert view_mode_problem(ViewMode.NONE, conditions) is None
