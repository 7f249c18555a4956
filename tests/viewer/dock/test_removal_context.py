"""When napari deletes what it drew a layer with, the canvas's OpenGL context is current, whoever removes the layer."""

import pytest
from driving import GREY, button, menu_action, open_dock, press, settle
from qtpy.QtGui import QOpenGLContext
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from slow_cases import slow_except

from napari_quantize.viewer.widgets.canvas import ContextGuard, find_canvas


class ContextRecord:
    """For each removed layer: is the context of the canvas current?"""

    def __init__(self, viewer, widget):
        self._canvas = find_canvas(widget.native)
        self._emitter = viewer.layers.events.removed
        self.is_current = []

    def __enter__(self):
        self._emitter.connect(self._on_removed)
        return self.is_current

    def __exit__(self, *_):
        self._emitter.disconnect(self._on_removed)

    def _on_removed(self, _event):
        self.is_current.append(QOpenGLContext.currentContext() == self._canvas.context())


@pytest.fixture
def dock(window, qtbot):
    """A dock with two results in a window that was painted, which leaves the window's context current."""
    window.add_image(GREY, name="cells")
    widget = open_dock(window, tile=True)
    results = press(qtbot, widget)
    qtbot.wait(200)
    return widget, results


@pytest.mark.parametrize("how", slow_except(["script", "bin", "dock"], "bin"))
def test_the_context_of_the_canvas_is_current(how, dock, window, qtbot):
    widget, (two, four) = dock
    with ContextRecord(window, widget) as is_current:
        if how == "script":
            window.layers.remove(two)
            window.layers.remove(four)
        elif how == "bin":
            window.layers.selection = {two, four}
            window.layers.remove_selected()
        else:
            menu_action(widget, "Remove results").trigger()
            settle(qtbot)
    assert is_current == [True] * 2


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["Swipe", "Difference"])
def test_closing_the_dock_removes_temporary_layers_in_that_context(mode, dock, window, qtbot):
    widget, _ = dock
    button(widget, mode).click()
    qtbot.waitUntil(lambda: any(layer.name.startswith(mode) for layer in window.layers))
    qtbot.wait(200)
    with ContextRecord(window, widget) as is_current:
        window.window.remove_dock_widget("all")
        settle(qtbot)
    assert is_current
    assert all(is_current)


def test_results_can_be_removed_after_the_dock_was_closed(dock, window, qtbot):
    widget, (two, _) = dock
    with ContextRecord(window, widget) as is_current:
        window.window.remove_dock_widget("all")
        qtbot.wait(200)
        window.layers.remove(two)
    assert is_current == [True]


def test_each_canvas_has_one_guard(dock, window, qtbot):
    open_dock(window)
    qtbot.wait(50)
    assert len(find_canvas(dock[0].native).findChildren(ContextGuard)) == 1


def test_a_closed_window_has_no_context(make_napari_viewer, qtbot):
    viewer = make_napari_viewer(show=True)
    viewer.add_image(GREY, name="cells")
    canvas = find_canvas(open_dock(viewer).native)
    qtbot.waitUntil(lambda: canvas.findChild(ContextGuard) is not None)
    assert isinstance(canvas, QOpenGLWidget)
    viewer.close()
    settle(qtbot)
    viewer.layers.events.removing(index=0)
