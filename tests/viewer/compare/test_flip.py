"""Flip: source and result in turn, never faster than three changes a second, and only while it is the way."""

from driving import menu_action, names, settle, shown
from families import family, go

from napari_quantize.viewer.compare.flip import INTERVAL_MS


def flip_of(widget):
    return widget._family_controller._compare_controller.flip


def test_in_turn(viewer, qtbot):
    viewer.add_points([[1, 1]], name="points")
    widget, _, _ = family(viewer, qtbot)
    go(widget, qtbot, "Flip")
    flip = flip_of(widget)
    assert menu_action(widget, "Flip").isChecked()
    seen = [shown(viewer)]
    for _ in range(3):
        flip.show_other()
        seen.append(shown(viewer))
    assert seen == [["K=4 · cells"], ["cells"], ["K=4 · cells"], ["cells"]]
    go(widget, qtbot, "Flip")
    assert not flip.is_running
    assert not menu_action(widget, "Flip").isChecked()
    assert "points" in shown(viewer)


def test_it_turns_by_itself_and_not_too_fast(viewer, qtbot):
    assert 1000 / INTERVAL_MS <= 3
    widget, _, _ = family(viewer, qtbot)
    go(widget, qtbot, "Flip")
    first = shown(viewer)
    qtbot.waitUntil(lambda: shown(viewer) != first)


def test_another_row_is_flipped(viewer, qtbot):
    widget, _, (two, _) = family(viewer, qtbot)
    go(widget, qtbot, "Flip")
    flip_of(widget)._timer.stop()
    viewer.layers.selection.active = two
    settle(qtbot)
    assert "K=4 · cells" not in shown(viewer)
    flip_of(widget).show_other()
    flip_of(widget).show_other()
    assert shown(viewer) in (["K=2 · cells"], ["cells"])


def test_any_other_way_stops_it(viewer, qtbot):
    widget, _, _ = family(viewer, qtbot)
    for way in ("One", "Tile", "Swipe", "Difference"):
        go(widget, qtbot, "Flip")
        assert flip_of(widget).is_running
        go(widget, qtbot, way)
        assert not flip_of(widget).is_running
        assert not menu_action(widget, "Flip").isChecked()
    assert names(viewer.layers)[:3] == ["cells", "K=2 · cells", "K=4 · cells"]
