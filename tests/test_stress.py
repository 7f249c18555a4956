"""The stress test: what happens to layers is recorded and done again, and how commands went is told."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_quantize.viewer.layers.compat import grid_of
from tools.stress.command_table import format_table, read_cells
from tools.stress.layer_events import LayerEventRecorder
from tools.stress.processes import ProcessResult
from tools.stress.replay import Replay


def use(viewer, qtbot):
    film = viewer.add_image(np.zeros((3, 4, 5)), name="film")
    photo = viewer.add_image(np.zeros((4, 5, 3), np.uint8), rgb=True)
    viewer.add_labels(np.zeros((4, 5), int), visible=False)
    viewer.layers.move(2, 0)
    qtbot.wait(20)
    viewer.layers.remove(film)
    viewer.layers.insert(1, film)
    photo.data = np.zeros((6, 7, 3), np.uint8)
    photo.visible = False
    grid_of(viewer).shape = (2, 2)
    grid_of(viewer).enabled = True
    viewer.dims.order = (1, 0, 2)
    viewer.dims.current_step = (0, 2, 0)
    viewer.dims.ndisplay = 3
    viewer.layers.selection = {film, photo}
    viewer.layers.remove_selected()
    viewer.layers.insert(0, film)


def shown_by(viewer):
    grid, dims = grid_of(viewer), viewer.dims
    layers = [(type(layer), layer.data.shape, layer.data.dtype, layer.visible) for layer in viewer.layers]
    return layers, grid.enabled, grid.shape, dims.ndim, dims.ndisplay, dims.order, dims.current_step


def test_what_was_recorded_is_done_again(tmp_path, qtbot):
    used, other = ViewerModel(), ViewerModel()
    recorder = LayerEventRecorder(used, tmp_path / "record")
    use(used, qtbot)
    lines = recorder.path.read_text().splitlines()
    replay = Replay(other)
    for line in lines:
        replay.do(line)
    assert shown_by(other) == shown_by(used)
    assert sum('"wait": 0' not in line for line in lines) == 2  # in two turns of the event loop


@pytest.mark.parametrize(
    ("code", "errors", "outcome"), [(-11, "", "crash"), (1, "Timeout (0:03:00)!", "hang"), (1, "ValueError", "dead")]
)
def test_the_last_command_is_what_ended_a_process(code, errors, outcome):
    cells = read_cells(ProcessResult(code, ["One\t", "One\tok", "napari says something", "Tile\t"], errors))
    assert cells == {"One": "ok", "Tile": outcome}


def test_the_table_has_a_row_for_each_command():
    columns = {"none": {"One": "off", "Swipe": "off"}, "run": {"One": "ok", "Swipe": "ok/off"}}
    assert format_table(columns) == "       none  run\nOne    off   ok\nSwipe  off   ok/off"
