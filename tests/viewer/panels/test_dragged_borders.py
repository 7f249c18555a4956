"""Borders that are dragged in the histogram: a new result, which says that it was edited."""

import numpy as np
import pytest
from driving import GREY, column, find_panel, open_dock, press, settle
from panels_driver import drawn_histogram, quantize_image
from pointer import Pointer
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication
from slow_cases import slow_except

from napari_quantize import sweep
from napari_quantize.core.classes.edited_levels import move_border
from napari_quantize.text.methods import methods_sentence
from napari_quantize.viewer.layers.cache import cached_samples
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.table.messages import OTHER_REGION

STACK = np.random.default_rng(2).integers(0, 4000, (3, 12, 16), dtype=np.uint16)


def opened(window, qtbot, image, mode=None, **options):
    """Return the dock, its histogram drawn, and the result."""
    widget, [result] = quantize_image(window, qtbot, image, "3", mode=mode, **options)
    drawn_histogram(widget, qtbot)
    return widget, result


def drag(widget, qtbot, start, end, row=0):
    """Drag a border, and return the result that comes of it."""
    panel = drawn_histogram(widget, qtbot)
    with qtbot.waitSignal(widget.finished) as ended:
        Pointer(panel._plot.figure, row).drag(start, end)
    [made] = ended.args[0]
    return made


def test_a_dragged_border_makes_an_edited_result(window, qtbot):
    widget, result = opened(window, qtbot, GREY)
    border = provenance_of(result).codebook.borders_of(0)[1]
    made = drag(widget, qtbot, border, 110)
    codebook = provenance_of(made).codebook
    moved = codebook.borders_of(0)[1]
    assert abs(moved - 110) < 2.5  # a pixel of the screen
    classes = np.searchsorted([codebook.borders_of(0)[0], moved], GREY)
    for number in range(3):
        assert (made.data[classes == number] == np.rint(GREY[classes == number].mean())).all()
    assert window.layers.selection.active is made
    assert made.name == "K=3 edited · it"
    assert column(widget, 0) == ["source", "3", "3 edited"]
    assert "borders that were set by hand" in methods_sentence(provenance_of(made))
    sentence = methods_sentence(provenance_of(made))
    assert f"borders between classes: {codebook.borders_of(0)[0]:.6g}, {moved:.6g}" in sentence
    row = drawn_histogram(widget, qtbot).model.rows[0]
    np.testing.assert_array_equal(row.borders, codebook.borders_of(0))
    np.testing.assert_array_equal(row.members, np.bincount(classes.ravel()))


def test_the_next_drag_replaces_the_edited_result(window, qtbot):
    widget, result = opened(window, qtbot, GREY)
    first = drag(widget, qtbot, provenance_of(result).codebook.borders_of(0)[1], 110)
    kept = provenance_of(first).codebook.borders_of(0)[1]
    second = drag(widget, qtbot, provenance_of(first).codebook.borders_of(0)[0], 40)
    assert second is first
    limits = provenance_of(second).codebook.borders_of(0)
    assert limits[1] == kept
    assert abs(limits[0] - 40) < 2.5
    assert column(widget, 0) == ["source", "3", "3 edited"]


@pytest.mark.parametrize("changes_region", slow_except([False, True], True))
def test_levels_of_a_part_become_means_over_that_part(changes_region, window, qtbot):
    inside = np.zeros(GREY.shape, bool)
    inside[2:9, 3:11] = True
    window.add_image(GREY, name="it")
    widget = open_dock(window, "3")
    region = window.add_labels(inside.astype(int), name="cells")
    widget.image.value, widget.learn_from.value = window.layers["it"], region
    [result] = press(qtbot, widget)
    window.layers.selection.active = result
    if changes_region:  # the part that was learnt from is no longer known by its layer
        region.data = np.ones(GREY.shape, int)
    before = provenance_of(result)
    first = drag(widget, qtbot, before.codebook.borders_of(0)[1], 110)
    second = drag(widget, qtbot, provenance_of(first).codebook.borders_of(0)[0], 40)
    assert second is first
    provenance = provenance_of(second)
    limits, values = provenance.codebook.borders_of(0), GREY[inside]
    classes = np.searchsorted(limits, values)
    means = [values[classes == number].mean() for number in range(3)]
    assert provenance.codebook.levels[0].tolist() == pytest.approx(means)
    assert provenance.samples == before.samples
    assert provenance.quality.mse == pytest.approx(np.mean((values - second.data[inside].astype(float)) ** 2))
    assert column(widget, 0) == ["source", "3 cells", "3 edited cells"]
    assert "the mean of their class in a part of the image" in methods_sentence(provenance)


