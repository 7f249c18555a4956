"""Try: the row, its temporary layer, and how it gets on with all else that the dock does."""

import gc
import threading
import weakref

import numpy as np
import pytest
from driving import GREY, RGB, TIMEOUT_MS, button, captions, column, labels, names, open_dock, press, settle, shown
from trials import row, trials, try_k, wait_for

from napari_quantize import fit
from napari_quantize.viewer import messages
from napari_quantize.viewer.dock.family_controller import FamilyController
from napari_quantize.viewer.layers.compat import grid_of
from napari_quantize.viewer.preview import model as preview_module
from napari_quantize.viewer.preview.model import SLIDER_KS
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.widget import QuantizeWidget

STACK = np.random.default_rng(2).integers(0, 250, (7, 12, 16), dtype=np.uint8)
COLOURS = {"mode": "color", "channel_axis": -1}


def test_a_moved_slider_shows_the_image_so(viewer, qtbot):
    photo = viewer.add_image(RGB, name="photo", rgb=True, scale=(2, 3), rotate=30)
    above = viewer.add_points([[1, 1]], name="points")
    viewer.layers.selection.active = photo
    widget = open_dock(viewer)
    before = RGB.copy()
    row(widget).slider.setValue(SLIDER_KS.index(5))
    layer = wait_for(qtbot, viewer, 5)
    assert row(widget).is_on
    assert row(widget).number.value() == 5
    assert names(viewer.layers) == ["photo", "Try K=5 · photo", "points"]
    np.testing.assert_array_equal(layer.data, fit(RGB, 5, **COLOURS).apply(RGB))
    np.testing.assert_allclose(layer.extent.world, photo.extent.world)
    assert viewer.layers.selection == {photo}
    assert widget.image.choices == (photo,)
    row(widget).check.click()
    assert names(viewer.layers) == ["photo", "points"]
    assert photo.visible
    assert above.visible
    assert viewer.layers.selection.active is photo
    np.testing.assert_array_equal(photo.data, before)


def test_the_number_reaches_further_than_the_slider(viewer, qtbot):
    viewer.add_image(np.arange(400, dtype=np.uint16).reshape(20, 20), name="ramp")
    widget = open_dock(viewer)
    layer = try_k(qtbot, viewer, widget, 200)
    assert len(np.unique(layer.data)) == 200
    assert row(widget).slider.value() == len(SLIDER_KS) - 1
    try_k(qtbot, viewer, widget, 17)
    assert row(widget).slider.value() == SLIDER_KS.index(16)
    assert row(widget).number.value() == 17
    row(widget).slider.setValue(SLIDER_KS.index(18))
    wait_for(qtbot, viewer, 18)


