"""After a run its middle result is current: in the table, the panels and the comparisons, and after these."""

import pytest
from compare_driver import press_mode
from driving import GREY, RGB, accordion_of, button, column, current_row, open_dock, press, settle, shown, table
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_quantize.viewer.compare.swipe import Swipe

COMPARISONS = ["Swipe", "Difference", "Flip"]


def current_k(widget):
    """Return K in the current row of the table."""
    return column(widget, 0)[current_row(widget)]


def compared(widget):
    """Return the caption of the compared result."""
    return widget._family.pair().captions[1]


def titles(widget):
    panels = accordion_of(widget)
    return [panels.folds[panel]._title for panel in panels.panels]


@pytest.mark.parametrize(
    ("image", "rgb", "tile"),
    [pytest.param(GREY, False, True, marks=pytest.mark.slow), (RGB, True, False)],
    ids=["grey", "colours"],
)
def test_the_middle_k_is_current_everywhere(window, qtbot, image, rgb, tile):
    source = window.add_image(image, name="cells", rgb=rgb)
    widget = open_dock(window, "1, 2, 4, 8, 16, 32", tile=tile)
    press(qtbot, widget)
    assert current_k(widget) == "8"
    widget.k_values.value = "3, 5, 40"
    press(qtbot, widget)
    assert current_k(widget) == "5"
    assert window.layers.selection.active is source
    assert titles(widget)[0] == "Histogram · K=5"
    assert titles(widget)[1] == ("Palette · K=5" if rgb else "Levels & areas · K=5")
    for name in COMPARISONS:
        press_mode(widget, qtbot, name)
        assert compared(widget).startswith("K=5 ·")
        assert current_k(widget) == "5"
        press_mode(widget, qtbot, name)
        assert current_k(widget) == "5"
        assert button(widget, "Tile" if tile else "One").isChecked()
        assert any(name.startswith("K=5 ") for name in shown(window))


@pytest.mark.slow
def test_the_swipe_shows_the_middle_k_of_each_run(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "2, 4, 8")
    press(qtbot, widget)
    press_mode(widget, qtbot, "Swipe")
    widget.k_values.value = "20-24"
    press(qtbot, widget)
    settle(qtbot)
    swipe = widget.native.findChild(Swipe)
    assert swipe._pair.result.name == "K=22 · cells"
    assert current_k(widget) == "22"


def test_a_click_on_the_current_row_makes_its_layer_active(window, qtbot):
    source = window.add_image(GREY, name="cells")
    widget = open_dock(window, "2, 4, 8")
    results = press(qtbot, widget)
    rows = table(widget)
    for index, layer in ((2, results[1]), (0, source), (3, results[2])):
        QTest.mouseClick(
            rows.viewport(),
            Qt.MouseButton.LeftButton,
            pos=rows.visualItemRect(rows.item(index, 0)).center() + QPoint(1, 0),
        )
        assert window.layers.selection.active is layer
        assert current_row(widget) == index


def test_the_source_s_row_is_current_when_it_is_chosen(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "2, 4, 8")
    press(qtbot, widget)
    rows = table(widget)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(rows.item(0, 0)).center())
    assert current_k(widget) == "source"
    assert shown(window) == ["cells"]
    assert titles(widget)[0] == "Histogram · K=4"


def test_a_removed_result_s_row_gives_way(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "2, 4, 8")
    results = press(qtbot, widget)
    window.layers.remove(results[1])
    assert current_k(widget) == "8"
