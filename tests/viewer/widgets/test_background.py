"""Jobs in a background thread: what is delivered, and what is dropped."""

import threading

import pytest
from driving import wait_for_threads
from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QApplication

from napari_quantize.viewer.widgets.background import Background


@pytest.fixture
def owner(qtbot):
    return QObject()


@pytest.fixture
def background(owner):
    background = Background(owner)
    yield background
    background.close()


def test_the_result_is_delivered_in_the_gui_thread(background, qtbot):
    seen = []

    def work():
        seen.append(threading.current_thread())
        return 7

    background.submit(work, lambda outcome: seen.append((outcome, threading.current_thread())), seen.append)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] is not threading.main_thread()
    assert seen[1] == (7, threading.main_thread())
    assert not background.busy


def test_of_several_jobs_the_first_and_the_last_run(background, qtbot):
    gate, seen = threading.Event(), []
    for number in range(5):
        background.submit(lambda number=number: gate.wait() and number, seen.append, seen.append)
    assert background.busy
    gate.set()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [0, 4]


def test_a_cancelled_job_delivers_nothing(background, qtbot):
    started, seen = threading.Event(), []

    def work():
        started.set()
        while True:
            background.tick()

    background.submit(work, seen.append, seen.append)
    background.submit(lambda: 1, seen.append, seen.append)
    started.wait()
    background.cancel()
    assert not background.busy
    background.submit(lambda: 2, seen.append, seen.append)
    qtbot.waitUntil(lambda: seen == [2])


def test_parts_are_delivered_before_the_result(background, qtbot):
    seen = []

    def work():
        for number in range(3):
            background.deliver((number, threading.current_thread() is threading.main_thread()))
        return "done"

    background.submit(work, seen.append, seen.append, lambda told: seen.append((*told, threading.current_thread())))
    qtbot.waitUntil(lambda: "done" in seen)
    assert seen == [*((number, False, threading.main_thread()) for number in range(3)), "done"]


def test_a_cancelled_job_delivers_no_parts(background, qtbot):
    told, left, seen = threading.Event(), threading.Event(), []

    def work():
        background.deliver("first")
        told.set()
        try:
            while True:
                background.tick()
        finally:
            background.deliver("last")
            left.set()

    background.submit(work, seen.append, seen.append, seen.append)
    told.wait()
    background.cancel()
    background.submit(lambda: 2, seen.append, seen.append, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert left.is_set()
    assert seen == [2]


def test_nothing_is_delivered_after_the_owner_was_deleted(background, owner, qtbot):
    started, left, seen = threading.Event(), threading.Event(), []

    def work():
        started.set()
        try:
            while True:
                background.tick()
        finally:
            left.set()

    background.submit(work, seen.append, seen.append)
    background.submit(lambda: 1, seen.append, seen.append)
    started.wait()
    owner.deleteLater()
    QApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(left.is_set)
    wait_for_threads(qtbot)  # by then all that they send has been delivered
    assert seen == []


def test_errors_are_delivered_and_unexpected_ones_are_notifications(background, qtbot, monkeypatch):
    from napari.utils.notifications import notification_manager

    told, notified = [], []
    monkeypatch.setattr(notification_manager, "receive_error", lambda kind, *_: notified.append(kind))

    def work(error):
        raise error

    background.submit(lambda: work(ValueError("k=0 is too small")), told.append, told.append)
    qtbot.waitUntil(lambda: told == ["k=0 is too small"])
    background.submit(lambda: work(RuntimeError("broken")), told.append, told.append)
    qtbot.waitUntil(lambda: notified == [RuntimeError])
    assert told == ["k=0 is too small", "broken"]  # or who waits for it would wait for good
    background.submit(lambda: work(MemoryError()), told.append, told.append)
    qtbot.waitUntil(lambda: told[2:] == ["MemoryError"])


def test_close_ends_the_thread_and_another_job_starts_a_new_one(background, qtbot):
    seen = []
    background.submit(lambda: 1, seen.append, seen.append)
    qtbot.waitUntil(lambda: seen == [1])
    background.close()
    qtbot.waitUntil(lambda: not any(t.name.startswith("napari-quantize") for t in threading.enumerate()))
    background.submit(lambda: 2, seen.append, seen.append)
    qtbot.waitUntil(lambda: seen == [1, 2])


def test_what_is_closed_leaves_nothing_with_its_owner(owner, qtbot):
    closed = []

    class Recorded(Background):
        def close(self):
            closed.append(self)
            super().close()

    kept = [Recorded(owner) for _ in range(3)]
    for background in kept:
        done = []
        background.submit(lambda: 1, done.append, done.append)
        qtbot.waitUntil(lambda done=done: done == [1])
    for background in kept[:2]:
        background.close()
    closed.clear()
    owner.deleteLater()
    QApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    assert closed == kept[2:]
