"""Results become stale when the data of their source change, and not when equal data are set."""

import gc
import weakref

import numpy as np
import pytest
from driving import GREY, RGB, column, labels, open_dock, press, settle, table
from slow_cases import slow_except

from napari_quantize.viewer.layers.cache import cached_facts, cached_samples
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.measure.staleness import StalenessCheck, record_new_result


def changed(widget):
    return [text.endswith(" old") for text in column(widget, 0)[1:]]


def at_rest(widget):
    """Return whether no task is running."""
    return widget._family_controller.table._queue._current is None


def is_to_be_rechecked(widget):
    """Return whether the pixels of a source are to be compared again."""
    return widget._family_controller.table._rechecks != {}


def wait_for_rest(qtbot, widget):
    qtbot.waitUntil(lambda: at_rest(widget))


OTHERS = {
    "values": GREY + 1,
    "positions": GREY[::-1].copy(),
    "dtype": GREY.astype(np.uint16),
    "shape": GREY[:, :-1].copy(),
    "constant": np.full_like(GREY, 7),
    "nothing finite": GREY.astype(np.float32) * np.nan,
}


@pytest.mark.parametrize("what", slow_except(OTHERS, "positions", "shape", "nothing finite"))
def test_results_become_stale_when_the_source_gets_other_data(what, viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    wait_for_rest(qtbot, widget)
    assert changed(widget) == [False, False]
    source.data = OTHERS[what]
    qtbot.waitUntil(lambda: changed(widget) == [True, True])
    assert "quantize again" in table(widget).item(1, 0).toolTip()
    assert "“old”: the image has changed since" in labels(widget)


def test_equal_data_leave_results_up_to_date(viewer, qtbot):
    source = viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer, "2, 4")
    [two, _] = press(qtbot, widget)
    source.data = GREY.copy()
    wait_for_rest(qtbot, widget)
    assert changed(widget) == [False, False]
    assert cached_samples(source, provenance_of(two).codebook.request) is not None


def test_pixels_written_in_place_are_found_when_data_is_set(viewer, qtbot):
    source = viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    source.data[0] = 255
    source.data = source.data
    qtbot.waitUntil(lambda: changed(widget) == [True])


def test_pixels_written_in_place_are_found_after_refresh(viewer, qtbot):
    source = viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    source.visible = True  # napari does not draw what is hidden
    wait_for_rest(qtbot, widget)
    source.refresh()
    assert is_to_be_rechecked(widget)
    qtbot.waitUntil(lambda: not is_to_be_rechecked(widget))
    wait_for_rest(qtbot, widget)
    assert changed(widget) == [False, False]
    assert cached_facts(source) is not None
    source.data[:3] = 255
    source.refresh()
    qtbot.waitUntil(lambda: changed(widget) == [True, True])
    assert cached_facts(source) is None


def test_moving_sliders_and_hiding_start_no_recheck(viewer, qtbot):
    stack = np.arange(7 * 36, dtype=np.uint8).reshape(7, 6, 6)
    source = viewer.add_image(stack, name="film")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    source.visible = True
    wait_for_rest(qtbot, widget)
    for step in (0, 5):
        viewer.dims.set_current_step(0, step)
        assert not is_to_be_rechecked(widget)
    source.visible = False
    source.visible = True
    assert not is_to_be_rechecked(widget)
    source.refresh()
    assert is_to_be_rechecked(widget)


