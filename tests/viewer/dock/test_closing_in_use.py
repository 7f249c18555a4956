"""Closing a window or a dock while all its threads run frees it and ends the threads."""

import gc
import threading
import weakref

import pytest
from driving import GREY, RGB, TIMEOUT_MS, button, menu_action, open_dock, press, settle
from qtpy.QtWidgets import QApplication

IMAGES = {"grey": (GREY, {}), "rgb": (RGB, {"rgb": True})}


def use_everything(widget):
    """Begin whatever has a thread of its own, and wait for none of it."""
    panels = widget._results_view.panels
    for panel, fold in panels.folds.items():
        if not fold.isHidden():
            panels.open(panel.name)
            QApplication.processEvents()
    menu_action(widget, "Python script").trigger()
    button(widget, "Make labels").click()
    button(widget, "Difference").click()


def wait_for_threads(qtbot):
    def gone():
        return not [thread for thread in threading.enumerate() if thread.name.startswith("napari-quantize")]

    qtbot.waitUntil(gone, timeout=TIMEOUT_MS)
    settle(qtbot)


@pytest.mark.parametrize("kind", IMAGES)
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


@pytest.mark.parametrize("kind", IMAGES)
def test_closing_a_dock_while_all_threads_run(kind, make_napari_viewer, qtbot):
    viewer = make_napari_viewer(show=True)
    image, options = IMAGES[kind]
    viewer.add_image(image, **options)
    press(qtbot, open_dock(viewer))
    refs = []

    def open_and_close():
        dock, widget = viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
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
