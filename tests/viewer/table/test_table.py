"""The table in the dock: its current row, the arrow keys, and what is copied from it."""

import numpy as np
from driving import (
    GREY,
    RGB,
    button,
    column,
    current_row,
    key,
    menu_action,
    names,
    open_dock,
    press,
    shown,
    table,
    titles,
)
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication

from napari_quantize import __version__


def clipboard():
    return QGuiApplication.clipboard().text()


def test_rows_and_active_layer_follow_each_other(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    points = viewer.add_points([[1, 1]], name="points")
    viewer.layers.selection.active = source
    widget = open_dock(viewer, "2, 4")
    two, four = press(qtbot, widget)
    rows = table(widget)
    assert column(widget, 0) == ["source", "2", "4"]
    assert current_row(widget) == 2  # the middle of the run
    for row, layer in ((2, four), (1, two), (0, source)):
        viewer.layers.selection.active = layer
        assert current_row(widget) == row
    for row, layer in ((1, two), (2, four), (0, source)):
        rows.setCurrentCell(row, 0)
        assert viewer.layers.selection.active is layer
    viewer.layers.selection.active = two
    for selection in ([points], [two, four], []):  # the row stays where it is
        viewer.layers.selection = selection
        assert current_row(widget) == 1
        assert rows.selectedItems()


def test_one_by_the_arrow_keys(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    button(widget, "One").click()
    assert shown(viewer) == ["K=4 · cells"]
    key(widget, Qt.Key.Key_Up)
    key(widget, Qt.Key.Key_Up)
    assert shown(viewer) == ["cells"]
    key(widget, Qt.Key.Key_Down)
    assert shown(viewer) == ["K=2 · cells"]
    key(widget, Qt.Key.Key_Down)
    assert shown(viewer) == ["K=4 · cells"]
    key(widget, Qt.Key.Key_Down)
    assert shown(viewer) == ["K=4 · cells"]
    key(widget, Qt.Key.Key_Up)
    assert shown(viewer) == ["K=2 · cells"]
    assert button(widget, "One").isChecked()
    button(widget, "One").click()
    assert button(widget, "One").isChecked()


def test_ctrl_c_and_the_copy_menu_copy_table_and_sentence(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    widget.random_state.value = 3
    first, _ = press(qtbot, widget)
    key(widget, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = clipboard().split("\n")
    assert [line.split("\t")[1] for line in lines[:-1]] == ["K", "", "2", "4"]
    rmse = np.sqrt(np.mean((GREY.astype(float) - first.data) ** 2))
    np.testing.assert_allclose(float(lines[2].split("\t")[3]), rmse, rtol=1e-12)
    assert widget.table_text.split("\n")[0] == "K\terror ±\terror/noise\tbits/px"
    copied = clipboard()
    QGuiApplication.clipboard().clear()
    menu_action(widget, "Table").trigger()
    assert clipboard() == copied
    viewer.layers.selection.active = first
    menu_action(widget, "Methods sentence").trigger()
    sentence = clipboard()
    assert "2 levels" in sentence
    assert "seed 3" in sentence
    assert f"napari-quantize {__version__}" in sentence
    assert "levels: {}, {};".format(*np.unique(first.data)) in sentence


def test_rmse_and_tooltip_match_the_pixels(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "4")
    [layer] = press(qtbot, widget)
    difference = GREY.astype(float) - layer.data
    rmse = np.sqrt((difference**2).mean())
    assert column(widget, 1) == ["–", f"{rmse:.1f}" if rmse >= 10 else f"{rmse:.2f}"]
    tip = table(widget).item(1, 1).toolTip()
    assert f"largest error {abs(difference).max():.1f}" in tip
    assert "PSNR" in tip
    assert "for a range of 255" in tip
    assert "cells" in table(widget).item(0, 0).toolTip()


def test_without_results_copy_and_export_show_a_notice(viewer):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    menu_action(widget, "Methods sentence").trigger()
    assert "quantize an image first" in widget.message.value
    widget.message.value = ""
    button(widget, "Export…").click()
    assert "quantize an image first" in widget.message.value


def test_the_table_follows_the_active_image(viewer, qtbot):
    photo = viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    assert titles(widget) == ["K", "error ±", "ΔE", "KB"]
    viewer.add_image(GREY, name="cells")
    assert column(widget, 0) == ["source"]
    press(qtbot, widget)
    assert titles(widget) == ["K", "error ±", "error/noise", "bits/px"]
    viewer.layers.selection.active = photo
    assert column(widget, 0) == ["source", "2"]
    assert names([layer for layer in viewer.layers if layer is photo]) == ["photo"]
