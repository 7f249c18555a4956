"""Layers that the user removes are freed with their pixels, whatever the dock has shown of them."""

import gc
import weakref
from contextlib import suppress

import numpy as np
import pytest
from driving import GREY, accordion_of, button, menu_action, open_dock, press, settle
from slow_cases import slow_except

from napari_quantize.viewer.export.dialog import ExportDialog
from napari_quantize.viewer.widgets.question import Question


@pytest.fixture
def viewer(make_napari_viewer):
    """A viewer of the test's own: one that other tests have used can hold the last event of its selection."""
    return make_napari_viewer()


def remove(viewer, layers):
    """Remove layers, and return weak references to them and their data."""
    refs = [weakref.ref(each) for layer in layers for each in (layer, layer.data)]
    for layer in layers:
        viewer.layers.remove(layer)
    return refs


def still_alive(qtbot, refs):
    """Return what is still alive when all that was computed of it in threads has been dropped."""

    def alive():
        settle(qtbot)
        gc.collect()
        return [ref() for ref in refs if ref() is not None]

    with suppress(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: not alive())
    return alive()


@pytest.mark.parametrize(
    ("panel", "with_source"),
    slow_except(
        [("Histogram", False), ("Classes", False), ("How many are enough?", False), ("Show the steps", True)],
        ("Show the steps", True),
    ),
)
def test_removed_results_that_a_panel_has_shown_are_freed(panel, with_source, viewer, qtbot):
    cells = viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer)
    results = press(qtbot, widget)
    for name in (panel, "Histogram" if panel == "Classes" else "Classes", panel):
        accordion_of(widget).open(name)
        settle(qtbot)
    refs = remove(viewer, [*results, cells] if with_source else results)
    del results, cells
    assert still_alive(qtbot, refs) == []


@pytest.mark.parametrize("what", slow_except(["run", "close"], "run"))
def test_removed_results_are_freed_when_undo_is_no_longer_possible(what, viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    refs = [weakref.ref(layer) for layer in press(qtbot, widget)]
    menu_action(widget, "Remove results").trigger()
    settle(qtbot)
    assert all(ref() is not None for ref in refs)
    if what == "run":
        press(qtbot, widget)
        assert not button(widget, "Undo").isVisibleTo(widget.native)
    else:
        viewer.window.remove_dock_widget("all")
    assert still_alive(qtbot, refs) == []


def test_layers_removed_while_tiled_are_freed(viewer, qtbot):
    viewer.add_image(GREY.copy(), name="other")
    viewer.add_image(GREY.copy(), name="cells")
    results = press(qtbot, open_dock(viewer, "2, 3, 4", tile=True))
    refs = remove(viewer, [viewer.layers["other"], results.pop(0)])
    del results
    assert still_alive(qtbot, refs) == []


@pytest.mark.slow
def test_removed_results_that_were_exported_are_freed(viewer, qtbot, tmp_path):
    (tmp_path / "cells_k2.indexed.png").write_text("old")
    viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer, "2, 3")
    results = press(qtbot, widget)
    button(widget, "Export…").click()
    [dialog] = widget.native.findChildren(ExportDialog)
    dialog.folder.setText(str(tmp_path))
    qtbot.waitUntil(dialog.export.isEnabled)
    dialog.export.click()
    dialog.findChild(Question).all.click()
    qtbot.waitUntil(lambda message=widget.message: message.value.startswith("Saved 2 files"))
    del dialog
    refs = remove(viewer, results)
    del results
    assert still_alive(qtbot, refs) == []
    kept = weakref.ref(widget)
    viewer.window.remove_dock_widget(widget.native)
    del widget
    assert still_alive(qtbot, [kept]) == []


def test_other_layers_are_freed_while_removed_results_can_be_put_back(viewer, qtbot):
    below = viewer.add_image(GREY.copy(), name="below")
    cells = viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer)
    press(qtbot, widget)
    menu_action(widget, "Remove results").trigger()
    settle(qtbot)
    assert button(widget, "Undo").isVisibleTo(widget.native)
    refs = remove(viewer, [below, cells])
    del below, cells
    assert still_alive(qtbot, refs) == []


def test_results_that_are_removed_while_a_question_about_them_is_open_are_freed(viewer, qtbot):
    viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer)
    results = press(qtbot, widget)
    results[0].name = "the best"
    menu_action(widget, "Remove results").trigger()
    refs = remove(viewer, results)
    del results
    assert still_alive(qtbot, refs) == []


def test_an_image_is_freed_whose_run_did_not_start(viewer, qtbot):
    viewer.add_image(np.stack([GREY, GREY // 2, GREY // 3]), name="channels or slices?")
    widget = open_dock(viewer)
    widget._run_launcher.make_result(3)  # the dock still asks what the first axis is
    assert not widget.busy
    refs = remove(viewer, list(viewer.layers))
    assert still_alive(qtbot, refs) == []