def test_what_would_shine_through_is_hidden_meanwhile(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells", blending="additive")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    viewer.layers["K=4 · cells"].visible = True
    grey.visible = True
    before = shown(viewer)
    layer = try_k(qtbot, viewer, widget, 3)
    assert shown(viewer) == ["Try K=3 · cells"]
    assert names(viewer.layers)[-1] == layer.name
    row(widget).check.click()
    assert shown(viewer) == before


def test_keep_makes_a_row_and_a_layer(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2", tile=True)
    assert not row(widget).keep.isEnabled()
    layer = try_k(qtbot, viewer, widget, 6)
    with qtbot.waitSignal(widget.finished, timeout=TIMEOUT_MS) as ended:
        row(widget).keep.click()
        assert not row(widget).keep.isEnabled()
    [kept] = ended.args[0]
    np.testing.assert_array_equal(kept.data, layer.data)
    assert column(widget, 0) == ["source", "6"]
    assert not grid_of(viewer).enabled
    assert trials(viewer) == [layer]
    assert row(widget).keep.isEnabled()
    row(widget).check.click()
    assert shown(viewer) == ["cells"]
    assert viewer.layers.selection.active is grey
    assert not row(widget).keep.isEnabled()


@pytest.mark.parametrize("way", ["One", "Tile", "Quantize", "row", "eye"])
def test_other_ways_to_look_switch_it_off(viewer, qtbot, way):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    seen = shown(viewer)
    try_k(qtbot, viewer, widget, 3)
    two = viewer.layers["K=2 · cells"]
    if way == "Quantize":
        press(qtbot, widget)
    elif way == "row":
        viewer.layers.selection.active = two
    elif way == "eye":
        two.visible = True
    else:
        button(widget, way).click()
    settle(qtbot)
    assert trials(viewer) == []
    assert not row(widget).is_on
    assert (
        shown(viewer)
        == {
            "One": ["cells"],
            "Tile": ["cells", "K=2 · cells", "K=4 · cells"],
            "Quantize": seen,
            "row": ["K=2 · cells"],
            "eye": ["K=2 · cells", *seen],
        }[way]
    )


def test_tiles_are_left(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4", tile=True)
    press(qtbot, widget)
    assert grid_of(viewer).enabled
    try_k(qtbot, viewer, widget, 3)
    assert not grid_of(viewer).enabled
    assert captions() == []


def test_where_nothing_can_be_tried(viewer, qtbot):
    widget = open_dock(viewer)
    parts = (row(widget).check, row(widget).slider, row(widget).number, row(widget).keep)
    assert not any(part.isEnabled() for part in parts)
    assert {part.toolTip() for part in parts} == {messages.NO_IMAGE}
    viewer.add_image(STACK[:3], name="channels or planes")
    assert not any(part.isEnabled() for part in parts)
    assert "first axis" in row(widget).slider.toolTip()
    button(widget, "Channels").click()
    assert all(part.isEnabled() for part in parts[:3])
    assert len({part.toolTip() for part in parts}) == 4
    layer = try_k(qtbot, viewer, widget, 2)
    expected = fit(STACK[:3], 2, channel_axis=0).apply(STACK[:3])
    step = viewer.dims.current_step[0]
    np.testing.assert_array_equal(layer.data[step], expected[step])


def test_nothing_is_counted_twice(viewer, qtbot, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    try_k(qtbot, viewer, widget, 3)
    row(widget).check.click()
    monkeypatch.setattr(preview_module, "make_learner", None)
    widget.method.value = "exact"
    layer = try_k(qtbot, viewer, widget, 5)
    np.testing.assert_array_equal(layer.data, fit(GREY, 5, method="exact").apply(GREY))


def test_it_is_said_that_it_learns(viewer, qtbot, monkeypatch):
    gate = threading.Event()
    make_learner = preview_module.make_learner
    monkeypatch.setattr(preview_module, "make_learner", lambda *args: gate.wait() and make_learner(*args))
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    row(widget).check.click()
    qtbot.waitUntil(lambda: "learning…" in labels(widget))
    for step in range(10):
        row(widget).slider.setValue(step)
    gate.set()
    wait_for(qtbot, viewer, SLIDER_KS[9])
    assert "learning…" not in labels(widget)


def test_what_fails_is_said(viewer, qtbot):
    nan = viewer.add_image(np.full((4, 5), np.nan, np.float32), name="empty", contrast_limits=(0, 1))
    widget = open_dock(viewer)
    row(widget).check.click()
    qtbot.waitUntil(lambda: any("learn" in text and text != "learning…" for text in labels(widget)))
    assert trials(viewer) == []
    nan.data = np.arange(20, dtype=np.float32).reshape(4, 5)
    wait_for(qtbot, viewer, 8)


def test_a_drag_redraws_nothing_but_the_layer(viewer, qtbot, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    try_k(qtbot, viewer, widget, 3)
    calls = []
    monkeypatch.setattr(FamilyController, "refresh", lambda self: calls.append("table"))
    monkeypatch.setattr(TryRow, "set_available", lambda self, *args, **options: calls.append("fields"))
    for step in range(12):
        row(widget).slider.setValue(step)
        wait_for(qtbot, viewer, SLIDER_KS[step])
    assert calls == []


def test_what_the_slider_may_reach_next_is_learnt_meanwhile(viewer, qtbot, monkeypatch):
    asked = []
    codebook = preview_module.LearnerCache.codebook
    monkeypatch.setattr(preview_module.LearnerCache, "codebook", lambda self, k: asked.append(k) or codebook(self, k))
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    try_k(qtbot, viewer, widget, 3)
    qtbot.waitUntil(lambda: set(asked) == set(SLIDER_KS))
    assert asked[-1] == SLIDER_KS[-1]


@pytest.mark.parametrize("close", ["destroyOnClose", "close"])
def test_closing_the_dock_gives_all_back(viewer, qtbot, close):
    grey = viewer.add_image(GREY, name="cells", blending="additive")
    dock, widget = viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
    try_k(qtbot, viewer, widget, 3)
    row(widget).slider.setValue(9)
    (dock.destroyOnClose if close == "destroyOnClose" else lambda: viewer.window.remove_dock_widget(dock))()
    settle(qtbot)
    assert names(viewer.layers) == ["cells"]
    assert grey.visible


def n_living(callbacks):
    """Count callbacks without those of napari's own that are gone: it forgets them when it next speaks."""
    return len([each for each in callbacks if not isinstance(each, tuple) or each[0]() is not None])


def test_nothing_is_left_of_a_dock_that_was_closed_while_trying(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells")
    dims = viewer.dims.events
    refs, counts = [], []

    def open_and_close():
        dock, widget = viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
        refs.extend([weakref.ref(widget), weakref.ref(try_k(qtbot, viewer, widget, 3))])
        row(widget).slider.setValue(9)
        dock.destroyOnClose()

    for _ in range(3):
        open_and_close()
        settle(qtbot)
        gc.collect()
        emitters = (viewer.layers.events, dims.point, dims.order, dims.ndisplay, grey.events.contrast_limits)
        counts.append([n_living(emitter.callbacks) for emitter in emitters])
    assert counts[0] == counts[2]
    qtbot.waitUntil(lambda: not any(thread.name.startswith("napari-quantize") for thread in threading.enumerate()))
    settle(qtbot)
    gc.collect()
    assert [place for place, ref in enumerate(refs) if ref() is not None] == []


def test_two_docks_do_not_try_each_others_layers(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells")
    first = open_dock(viewer)
    second = QuantizeWidget(viewer)
    viewer.window.add_dock_widget(second)
    try_k(qtbot, viewer, first, 3)
    assert second.image.choices == (grey,)
    row(second).number.setValue(5)
    qtbot.waitUntil(lambda: len(trials(viewer)) == 2, timeout=TIMEOUT_MS)
    row(first).check.click()
    assert names(viewer.layers) == ["cells", "Try K=5 · cells"]
