"""The panel *How many are enough?*: its sentence, its plot, and its points, which are the results."""

import threading
import time

import numpy as np
import pytest
from driving import (
    GREY,
    RGB,
    accordion_of,
    column,
    current_row,
    find_panel,
    names,
    open_dock,
    open_dock_and_widget,
    press,
    results_of,
    settle,
)
from panels_driver import quantize_image
from pointer import Pointer, wait_for_rest
from qtpy.QtCore import Qt

from napari_quantize import fit
from napari_quantize.text.numbers import format_number
from napari_quantize.viewer.layers.cache import cached_baseline
from napari_quantize.viewer.panels.error_curve import model as curve_model

RNG = np.random.default_rng(0)
SLOPE = np.tile(np.linspace(40, 200, 60), (50, 1))
NOISY = (SLOPE + RNG.normal(0, 4, SLOPE.shape)).astype(np.uint8)
TITLE = "How many are enough?"


def opened(viewer, qtbot, image, ks="2, 4, 32", mode=None, **options):
    """Return the open panel once all is measured, and the dock."""
    widget, _ = quantize_image(viewer, qtbot, image, ks, mode=mode, **options)
    panel = find_panel(widget, TITLE)
    accordion_of(widget).open(TITLE)
    qtbot.waitUntil(lambda: panel.model.is_measured)
    return panel, widget


def drawn(panel, qtbot):
    """Return a pointer over the panel's plot, once it is painted."""
    qtbot.waitUntil(lambda: panel._drawing is not None)
    wait_for_rest(qtbot, panel._plot.figure.canvas)
    return Pointer(panel._plot.figure)


def test_sentence_and_curve_match_the_image(viewer, qtbot):
    panel, _ = opened(viewer, qtbot, NOISY)
    model = panel.model.curve
    assert model.noise == pytest.approx(4, rel=0.1)
    first = model.first_below
    errors = {
        k: np.sqrt(np.mean((NOISY - fit(NOISY, k, method="exact").apply(NOISY).astype(float)) ** 2))
        for k in (first - 1, first)
    }
    assert errors[first] == pytest.approx(model.least_at(first), rel=0.02)
    assert model.least_at(first) < model.noise <= model.least_at(first - 1)
    assert panel.message.text().replace("\N{NO-BREAK SPACE}", " ") == (
        f"From K={first} on, the least possible loss is below the image's own noise, ± {format_number(model.noise)}."
    )
    assert [point.k for point in model.points] == [2, 4, 32]
    assert [point.current for point in model.points] == [True, False, False]
    assert all(point.error >= model.least_at(point.k) - 1e-9 for point in model.points)


