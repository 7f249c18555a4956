"""Colour images are quantized in the 2-D view: napari cannot add hidden ones in 3-D, nor remove them."""

import numpy as np
import pytest
from driving import GREY, RGB, names, open_dock, press
from napari.utils.notifications import notification_manager
from slow_cases import slow_except

from napari_quantize.viewer import messages


@pytest.fixture
def notifications():
    before = len(notification_manager.records)
    return lambda: notification_manager.records[before:]


@pytest.mark.parametrize("tile", slow_except([True, False], True))
def test_a_run_leaves_the_3d_view_with_a_note(tile, window, qtbot, notifications):
    window.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(window, tile=tile)
    window.dims.ndisplay = 3
    results = press(qtbot, widget)
    assert window.dims.ndisplay == 2
    assert widget.message.value.startswith(messages.LEFT_3D)
    assert list(window.layers)[1:] == results
    qtbot.wait(50)
    assert notifications() == []
    window.layers.clear()


def test_the_3d_view_entered_during_a_run(window, qtbot, gate, notifications):
    window.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(window)
    gate.let(1)
    widget.run.native.click()
    qtbot.waitUntil(lambda: len(window.layers) == 2)
    window.dims.ndisplay = 3
    with qtbot.waitSignal(widget.finished):
        gate.open()
    assert window.dims.ndisplay == 2
    assert widget.message.value.startswith(messages.LEFT_3D)
    assert notifications() == []
    window.layers.clear()


def test_grey_images_stay_in_3d(window, qtbot, notifications):
    window.add_image(np.stack([GREY, GREY]), name="cells")
    widget = open_dock(window)
    window.dims.ndisplay = 3
    widget.channel_axis.value = None
    press(qtbot, widget)
    assert window.dims.ndisplay == 3
    assert messages.LEFT_3D not in widget.message.value
    assert names(window.layers) == ["cells", "K=2 · cells", "K=4 · cells"]
    assert notifications() == []
