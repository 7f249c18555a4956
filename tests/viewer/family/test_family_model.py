"""The model of a family follows the viewer's layers, and emits only what has changed; without a window."""

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_quantize import sweep
from napari_quantize.viewer.family.model import Family
from napari_quantize.viewer.family.view_modes import MAX_TILES, ViewMode
from napari_quantize.viewer.layers.labels_provenance import LabelsProvenance
from napari_quantize.viewer.layers.provenance import Provenance

GREY = np.random.default_rng(0).integers(0, 200, (12, 16), dtype=np.uint8)


def add_result(viewer, source, k):
    """Add the layer that a run makes of `source`."""
    [result] = sweep(np.asarray(source.data), (k,))
    layer = Image(result.image, name=f"K={k} {source.name}")
    Provenance.of(result, str(source.unique_id), source.name, layer).write(layer)
    viewer.add_layer(layer)
    return layer


@pytest.fixture
def viewer():
    return ViewerModel()


@pytest.fixture
def source(viewer):
    return viewer.add_image(GREY, name="cells")


@pytest.fixture
def results(viewer, source):
    """Results whose order in the layer list is not that of K."""
    return {k: add_result(viewer, source, k) for k in (16, 2, 8)}


@pytest.fixture
def family(viewer, source, results):
    family = Family(viewer)
    family.source_id = str(source.unique_id)
    return family


@pytest.fixture
def emitted(family):
    """What the model emits from now on: the names of its signals, for `display_changed` the view mode."""
    events = []
    family.source_changed.connect(lambda now, before: events.append("source"))
    family.display_changed.connect(lambda display: events.append(display.view_mode))
    family.changed.connect(lambda: events.append("changed"))
    return events


def test_without_a_source_there_is_nothing(viewer, source, results):
    family = Family(viewer)
    assert (family.source_id, family.source, family.results, family.members) == ("", None, [], {})
    assert (family.current, family.pair(), family.view_mode) == (None, None, ViewMode.NONE)
    assert family.snapshot().source is None


def test_results_ascend_in_k(family, results):
    assert [layer for layer, _ in family.results] == [results[2], results[8], results[16]]


def test_members_are_the_source_and_its_results_with_captions(viewer, family, source, results):
    other = viewer.add_image(GREY + 1, name="other")
    add_result(viewer, other, 4)
    assert list(family.members) == [source, results[2], results[8], results[16]]
    captions = list(family.members.values())
    assert captions[0] == "source"
    assert all(f"K={k}" in caption for k, caption in zip((2, 8, 16), captions[1:], strict=True))


def test_a_removed_source_leaves_its_results(viewer, family, source, results):
    viewer.layers.remove(source)
    assert family.source is None
    assert list(family.members) == [results[2], results[8], results[16]]
    assert family.pair() is None


def test_current_follows_the_active_layer(viewer, family, source, results):
    for layer in results.values():
        viewer.layers.selection.active = layer
        assert family.current[0] is layer


def test_an_active_labels_layer_makes_its_result_current(viewer, family, results):
    labels = Labels(np.ones(GREY.shape, np.uint8))
    result_id = str(results[16].unique_id)
    LabelsProvenance(str(labels.unique_id), result_id, result_id, {}, "", []).write(labels)
    viewer.add_layer(labels)
    viewer.layers.selection.active = labels
    assert family.current[0] is results[16]


def test_while_no_result_is_active_one_with_few_levels_is_current(viewer, family, source, results):
    viewer.layers.selection.active = source
    assert family.current[0] is results[8]
    viewer.layers.remove(results[8])
    viewer.layers.remove(results[2])
    assert family.current[0] is results[16]


def test_activate_makes_a_member_active(viewer, family, results):
    family.activate(str(results[2].unique_id))
    assert viewer.layers.selection.active is results[2]
    family.activate("no such layer")
    assert viewer.layers.selection.active is results[2]


def test_setting_equal_values_emits_nothing(family, emitted):
    family.source_id = family.source_id
    family.view_mode = ViewMode.NONE
    family.leave_view_mode()
    family.leave_view_mode_if_impossible()
    family.release_canvas()
    assert emitted == []
    family.view_mode = ViewMode.SWIPE
    emitted.clear()
    family.view_mode = ViewMode.SWIPE
    family.leave_view_mode_if_impossible()
    assert emitted == []


def test_another_source_ends_the_view_mode_and_keeps_the_selection(viewer, family, emitted):
    displays = []
    family.view_mode = ViewMode.TILE
    family.display_changed.connect(displays.append)
    emitted.clear()
    other = viewer.add_image(GREY, name="other")
    family.source_id = str(other.unique_id)
    assert emitted == [ViewMode.NONE, "changed", "source"]
    assert family.view_mode is ViewMode.NONE
    assert [display.restores_selection for display in displays] == [False]


@pytest.mark.parametrize("mode", [ViewMode.ONE, ViewMode.TILE, ViewMode.SWIPE, ViewMode.DIFFERENCE, ViewMode.FLIP])
def test_a_view_mode_is_displayed_once_and_left_by_pressing_it_again(family, emitted, mode):
    family.toggle_view_mode(mode)
    assert (family.view_mode, family.note, emitted) == (mode, "", [mode, "changed"])
    family.toggle_view_mode(mode)
    assert family.view_mode is (ViewMode.ONE if mode is ViewMode.ONE else ViewMode.NONE)
    assert emitted[2:] == [family.view_mode, "changed"]


