"""Difference: the temporary layer holds result − source of the displayed slice."""

import threading

import numpy as np
import pytest
from compare_driver import KINDS, open_family, press_mode, temporary_layers
from driving import (
    GREY,
    RGB,
    column,
    compare_of,
    current_row,
    labels,
    names,
    open_dock,
    press,
    settle,
    shown,
    wait_for_threads,
)
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from slow_cases import slow_except

from napari_quantize import delta_e
from napari_quantize.viewer.compare import difference
from napari_quantize.viewer.compare.difference import limit_of
from napari_quantize.viewer.family.pair import Pair
from napari_quantize.viewer.layers.cache import invalidate


def wait_for_difference(widget, qtbot):
    """Wait until the difference was computed, and return its layer."""
    shows = compare_of(widget).difference
    qtbot.waitUntil(lambda: shows._layer is not None and not shows.busy)
    qtbot.wait(5)
    qtbot.waitUntil(lambda: not shows.busy)
    return shows._layer


def full_resolution(layer):
    return layer.data[0] if layer.multiscale else layer.data


@pytest.mark.parametrize("kind", slow_except(KINDS, "affine", "12 bits", "multiscale"))
def test_the_layer_holds_result_minus_source_with_symmetric_limits(kind, viewer, qtbot):
    widget, layer, [result] = open_family(viewer, qtbot, kind, "4")
    press_mode(widget, qtbot, "Difference")
    picture = wait_for_difference(widget, qtbot)
    assert shown(viewer) == ["Difference"]
    full = full_resolution(layer)
    error = result.data.astype(float) - full
    limit = limit_of(Pair(layer, result))
    for position in ((0, 0), (4, 5), (9, 2)):
        step = np.rint(layer.world_to_data(viewer.dims.point)).astype(int)
        at = (*step[:-2], *position)
        here = tuple(np.rint(picture.world_to_data(layer.data_to_world(at))).astype(int))
        if layer.rgb:
            white = 4095 if kind == "12 bits" else 255  # of the whole stack, in the dark plane too
            expected = delta_e(full[at][np.newaxis], result.data[at][np.newaxis], white=white).mean
            assert picture.data[here] == pytest.approx(expected, rel=1e-5)
        else:
            assert picture.data[here] == pytest.approx(error[at], rel=1e-6)
    assert picture.colorbar.visible
    if layer.rgb:
        assert picture.contrast_limits == [0, 20]
        np.testing.assert_allclose(picture.colormap.map([0.0])[0, :3], 0, atol=0.02)
    else:
        assert picture.contrast_limits == pytest.approx([-limit, limit])
        np.testing.assert_allclose(picture.colormap.map([0.5])[0, :3], 128 / 255, atol=0.01)
    assert any(": equal; " in text for text in labels(widget))


def check_differences_of_channels(viewer, widget, qtbot, layer, result):
    """Check that each channel shows its own difference around grey."""
    qtbot.waitUntil(lambda: wait_for_difference(widget, qtbot).rgb)
    picture = wait_for_difference(widget, qtbot)
    assert temporary_layers(viewer) == [picture]
    assert not picture.colorbar.visible
    error = (result.data - layer.data)[3, 4, :3]
    expected = np.clip(np.rint(error * 127 / limit_of(Pair(layer, result))), -127, 127) + 128
    assert abs(picture.data[3, 4].astype(int) - expected).max() <= 1
    assert any("what the result has more of" in text for text in labels(widget))


@pytest.mark.parametrize(("low", "high"), [(0, 1.01), (-0.01, 1), (0, 255)])
def test_floats_beyond_white_show_the_difference_of_each_channel(viewer, qtbot, low, high):
    layer = viewer.add_image(RGB / 199 * (high - low) + low, rgb=True)
    widget = open_dock(viewer, "4")
    [result] = press(qtbot, widget)
    press_mode(widget, qtbot, "Difference")
    check_differences_of_channels(viewer, widget, qtbot, layer, result)


def test_the_map_of_floats_ends_where_their_range_is_no_longer_known(viewer, qtbot):
    widget, layer, (_, result) = open_family(viewer, qtbot, "rgb floats")
    press_mode(widget, qtbot, "Difference")
    assert not wait_for_difference(widget, qtbot).rgb
    layer.data = layer.data / 3
    check_differences_of_channels(viewer, widget, qtbot, layer, result)


def test_the_map_of_floats_is_nan_where_they_are(viewer, qtbot):
    colors = RGB / np.float32(200)
    colors[2:4, 5, 1] = np.nan
    layer = viewer.add_image(colors, rgb=True)
    widget = open_dock(viewer, "4")
    press(qtbot, widget)
    press_mode(widget, qtbot, "Difference")
    picture = wait_for_difference(widget, qtbot)
    np.testing.assert_array_equal(np.isnan(picture.data), np.isnan(layer.data).any(axis=-1))


