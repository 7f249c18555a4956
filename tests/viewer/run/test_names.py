"""A result has one name: of its layer, in captions, table, panels, files and scripts; no two parts have the same."""

import numpy as np
import pytest
from driving import GREY, RGB, accordion_of, captions, column, labels, menu_action, names, open_dock, press, table
from qtpy.QtGui import QGuiApplication
from slow_cases import slow_except

INSIDE = np.zeros(GREY.shape, np.uint8)
INSIDE[2:9, 3:12] = 1


def check_one_name(viewer, widget, qtbot, layer, name):
    """Check all places that tell a result's name."""
    viewer.layers.selection.active = layer
    assert layer.name == f"K={name} · it"
    assert name in column(widget, 0)
    histogram = accordion_of(widget)
    assert any(fold._title.endswith(f"K={name}") for fold in histogram.folds.values())
    QGuiApplication.clipboard().clear()
    menu_action(widget, "Python script").trigger()
    qtbot.waitUntil(lambda: bool(QGuiApplication.clipboard().text()))
    assert QGuiApplication.clipboard().text().startswith(f"# K={name} · it: made with")


SETTINGS = {
    "8": (RGB, {}),
    "8 levels": (RGB, {"mode": "global"}),
    "8 own exact": (RGB, {"mode": "per_channel", "method": "exact"}),
    "8 Lloyd seed 3": (GREY, {"method": "lloyd", "random_state": 3}),
    "8 without 0": (GREY, {"ignore": "zeros"}),
    "8 nuclei": (GREY, {"learn_from": "nuclei"}),
}


@pytest.mark.parametrize("name", slow_except(SETTINGS, "8 own exact", "8 nuclei"))
def test_layer_caption_row_panel_and_script_have_one_name(viewer, qtbot, name):
    image, fields = SETTINGS[name]
    viewer.add_labels(INSIDE, name="nuclei")
    viewer.add_image(image, name="it", rgb=image.ndim == 3)
    widget = open_dock(viewer, "8", tile=True)
    for field, value in fields.items():
        getattr(widget, field).value = viewer.layers[value] if field == "learn_from" else value
    [layer] = press(qtbot, widget)
    assert captions()[1].startswith(f"K={name} · ± ")
    check_one_name(viewer, widget, qtbot, layer, name)


def test_parts_never_look_alike(viewer, qtbot):
    viewer.add_image(GREY, name="it")
    nuclei = viewer.add_labels(INSIDE.copy(), name="nuclei")
    cells = viewer.add_labels(1 - INSIDE, name="cells")
    widget = open_dock(viewer, "4")
    widget.image.value = viewer.layers["it"]
    press(qtbot, widget)
    for region in (nuclei, cells):
        widget.learn_from.value = region
        press(qtbot, widget)
    nuclei.data = np.roll(nuclei.data, 2)
    widget.learn_from.value = nuclei
    [painted] = press(qtbot, widget)
    assert column(widget, 0) == ["source", "4", "4 nuclei", "4 cells", "4 nuclei 2"]
    assert painted.name == "K=4 nuclei 2 · it"
    assert press(qtbot, widget) == [painted]
    nuclei.data = np.roll(nuclei.data, -2)
    [first] = press(qtbot, widget)
    assert first.name == "K=4 nuclei · it"


def test_long_names_of_parts_are_told_apart(viewer, qtbot):
    viewer.add_image(GREY, name="it")
    widget = open_dock(viewer, "4")
    widget.image.value = viewer.layers["it"]
    for plate, region in (("w1", INSIDE), ("w2", 1 - INSIDE)):
        widget.learn_from.value = viewer.add_labels(region, name=f"IXMtest_A02_s9_{plate}_nuclei_segmentation")
        press(qtbot, widget)
    rows, found = column(widget, 0)[1:], table(widget)
    assert len(set(rows)) == 2, rows
    metrics, mode, width = found.fontMetrics(), found.textElideMode(), found.fontMetrics().averageCharWidth() * 14
    assert len({metrics.elidedText(text, mode, width) for text in rows}) == 2


def test_slices_are_named_by_their_axis(viewer, qtbot):
    viewer.add_image(np.stack([GREY] * 7), name="film", axis_labels=("t", "y", "x"))
    widget = open_dock(viewer, "4")
    viewer.dims.set_current_step(0, 5)
    widget.learn_from.value = "slice"
    assert names(press(qtbot, widget)) == ["K=4 t 5 · film"]


def test_rows_of_parts_say_where_their_errors_are_measured(viewer, qtbot):
    viewer.add_image(GREY, name="it")
    nuclei = viewer.add_labels(INSIDE, name="nuclei")
    widget = open_dock(viewer, "4", tile=True)
    widget.image.value = viewer.layers["it"]
    press(qtbot, widget)
    assert not any("part" in text for text in labels(widget))
    widget.learn_from.value = nuclei
    [layer] = press(qtbot, widget)
    assert any(text.startswith("K=4 nuclei: errors are over that part only") for text in labels(widget))
    assert captions()[-1].endswith(" there")
    row = column(widget, 0).index("4 nuclei")
    assert "over the part that it was learnt from only" in table(widget).item(row, 1).toolTip()
    viewer.layers.selection.active = viewer.layers["K=4 · it"]
    assert any("errors of rows that name a part" in text for text in labels(widget))
    difference = (GREY.astype(float) - layer.data)[INSIDE > 0]
    rmse = float(np.sqrt((difference**2).mean()))
    assert column(widget, 1)[row] == (f"{rmse:.1f}" if rmse >= 10 else f"{rmse:.2f}")


def test_the_mean_is_explained(viewer, qtbot):
    viewer.add_image(GREY, name="it")
    widget = open_dock(viewer, "1, 2")
    first, _ = press(qtbot, widget)
    viewer.layers.selection.active = first
    assert "K=1 (mean): every pixel gets the mean, ± is the standard deviation" in labels(widget)
    assert column(widget, 1)[1] == f"{GREY.std():.1f}"
