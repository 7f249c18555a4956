"""The queue of measurements: tasks run one after the other, and a failing task does not stop it."""

import threading
from dataclasses import dataclass

import numpy as np
import pytest
from driving import RGB, open_dock, press, settle
from qtpy.QtCore import QObject

from napari_quantize.viewer.measure.queue import MeasurementQueue
from napari_quantize.viewer.measure.slow_figures import FigureTask


@dataclass(eq=False)
class Number:
    """A task that counts its runs and stores its result."""

    identity: int
    error: Exception | None = None
    runs: int = 0
    outcome: int | None = None

    def run(self, tick):
        tick()
        self.runs += 1
        if self.error is not None:
            raise self.error
        return self.identity

    def remember(self, outcome):
        self.outcome = outcome


@pytest.fixture
def measuring(qtbot):
    parent = QObject()
    measuring = MeasurementQueue(parent)
    yield measuring
    measuring.close()


@pytest.mark.parametrize("error", [ValueError("no planes"), MemoryError("too large")])
def test_a_failing_task_does_not_stop_the_queue(error, measuring, qtbot, monkeypatch):
    from napari.utils.notifications import notification_manager

    monkeypatch.setattr(notification_manager, "receive_error", lambda *_: None)
    tasks = [Number(0), Number(1, error), Number(2)]
    measuring.set_tasks(tasks)
    qtbot.waitUntil(lambda: tasks[2].outcome == 2)
    assert [task.outcome for task in tasks] == [0, None, 2]
    # The failed task does not run again while it stays in the queue; it does once it is put there anew.
    more = Number(3)
    measuring.set_tasks([tasks[1], more])
    qtbot.waitUntil(lambda: more.outcome == 3)
    assert tasks[1].runs == 1
    measuring.set_tasks([])
    measuring.set_tasks([tasks[1]])
    qtbot.waitUntil(lambda: tasks[1].runs == 2)


def test_closing_the_dock_stops_the_queue(viewer, qtbot, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(FigureTask, "run", lambda *_: gate.wait())
    viewer.add_image(np.ascontiguousarray(RGB), name="photo", rgb=True)
    widget = open_dock(viewer, "2, 4", tile=True)
    press(qtbot, widget)
    measuring = widget._family_controller.table._queue
    qtbot.waitUntil(lambda: measuring._current is not None)
    viewer.window.remove_dock_widget(widget.native)
    state = measuring._current, measuring._background.busy
    gate.set()
    settle(qtbot)
    assert state == (None, False)
