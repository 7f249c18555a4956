"""*Remove results* asks where the user has chosen a result, says how, removes hidden layers, and can be undone."""

from itertools import product

import numpy as np
import pytest
from driving import (
    GREY,
    RGB,
    button,
    captions,
    column,
    find_panel,
    labels,
    menu_action,
    names,
    open_dock,
    press,
    settle,
    shown,
)
from napari.layers import Image
from qtpy.compat import isalive
from slow_cases import slow_except

from napari_quantize import sweep
from napari_quantize.core.classes.edited_levels import move_border
from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.layers.cache import cached_samples
from napari_quantize.viewer.layers.compat import grid_of
from napari_quantize.viewer.layers.provenance import Provenance, provenance_of
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.widgets.question import Question

CHOSEN = {
    "renamed": "“the best” was renamed",
    "edited": "“K=2 edited · cells” has borders that were dragged",
    "added": "“K=7 · cells” was added by Try",
}


def remove_results(widget, qtbot):
    menu_action(widget, "Remove results").trigger()
    settle(qtbot)


def undo(widget, qtbot):
    button(widget, "Undo").click()
    settle(qtbot)


def can_undo(widget):
    return button(widget, "Undo").isVisibleTo(widget.native)


def question(widget):
    [box] = [box for box in widget.native.findChildren(Question) if box.isVisible()]
    return box


def answer(box, which, qtbot):
    """Press a button of the question, and wait until it is gone and what it asked about is done."""
    which.click()
    qtbot.waitUntil(lambda: not isalive(box))
    settle(qtbot)


def state(viewer):
    """Return what the user sees of the layers, from the bottom of the list."""
    return [(layer.name, layer.visible, layer.data.tobytes(), dict(layer.metadata)) for layer in viewer.layers]


@pytest.fixture(params=slow_except(["grey", "grey, tiled", "rgb, tiled"], "grey, tiled"))
def family(request, viewer, qtbot):
    kind, _, tiled = request.param.partition(", ")
    viewer.add_image(GREY, name="below")
    image = viewer.add_image(GREY if kind == "grey" else RGB, name="cells", rgb=kind == "rgb")
    widget = open_dock(viewer, "2, 4, 8", tile=bool(tiled))
    results = press(qtbot, widget)
    viewer.add_image(GREY, name="above")
    viewer.layers.move(viewer.layers.index("above"), viewer.layers.index(results[1]))
    viewer.layers.selection.active = image
    return widget, image, results


def test_undo_puts_everything_back(family, viewer, qtbot):
    widget, image, results = family
    before, mode, table = state(viewer), widget._family.view_mode, column(widget, 0)
    remove_results(widget, qtbot)
    assert names(viewer.layers) == ["below", "cells", "above"]
    assert any("Removed 3 results of “cells”" in text for text in labels(widget))
    undo(widget, qtbot)
    assert state(viewer) == before
    assert widget._family.view_mode is mode
    assert column(widget, 0) == table
    assert [layer for layer in viewer.layers if layer in results] == results
    assert not can_undo(widget)
    if not image.rgb:
        image.contrast_limits = (10, 20)
        assert [layer.contrast_limits for layer in results] == [[10, 20]] * 3


def test_undo_shows_the_results_as_the_image_is_shown_now(viewer, qtbot):
    image = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    two, four = press(qtbot, widget)
    viewer.layers.unlink_layers([image, two, four])
    two.colormap = "green"
    remove_results(widget, qtbot)
    image.contrast_limits, image.gamma, image.colormap = (10, 20), 0.5, "magma"
    undo(widget, qtbot)
    assert (four.contrast_limits, four.gamma, four.colormap.name) == ([10, 20], 0.5, "magma")
    assert two.colormap.name == "green"  # the user has shown it so


def test_undo_puts_the_results_where_the_image_is_now(viewer, qtbot):
    image = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    two, four = press(qtbot, widget)
    two.translate = (0.0, 50.0)  # the user has put it there
    remove_results(widget, qtbot)
    image.scale = (0.5, 0.25)
    undo(widget, qtbot)
    assert four.scale.tolist() == [0.5, 0.25]
    assert (two.scale.tolist(), two.translate.tolist()) == ([1, 1], [0, 50])
    image.scale = (2.0, 2.0)
    assert four.scale.tolist() == [2, 2]