def test_an_impossible_view_mode_is_not_entered(viewer, family, source, emitted):
    viewer.layers.remove(source)
    family.view_mode = ViewMode.SWIPE
    assert family.view_mode is ViewMode.NONE
    assert family.note == "Swipe compares a result with its image, which has been removed."
    assert emitted == ["changed"]


def test_the_pair_is_the_active_result_else_the_one_compared_last(viewer, family, source, results):
    viewer.layers.selection.active = results[16]
    assert (family.pair().source, family.pair().result) == (source, results[16])
    family.view_mode = ViewMode.SWIPE
    viewer.layers.selection.active = source
    assert family.pair().result is results[16]
    viewer.layers.selection.active = results[2]
    family.follow_active_layer()
    viewer.layers.selection.active = source
    assert family.pair().result is results[2]
    viewer.layers.remove(results[2])
    assert family.pair().result is results[8]


def test_reading_the_pair_changes_nothing(viewer, family, source, results):
    viewer.layers.selection.active = results[16]
    assert family.pair().result is results[16]
    viewer.layers.selection.active = source
    assert family.pair().result is family.current[0] is results[8]


@pytest.mark.parametrize("tile", [True, False])
def test_after_a_run_the_current_result_is_compared(viewer, source, tile):
    family = Family(viewer)
    family.source_id = str(source.unique_id)
    family.begin_run(tile=tile, n_cells=7)
    results = {}
    for k in (1, 2, 4, 8, 16, 32):
        results[k] = add_result(viewer, source, k)
        viewer.layers.selection.active = source
        family.show_added()
    family.end_run(list(results.values()))
    pairs = []
    family.display_changed.connect(lambda display: pairs.append(display.pair))
    for mode in (ViewMode.SWIPE, ViewMode.DIFFERENCE, ViewMode.FLIP):
        family.view_mode = mode
    assert family.current[0] is results[8]
    assert [pair.result for pair in pairs] == [results[8]] * 3


def test_one_at_a_time_follows_the_active_layer(viewer, family, results, emitted):
    shown = []
    family.display_changed.connect(lambda display: shown.append(display.single))
    viewer.layers.selection.active = results[2]
    family.follow_active_layer()
    assert shown == []
    family.view_mode = ViewMode.ONE
    viewer.layers.selection.active = results[16]
    family.follow_active_layer()
    assert shown == [results[2], results[16]]


def test_leaving_sets_the_note(family, emitted):
    family.view_mode = ViewMode.FLIP
    family.leave_view_mode("It is broken.")
    assert (family.view_mode, family.note) == (ViewMode.NONE, "It is broken.")


def test_a_view_mode_is_left_when_its_layers_are_gone(family, emitted):
    family.view_mode = ViewMode.DIFFERENCE
    family.leave_view_mode_if_impossible(is_intact=False)
    assert family.view_mode is ViewMode.NONE


@pytest.mark.parametrize(
    ("mode", "after"), [(ViewMode.ONE, ViewMode.ONE), (ViewMode.TILE, ViewMode.NONE), (ViewMode.SWIPE, ViewMode.NONE)]
)
def test_release_canvas_leaves_modes_with_a_view_of_their_own(family, mode, after):
    family.view_mode = mode
    family.release_canvas()
    assert family.view_mode is after


def test_a_run_leaves_room_for_coming_tiles(viewer, family, source, results):
    displays = []
    family.display_changed.connect(displays.append)
    family.begin_run(tile=True, n_cells=5)
    assert family.is_running
    new = add_result(viewer, source, 4)
    family.show_added()
    family.end_run([new])
    assert not family.is_running
    assert [(display.view_mode, display.n_cells) for display in displays] == [
        (ViewMode.TILE, 5),
        (ViewMode.TILE, 5),
        (ViewMode.TILE, 0),
    ]
    assert new in displays[-1].members


def test_too_many_members_are_not_tiled(family):
    family.begin_run(tile=True, n_cells=MAX_TILES + 1)
    assert family.view_mode is ViewMode.NONE


def test_a_run_shows_its_new_result_alone(viewer, family, source, results):
    displays = []
    family.display_changed.connect(displays.append)
    family.begin_run(tile=False, n_cells=5)
    new = add_result(viewer, source, 4)
    viewer.layers.selection.active = new
    family.end_run([new])
    assert [(display.view_mode, display.single) for display in displays] == [(ViewMode.ONE, new)]


def test_a_run_that_replaces_results_leaves_the_view_as_it_is(family, results, emitted):
    family.begin_run(tile=False, n_cells=4)
    family.end_run([results[2]])
    assert family.view_mode is ViewMode.NONE
    assert emitted == ["changed", "changed"]


def test_a_comparison_outlasts_a_run(viewer, family, source):
    family.view_mode = ViewMode.SWIPE
    family.begin_run(tile=False, n_cells=5)
    family.end_run([add_result(viewer, source, 4)])
    assert family.view_mode is ViewMode.SWIPE