def test_the_displayed_slice_is_computed(viewer, qtbot):
    widget, layer, (_, result) = open_family(viewer, qtbot, "stack")
    press_mode(widget, qtbot, "Difference")
    wait_for_difference(widget, qtbot)
    for step in (2, 0):
        viewer.dims.set_point(0, step)
        picture = wait_for_difference(widget, qtbot)
        error = result.data[step].astype(int) - layer.data[step]
        np.testing.assert_array_equal(np.asarray(picture.data)[step], error)
    viewer.dims.order = (1, 2, 0)
    viewer.dims.set_point(1, 6)
    picture = wait_for_difference(widget, qtbot)
    np.testing.assert_array_equal(np.asarray(picture.data)[:, 6], result.data[:, 6].astype(int) - layer.data[:, 6])


def test_the_difference_goes_where_the_image_goes(viewer, qtbot):
    widget, layer, _ = open_family(viewer, qtbot, ks="4")
    press_mode(widget, qtbot, "Difference")
    picture = wait_for_difference(widget, qtbot)
    moves = {"scale": (2, 3), "translate": (30, -4), "rotate": 20, "shear": [0.3], "affine": np.diag([1, 2, 1])}
    for name, value in moves.items():
        setattr(layer, name, value)
        for corner in ((0, 0), (11, 15)):
            np.testing.assert_allclose(picture.data_to_world(corner), layer.data_to_world(corner))
    layer.units = ("µm", "µm")
    assert picture.units == layer.units
    assert wait_for_difference(widget, qtbot) is picture
    press_mode(widget, qtbot, "Difference")
    layer.scale = (1, 1)  # nothing is left that follows the image
    assert picture.scale.tolist() == [2, 3]


def test_a_stack_that_is_moved_shows_the_difference_of_another_slice(viewer, qtbot):
    widget, layer, (_, result) = open_family(viewer, qtbot, "stack")
    viewer.dims.set_point(0, 2)
    press_mode(widget, qtbot, "Difference")
    wait_for_difference(widget, qtbot)
    layer.translate = (1, 0, 0)
    picture = wait_for_difference(widget, qtbot)
    np.testing.assert_array_equal(np.asarray(picture.data)[1], result.data[1].astype(int) - layer.data[1])


def test_colours_of_the_other_byte_order_have_a_map(viewer, qtbot):
    viewer.add_image(RGB.astype(">u2"), rgb=True)
    widget = open_dock(viewer, "4")
    press(qtbot, widget)
    press_mode(widget, qtbot, "Difference")
    assert not wait_for_difference(widget, qtbot).rgb


def test_nan_stays_nan(viewer, qtbot):
    holes = GREY / 3.0
    holes[2:4, 5] = np.nan
    widget, layer, (_, result) = open_family(viewer, qtbot)
    layer.data, result.data = holes, np.round(holes)
    press_mode(widget, qtbot, "Difference")
    picture = wait_for_difference(widget, qtbot)
    np.testing.assert_array_equal(np.isnan(picture.data), np.isnan(holes))


def test_arrow_keys_choose_the_compared_result(viewer, qtbot):
    widget, layer, (two, four) = open_family(viewer, qtbot)
    press_mode(widget, qtbot, "Difference")
    np.testing.assert_array_equal(wait_for_difference(widget, qtbot).data, four.data.astype(int) - layer.data)
    table = widget._results_view.table
    QTest.keyClick(table, Qt.Key.Key_Up)
    assert viewer.layers.selection.active is two
    np.testing.assert_array_equal(wait_for_difference(widget, qtbot).data, two.data.astype(int) - layer.data)
    # The source has no difference of its own: what was compared stays.
    QTest.keyClick(table, Qt.Key.Key_Up)
    assert viewer.layers.selection.active is layer
    np.testing.assert_array_equal(wait_for_difference(widget, qtbot).data, two.data.astype(int) - layer.data)
    assert current_row(widget) == 0
    assert column(widget, 0) == ["source", "2", "4"]


def test_leaving_removes_the_difference_layer(viewer, qtbot):
    widget, _, _ = open_family(viewer, qtbot)
    before = names(viewer.layers)
    press_mode(widget, qtbot, "Difference")
    press_mode(widget, qtbot, "Difference")
    qtbot.wait(50)
    assert names(viewer.layers) == before
    press_mode(widget, qtbot, "Difference")
    wait_for_difference(widget, qtbot)
    press_mode(widget, qtbot, "Difference")
    assert names(viewer.layers) == before
    assert temporary_layers(viewer) == []


def test_pixels_written_in_place_update_the_difference(viewer, qtbot):
    widget, layer, (_, result) = open_family(viewer, qtbot)
    press_mode(widget, qtbot, "Difference")
    wait_for_difference(widget, qtbot)
    layer.data[3, 4] = 250
    # As the table finds out in the background after layer.refresh().
    invalidate(layer)
    widget._family_controller.table.source_changed.emit()
    qtbot.wait(20)
    np.testing.assert_array_equal(wait_for_difference(widget, qtbot).data, result.data.astype(int) - layer.data)


def test_a_late_difference_is_not_added_after_the_window_closed(make_napari_viewer, qtbot, monkeypatch):
    viewer, gate = make_napari_viewer(), threading.Event()
    widget, _, _ = open_family(viewer, qtbot)
    monkeypatch.setattr(difference, "_difference_picture", lambda *_, **__: gate.wait() and GREY)
    try:
        press_mode(widget, qtbot, "Difference")
        viewer.close()
        settle(qtbot)
    finally:
        gate.set()
    wait_for_threads(qtbot)
    assert temporary_layers(viewer) == []