def try_elsewhere(viewer, qtbot, mask):
    """Return the dock after a run within a part, and levels for another part (`mask`) with a border set by hand."""
    inside = np.zeros(GREY.shape, bool)
    inside[2:9, 3:11] = True
    source = viewer.add_image(GREY, name="it")
    widget = open_dock(viewer, "3")
    region = viewer.add_labels(inside.astype(int), name="cells")
    widget.image.value, widget.learn_from.value = source, region
    press(qtbot, widget)
    [tried] = sweep(GREY, [4], mask=mask)
    return widget, move_border(tried.codebook, tried.samples[0], 0, 1, 90)


def test_levels_that_are_tried_for_the_whole_image_are_measured_there(viewer, qtbot):
    widget, edited = try_elsewhere(viewer, qtbot, None)
    with qtbot.waitSignal(widget.finished) as ended:
        find_panel(widget, "Histogram").codebook_edited.emit(edited)
    [made] = ended.args[0]
    provenance = provenance_of(made)
    assert provenance.quality.mse == pytest.approx(np.mean((GREY - made.data.astype(float)) ** 2))
    assert provenance.request.mask_digest is None
    [counted] = cached_samples(viewer.layers["it"], provenance.request)
    assert counted.total == GREY.size


def test_levels_that_are_tried_for_another_part_are_not_measured_in_the_last_one(viewer, qtbot):
    widget, edited = try_elsewhere(viewer, qtbot, GREY > 50)
    find_panel(widget, "Histogram").codebook_edited.emit(edited)
    assert not widget.busy
    assert widget.message.value == OTHER_REGION


def test_a_border_of_one_channel_is_moved_alone(window, qtbot):
    widget, result = opened(window, qtbot, STACK, mode="per_channel", axis_labels=("c", "y", "x"))
    before = provenance_of(result).codebook
    made = drag(widget, qtbot, before.borders_of(2)[0], 2000, row=2)
    after = provenance_of(made).codebook
    for channel in (0, 1):
        np.testing.assert_array_equal(after.levels[channel], before.levels[channel])
    assert abs(after.borders_of(2)[0] - 2000) < 40
    np.testing.assert_array_equal(made.data[2] == after.outputs[2][0], STACK[2] <= after.borders_of(2)[0])


def test_a_click_on_a_border_changes_nothing(window, qtbot):
    widget, result = opened(window, qtbot, GREY)
    panel = find_panel(widget, "Histogram")
    pointer = Pointer(panel._plot.figure)
    border = provenance_of(result).codebook.borders_of(0)[1]
    pointer.move(border)
    assert pointer.canvas.cursor().shape() == Qt.CursorShape.SplitHCursor
    pointer.click(border)
    settle(qtbot)
    assert not widget.busy
    assert column(widget, 0) == ["source", "3"]
    pointer.move(border + 12)
    assert pointer.canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


@pytest.mark.slow
def test_the_script_of_an_edited_result_makes_it_again(window, qtbot):
    widget, result = opened(window, qtbot, GREY)
    made = drag(widget, qtbot, provenance_of(result).codebook.borders_of(0)[1], 110)
    QGuiApplication.clipboard().clear()
    widget._results_view.action_bar.copy_script.emit()
    qtbot.waitUntil(lambda: "codebook" in QGuiApplication.clipboard().text())
    scope = {"viewer": window}
    exec(QGuiApplication.clipboard().text(), scope)  # noqa: S102
    np.testing.assert_array_equal(scope["result"], made.data)
    assert "set by hand" in QGuiApplication.clipboard().text()


def test_palettes_have_no_borders_to_drag(window, qtbot):
    widget, _ = opened(window, qtbot, np.dstack([GREY] * 2 + [GREY // 2]), mode="color", rgb=True)
    panel = drawn_histogram(widget, qtbot)
    for value in range(0, 200, 10):
        assert panel.model.border_near(0, value, 500) is None
