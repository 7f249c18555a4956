"""Try: the row, the temporary layer, and how both work together with the rest of the dock."""

import gc
import threading
import weakref

import numpy as np
import pytest
from driving import (
    GREY,
    RGB,
    accordion_of,
    button,
    captions,
    column,
    current_row,
    find_panel,
    labels,
    menu_action,
    names,
    open_dock,
    open_dock_and_widget,
    press,
    settle,
    shown,
    table,
    wait_for_threads,
)
from napari.layers import Image
from preview_driver import preview_layers, try_k, try_row, wait_for_preview
from slow_cases import slow_except

from napari_quantize import fit
from napari_quantize.palettes.palette import Palette
from napari_quantize.viewer import messages
from napari_quantize.viewer.dock.family_controller import FamilyController
from napari_quantize.viewer.layers.compat import grid_of
from napari_quantize.viewer.layers.palettes import swatch_layer
from napari_quantize.viewer.preview import model as preview_module
from napari_quantize.viewer.preview.model import SLIDER_KS
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.widget import QuantizeWidget

STACK = np.random.default_rng(2).integers(0, 250, (7, 12, 16), dtype=np.uint8)
COLOURS = {"mode": "color", "channel_axis": -1}


def test_moving_the_slider_shows_the_preview(viewer, qtbot):
    photo = viewer.add_image(RGB, name="photo", rgb=True, scale=(2, 3), rotate=30)
    above = viewer.add_points([[1, 1]], name="points")
    viewer.layers.selection.active = photo
    widget = open_dock(viewer)
    before = RGB.copy()
    try_row(widget).slider.setValue(SLIDER_KS.index(5))
    layer = wait_for_preview(qtbot, viewer, 5)
    assert try_row(widget).is_on
    assert try_row(widget).number.value() == 5
    assert names(viewer.layers) == ["photo", "Try K=5 · photo", "points"]
    np.testing.assert_array_equal(layer.data, fit(RGB, 5, **COLOURS).apply(RGB))
    np.testing.assert_allclose(layer.extent.world, photo.extent.world)
    assert viewer.layers.selection == {photo}
    assert widget.image.choices == (photo,)
    try_row(widget).check.click()
    settle(qtbot)
    assert names(viewer.layers) == ["photo", "points"]
    assert photo.visible
    assert above.visible
    assert viewer.layers.selection.active is photo
    np.testing.assert_array_equal(photo.data, before)


def test_the_number_takes_larger_k_than_the_slider(viewer, qtbot):
    viewer.add_image(np.arange(400, dtype=np.uint16).reshape(20, 20), name="ramp")
    widget = open_dock(viewer)
    layer = try_k(qtbot, viewer, widget, 200)
    assert len(np.unique(layer.data)) == 200
    assert try_row(widget).slider.value() == len(SLIDER_KS) - 1
    try_k(qtbot, viewer, widget, 17)
    assert try_row(widget).slider.value() == SLIDER_KS.index(16)
    assert try_row(widget).number.value() == 17
    try_row(widget).slider.setValue(SLIDER_KS.index(18))
    wait_for_preview(qtbot, viewer, 18)


