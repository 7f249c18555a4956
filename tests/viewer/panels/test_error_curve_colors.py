"""Colour differences in *How many are enough?* in a real dock: the figures of the table, measured once."""

import numpy as np
import pytest
from driving import GREY, RGB, accordion_of, column, find_panel, names, press, results_of, settle, table
from panels_driver import quantize_image
from pointer import Pointer, wait_for_rest

from napari_quantize.core.quality.perception import delta_e
from napari_quantize.viewer.measure import slow_figures

TITLE = "How many are enough?"


@pytest.fixture
def runs(monkeypatch):
    """How often a colour difference was measured."""
    runs = []
    monkeypatch.setattr(slow_figures, "delta_e", lambda *args, **named: runs.append(1) or delta_e(*args, **named))
    return runs


def opened(viewer, qtbot, image, ks="2, 4, 8", mode="color", columns=None):
    """Return the open panel, and the dock; with only these columns in the table."""
    widget, layers = quantize_image(viewer, qtbot, image, ks, mode=mode, columns=columns, rgb=True)
    accordion_of(widget).open(TITLE)
    return find_panel(widget, TITLE), widget, layers


def wait_for_figures(panel, qtbot):
    qtbot.waitUntil(lambda: panel.model.quantity == "delta_e" and panel.model.is_measured)


def choose(panel, name):
    index = panel.quantity.findText(name)
    panel.quantity.setCurrentIndex(index)
    panel.quantity.activated.emit(index)


@pytest.mark.parametrize("columns", [None, ("rmse",)])
def test_points_equal_the_figures_of_the_table(viewer, qtbot, runs, columns):
    panel, widget, layers = opened(viewer, qtbot, RGB, columns=columns)
    assert panel.quantity.currentText() == "ΔE"
    wait_for_figures(panel, qtbot)
    differences = [delta_e(RGB, layer.data).mean for layer in layers]
    assert [point.error for point in panel.model.curve.points] == differences
    assert panel.message.text().startswith(f"At K=8 the mean ΔE is still {differences[-1]:.1f}")
    table(widget).choose_columns({"delta_e"})
    settle(qtbot)
    assert column(widget, 1)[1:] == [f"{one:.2f}" for one in differences]
    choose(panel, "error")
    choose(panel, "ΔE")
    settle(qtbot)
    assert len(runs) == len(layers)


def test_hidden_colour_differences_are_not_measured(viewer, qtbot, runs):
    panel, widget, layers = opened(viewer, qtbot, RGB, mode="global", columns=("rmse",))
    assert (panel.quantity.currentText(), panel.quantity.isVisibleTo(widget.native)) == ("error", True)
    qtbot.waitUntil(lambda: panel.model.is_measured)
    assert len(panel.model.curve.least)
    assert not runs
    choose(panel, "ΔE")
    wait_for_figures(panel, qtbot)
    assert len(runs) == len(layers)
    assert not len(panel.model.curve.least)
    accordion_of(widget).open("Histogram")
    press(qtbot, widget)  # made anew, and not looked at
    settle(qtbot)
    assert len(runs) == len(layers)
    accordion_of(widget).open(TITLE)
    wait_for_figures(panel, qtbot)
    assert len(runs) == 2 * len(layers)


def test_grey_images_offer_no_colour_differences(viewer, qtbot):
    panel, widget, _ = opened(viewer, qtbot, RGB)
    viewer.add_image(GREY, name="grey")
    viewer.layers.selection.active = viewer.layers["grey"]
    viewer.layers.selection.active = press(qtbot, widget)[0]
    assert not panel.quantity.isVisibleTo(widget.native)
    assert panel.model.quantity == "rmse"


def test_stale_results_are_not_compared(viewer, qtbot):
    panel, _, _ = opened(viewer, qtbot, RGB)
    wait_for_figures(panel, qtbot)
    viewer.layers["it"].data = RGB[::-1].copy()
    sentence = "The image has changed since this result was made."
    qtbot.waitUntil(lambda: panel.message.text() == sentence)
    assert not panel.model.curve.known


def test_large_stacks_are_compared_in_the_displayed_plane(viewer, qtbot, monkeypatch):
    monkeypatch.setattr(slow_figures, "_MAX_STACK_VALUES", 100)
    film = np.stack([RGB // 2, RGB])
    panel, _, [layer] = opened(viewer, qtbot, film, ks="4")
    for plane in (1, 0):
        viewer.dims.set_current_step(0, plane)
        expected = delta_e(film[plane], layer.data[plane]).mean
        qtbot.waitUntil(lambda expected=expected: panel.model.curve.points[0].error == expected)
    assert panel.message.text().endswith("Measured in the plane that is shown.")


def test_colours_of_12_bits_are_as_bright_as_napari_shows_them(viewer, qtbot):
    shades = np.random.default_rng(3).integers(500, 1500, (2, 12, 16, 3)).astype(np.uint16)
    panel, _, layers = opened(viewer, qtbot, shades[0], ks="1, 4")
    wait_for_figures(panel, qtbot)
    differences = [delta_e(shades[0] * 16, layer.data * 16, white=65535).mean for layer in layers]
    assert [point.error for point in panel.model.curve.points] == pytest.approx(differences, rel=0.01)
    assert not panel.message.text().startswith("From K=1 on")


def test_a_dark_plane_has_the_white_of_its_stack(viewer, qtbot, monkeypatch):
    monkeypatch.setattr(slow_figures, "_MAX_STACK_VALUES", 100)
    film = np.stack([RGB, RGB.astype(np.uint16) * 20]).astype(np.uint16)
    panel, _, [layer] = opened(viewer, qtbot, film, ks="4")
    viewer.dims.set_current_step(0, 0)
    expected = delta_e(film[0], layer.data[0], white=4095).mean
    qtbot.waitUntil(lambda: panel.model.curve.points[0].error == expected)


def test_colour_differences_are_drawn_pointed_at_and_clicked(window, qtbot):
    panel, widget, _ = opened(window, qtbot, RGB)
    wait_for_figures(panel, qtbot)
    qtbot.waitUntil(lambda: panel._drawing is not None)
    wait_for_rest(qtbot, panel._plot.figure.canvas)
    mouse = Pointer(panel._plot.figure)
    curve, halving, limit = mouse.axes.collections[0].get_segments()
    assert (len(curve), len(halving)) == (0, 0)
    assert limit[:, 1].tolist() == [1, 1]
    point = panel.model.curve.points[2]
    drawn = mouse.axes.collections[1].get_offsets()
    assert (8, pytest.approx(point.error)) in [tuple(offset) for offset in drawn]
    mouse.move(8, point.error)
    assert panel.readout.lines[0].startswith("K=8: ΔE ")
    mouse.click(8, point.error)
    assert window.layers.selection.active.name == "K=8 · it"
    with qtbot.waitSignal(widget.finished):
        mouse.click(16)
    assert names(results_of(window))[-1] == "K=16 · it"
    qtbot.waitUntil(lambda: len(panel.model.curve.known) == 4)
