"""Docks work however they are opened, and are freed when they are closed."""

import gc
import weakref

import numpy as np
import pytest
from driving import GREY, RGB, captions, names, open_dock, open_dock_and_widget, press, settle, shown

from napari_quantize.viewer.layers.compat import grid_of
from napari_quantize.viewer.widget import QuantizeWidget


def dock_from_menu(viewer):
    widget = QuantizeWidget(viewer)
    return viewer.window.add_dock_widget(widget, name="from the menu"), widget


def dock_from_script(viewer):
    return open_dock_and_widget(viewer)


@pytest.mark.parametrize("opened", [dock_from_menu, dock_from_script])
def test_a_dock_opened_from_menu_or_script_works(opened, viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    _, widget = opened(viewer)
    widget.k_values.value = "2, 4"
    results = press(qtbot, widget)
    assert names(viewer.layers) == ["cells", "K=2 · cells", "K=4 · cells"]
    assert all(layer in viewer.layers for layer in results)
    viewer.layers.selection.active = results[0]
    assert widget.image.value is viewer.layers["cells"]


def test_a_dock_opened_over_results_shows_them(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    dock, widget = dock_from_script(viewer)
    press(qtbot, widget)
    text = widget.table_text
    dock.destroyOnClose()
    settle(qtbot)
    _, again = dock_from_script(viewer)
    assert again is not widget
    assert again.image.value.name == "cells"
    assert [line.split("\t")[0] for line in again.table_text.split("\n")] == [
        line.split("\t")[0] for line in text.split("\n")
    ]


def test_two_docks_in_one_viewer(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    photo = viewer.add_image(RGB, name="photo", rgb=True)
    _, first = dock_from_menu(viewer)
    second = open_dock(viewer, "2", tile=True)
    first.k_values.value = "3"
    assert (first.image.value, second.image.value) == (photo, photo)
    press(qtbot, first)
    press(qtbot, second)
    assert names(viewer.layers) == ["cells", "photo", "K=2 · photo", "K=3 · photo"]
    assert first.table_text == second.table_text
    viewer.layers.selection.active = viewer.layers["cells"]
    assert not grid_of(viewer).enabled
    assert captions() == []


@pytest.mark.slow
def test_two_viewers(make_napari_viewer, qtbot):
    viewers = [make_napari_viewer(), make_napari_viewer()]
    widgets = []
    for viewer, image in zip(viewers, (GREY, GREY // 2), strict=True):
        viewer.add_image(image, name="cells")
        widgets.append(open_dock(viewer, "2"))
    results = [press(qtbot, widget)[0] for widget in widgets]
    assert [names(viewer.layers) for viewer in viewers] == [["cells", "K=2 · cells"]] * 2
    assert not np.array_equal(results[0].data, results[1].data)


def test_closing_restores_the_view(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    viewer.add_points([[1, 1]], name="points")
    dock, widget = dock_from_script(viewer)
    viewer.layers.selection.active = viewer.layers["cells"]
    press(qtbot, widget)
    assert grid_of(viewer).enabled
    assert len(captions()) == 6  # the image and five results: of more than four, K=1 is left out
    dock.destroyOnClose()
    settle(qtbot)
    assert not grid_of(viewer).enabled
    assert captions() == []
    assert shown(viewer) == ["cells", "points"]


def test_a_dock_that_is_docked_again_listens_again(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    dock, widget = dock_from_script(viewer)
    dock.destroyOnClose()
    photo = viewer.add_image(RGB, name="photo", rgb=True)
    viewer.window.add_dock_widget(widget, name="again")
    settle(qtbot)
    assert widget.image.value is photo
    widget.k_values.value = "2"
    assert names(press(qtbot, widget)) == ["K=2 · photo"]


def count_listeners(viewer):
    layers = viewer.layers
    # napari's emitters forget the connections of what is gone when they next speak.
    viewer.add_points([[1, 1]])
    layers.move(0, 2)
    layers.move(0, 2)
    layers.pop()
    emitters = [
        layers.events,
        layers.events.inserted,
        layers.events.removed,
        layers.events.reordered,
        layers.selection.events.active,
        grid_of(viewer).events.enabled,
        viewer.events.theme,
    ]
    return [len(emitter.callbacks) for emitter in emitters]


def test_closed_docks_are_freed_with_their_listeners(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    refs = []

    def open_and_close(*, run):
        dock, widget = dock_from_script(viewer)
        widget.k_values.value = "2"
        if run:
            press(qtbot, widget)
        refs.append(weakref.ref(widget))
        refs.append(weakref.ref(widget.native))
        dock.destroyOnClose()

    open_and_close(run=True)
    settle(qtbot)
    gc.collect()
    before = count_listeners(viewer)
    for turn in range(6):
        open_and_close(run=turn % 3 == 0)
        settle(qtbot)
    gc.collect()
    assert [ref() for ref in refs if ref() is not None] == []
    assert count_listeners(viewer) == before
