"""Results of a given palette in the dock: each panel shows them, and results made from them are learnt."""

import numpy as np
import pytest
from classes_driver import wait_until_counted
from driving import GREY, RGB, accordion_of, column, find_panel, press, settle
from given_palettes import COLORS, GREYS, apply_palette
from steps_driver import panel_of

from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.viewer.layers.provenance import provenance_of

KINDS = pytest.mark.parametrize(
    ("image", "palette", "axis"), [(RGB, COLORS, -1), (GREY, GREYS, None)], ids=["colours", "levels"]
)


@KINDS
def test_a_result_of_a_palette(viewer, qtbot, image, palette, axis):
    widget, layer = apply_palette(viewer, qtbot, image, palette, axis)
    np.testing.assert_array_equal(layer.data, codebook_from(palette, image.dtype, channel_axis=axis).apply(image))
    assert layer.name.endswith(f"of {palette.name} · it")
    assert column(widget, 0)[1:] == [f"{len(palette.colors)} of {palette.name}"]
    assert provenance_of(layer).palette_phrase == f"the palette “{palette.name}”"


@KINDS
def test_every_panel_opens_for_a_result_of_a_palette(viewer, qtbot, image, palette, axis):
    widget, layer = apply_palette(viewer, qtbot, image, palette, axis)
    panels = accordion_of(widget)
    for title in ("Histogram", "Classes", "How many are enough?", "Show the steps"):
        panels.open(title)
        settle(qtbot)
    steps = panel_of(widget)
    qtbot.waitUntil(lambda: steps._data is not None)
    panels.open("How many are enough?")
    curve = find_panel(widget, "How many are enough?")
    qtbot.waitUntil(lambda: curve.model.is_measured)
    request = curve.model.request
    assert (request.method, request.palette) == ("minibatch", "")
    with qtbot.waitSignal(widget.finished) as ended:
        curve.result_requested.emit(3, request)
    [learnt] = ended.args[0]
    assert provenance_of(learnt).palette_phrase == ""
    assert layer in viewer.layers


def test_kept_colours_of_a_palette(viewer, qtbot):
    widget, _ = apply_palette(viewer, qtbot, RGB, COLORS, -1)
    accordion_of(widget).open("Classes")
    panel = find_panel(widget, "Classes")
    wait_until_counted(panel, qtbot)
    panel.palette_view.lock_toggled.emit(0)
    with qtbot.waitSignal(widget.finished) as ended:
        panel.again_button.click()
    provenance = provenance_of(ended.args[0][0])
    assert (provenance.request.method, provenance.request.keep) == ("minibatch", ((0.0, 0.0, 0.0),))


def test_learnt_results_have_a_curve_of_their_own(viewer, qtbot):
    widget, given = apply_palette(viewer, qtbot, GREY, GREYS, None)
    [learnt] = press(qtbot, widget)
    viewer.layers.selection.active = learnt
    accordion_of(widget).open("How many are enough?")
    curve = find_panel(widget, "How many are enough?")
    qtbot.waitUntil(lambda: curve.model.is_measured)
    comparable = {point.key for point in curve.model.curve.points if point.comparable}
    assert comparable == {provenance_of(learnt).layer_id}
    assert provenance_of(given).layer_id not in comparable
