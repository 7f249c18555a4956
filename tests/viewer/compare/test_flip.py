"""Flip: source and result alternate, twice a second, and only in this view mode."""

from compare_driver import open_family, press_mode
from driving import button, compare_of, names, settle, shown

from napari_quantize.viewer.compare.flip import INTERVAL_MS


def flip_of(widget):
    return compare_of(widget).flip


def test_source_and_result_alternate(viewer, qtbot):
    viewer.add_points([[1, 1]], name="points")
    widget, _, _ = open_family(viewer, qtbot)
    press_mode(widget, qtbot, "Flip")
    flip = flip_of(widget)
    assert button(widget, "Flip").isChecked()
    seen = [shown(viewer)]
    for _ in range(3):
        flip.show_other()
        seen.append(shown(viewer))
    assert seen == [["K=4 · cells"], ["cells"], ["K=4 · cells"], ["cells"]]
    press_mode(widget, qtbot, "Flip")
    assert not flip.is_running
    assert not button(widget, "Flip").isChecked()
    assert "points" in shown(viewer)


def test_a_timer_flips_twice_a_second(viewer, qtbot):
    assert INTERVAL_MS == 500  # as the guide says
    widget, _, _ = open_family(viewer, qtbot)
    press_mode(widget, qtbot, "Flip")
    first = shown(viewer)
    qtbot.waitUntil(lambda: shown(viewer) != first)


def test_choosing_another_row_flips_its_result(viewer, qtbot):
    widget, _, (two, _) = open_family(viewer, qtbot)
    press_mode(widget, qtbot, "Flip")
    flip_of(widget)._timer.stop()
    viewer.layers.selection.active = two
    settle(qtbot)
    assert "K=4 · cells" not in shown(viewer)
    seen = set()
    for _ in range(2):
        flip_of(widget).show_other()
        seen.add(tuple(shown(viewer)))
    assert seen == {("K=2 · cells",), ("cells",)}


def test_other_view_modes_stop_flipping(viewer, qtbot):
    widget, _, _ = open_family(viewer, qtbot)
    for mode in ("One", "Tile", "Swipe", "Difference"):
        press_mode(widget, qtbot, "Flip")
        assert flip_of(widget).is_running
        press_mode(widget, qtbot, mode)
        assert not flip_of(widget).is_running
        assert not button(widget, "Flip").isChecked()
    assert names(viewer.layers)[:3] == ["cells", "K=2 · cells", "K=4 · cells"]
