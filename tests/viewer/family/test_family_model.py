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


def activate(viewer, family, layer):
    """Select a layer in napari; the dock tells the model."""
    viewer.layers.selection.active = layer
    family.follow_active_layer()


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
    assert (family.source_id, family.source, family.results, family.members) == ("", None, [], [])
    assert (family.current, family.pair(), family.view_mode) == (None, None, ViewMode.NONE)
    assert family.snapshot().source is None


def test_results_ascend_in_k(family, results):
    assert [layer for layer, _ in family.results] == [results[2], results[8], results[16]]


def test_members_are_the_source_and_its_results_with_captions(viewer, family, source, results):
    other = viewer.add_image(GREY + 1, name="other")
    add_result(viewer, other, 4)
    assert family.members == [source, results[2], results[8], results[16]]


def test_tiles_are_in_the_order_of_the_layer_list_with_captions(family, source, results):
    assert list(family.tiles) == [source, results[16], results[2], results[8]]
    captions = list(family.tiles.values())
    assert captions[0] == "source"
    assert all(f"K={k} ·" in caption for k, caption in zip((16, 2, 8), captions[1:], strict=True))


def run(viewer, family, source, ks, **more):
    """Run and add results, as the controller of runs does."""
    family.begin_run(tile=True, new_ks=ks, **more)
    added = []
    for k in ks:
        added.append(add_result(viewer, source, k))
        family.show_added(added)
    family.end_run(added, adds=more.get("adds", False))
    return added


def test_tiles_show_the_last_run_and_what_is_to_stay(viewer, family, source, results):
    three, four = run(viewer, family, source, (3, 4))
    assert list(family.tiles) == [source, three, four]
    family.set_to_stay(str(three.unique_id), True)
    family.set_to_stay(str(results[16].unique_id), True)
    assert list(family.tiles) == [source, results[16], three, four]
    [five] = run(viewer, family, source, (5,))
    assert list(family.tiles) == [source, results[16], three, five]
    family.set_to_stay(str(three.unique_id), False)
    assert list(family.tiles) == [source, results[16], five]
    [six] = run(viewer, family, source, (6,), adds=True)
    assert list(family.tiles) == [source, results[16], five, six]
    for layer in (results[16], five, six):
        viewer.layers.remove(layer)
    assert list(family.tiles) == [source, results[2], results[8], three, four]  # what is left of earlier runs


def test_a_run_that_brings_nothing_leaves_the_tiles_as_they_were(viewer, family, source, results):
    made = run(viewer, family, source, (3, 4))
    family.begin_run(tile=True, new_ks=(5, 6))
    assert list(family.tiles) == [source]
    family.end_run([])
    assert list(family.tiles) == [source, *made]


def test_results_that_are_added_join_all_that_were_there_before(viewer, family, source, results):
    [three] = run(viewer, family, source, (3,), adds=True)
    assert list(family.tiles) == [source, results[16], results[2], results[8], three]


def test_a_replaced_result_is_among_the_tiles_from_the_start(family, source, results):
    family.begin_run(tile=True, new_ks=(), replaced=[str(results[8].unique_id)])
    assert list(family.tiles) == [source, results[8]]
    family.end_run([results[8]])
    assert list(family.tiles) == [source, results[8]]


@pytest.mark.parametrize(("ks", "shown"), [((1, 2, 4, 8), (1, 2, 4, 8)), ((1, 2, 4, 8, 16), (2, 4, 8, 16))])
def test_the_mean_is_left_out_of_more_than_four_results(viewer, source, ks, shown):
    family = Family(viewer)
    family.source_id = str(source.unique_id)
    displays = []
    family.display_changed.connect(displays.append)
    made = dict(zip(ks, run(viewer, family, source, ks), strict=True))
    assert list(family.tiles) == [source, *(made[k] for k in shown)]
    assert made[1] in family.members
    first = displays[1].tiles  # after the first result of the run
    assert (made[1] in first) == (1 in shown)
    assert {display.n_cells for display in displays[:-1]} == {len(shown) + 1}
    if 1 not in shown:
        family.set_to_stay(str(made[1].unique_id), True)
        assert made[1] in family.tiles


