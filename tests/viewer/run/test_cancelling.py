"""A run can be cancelled at any time, and changes of the viewer meanwhile raise no error."""

import threading

import numpy as np
import pytest
from driving import (
    GREY,
    RGB,
    names,
    open_dock,
    open_dock_and_widget,
    press,
    results_of,
    settle,
    shown,
    wait_for_threads,
)
from napari.utils.notifications import notification_manager
from qtpy.QtWidgets import QApplication, QProgressBar, QPushButton
from slow_cases import slow_except

from napari_quantize.core.request.request import Request
from napari_quantize.viewer.layers.cache import cached_facts, cached_samples
from napari_quantize.viewer.layers.compat import grid_of
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.measure.staleness import StalenessCheck


@pytest.fixture
def running(viewer, qtbot, gate):
    """A viewer and a dock in which one of four results is ready."""
    viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer, "2, 3, 4, 5")
    ended = []
    widget.finished.connect(lambda layers: ended.append(list(layers)))
    widget.ended = ended
    gate.let(1)
    widget.run.native.click()
    qtbot.waitUntil(lambda: len(results_of(viewer)) == 1)
    assert widget.busy
    assert ended == []
    return viewer, widget


def wait_until_left(qtbot, gate):
    qtbot.waitUntil(gate.left.is_set)
    settle(qtbot)


def test_cancel_keeps_what_is_done(running, qtbot, gate):
    viewer, widget = running
    assert not widget.run.native.isVisibleTo(widget.native)
    assert widget.cancel.native.isVisibleTo(widget.native)
    widget.cancel.native.click()
    assert not widget.busy
    assert [names(layers) for layers in widget.ended] == [["K=2 · cells"]]
    assert widget.message.value == "Stopped: 1 of 4 results are ready."
    assert widget.run.native.isVisibleTo(widget.native)
    assert widget.run.native.isEnabled()
    gate.open()
    wait_until_left(qtbot, gate)
    assert names(viewer.layers) == ["cells", "K=2 · cells"]
    assert len(widget.ended) == 1
    assert len(press(qtbot, widget)) == 4


def test_cancel_within_a_long_call(running, qtbot, gate):
    viewer, widget = running
    gate.deaf = True
    widget.cancel.native.click()
    assert not widget.busy
    settle(qtbot)
    assert not gate.left.is_set()
    # Another run goes beside the thread that has not left yet.
    gate.let(1)
    widget.k_values.value = "7"
    widget.run.native.click()
    gate.open()
    qtbot.waitUntil(lambda: not widget.busy)
    wait_until_left(qtbot, gate)
    assert names(viewer.layers) == ["cells", "K=2 · cells", "K=7 · cells"]
    assert [names(layers) for layers in widget.ended] == [["K=2 · cells"], ["K=7 · cells"]]


def test_cancel_before_the_first_result(viewer, qtbot, gate):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, tile=True)
    widget.run.native.click()
    widget.cancel.native.click()
    assert not widget.busy
    assert widget.message.value == "Stopped: nothing was ready yet."
    gate.open()
    settle(qtbot)
    assert names(viewer.layers) == ["cells"]
    assert shown(viewer) == ["cells"]
    assert not grid_of(viewer).enabled


def test_cancel_on_napari_s_own_bar(running, qtbot, gate):
    viewer, widget = running
    bars = [bar for bar in QApplication.allWidgets() if isinstance(bar, QProgressBar) and "K=" not in bar.format()]
    rows = [bar.parentWidget() for bar in bars]
    [cancel] = [b for row in rows for b in row.findChildren(QPushButton) if b.text().lower() == "cancel"]
    cancel.click()
    qtbot.waitUntil(lambda: not widget.busy)
    assert [names(layers) for layers in widget.ended] == [["K=2 · cells"]]
    wait_until_left(qtbot, gate)
    assert names(viewer.layers) == ["cells", "K=2 · cells"]


def test_pressing_while_running_does_nothing(running, qtbot, gate):
    viewer, widget = running
    widget.run.native.click()
    widget.run.changed.emit(True)
    gate.open()
    qtbot.waitUntil(lambda: not widget.busy)
    settle(qtbot)
    assert len(results_of(viewer)) == 4
    assert len(widget.ended) == 1


def test_cancel_without_a_run_does_nothing(viewer):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    ended = []
    widget.finished.connect(ended.append)
    widget.cancel.changed.emit(True)
    assert ended == []


def test_source_removed_meanwhile(running, qtbot, gate):
    viewer, widget = running
    viewer.layers.remove("cells")
    assert not widget.busy
    assert len(widget.ended) == 1
    wait_until_left(qtbot, gate)
    assert names(viewer.layers) == ["K=2 · cells"]


def test_source_renamed_and_changed_meanwhile(running, qtbot, gate):
    viewer, widget = running
    source = viewer.layers["cells"]
    source.name = "renamed"
    source.data[:6] = 255
    source.data = np.zeros((5, 5), np.uint8)
    assert widget.busy
    gate.open()
    qtbot.waitUntil(lambda: not widget.busy)
    assert len(widget.ended[0]) == 4
    assert all(layer.data.shape == (12, 16) for layer in widget.ended[0])


@pytest.mark.parametrize("in_place", [True, False])
def test_facts_of_former_data_are_not_taken_for_those_of_the_new(in_place, viewer, qtbot):
    source = viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer, "2")
    with qtbot.waitSignal(widget.finished):
        widget.run.native.click()
        new = GREY // 2 + 100
        if in_place:
            source.data[...] = new
            source.data = source.data
        else:
            source.data = new
    facts = cached_facts(source)
    assert facts is None or (facts.low, facts.high) == (new.min(), new.max())
    assert cached_samples(source, Request()) is None
    [result] = results_of(viewer)
    assert StalenessCheck.of(result, provenance_of(result), [source]).recall() is None  # to be compared


