"""Results stay where their source is: a calibration after the run is one of the results, too."""

import numpy as np
import pytest
from classes_driver import cells, open_panel
from driving import GREY, open_dock, press, results_of
from labels_driver import make_labels
from qtpy.QtCore import Qt

from napari_quantize.viewer.layers.sources import GEOMETRY, geometry_key, geometry_of

MOVED = {
    "scale": (0.2, 0.3),
    "translate": (5.0, -7.0),
    "rotate": 30.0,
    "shear": (0.1,),
    "affine": np.array([[1, 0, 3], [0, 0.9, 0.2], [0, 0, 1.0]]),
    "units": ("um", "um"),
    "axis_labels": ("row", "col"),
}


def same_geometry(layer, other):
    return all(repr(geometry_of(layer)[name]) == repr(geometry_of(other)[name]) for name in GEOMETRY)


def test_results_follow_a_change_of_the_source(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    two, four = press(qtbot, widget)
    assert set(MOVED) == set(GEOMETRY)
    for name, value in MOVED.items():
        setattr(source, name, value)
        assert same_geometry(two, source), name
        assert same_geometry(four, source), name
    two.translate = (0.0, 50.0)  # beside the image, for a comparison
    source.scale = (1.0, 1.0)
    assert same_geometry(four, source)
    np.testing.assert_array_equal(two.translate, (0.0, 50.0))
    np.testing.assert_array_equal(two.scale, (0.2, 0.3))


@pytest.mark.parametrize("mode", ["global", "per_channel", "color"])
@pytest.mark.parametrize("axis", [0, 1])
def test_labels_follow_a_change_of_the_source_as_new_ones_would_lie(mode, axis, viewer, qtbot):
    source = viewer.add_image(np.stack([GREY, GREY // 3], axis), name="cells")
    widget = open_dock(viewer, "3")
    widget.channel_axis.value = axis
    widget.mode.value = mode
    press(qtbot, widget)
    labels = make_labels(viewer, qtbot, widget)
    source.scale, source.units, source.shear = (1, 0.2, 0.3), ("pixel", "um", "um"), (0, 0, 0.1)
    followed = geometry_key(geometry_of(labels))
    assert make_labels(viewer, qtbot, widget) is labels
    assert geometry_key(geometry_of(labels)) == followed
    labels.translate = np.full(labels.ndim, 9.0)
    source.translate = (0, 2, 3)
    assert labels.translate.tolist() == [9.0] * labels.ndim


def test_a_change_during_the_run_is_followed(viewer, qtbot, gate):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    with qtbot.waitSignal(widget.finished):
        widget.run.native.click()
        gate.let(1)
        qtbot.waitUntil(lambda: len(results_of(viewer)) == 1)
        source.scale = (0.5, 0.5)
        gate.open()
    assert [layer.scale.tolist() for layer in results_of(viewer)] == [[0.5, 0.5]] * 2


def test_results_follow_a_source_that_has_got_another_number_of_axes(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells", axis_labels=("y", "x"))
    widget = open_dock(viewer, "2")
    source.data = np.stack([GREY] * 7)
    [result] = press(qtbot, widget)
    source.scale = (1.0, 0.2, 0.3)
    assert same_geometry(result, source)


def test_the_dock_is_drawn_once_for_all_moves_of_a_drag(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    [result] = press(qtbot, widget)
    shown = []
    widget._family_controller.table.sheet_shown.connect(shown.append)
    for step in range(5):
        source.translate = (0.0, step + 1.0)
        assert result.translate.tolist() == [0, step + 1]
    assert shown == []
    qtbot.waitUntil(lambda: shown != [])


def test_areas_have_the_unit_of_an_image_that_is_calibrated_after_the_run(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    [result] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    source.scale, source.units = (0.2, 0.2), ("µm", "µm")

    def title():
        return panel.table.model().headerData(4, Qt.Orientation.Horizontal)

    qtbot.waitUntil(lambda: title() == "area µm²")
    counts = np.unique(result.data, return_counts=True)[1]
    qtbot.waitUntil(lambda: np.allclose([float(cell) for cell in cells(panel, 4)], counts / 25, rtol=1e-2))
    labels = make_labels(viewer, qtbot, widget, foreground=1)
    np.testing.assert_allclose(labels.features["area (µm²)"], counts / 25)