def test_locked_results_are_asked_about(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    two, _ = press(qtbot, widget)
    two.locked = True  # an attribute like any other before napari 0.9
    remove_results(widget, qtbot)
    assert "“K=2 · cells” is locked" in question(widget).text()
    answer(question(widget), question(widget).others, qtbot)
    assert names(viewer.layers) == ["cells", "K=2 · cells"]


def test_undo_is_offered_when_the_layers_are_gone(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    menu_action(widget, "Remove results").trigger()
    assert not can_undo(widget)
    qtbot.waitUntil(lambda: can_undo(widget))
    assert names(viewer.layers) == ["cells"]


def test_undo_tiles_again(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, tile=True)
    press(qtbot, widget)
    before = captions()
    remove_results(widget, qtbot)
    assert (grid_of(window).enabled, captions(), shown(window)) == (False, [], ["cells"])
    undo(widget, qtbot)
    assert (grid_of(window).enabled, captions()) == (True, before)


@pytest.mark.parametrize(
    ("tile", "when"),
    slow_except(
        [(True, "before the run"), (True, "after the run"), (False, "before the run")], (True, "after the run")
    ),
)
def test_the_user_s_own_grid_stays_on(tile, when, window, qtbot):
    grid = grid_of(window)
    window.add_image(GREY, name="below")
    window.add_image(GREY, name="cells")
    widget = open_dock(window, tile=tile)
    if when == "after the run":
        press(qtbot, widget)
        widget._family.leave_view_mode()
    grid.enabled, grid.shape, grid.stride = True, (1, -1), -1
    if when == "before the run":
        press(qtbot, widget)
    remove_results(widget, qtbot)
    assert (grid.enabled, grid.shape, grid.stride) == (True, (1, -1), -1)
    assert shown(window) == ["below", "cells"]
    undo(widget, qtbot)
    remove_results(widget, qtbot)
    assert (grid.enabled, grid.shape, grid.stride) == (True, (1, -1), -1)
    assert names(window.layers) == shown(window) == ["below", "cells"]


def test_undo_leaves_a_view_mode_first(viewer, qtbot):
    cells = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    two, four = press(qtbot, widget)
    four.name = "the best"
    widget._family.leave_view_mode()
    cells.visible, two.visible, four.visible = False, True, False
    before = state(viewer)
    remove_results(widget, qtbot)
    box = question(widget)
    answer(box, box.others, qtbot)
    button(widget, "Tile").click()
    undo(widget, qtbot)
    assert state(viewer) == before
    assert (widget._family.view_mode, grid_of(viewer).enabled) == (ViewMode.NONE, False)


def test_undo_shows_another_image_as_before(window, qtbot):
    cells = window.add_image(GREY, name="cells")
    widget = open_dock(window)
    press(qtbot, widget)
    remove_results(widget, qtbot)
    other = window.add_image(GREY[::-1], name="others")
    window.layers.selection.active = other
    [made] = sweep(other.data, (2,))
    result = Image(made.image, name="K=2 · others")
    Provenance.of(made, str(other.unique_id), other.name, result).write(result)
    window.add_layer(result)
    settle(qtbot)
    button(widget, "Tile").click()
    before = captions()
    assert before
    undo(widget, qtbot)
    assert (widget._family.view_mode, captions()) == (ViewMode.TILE, before)
    assert result.visible
    assert not cells.visible


def test_layers_are_hidden_and_the_grid_is_left_a_turn_before_they_are_removed(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, tile=True)
    results = press(qtbot, widget)
    seen = []

    def record(event):
        seen.append((grid_of(window).enabled, [layer.visible for layer in results if layer in window.layers]))

    window.layers.events.removing.connect(record)
    menu_action(widget, "Remove results").trigger()
    assert seen == []
    settle(qtbot)
    window.layers.events.removing.disconnect(record)
    assert seen == [(False, [False, False]), (False, [False])]


@pytest.mark.parametrize(
    ("how", "which"),
    slow_except(
        product(CHOSEN, ["all", "others", "cancel"]), ("added", "all"), ("edited", "others"), ("renamed", "cancel")
    ),
)
def test_a_question_where_a_result_was_added_by_try_edited_or_renamed(how, which, viewer, qtbot):
    cells = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    two, four = press(qtbot, widget)
    if how == "renamed":
        four.name = "the best"
        chosen = four
    elif how == "edited":
        codebook = provenance_of(two).codebook
        [samples] = cached_samples(cells, codebook.request)
        with qtbot.waitSignal(widget.finished) as ended:
            find_panel(widget, "Histogram").codebook_edited.emit(move_border(codebook, samples, 0, 0, 90.0))
        [chosen] = ended.args[0]
    else:
        row = widget.native.findChild(TryRow)
        row.number.setValue(7)  # switches *Try* on
        with qtbot.waitSignal(widget.finished) as ended:
            qtbot.waitUntil(row.add.isEnabled)
            row.add.click()
        [chosen] = ended.args[0]
        row.check.click()
    remove_results(widget, qtbot)
    assert two in viewer.layers
    box = question(widget)
    assert box.text() == f"1 of {2 if how == 'renamed' else 3} results may be worth keeping:\n{CHOSEN[how]}"
    answer(box, {"all": box.all, "others": box.others, "cancel": box.escapeButton()}[which], qtbot)
    left = {"all": [], "others": [chosen], "cancel": [two, four] if how == "renamed" else [two, four, chosen]}[which]
    assert set(viewer.layers) == {cells, *left}
    assert can_undo(widget) == (which != "cancel")


def test_the_question_is_gone_before_anything_is_removed(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window)
    _, four = press(qtbot, widget)
    four.name = "the best"
    remove_results(widget, qtbot)
    box = question(widget)
    seen = []
    box.answered.connect(lambda _: seen.append(box.isVisible()))
    answer(box, box.all, qtbot)
    assert seen == [False]
    assert names(window.layers) == ["cells"]


def test_all_results_are_removed_in_one_batch(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "2, 4, 8")
    press(qtbot, widget)
    emitters, seen = window.layers.events.emitters, []
    expected = ["begin_batch", "removed", "removed", "removed", "end_batch"]
    expected = [name for name in expected if name in emitters]  # napari has no batches before 0.9
    record = {name: lambda _, name=name: seen.append(name) for name in expected}
    for name, callback in record.items():
        emitters[name].connect(callback)
    remove_results(widget, qtbot)
    for name, callback in record.items():
        emitters[name].disconnect(callback)
    assert seen == expected


def test_a_name_that_napari_has_numbered_is_not_renamed(viewer, qtbot):
    viewer.add_image(GREY, name="K=2 · cells")
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    remove_results(widget, qtbot)
    assert names(viewer.layers) == ["K=2 · cells", "cells"]


def test_undo_where_other_layers_have_come_and_gone(viewer, qtbot):
    cells = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    two, _ = press(qtbot, widget)
    remove_results(widget, qtbot)
    viewer.add_image(GREY, name=two.name)
    viewer.add_image(GREY, name="photo")
    viewer.layers.remove(cells)
    undo(widget, qtbot)
    assert names(viewer.layers) == ["K=2 · cells [1]", "K=4 · cells", "K=2 · cells", "photo"]


def test_removing_during_a_run_waits_for_its_end(viewer, qtbot, gate):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    gate.let(1)
    widget.run.native.click()
    qtbot.waitUntil(lambda: len(viewer.layers) == 2)
    remove_results(widget, qtbot)
    assert len(viewer.layers) == 2
    with qtbot.waitSignal(widget.finished):
        gate.open()
    assert len(viewer.layers) == 3


def test_something_stays_visible(viewer, qtbot):
    cells = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    two, _ = press(qtbot, widget)
    widget._family.leave_view_mode()
    cells.visible, two.visible = False, True
    before = shown(viewer)
    remove_results(widget, qtbot)
    assert shown(viewer) == ["cells"]
    undo(widget, qtbot)
    assert shown(viewer) == before


def test_undo_in_the_3d_view_leaves_it_for_colours(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer)
    results = press(qtbot, widget)
    remove_results(widget, qtbot)
    viewer.dims.ndisplay = 3
    undo(widget, qtbot)
    assert viewer.dims.ndisplay == 2
    assert list(viewer.layers)[1:] == results
    assert widget._family.view_mode is ViewMode.ONE
    np.testing.assert_array_equal(viewer.layers[0].data, RGB)