def test_a_removed_source_leaves_its_results(viewer, family, source, results):
    viewer.layers.remove(source)
    assert family.source is None
    assert family.members == [results[2], results[8], results[16]]
    assert family.pair() is None


def test_current_follows_the_active_layer(viewer, family, source, results):
    for layer in results.values():
        activate(viewer, family, layer)
        assert family.current[0] is layer
        assert family.row_id == str(layer.unique_id)
    activate(viewer, family, source)
    assert family.row_id == str(source.unique_id)
    assert family.current[0] is layer
    activate(viewer, family, viewer.add_points([[1, 1]]))
    assert family.row_id == str(source.unique_id)


def test_an_active_labels_layer_makes_its_result_current(viewer, family, results):
    labels = Labels(np.ones(GREY.shape, np.uint8))
    result_id = str(results[16].unique_id)
    LabelsProvenance(str(labels.unique_id), result_id, result_id, {}, "", []).write(labels)
    viewer.add_layer(labels)
    activate(viewer, family, labels)
    assert family.current[0] is results[16]


def test_before_any_choice_a_result_with_few_levels_is_current(viewer, family, source, results):
    activate(viewer, family, source)
    assert family.current[0] is results[8]
    viewer.layers.remove(results[8])
    viewer.layers.remove(results[2])
    assert family.current[0] is results[16]


def test_activate_makes_a_member_active_and_its_row_current(viewer, family, source, results):
    family.activate(str(results[2].unique_id))
    assert viewer.layers.selection.active is results[2]
    family.activate("no such layer")
    assert viewer.layers.selection.active is results[2]
    activate(viewer, family, source)
    family.end_run([results[16]])
    assert family.row_id == str(results[16].unique_id)
    family.activate(str(source.unique_id))  # which is napari's active layer already
    assert family.row_id == str(source.unique_id)


@pytest.mark.parametrize(("ks", "middle"), [((4,), 4), ((4, 6), 6), ((1, 4, 6), 4), ((1, 3, 4, 5, 6, 7), 5)])
def test_the_middle_result_of_a_run_is_current(viewer, family, source, results, ks, middle):
    activate(viewer, family, results[16])
    made = {k: add_result(viewer, source, k) for k in ks}
    family.end_run(list(made.values())[::-1])
    assert family.current[0] is made[middle]
    assert family.row_id == str(made[middle].unique_id)


def test_each_source_keeps_its_current_result(viewer, family, source, results):
    activate(viewer, family, results[2])
    other = viewer.add_image(GREY + 1, name="other")
    of_other = [add_result(viewer, other, k) for k in (3, 4, 5)]
    family.end_run(of_other)
    assert family.current[0] is results[2]
    family.source_id = str(other.unique_id)
    assert family.current[0] is of_other[1]
    family.source_id = str(source.unique_id)
    assert (family.current[0], family.row_id) == (results[2], str(results[2].unique_id))


def test_a_removed_current_result_gives_way_to_another(viewer, family, results):
    activate(viewer, family, results[16])
    viewer.layers.remove(results[16])
    assert family.row_id == str(family.current[0].unique_id) == str(results[8].unique_id)


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


def test_the_pair_is_the_source_and_the_current_result(viewer, family, source, results):
    activate(viewer, family, results[16])
    assert (family.pair().source, family.pair().result) == (source, results[16])
    family.view_mode = ViewMode.SWIPE
    activate(viewer, family, source)
    assert family.pair().result is results[16]
    activate(viewer, family, results[2])
    activate(viewer, family, source)
    assert family.pair().result is results[2]
    viewer.layers.remove(results[2])
    assert family.pair().result is results[8]


@pytest.mark.parametrize("mode", [ViewMode.SWIPE, ViewMode.DIFFERENCE, ViewMode.FLIP])
@pytest.mark.parametrize("before", [ViewMode.ONE, ViewMode.TILE, ViewMode.NONE])
def test_leaving_a_comparison_goes_back_to_the_mode_before(family, mode, before):
    if before is not ViewMode.NONE:
        family.view_mode = before
    for each in (ViewMode.DIFFERENCE, mode):
        family.view_mode = each
    family.toggle_view_mode(mode)
    assert family.view_mode is before


