"""A highlighted class in a real viewer, and the view that is restored after it."""

import numpy as np
import pytest
from classes_driver import cells, codebook_of, highlight_of, highlighted_pixels, open_panel, wait_until_counted
from driving import GREY, accordion_of, button, column, names, open_dock, open_dock_and_widget, press, settle, shown
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from slow_cases import slow_except

from napari_quantize.viewer.family.find_layers import list_sources
from napari_quantize.viewer.layers.compat import grid_of
from napari_quantize.viewer.plan.regions import WHOLE, region_choices


def test_a_click_highlights_a_level_and_another_click_ends_it(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells", scale=(2, 3), translate=(4, 5))
    widget = open_dock(viewer, "3")
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    before = shown(viewer), viewer.layers.selection.active, set(viewer.layers.selection)
    for index in (0, 2):
        panel.table.toggled.emit(index)
        highlight = highlight_of(viewer)
        np.testing.assert_array_equal(highlighted_pixels(highlight), codebook_of(layer).encode(GREY) == index)
        assert panel.highlighted == index
    np.testing.assert_allclose(highlight.extent.world, layer.extent.world)
    assert (viewer.layers.selection.active, set(viewer.layers.selection)) == before[1:]
    assert source in list_sources(viewer)
    assert highlight not in list_sources(viewer)
    assert [value for _, value in region_choices(viewer, source, None)] == [WHOLE]
    assert "●" in cells(panel, 0)[2]
    panel.table.toggled.emit(2)
    assert highlight_of(viewer) is None
    assert panel.highlighted == -1
    assert (shown(viewer), viewer.layers.selection.active, set(viewer.layers.selection)) == before


def test_keys_move_and_end_the_highlight(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "4")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.table.setCurrentIndex(panel.table.model().index(0, 0))
    for which, highlighted in (("Space", 0), ("Down", 1), ("Down", 2), ("Escape", -1), ("Up", -1), ("Return", 1)):
        QTest.keyClick(panel.table, getattr(Qt.Key, f"Key_{which}"))
        assert panel.highlighted == highlighted, which
    assert highlight_of(viewer) is not None


def test_tiles_come_back_after_the_highlight(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 3", tile=True)
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    assert grid_of(viewer).enabled
    tiles = shown(viewer)
    panel.table.toggled.emit(1)
    assert not grid_of(viewer).enabled
    assert highlight_of(viewer).visible
    panel.table.escaped.emit()
    assert grid_of(viewer).enabled
    assert shown(viewer) == tiles
    panel.table.toggled.emit(1)
    button(widget, "Tile").click()
    assert highlight_of(viewer) is None
    assert shown(viewer) == tiles


def test_the_highlight_ends_with_its_result(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "2, 3")
    two, three = press(qtbot, widget)
    panel = open_panel(widget, qtbot)

    def highlight():
        window.layers.selection.active = three
        wait_until_counted(panel, qtbot)
        panel.table.toggled.emit(1)
        assert highlight_of(window) is not None

    highlight()
    window.layers.selection.active = two
    assert highlight_of(window) is None
    highlight()
    window.layers.remove(highlight_of(window))
    assert panel.highlighted == -1
    highlight()
    window.add_image(GREY // 2, name="other")
    assert (panel.highlighted, highlight_of(window)) == (-1, None)
    highlight()
    window.layers.remove(three)
    assert highlight_of(window) is None
    wait_until_counted(panel, qtbot)
    assert len(panel.summary) == 2


@pytest.mark.parametrize("visible", slow_except([True, False], False))
def test_the_highlight_ends_with_the_dock(visible, make_napari_viewer, qtbot):
    viewer = make_napari_viewer(show=visible)
    viewer.add_image(GREY, name="cells")
    dock, widget = open_dock_and_widget(viewer)
    widget.k_values.value, widget.tile.value = "2", False
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.table.toggled.emit(1)
    assert highlight_of(viewer) is not None
    dock.destroyOnClose()
    settle(qtbot)
    assert names(viewer.layers) == ["cells", "K=2 · cells"]


def test_the_highlight_ends_when_the_panel_folds(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "2", tile=True)
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.table.toggled.emit(1)
    accordion_of(widget).open("Histogram")
    assert highlight_of(window) is None
    open_panel(widget, qtbot)
    panel.table.toggled.emit(0)
    assert highlight_of(window) is not None


def test_sliders_leave_the_colormap_of_the_highlight(viewer, qtbot):
    viewer.add_image(np.stack([GREY] * 6), name="film")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.table.toggled.emit(1)
    coloured = []
    highlight_of(viewer).events.colormap.connect(coloured.append)
    for step in (1, 4, 2):
        viewer.dims.set_current_step(0, step)
    settle(qtbot)
    assert coloured == []
    viewer.dims.ndisplay = 3  # the other classes are no longer dimmed, since they would hide the highlighted one
    assert len(coloured) == 1


def test_the_highlight_of_an_old_result_shows_its_own_pixels(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    [layer] = press(qtbot, widget)
    source.data = GREY[::-1].copy()  # as many pixels of each value
    qtbot.waitUntil(lambda: column(widget, 0)[1] == "3 old")
    panel = open_panel(widget, qtbot)
    panel.table.toggled.emit(0)
    np.testing.assert_array_equal(highlighted_pixels(highlight_of(viewer)), layer.data == layer.data.min())
