"""What is measured in the background: one thing after the other, and nothing stops the next."""

import threading
from dataclasses import dataclass

import numpy as np
import pytest
from driving import RGB, open_dock, press, settle
from qtpy.QtCore import QObject

from napari_quantize.viewer.measure.queue import Measuring
from napari_quantize.viewer.measure.slow_figures import Measure


@dataclass(eq=False)
class Number:
    """A task that is told what comes of it."""

    identity: int
    error: Exception | None = None
    taken: int = 0
    outcome: int | None = None

    def take(self, tick):
        tick()
        self.taken += 1
        if self.error is not None:
            raise self.error
        return self.identity

    def remember(self, outcome):
        self.outcome = outcome


@pytest.fixture
def measuring(qtbot):
    parent = QObject()
    measuring = Measuring(parent)
    yield measuring
    measuring.close()


@pytest.mark.parametrize("error", [ValueError("no planes"), MemoryError("too large")])
def test_one_that_fails_does_not_stop_the_others(error, measuring, qtbot, monkeypatch):
    from napari.utils.notifications import notification_manager

    monkeypatch.setattr(notification_manager, "receive_error", lambda *_: None)
    tasks = [Number(0), Number(1, error), Number(2)]
    measuring.set_tasks(tasks)
    qtbot.waitUntil(lambda: tasks[2].outcome == 2)
    assert [task.outcome for task in tasks] == [0, None, 2]
    # Wanted still, it is not tried over and over; wanted anew, it is.
    more = Number(3)
    measuring.set_tasks([tasks[1], more])
    qtbot.waitUntil(lambda: more.outcome == 3)
    assert tasks[1].taken == 1
    measuring.set_tasks([])
    measuring.set_tasks([tasks[1]])
    qtbot.waitUntil(lambda: tasks[1].taken == 2)


def test_a_dock_that_is_closed_begins_nothing_more(viewer, qtbot, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(Measure, "take", lambda *_: gate.wait())
    viewer.add_image(np.ascontiguousarray(RGB), name="photo", rgb=True)
    widget = open_dock(viewer, "2, 4", tile=True)
    press(qtbot, widget)
    measuring = widget._view.table._measuring
    qtbot.waitUntil(lambda: measuring._now is not None)
    viewer.window.remove_dock_widget(widget.native)
    asked = measuring._now, measuring._background.busy
    gate.set()
    settle(qtbot)
    assert asked == (None, False)