def test_leaving_a_comparison_goes_back_to_the_row_before(viewer, family, source, results):
    family.end_run([results[8]], show=False)
    for mode in (ViewMode.SWIPE, ViewMode.FLIP):
        family.toggle_view_mode(mode)
        activate(viewer, family, results[2])
        family.toggle_view_mode(mode)
        assert family.row_id == str(results[8].unique_id)
        assert family.current[0] is results[8]


@pytest.mark.parametrize("tile", [True, False])
def test_after_a_run_the_current_result_is_compared(viewer, source, tile):
    family = Family(viewer)
    family.source_id = str(source.unique_id)
    family.begin_run(tile=tile, new_ks=(1, 2, 4, 8, 16, 32))
    results = {}
    for k in (1, 2, 4, 8, 16, 32):
        results[k] = add_result(viewer, source, k)
        viewer.layers.selection.active = source
        family.show_added(list(results.values()))
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
    activate(viewer, family, results[2])
    assert shown == []
    family.view_mode = ViewMode.ONE
    activate(viewer, family, results[16])
    assert shown == [(results[2],), (results[16],)]


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
    family.begin_run(tile=True, new_ks=(4,))
    assert family.is_running
    new = add_result(viewer, source, 4)
    family.show_added([new])
    family.set_to_stay(str(new.unique_id), True)
    family.end_run([new])
    assert not family.is_running
    assert [(display.view_mode, display.n_cells) for display in displays] == [
        (ViewMode.TILE, 2),
        (ViewMode.TILE, 2),
        (ViewMode.TILE, 2),
        (ViewMode.TILE, 0),
    ]
    assert new in displays[-1].tiles


def test_a_run_leaves_no_room_among_the_tiles_of_another_image(viewer, family, source, results):
    other = viewer.add_image(GREY, name="others")
    add_result(viewer, other, 2)
    family.begin_run(tile=True, new_ks=(4, 8, 16))
    displays = []
    family.display_changed.connect(displays.append)
    family.source_id = str(other.unique_id)
    family.toggle_view_mode(ViewMode.TILE)
    assert [(display.view_mode, display.n_cells) for display in displays[-1:]] == [(ViewMode.TILE, 0)]


def test_too_many_members_are_not_tiled(family):
    family.begin_run(tile=True, new_ks=range(2, MAX_TILES + 2))
    assert family.view_mode is ViewMode.NONE


def test_a_run_shows_its_new_result_alone(viewer, family, source, results):
    displays = []
    family.display_changed.connect(displays.append)
    family.begin_run(tile=False, new_ks=(4,))
    new = add_result(viewer, source, 4)
    viewer.layers.selection.active = new
    family.end_run([new])
    assert [(display.view_mode, display.single) for display in displays] == [(ViewMode.ONE, (new,))]


def test_a_run_that_replaces_results_leaves_the_view_as_it_is(family, results, emitted):
    family.begin_run(tile=False, new_ks=())
    family.end_run([results[2]])
    assert family.view_mode is ViewMode.NONE
    assert emitted == ["changed", "changed"]
    assert family.current[0] is results[2]


def test_a_run_that_replaces_results_shows_its_middle_one_where_one_is_shown_alone(viewer, family, source, results):
    family.view_mode = ViewMode.ONE
    for layer in viewer.layers:
        layer.visible = layer is results[8]
    shown = []
    family.display_changed.connect(lambda display: shown.append(display.single))
    family.end_run([results[2]])
    assert shown == [(results[2],)]


def test_a_comparison_outlasts_a_run(viewer, family, source):
    family.view_mode = ViewMode.SWIPE
    family.begin_run(tile=False, new_ks=(4,))
    family.end_run([add_result(viewer, source, 4)])
    assert family.view_mode is ViewMode.SWIPE
