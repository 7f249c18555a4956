"""Labels of a result that another one has replaced in the same layer: no table of the new result has them."""

import threading

import numpy as np
import pytest
from driving import GREY, open_dock, press
from labels_driver import button_of, make_labels, open_options
from napari.layers import Labels

from napari_quantize.core.classes.edited_levels import move_border
from napari_quantize.viewer.labels import controller, model
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels.tables import LabelsTables
from napari_quantize.viewer.layers.cache import cached_samples
from napari_quantize.viewer.layers.provenance import provenance_of


@pytest.fixture
def table_path(tmp_path, monkeypatch):
    """The path that is chosen for the table."""
    path = tmp_path / "classes.csv"
    monkeypatch.setattr(controller, "ask_path", lambda *_: path)
    return path


def move(widget, qtbot, source, result, value):
    """Move the first border of a result as a drag in the histogram does, and return the edited result."""
    codebook = provenance_of(result).codebook
    [samples] = cached_samples(source, codebook.request)
    with qtbot.waitSignal(widget.finished) as ended:
        widget._results_view.histogram.codebook_edited.emit(move_border(codebook, samples, 0, 0, value))
    [made] = ended.args[0]
    return made


def replace_data(widget, qtbot, source, result):
    source.data = GREY // 2
    [replaced] = press(qtbot, widget)
    return replaced


def drag_again(widget, qtbot, source, result):
    return move(widget, qtbot, source, result, 20)


def expect_table_of_new_labels_only(viewer, qtbot, widget, labels, table_path):
    """Save the table in vain, make the labels again, and save it."""
    open_options(widget).save_button.click()
    qtbot.wait(50)
    assert not table_path.exists()
    assert widget.message.value == labels_messages.OUTDATED
    assert make_labels(viewer, qtbot, widget) is labels
    open_options(widget).save_button.click()
    qtbot.waitUntil(table_path.exists)


@pytest.mark.parametrize("replace", [replace_data, drag_again])
def test_no_table_is_saved_of_labels_of_a_replaced_result(replace, viewer, qtbot, table_path):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    [result] = press(qtbot, widget)
    viewer.layers.selection.active = result
    if replace is drag_again:
        result = move(widget, qtbot, source, result, 40)
    labels = make_labels(viewer, qtbot, widget)
    viewer.layers.selection.active = result
    assert replace(widget, qtbot, source, result) is result
    viewer.layers.selection.active = result
    expect_table_of_new_labels_only(viewer, qtbot, widget, labels, table_path)


@pytest.mark.parametrize("mode", ["global", "per_channel"])
def test_no_table_is_saved_of_labels_that_are_older_than_the_calibration(mode, viewer, qtbot, table_path):
    source = viewer.add_image(np.stack([GREY, GREY // 3]), name="cells", axis_labels=("c", "y", "x"))
    widget = open_dock(viewer, "3")
    widget.mode.value = mode
    press(qtbot, widget)
    source.shear = (0.0, 0.0, 0.1)
    labels = make_labels(viewer, qtbot, widget)
    labels.translate = np.full(labels.ndim, 5.0)  # the user may put labels elsewhere
    assert not LabelsTables.of(viewer, source, widget._family.current[1]).outdated
    source.scale = (1, 0.2, 0.2)
    expect_table_of_new_labels_only(viewer, qtbot, widget, labels, table_path)


def test_a_table_lacks_the_channels_whose_labels_were_not_made_again(viewer, qtbot, table_path):
    stack = np.stack([GREY, GREY // 3])
    source = viewer.add_image(stack, name="cells", axis_labels=("c", "y", "x"))
    widget = open_dock(viewer, "3")
    widget.mode.value = "per_channel"
    press(qtbot, widget)
    second, first = (made_of_channel(viewer, qtbot, widget, channel) for channel in (1, 0))
    source.data = stack // 2
    [result] = press(qtbot, widget)
    viewer.layers.selection.active = result
    assert made_of_channel(viewer, qtbot, widget, 0) is first
    open_options(widget).save_button.click()
    qtbot.waitUntil(lambda: widget.message.value == labels_messages.left_out([second.name]))
    assert len(table_path.read_text(encoding="utf-8-sig").splitlines()) == 1 + len(first.features)


def made_of_channel(viewer, qtbot, widget, channel):
    viewer.dims.set_current_step(0, channel)
    return make_labels(viewer, qtbot, widget)


def calibrate(widget, qtbot, source, result):
    source.scale = (0.2, 0.2)
    return result


PROBLEMS = {
    replace_data: labels_messages.REPLACED,
    drag_again: labels_messages.REPLACED,
    calibrate: labels_messages.MOVED,
    None: labels_messages.CHANGED,
}


@pytest.mark.parametrize("replace", PROBLEMS)
def test_labels_of_a_result_that_is_replaced_meanwhile_are_not_shown(replace, viewer, qtbot, monkeypatch):
    go, begun = threading.Event(), threading.Event()

    def make_held(request, tick, tell):
        begun.set()
        while not go.wait(0.005):
            tick()
        return model.make_labels(request, tick, tell)

    monkeypatch.setattr("napari_quantize.viewer.labels.controller.make_labels", make_held)
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    [result] = press(qtbot, widget)
    viewer.layers.selection.active = result
    if replace is drag_again:
        result = move(widget, qtbot, source, result, 40)
    button_of(widget).click()
    qtbot.waitUntil(begun.is_set)
    if replace is None:
        source.data = GREY // 2
    else:
        assert replace(widget, qtbot, source, result) is result
    go.set()
    qtbot.waitUntil(lambda: button_of(widget).text() == labels_messages.MAKE)
    assert widget.message.value == PROBLEMS[replace]
    assert not any(isinstance(layer, Labels) for layer in viewer.layers)