def test_layers_that_would_shine_through_are_hidden(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells", blending="additive")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    viewer.layers["K=4 · cells"].visible = True
    grey.visible = True
    before = shown(viewer)
    layer = try_k(qtbot, viewer, widget, 3)
    assert shown(viewer) == ["Try K=3 · cells"]
    assert names(viewer.layers)[-1] == layer.name
    try_row(widget).check.click()
    assert shown(viewer) == before


def test_labels_of_results_are_hidden_and_labels_of_the_user_stay(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    button(widget, "Make labels").click()
    qtbot.waitUntil(lambda: "labels K=4 · cells" in names(viewer.layers))
    viewer.add_labels(np.ones(GREY.shape, int), name="nuclei")
    before = shown(viewer)
    assert before[-2:] == ["labels K=4 · cells", "nuclei"]
    try_k(qtbot, viewer, widget, 3)
    assert shown(viewer) == ["Try K=3 · cells", "nuclei"]
    try_row(widget).check.click()
    assert shown(viewer) == before


def test_keep_makes_a_row_and_a_layer(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2", tile=True)
    assert not try_row(widget).add.isEnabled()
    layer = try_k(qtbot, viewer, widget, 6)
    with qtbot.waitSignal(widget.finished) as ended:
        try_row(widget).add.click()
        assert not try_row(widget).add.isEnabled()
    [kept] = ended.args[0]
    np.testing.assert_array_equal(kept.data, layer.data)
    assert column(widget, 0) == ["source", "6"]
    assert not grid_of(viewer).enabled
    assert preview_layers(viewer) == [layer]
    assert try_row(widget).add.isEnabled()
    try_row(widget).check.click()
    assert shown(viewer) == ["cells"]
    assert viewer.layers.selection.active is grey
    assert not try_row(widget).add.isEnabled()


def test_add_selects_its_row_and_scrolls_to_it(window, qtbot):
    ramp = np.arange(4000, dtype=np.uint16).reshape(50, 80)
    window.add_image(ramp, name="ramp")
    widget = open_dock(window, "1-14")
    press(qtbot, widget)
    layer = try_k(qtbot, window, widget, 100)
    rows = table(widget)
    rows.scrollToTop()
    assert rows.verticalScrollBar().value() == 0
    with qtbot.waitSignal(widget.finished):
        try_row(widget).add.click()
    assert column(widget, 0)[current_row(widget)] == "100"
    assert rows.viewport().rect().contains(rows.visualItemRect(rows.item(current_row(widget), 0)).center())
    assert layer.visible
    assert try_row(widget).is_on


def figures_of(widget, k):
    """Return the line that tells the figures of K under the slider; empty while they are not known."""
    lines = [text for text in labels(widget) if text.startswith(f"K={k}: ") and "…" not in text]
    return lines[0].removeprefix(f"K={k}: ") if lines else ""


def wait_for_figures(qtbot, widget, k):
    qtbot.waitUntil(lambda: bool(figures_of(widget, k)))
    return figures_of(widget, k)


@pytest.mark.slow
def test_the_error_of_the_tried_k_is_that_of_its_result(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window)
    for k in (6, 3):
        try_k(qtbot, window, widget, k)
        error, size = wait_for_figures(qtbot, widget, k).split(" · ")
        assert size == "about 1 KB"
        with qtbot.waitSignal(widget.finished):
            try_row(widget).add.click()
        assert f"± {column(widget, 1)[current_row(widget)]}" == error


def test_the_colour_difference_of_the_tried_k_is_that_of_its_result(window, qtbot):
    window.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(window)
    try_k(qtbot, window, widget, 6)
    figures = wait_for_figures(qtbot, widget, 6)
    with qtbot.waitSignal(widget.finished):
        try_row(widget).add.click()
    qtbot.waitUntil(lambda: "…" not in column(widget, 2)[1])
    assert figures.split(" · ")[0] == f"ΔE {column(widget, 2)[1]}"


def test_figures_end_with_the_preview(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window)
    try_k(qtbot, window, widget, 6)
    wait_for_figures(qtbot, widget, 6)
    try_row(widget).check.click()
    assert not figures_of(widget, 6)


def test_the_histogram_follows_when_the_slider_rests(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "2, 4, 8")
    press(qtbot, widget)
    histogram = find_panel(widget, "Histogram")

    def title():
        return accordion_of(widget).folds[histogram]._title

    for k in (6, 3):
        try_k(qtbot, window, widget, k)
        qtbot.waitUntil(lambda k=k: title() == f"Histogram · Try K={k}")
        qtbot.waitUntil(lambda k=k: [len(row.centers) for row in histogram.model.rows] == [k])
    np.testing.assert_allclose(histogram.model.rows[0].centers, fit(GREY, 3).levels[0])
    widget._family_controller.refresh()
    assert title() == "Histogram · Try K=3"
    try_row(widget).check.click()
    assert title() == "Histogram · K=4"
    qtbot.waitUntil(lambda: [len(row.centers) for row in histogram.model.rows] == [4])


def test_the_histogram_does_not_follow_levels_of_other_channels(window, qtbot):
    window.add_image(STACK[:3], name="channels")
    widget = open_dock(window, "2, 4")
    button(widget, "Channels").click()
    widget.mode.value = "global"
    press(qtbot, widget)
    widget.mode.value = "per_channel"
    try_k(qtbot, window, widget, 6)
    wait_for_figures(qtbot, widget, 6)
    settle(qtbot)
    histogram = find_panel(widget, "Histogram")
    assert accordion_of(widget).folds[histogram]._title.startswith("Histogram · K=4")


@pytest.mark.parametrize(
    "action",
    slow_except(
        ["One", "Tile", "Quantize", "row", "eye", "Make labels", "Remove results"],
        *("Tile", "Quantize", "row", "eye", "Make labels", "Remove results"),
    ),
)
def test_showing_results_switches_the_preview_off(viewer, qtbot, action):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    seen = shown(viewer)
    try_k(qtbot, viewer, widget, 3)
    two = viewer.layers["K=2 · cells"]
    if action == "Quantize":
        press(qtbot, widget)
    elif action == "row":
        viewer.layers.selection.active = two
    elif action == "eye":
        two.visible = True
    elif action == "Remove results":
        menu_action(widget, action).trigger()
    else:
        button(widget, action).click()
    qtbot.waitUntil(lambda: preview_layers(viewer) == [] and not try_row(widget).is_on)
    assert (
        shown(viewer)
        == {
            "One": ["K=4 · cells"],
            "Tile": ["cells", "K=2 · cells", "K=4 · cells"],
            "Quantize": seen,
            "row": ["K=2 · cells"],
            "eye": ["K=2 · cells", *seen],
            "Make labels": [*seen, "labels K=4 · cells"],
            "Remove results": ["cells"],
        }[action]
    )


def test_the_preview_is_off_before_a_palette_is_used(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    try_k(qtbot, viewer, widget, 3)
    on_at_start = []
    widget._run_controller.started.connect(lambda: on_at_start.append(try_row(widget).is_on))
    image, attributes = swatch_layer(Palette(np.repeat(np.array([[0], [128]], np.uint8), 3, axis=1)), "greys")
    with qtbot.waitSignal(widget.finished):
        widget._palette_controller.use_layer(Image(image, **attributes))
    assert on_at_start == [False]


def test_the_preview_ends_tile(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4", tile=True)
    press(qtbot, widget)
    assert grid_of(viewer).enabled
    try_k(qtbot, viewer, widget, 3)
    assert not grid_of(viewer).enabled
    assert captions() == []


def test_controls_are_disabled_with_the_reason(viewer, qtbot):
    widget = open_dock(viewer)
    parts = (try_row(widget).check, try_row(widget).slider, try_row(widget).number, try_row(widget).add)
    assert not any(part.isEnabled() for part in parts)
    assert {part.toolTip() for part in parts} == {messages.NO_IMAGE}
    viewer.add_image(STACK[:3], name="channels or planes")
    assert not any(part.isEnabled() for part in parts)
    assert "first axis" in try_row(widget).slider.toolTip()
    button(widget, "Channels").click()
    assert all(part.isEnabled() for part in parts[:3])
    assert len({part.toolTip() for part in parts}) == 4
    layer = try_k(qtbot, viewer, widget, 2)
    expected = fit(STACK[:3], 2, mode="per_channel", channel_axis=0).apply(STACK[:3])
    step = viewer.dims.current_step[0]
    np.testing.assert_array_equal(layer.data[step], expected[step])


def test_samples_are_counted_once(viewer, qtbot, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    try_k(qtbot, viewer, widget, 3)
    try_row(widget).check.click()
    monkeypatch.setattr(preview_module, "make_learner", None)
    widget.method.value = "exact"
    layer = try_k(qtbot, viewer, widget, 5)
    np.testing.assert_array_equal(layer.data, fit(GREY, 5, method="exact").apply(GREY))


def test_a_text_is_shown_while_learning_takes_long(viewer, qtbot, monkeypatch):
    gate = threading.Event()
    make_learner = preview_module.make_learner
    monkeypatch.setattr(preview_module, "make_learner", lambda *args: gate.wait() and make_learner(*args))
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    try_row(widget).check.click()
    qtbot.waitUntil(lambda: "learning…" in labels(widget))
    for step in range(10):
        try_row(widget).slider.setValue(step)
    gate.set()
    wait_for_preview(qtbot, viewer, SLIDER_KS[9])
    assert "learning…" not in labels(widget)


def test_errors_are_shown_under_the_row(viewer, qtbot):
    nan = viewer.add_image(np.full((4, 5), np.nan, np.float32), name="empty", contrast_limits=(0, 1))
    widget = open_dock(viewer)
    try_row(widget).check.click()
    qtbot.waitUntil(lambda: any("learn" in text and text != "learning…" for text in labels(widget)))
    assert preview_layers(viewer) == []
    nan.data = np.arange(20, dtype=np.float32).reshape(4, 5)
    wait_for_preview(qtbot, viewer, 8)


def test_dragging_the_slider_updates_nothing_but_the_layer(viewer, qtbot, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    try_k(qtbot, viewer, widget, 3)
    calls = []
    monkeypatch.setattr(FamilyController, "refresh", lambda self: calls.append("table"))
    monkeypatch.setattr(TryRow, "set_available", lambda self, *args, **options: calls.append("fields"))
    for step in range(12):
        try_row(widget).slider.setValue(step)
        wait_for_preview(qtbot, viewer, SLIDER_KS[step])
    assert calls == []


def test_all_k_of_the_slider_are_learnt_ahead(viewer, qtbot, monkeypatch):
    asked = []
    codebook = preview_module.LearnerCache.codebook
    monkeypatch.setattr(preview_module.LearnerCache, "codebook", lambda self, k: asked.append(k) or codebook(self, k))
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    try_k(qtbot, viewer, widget, 3)
    qtbot.waitUntil(lambda: set(asked) == set(SLIDER_KS))
    assert asked[-1] == SLIDER_KS[-1]


@pytest.mark.parametrize("close", ["destroyOnClose", "close"])
def test_closing_the_dock_removes_the_preview_and_shows_hidden_layers(viewer, qtbot, close):
    grey = viewer.add_image(GREY, name="cells", blending="additive")
    dock, widget = open_dock_and_widget(viewer)
    try_k(qtbot, viewer, widget, 3)
    try_row(widget).slider.setValue(9)
    (dock.destroyOnClose if close == "destroyOnClose" else lambda: viewer.window.remove_dock_widget(dock))()
    settle(qtbot)
    assert names(viewer.layers) == ["cells"]
    assert grey.visible


def n_living(callbacks):
    """Count callbacks without those of napari's own that are gone: it forgets them when it next speaks."""
    return len([each for each in callbacks if not isinstance(each, tuple) or each[0]() is not None])


def test_a_dock_closed_during_a_preview_is_freed(make_napari_viewer, qtbot):
    viewer = make_napari_viewer()  # one that no other test's dock still listens to
    grey = viewer.add_image(GREY, name="cells")
    dims = viewer.dims.events
    refs, counts = [], []

    def open_and_close():
        dock, widget = open_dock_and_widget(viewer)
        refs.extend([weakref.ref(widget), weakref.ref(try_k(qtbot, viewer, widget, 3))])
        try_row(widget).slider.setValue(9)
        dock.destroyOnClose()

    for _ in range(3):
        open_and_close()
        settle(qtbot)
        gc.collect()
        emitters = (viewer.layers.events, dims.point, dims.order, dims.ndisplay, grey.events.contrast_limits)
        counts.append([n_living(emitter.callbacks) for emitter in emitters])
    assert counts[0] == counts[2]
    wait_for_threads(qtbot)
    settle(qtbot)
    gc.collect()
    assert [index for index, ref in enumerate(refs) if ref() is not None] == []


def test_two_docks_preview_the_source_not_each_other_s_previews(viewer, qtbot):
    grey = viewer.add_image(GREY, name="cells")
    first = open_dock(viewer)
    second = QuantizeWidget(viewer)
    viewer.window.add_dock_widget(second)
    try_k(qtbot, viewer, first, 3)
    assert second.image.choices == (grey,)
    try_row(second).number.setValue(5)
    qtbot.waitUntil(lambda: len(preview_layers(viewer)) == 2)
    try_row(first).check.click()
    settle(qtbot)
    assert names(viewer.layers) == ["cells", "Try K=5 · cells"]