def test_result_removed_meanwhile(running, qtbot, gate):
    viewer, widget = running
    viewer.layers.remove("K=2 · cells")
    gate.open()
    qtbot.waitUntil(lambda: not widget.busy)
    assert names(viewer.layers) == ["cells", "K=3 · cells", "K=4 · cells", "K=5 · cells"]
    assert names(widget.ended[0]) == ["K=3 · cells", "K=4 · cells", "K=5 · cells"]


@pytest.mark.parametrize("tile", [False, True])
def test_another_image_chosen_meanwhile(tile, viewer, qtbot, gate):
    photo = viewer.add_image(RGB, name="photo", rgb=True)
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, tile=tile)
    gate.let(1)
    widget.run.native.click()
    qtbot.waitUntil(lambda: len(results_of(viewer)) == 1)
    viewer.layers.selection.active = photo
    gate.open()
    qtbot.waitUntil(lambda: not widget.busy)
    assert widget.image.value is photo
    assert viewer.layers.selection.active is photo
    assert len(results_of(viewer)) == 2
    assert not grid_of(viewer).enabled
    assert shown(viewer) == ["photo", "cells"]


@pytest.mark.parametrize("tile", slow_except([False, True], True))
@pytest.mark.parametrize("how", ["x", "removed", "deleted"])
def test_dock_closed_meanwhile(how, tile, viewer, qtbot, gate):
    viewer.add_image(GREY, name="cells")
    dock, widget = open_dock_and_widget(viewer)
    widget.tile.value = tile
    gate.let(1)
    widget.run.native.click()
    qtbot.waitUntil(lambda: len(results_of(viewer)) == 1)
    if how == "x":
        dock.destroyOnClose()
    elif how == "removed":
        viewer.window.remove_dock_widget(widget.native)
    else:
        widget.native.deleteLater()
    settle(qtbot)
    assert not widget.busy
    wait_until_left(qtbot, gate)
    assert names(viewer.layers) == ["cells", "K=1 · cells"]
    if how != "deleted":
        assert not grid_of(viewer).enabled


def test_viewer_closed_within_a_long_call(make_napari_viewer, qtbot, gate):
    viewer = make_napari_viewer()
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 3, 4", tile=True)
    gate.let(1)
    widget.run.native.click()
    qtbot.waitUntil(lambda: len(results_of(viewer)) == 1)
    gate.deaf = True
    threading.Timer(0.2, gate.open).start()
    viewer.close()
    wait_until_left(qtbot, gate)
    wait_for_threads(qtbot)


@pytest.fixture
def notified():
    seen = []
    notification_manager.notification_ready.connect(seen.append)
    yield seen
    notification_manager.notification_ready.disconnect(seen.append)


def test_unexpected_error(viewer, qtbot, monkeypatch, notified):
    def broken(*_, **__):
        raise RuntimeError("the disk is on fire")
        yield

    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, tile=True)
    with monkeypatch.context() as patch:
        patch.setattr("napari_quantize.viewer.run.worker.sweep_request", broken)
        assert press(qtbot, widget) == []
    assert [str(notification.message) for notification in notified] == ["the disk is on fire"]
    assert widget.message.value == "The disk is on fire."
    assert not widget.busy
    assert not grid_of(viewer).enabled
    assert len(press(qtbot, widget)) == 2


def test_error_without_a_message_is_named(viewer, qtbot, monkeypatch, notified):
    def broken(*_, **__):
        raise MemoryError
        yield

    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    monkeypatch.setattr("napari_quantize.viewer.run.worker.sweep_request", broken)
    press(qtbot, widget)
    assert widget.message.value == "MemoryError."
    assert len(notified) == 1


def test_nothing_finite_is_one_sentence(viewer, qtbot, notified):
    viewer.add_image(np.full((5, 6), np.nan), name="empty", contrast_limits=(0, 1))
    widget = open_dock(viewer, tile=True)
    assert press(qtbot, widget) == []
    assert widget.message.value == "The image has no finite, visible value to learn from."
    assert notified == []
    assert names(viewer.layers) == ["empty"]


def test_the_panels_show_another_image_that_is_chosen_meanwhile(viewer, qtbot, gate):
    gate.open()
    for name, data in (("a", GREY), ("b", GREY // 2)):
        viewer.add_image(data, name=name)
    widget = open_dock(viewer, "3")
    for name in "ba":
        widget.image.value = viewer.layers[name]
        press(qtbot, widget)
    panels = widget._results_view.panels
    panels.open("Classes")
    widget.k_values.value = "4"
    gate.close()
    with qtbot.waitSignal(widget.finished):
        widget.run.native.click()
        qtbot.waitUntil(gate.waiting.is_set)
        for name in "ba":
            widget.image.value = viewer.layers[name]
            assert widget._classes._class_image.layer is viewer.layers[f"K=3 · {name}"]
        gate.open()


def test_a_problem_in_the_fields_is_still_shown_after_the_run(running, qtbot, gate):
    _, widget = running
    widget.k_values.value = "abc"
    with qtbot.waitSignal(widget.finished):
        gate.open()
    assert not widget.run.native.isEnabled()
    assert "abc" in widget.message.value


def test_notices_of_a_run_stay_when_its_result_is_activated(viewer, qtbot):
    viewer.add_image(GREY // 64, name="cells")
    widget = open_dock(viewer, "2")
    [viewer.layers.selection.active] = press(qtbot, widget)
    with qtbot.waitSignal(widget.finished) as ended:
        widget._run_launcher.make_result(6)
    settle(qtbot)
    assert viewer.layers.selection.active is ended.args[0][0]
    assert "nothing is lost there" in widget.message.value