def test_a_dock_opened_later_finds_stale_results(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    viewer.window.remove_dock_widget(widget.native)
    others = GREY + 1
    source.data = others
    again = open_dock(viewer)
    qtbot.waitUntil(lambda: changed(again) == [True])


def test_quantizing_again_brings_a_result_up_to_date(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    source.data = GREY // 2
    qtbot.waitUntil(lambda: changed(widget) == [True, True])
    widget.k_values.value = "4"
    press(qtbot, widget)
    wait_for_rest(qtbot, widget)
    assert changed(widget) == [True, False]


def test_results_of_a_region_become_stale_with_any_new_data(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    region = viewer.add_labels(np.eye(12, 16, dtype=int), name="region")
    viewer.layers.selection.active = source
    widget = open_dock(viewer, "2")
    widget.learn_from.value = region
    press(qtbot, widget)
    wait_for_rest(qtbot, widget)
    assert changed(widget) == [False]
    source.data = GREY.copy()  # the region is not stored, so the samples cannot be counted again
    assert changed(widget) == [True]


def test_results_of_several_layers_become_stale_with_one_of_them(viewer, qtbot):
    first = viewer.add_image(GREY, name="a")
    second = viewer.add_image(GREY[::-1].copy(), name="b")
    viewer.layers.selection = [first, second]
    widget = open_dock(viewer, "3")
    widget.mode.value = "together"
    press(qtbot, widget)
    viewer.layers.selection.active = first
    wait_for_rest(qtbot, widget)
    assert changed(widget) == [False]
    second.data = GREY[::-1].copy()
    wait_for_rest(qtbot, widget)
    assert changed(widget) == [False]
    second.data = GREY // 3
    qtbot.waitUntil(lambda: changed(widget) == [True])
    viewer.layers.remove(second)
    wait_for_rest(qtbot, widget)
    assert table(widget).rowCount() == 2


def test_pixels_of_another_channel_written_in_place_are_found_after_refresh(viewer, qtbot):
    first, second = (viewer.add_image(data.copy(), name=name) for name, data in (("a", GREY), ("b", GREY[::-1])))
    viewer.layers.selection = [first, second]
    widget = open_dock(viewer, "3")
    widget.mode.value = "together"
    press(qtbot, widget)
    viewer.layers.selection.active = first
    first.visible = second.visible = True
    wait_for_rest(qtbot, widget)
    second.refresh()
    assert is_to_be_rechecked(widget)
    qtbot.waitUntil(lambda: not is_to_be_rechecked(widget))
    wait_for_rest(qtbot, widget)
    assert changed(widget) == [False]
    second.data[:3] = 255
    second.refresh()
    qtbot.waitUntil(lambda: changed(widget) == [True])
    assert cached_facts(first) is not None  # which is as it was


def test_a_check_of_a_result_that_was_replaced_meanwhile_tells_nothing(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    [layer] = press(qtbot, widget)
    source.data = GREY // 2
    late = StalenessCheck.of(layer, provenance_of(layer), [source])
    outcome = late.run(lambda: None)
    assert outcome[0]
    press(qtbot, widget)
    late.remember(outcome)
    check = StalenessCheck.of(layer, provenance_of(layer), [source])
    assert check.recall() is False
    assert check.identity != late.identity


def test_a_result_recorded_without_versions_has_to_be_compared(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    [layer] = press(qtbot, widget)
    record_new_result(layer, ())
    assert StalenessCheck.of(layer, provenance_of(layer), [source]).recall() is None


def test_stale_results_show_no_figures_but_their_size(viewer, qtbot):
    source = viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    wait_for_rest(qtbot, widget)
    before = column(widget, 2), column(widget, 3)
    assert not {"…", "–"} & {before[0][1], *before[1]}
    source.data = RGB // 64
    qtbot.waitUntil(lambda: changed(widget) == [True])
    wait_for_rest(qtbot, widget)
    assert column(widget, 2) == ["–", "–"]
    assert column(widget, 3)[1] == before[1][1]
    assert column(widget, 3)[0] != before[1][0]


def test_removed_layers_are_freed(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2")
    gone = weakref.ref(press(qtbot, widget)[0].data)
    wait_for_rest(qtbot, widget)
    for layer in list(viewer.layers):
        viewer.layers.remove(layer)
    del layer
    wait_for_rest(qtbot, widget)
    settle(qtbot)  # napari deletes its layer controls later
    gc.collect()
    assert gone() is None
