"""When napari deletes what it drew a layer with, the canvas's OpenGL context is current, whoever removes the layer."""

import pytest
from driving import GREY, open_dock, press
from qtpy.QtGui import QOpenGLContext

from napari_quantize.viewer.widgets.canvas import find_canvas


@pytest.mark.parametrize("how", ["script", "bin"])
def test_the_context_of_the_canvas_is_current(how, window, qtbot):
    is_current = []

    def record(_event):
        is_current.append(QOpenGLContext.currentContext() == find_canvas(widget.native).context())

    window.add_image(GREY, name="cells")
    widget = open_dock(window, tile=True)
    two, four = press(qtbot, widget)
    qtbot.wait(200)  # the canvas is painted, which leaves the window's context current
    window.layers.events.removed.connect(record)
    if how == "script":
        window.layers.remove(two)
        window.layers.remove(four)
    else:
        window.layers.selection = {two, four}
        window.layers.remove_selected()
    window.layers.events.removed.disconnect(record)
    assert is_current == [True] * 2
