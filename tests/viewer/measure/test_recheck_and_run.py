"""A recheck of pixels that may have been written in place, and a run that starts before it is done."""

import numpy as np
import pytest
from driving import GREY, column, open_dock, press

from napari_quantize.viewer.layers.cache import cached_facts, cached_samples
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.measure.staleness import StalenessCheck


@pytest.fixture
def dock(viewer, qtbot):
    """The dock on a visible image, of which a part was quantized."""
    source = viewer.add_image(GREY.copy(), name="cells")
    region = viewer.add_labels(np.eye(12, 16, dtype=int), name="region")
    viewer.layers.selection.active = source
    widget = open_dock(viewer, "2")
    widget.learn_from.value = region
    press(qtbot, widget)
    source.visible = True  # napari does not draw what is hidden
    wait_for_rest(qtbot, widget)
    return widget


def wait_for_rest(qtbot, widget):
    table = widget._family_controller.table
    qtbot.wait(350)  # the dock waits before it reads pixels again
    qtbot.waitUntil(lambda: table._queue._current is None and not table._queue._pending)


def is_old(widget):
    return [text.endswith(" old") for text in column(widget, 0)[1:]]


def write_in_place(source):
    source.data[:3] = 255
    source.refresh()


def set_data(source):
    source.data = GREY // 3


@pytest.mark.parametrize("change", [write_in_place, set_data])
def test_a_run_before_the_recheck_is_up_to_date(change, dock, viewer, qtbot):
    source = viewer.layers["cells"]
    change(source)
    [result] = press(qtbot, dock)
    wait_for_rest(qtbot, dock)
    assert is_old(dock) == [False]
    assert cached_facts(source) is not None
    assert cached_samples(source, provenance_of(result).request) is not None


def test_data_set_while_the_image_is_shown_are_compared_once(dock, viewer, qtbot, monkeypatch):
    dock.learn_from.value = dock.learn_from.choices[0]
    press(qtbot, dock)
    viewer.layers["cells"].visible = True
    wait_for_rest(qtbot, dock)
    compared, compare = [], StalenessCheck.compare

    def counted(self, *arguments):
        compared.append(self.provenance.request.mask_digest)
        return compare(self, *arguments)

    monkeypatch.setattr(StalenessCheck, "compare", counted)
    set_data(viewer.layers["cells"])
    wait_for_rest(qtbot, dock)
    assert is_old(dock) == [True, True]
    assert compared == [None]  # only the check of the result without a region, not the one for pixels in place


def test_an_old_result_tells_nothing_about_pixels_written_in_place(dock, viewer, qtbot):
    source = viewer.layers["cells"]
    dock.learn_from.value = dock.learn_from.choices[0]
    dock.k_values.value = "4, 8"
    press(qtbot, dock)
    set_data(source)
    wait_for_rest(qtbot, dock)
    dock.k_values.value = "4"
    press(qtbot, dock)
    source.visible = True
    wait_for_rest(qtbot, dock)
    assert is_old(dock) == [True, False, True]
    source.refresh()
    wait_for_rest(qtbot, dock)
    assert cached_facts(source) is not None


def test_pixels_written_in_place_are_found_although_another_image_is_chosen_at_once(dock, viewer, qtbot):
    source = viewer.layers["cells"]
    other = viewer.add_image(GREY, name="other")
    dock.image.value = source
    write_in_place(source)
    dock.image.value = other
    wait_for_rest(qtbot, dock)
    dock.image.value = source
    assert is_old(dock) == [True]


def test_layers_that_no_result_was_made_from_cost_nothing_when_they_are_drawn(dock, viewer, monkeypatch):
    other = viewer.add_image(GREY, name="other")
    dock.image.value = viewer.layers["cells"]
    made = []
    monkeypatch.setattr(StalenessCheck, "of", lambda *arguments: made.append(arguments))
    other.refresh()
    viewer.layers["region"].refresh()
    assert made == []


def calibrate(source):
    source.scale = (0.5, 0.5)


def refresh(source):
    source.refresh()


@pytest.mark.parametrize("change", [calibrate, refresh])
def test_a_run_on_unchanged_pixels_makes_no_result_of_a_region_old(change, dock, viewer, qtbot):
    source = viewer.layers["cells"]
    change(source)
    dock.learn_from.value = dock.learn_from.choices[0]
    dock.k_values.value = "3"
    press(qtbot, dock)
    wait_for_rest(qtbot, dock)
    assert is_old(dock) == [False, False]


def test_a_run_after_pixels_were_written_in_place_makes_a_result_of_a_region_old(dock, viewer, qtbot):
    write_in_place(viewer.layers["cells"])
    dock.learn_from.value = dock.learn_from.choices[0]
    dock.k_values.value = "3"
    press(qtbot, dock)
    wait_for_rest(qtbot, dock)
    assert is_old(dock) == [True, False]


def test_an_image_that_moves_is_not_compared(dock, viewer):
    calibrate(viewer.layers["cells"])
    assert dock._family_controller.table._rechecks == {}
