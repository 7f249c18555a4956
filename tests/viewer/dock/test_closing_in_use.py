"""Closing a window or a dock, whatever it is doing, frees it and ends the threads."""

import gc
import threading
import time
import weakref

import pytest
from apply_driver import open_apply_dialog
from classes_driver import highlight_of, open_panel
from driving import (
    GREY,
    RGB,
    Gate,
    accordion_of,
    button,
    menu_action,
    open_dock,
    open_dock_and_widget,
    press,
    results_of,
    settle,
    wait_for_threads,
)
from qtpy.QtWidgets import QApplication
from slow_cases import slow_except
from steps_driver import panel_of

from napari_quantize.viewer.export.dialog import ExportDialog
from napari_quantize.viewer.layers.compat import grid_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.preview.row import TryRow

IMAGES = {"grey": (GREY, {}), "rgb": (RGB, {"rgb": True})}


def use_everything(widget):
    """Begin whatever has a thread of its own, and wait for none of it."""
    panels = accordion_of(widget)
    for panel, fold in panels.folds.items():
        if not fold.isHidden():
            panels.open(panel.name)
            QApplication.processEvents()
    menu_action(widget, "Python script").trigger()
    button(widget, "Make labels").click()
    button(widget, "Difference").click()


@pytest.mark.parametrize("kind", slow_except(IMAGES, "rgb"))
def test_closing_a_viewer_while_all_threads_run(kind, make_napari_viewer, qtbot):
    viewer = make_napari_viewer(show=True)
    image, options = IMAGES[kind]
    viewer.add_image(image, **options)
    widget = open_dock(viewer)
    press(qtbot, widget)
    use_everything(widget)
    viewer.close()
    settle(qtbot)
    wait_for_threads(qtbot)


@pytest.mark.slow
@pytest.mark.parametrize("kind", IMAGES)
def test_closing_a_dock_while_all_threads_run(kind, make_napari_viewer, qtbot):
    viewer = make_napari_viewer(show=True)
    image, options = IMAGES[kind]
    viewer.add_image(image, **options)
    press(qtbot, open_dock(viewer))
    refs = []

    def open_and_close():
        dock, widget = open_dock_and_widget(viewer)
        use_everything(widget)
        refs.extend(
            weakref.ref(each) for each in (widget, widget.native, widget._results_view, widget._family_controller)
        )
        dock.destroyOnClose()

    viewer.window.remove_dock_widget("all")
    settle(qtbot)
    open_and_close()
    settle(qtbot)
    wait_for_threads(qtbot)
    gc.collect()
    assert [ref() for ref in refs if ref() is not None] == []


def run(viewer, widget, qtbot, monkeypatch):
    gate = Gate()
    monkeypatch.setattr("napari_quantize.viewer.run.worker.sweep_request", gate.sweep_request)
    gate.let(1)
    widget.run.native.click()
    qtbot.waitUntil(lambda: len(results_of(viewer)) == 1)
    assert widget.busy


def preview(viewer, widget, qtbot, monkeypatch):
    widget.native.findChild(TryRow).check.click()
    qtbot.waitUntil(lambda: any(is_temporary(layer) for layer in viewer.layers))


def measure(viewer, widget, qtbot, monkeypatch):
    begun = threading.Event()

    def measure_for_ever(*_, tick, **__):
        begun.set()
        while True:
            tick()
            time.sleep(0.001)

    monkeypatch.setattr("napari_quantize.viewer.measure.slow_figures.delta_e", measure_for_ever)
    press(qtbot, widget)
    qtbot.waitUntil(begun.is_set)


def tile(viewer, widget, qtbot, monkeypatch):
    widget.tile.value = True
    press(qtbot, widget)
    assert grid_of(viewer).enabled


def swipe(viewer, widget, qtbot, monkeypatch):
    press(qtbot, widget)
    button(widget, "Swipe").click()
    assert [layer.name for layer in viewer.layers if layer.visible] == ["Swipe: source", "Swipe: result"]


def difference(viewer, widget, qtbot, monkeypatch):
    press(qtbot, widget)
    button(widget, "Difference").click()
    qtbot.waitUntil(lambda: any(is_temporary(layer) for layer in viewer.layers))


def flip(viewer, widget, qtbot, monkeypatch):
    press(qtbot, widget)
    button(widget, "Flip").click()


def highlight(viewer, widget, qtbot, monkeypatch):
    press(qtbot, widget)
    open_panel(widget, qtbot).table.toggled.emit(1)
    assert highlight_of(viewer) is not None


def play_steps(viewer, widget, qtbot, monkeypatch):
    press(qtbot, widget)
    accordion_of(widget).open("Show the steps")
    panel = panel_of(widget)
    qtbot.waitUntil(panel.play.isEnabled)
    panel.play.click()


def ask_what_to_export(viewer, widget, qtbot, monkeypatch):
    press(qtbot, widget)
    button(widget, "Export…").click()
    assert any(dialog.isVisible() for dialog in widget.native.findChildren(ExportDialog))


def ask_where_to_apply(viewer, widget, qtbot, monkeypatch):
    viewer.add_image(GREY[::-1].copy(), name="other")
    viewer.layers.selection.active = viewer.layers["image"]
    press(qtbot, widget)
    assert open_apply_dialog(widget) is not None


STATES = {
    "running": (run, "grey"),
    "previewing": (preview, "grey"),
    "measuring": (measure, "rgb"),
    "tiled": (tile, "grey"),
    "swiping": (swipe, "grey"),
    "difference": (difference, "grey"),
    "flipping": (flip, "grey"),
    "a class highlighted": (highlight, "grey"),
    "steps played": (play_steps, "grey"),
    "export dialog open": (ask_what_to_export, "rgb"),
    "apply dialog open": (ask_where_to_apply, "grey"),
}


@pytest.mark.parametrize("state", slow_except(STATES, "previewing", "swiping"))
def test_a_viewer_can_be_closed_in_any_state_of_the_dock(state, make_napari_viewer, qtbot, monkeypatch):
    viewer = make_napari_viewer(show=True)
    enter, kind = STATES[state]
    image, options = IMAGES[kind]
    viewer.add_image(image, name="image", **options)
    enter(viewer, open_dock(viewer, "2, 3"), qtbot, monkeypatch)
    viewer.close()
    settle(qtbot)
    wait_for_threads(qtbot)