def test_the_sentence_says_that_noise_cannot_be_estimated(viewer, qtbot):
    panel, _ = opened(viewer, qtbot, NOISY // 16 * 16)
    assert panel.model.curve.noise is None
    n_values = len(np.unique(NOISY // 16))
    assert panel.message.text() == (
        f"The noise of this image cannot be estimated: the image has few different values. K={n_values} loses nothing."
    )
    assert len(panel.model.curve.least) == n_values


def test_colours_have_no_least_error(viewer, qtbot):
    image = np.stack([NOISY, NOISY[::-1], NOISY[:, ::-1]], axis=-1)
    panel, _ = opened(viewer, qtbot, image, rgb=True, mode="color")
    panel.model.choose("rmse")
    panel.show_family(panel.model.shown)
    qtbot.waitUntil(lambda: panel.model.is_measured)
    assert not len(panel.model.curve.least)
    assert panel.model.curve.noise == pytest.approx(4, rel=0.1)
    assert "results" in panel.message.text()


def test_the_baseline_is_cached_for_all_comparable_results(viewer, qtbot, monkeypatch):
    panel, widget = opened(viewer, qtbot, NOISY)
    source = viewer.layers["it"]
    request = panel.model.shown.provenance.codebook.request
    measured = cached_baseline(source, request)
    monkeypatch.setattr(curve_model, "own_noise", None)  # may not be called again
    widget.method.value = "exact"
    widget.k_values.value = "5"
    [layer] = press(qtbot, widget)
    viewer.layers.selection.active = layer
    assert panel.model.curve.baseline is measured
    assert all(point.comparable for point in panel.model.curve.points)
    monkeypatch.undo()
    source.data = NOISY.copy()
    assert cached_baseline(source, request) is None


@pytest.mark.parametrize("in_place", [False, True])
def test_a_late_baseline_is_not_cached_for_new_data(viewer, qtbot, monkeypatch, in_place):
    started, go = threading.Event(), threading.Event()

    def wait(*_):
        started.set()
        go.wait(10)

    monkeypatch.setattr(curve_model, "own_noise", wait)
    viewer.add_image(NOISY.copy(), name="it")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    accordion_of(widget).open(TITLE)
    qtbot.waitUntil(started.is_set)
    panel = find_panel(widget, TITLE)
    request = panel.model.shown.provenance.codebook.request
    source = viewer.layers["it"]
    if in_place:
        source.visible = True  # napari does not draw what is hidden
        source.data[:12, :16] = GREY
        source.refresh()
    else:
        source.data = GREY
    now = source.data
    go.set()

    def told_of_what_is_there():
        measured = cached_baseline(source, request)
        return measured is not None and np.isclose(measured.least[0], now.std())

    qtbot.waitUntil(told_of_what_is_there)
    qtbot.waitUntil(lambda: panel.model.is_changed)
    assert panel.message.text() == "The image has changed since this result was made."
    assert not len(panel.model.curve.least)
    [layer] = press(qtbot, widget)
    viewer.layers.selection.active = layer
    assert panel.model.curve.least[0] == pytest.approx(now.std())


def test_the_reason_of_a_failed_measurement_stays_until_another_begins(viewer, qtbot):
    panel, widget = opened(viewer, qtbot, NOISY / 7.0, ks="2")
    source = viewer.layers["it"]
    source.data = np.full(NOISY.shape, np.nan)
    reason = "The image has no finite, visible value to learn from."
    qtbot.waitUntil(lambda: panel.message.text() == reason)
    settle(qtbot)
    for _ in range(2):
        widget._family.refresh()
        assert panel.message.text() == reason
    assert not panel._background.busy
    source.data = NOISY / 9.0
    qtbot.waitUntil(lambda: panel.model.is_changed)
    assert panel.message.text() == "The image has changed since this result was made."


def test_results_of_another_mode_are_not_comparable(viewer, qtbot):
    panel, widget = opened(viewer, qtbot, RGB, ks="2, 4", rgb=True, mode="global")
    widget.mode.value = "color"
    press(qtbot, widget)
    comparable = {point.key: point.comparable for point in panel.model.curve.points}
    assert len(comparable) == 4
    for layer in results_of(viewer):
        assert comparable[str(layer.unique_id)] == ("levels" not in layer.name)


def test_a_click_activates_a_result_or_makes_one(window, qtbot):
    panel, widget = opened(window, qtbot, NOISY)
    mouse = drawn(panel, qtbot)
    model = panel.model.curve
    assert panel.readout.lines[0].startswith("K=2: ± ")
    point = model.points[1]
    mouse.move(point.k, point.error)
    line = f"K=4: ± {format_number(point.error)}, the best"
    assert panel.readout.lines == (line, "Click to look at it.")
    mouse.click(point.k, point.error)
    assert window.layers.selection.active.name == "K=4 · it"
    assert column(widget, 0)[current_row(widget)] == "4"
    mouse.move(12)
    assert panel.readout.lines == (f"K=12: at best ± {format_number(model.least_at(12))}", "Click to make it.")
    with qtbot.waitSignal(widget.finished):
        mouse.click(12)
    assert names(results_of(window)) == ["K=2 · it", "K=4 · it", "K=12 · it", "K=32 · it"]
    assert [p.k for p in panel.model.curve.points] == [2, 4, 12, 32]
    mouse.leave()
    assert panel.readout.lines[0].startswith("K=12: ")


def test_a_clicked_k_is_made_by_the_current_request(window, qtbot):
    panel, widget = opened(window, qtbot, RGB, ks="2, 4", rgb=True, mode="per_channel")
    mouse = drawn(panel, qtbot)
    widget.mode.value = "color"
    with qtbot.waitSignal(widget.finished):
        mouse.click(16)
    assert names(results_of(window)) == [f"K={k} own · it" for k in (2, 4, 16)]


def test_arrow_keys_point_and_return_activates(window, qtbot):
    panel, _ = opened(window, qtbot, NOISY)
    mouse = drawn(panel, qtbot)
    mouse.key(Qt.Key.Key_Right)
    assert panel.model.pointed_k == 2
    mouse.key(Qt.Key.Key_Right)
    mouse.key(Qt.Key.Key_Right)
    assert panel.readout.lines[0].startswith("K=4: ± ")
    mouse.key(Qt.Key.Key_Return)
    assert window.layers.selection.active.name == "K=4 · it"


def test_lossless_results_are_drawn_at_the_lower_limit(window, qtbot):
    panel, _ = opened(window, qtbot, np.repeat(np.arange(5, dtype=np.uint8), 9).reshape(5, 9) * 9, ks="2, 8")
    mouse = drawn(panel, qtbot)
    mouse.move(8)
    assert panel.readout.lines[0] == "K=8 → 5: nothing is lost"
    low = panel.model.curve.limits[0]
    assert mouse.axes.collections[1].get_offsets()[:, 1].min() == pytest.approx(low)


@pytest.mark.slow
def test_the_plot_follows_the_theme(window, qtbot):
    panel, _ = opened(window, qtbot, NOISY)
    mouse = drawn(panel, qtbot)
    dark = mouse.canvas.figure.get_facecolor()
    window.theme = "light"
    assert sum(mouse.canvas.figure.get_facecolor()[:3]) > sum(dark[:3])


def test_closing_the_dock_cancels_the_measurement(viewer, qtbot, monkeypatch):
    begun, left = threading.Event(), threading.Event()

    def wait(data, axis, alpha, tick):
        begun.set()
        try:
            while True:
                tick()
                time.sleep(0.001)
        finally:
            left.set()

    monkeypatch.setattr(curve_model, "own_noise", wait)
    viewer.add_image(NOISY, name="it")
    dock, widget = open_dock_and_widget(viewer)
    widget.k_values.value = "2"
    press(qtbot, widget)
    accordion_of(widget).open(TITLE)
    qtbot.waitUntil(begun.is_set)
    dock.destroyOnClose()
    qtbot.waitUntil(left.is_set)
