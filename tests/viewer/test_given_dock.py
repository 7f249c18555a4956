"""A result with given colours in the dock: every panel tells of it, and what is made from there is learnt."""

import numpy as np
import pytest
from classes_driving import counted
from driving import GREY, RGB, TIMEOUT_MS, column, open_dock, press, settle
from test_steps_panel import panel_of

from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.palettes.palette import Palette
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import Source, inherited
from napari_quantize.viewer.plan.plan import Plan

COLORS = Palette(np.array([[0, 0, 0], [0, 99, 50], [190, 0, 20], [255, 255, 255]], np.uint8), "four")
GREYS = Palette(np.repeat(np.array([[0], [90], [255]], np.uint8), 3, axis=1), "three")
KINDS = pytest.mark.parametrize(
    ("image", "palette", "axis"), [(RGB, COLORS, -1), (GREY, GREYS, None)], ids=["colours", "levels"]
)


def give(viewer, qtbot, image, palette, axis):
    """Return the dock and the result after an image got a palette."""
    source = viewer.add_image(image, name="it")
    widget = open_dock(viewer, "2")
    codebook = codebook_from(palette, image.dtype, channel_axis=axis)
    plan = Plan.applying(codebook, (), (Source.of(source), inherited(source)), each_slice=False)
    with qtbot.waitSignal(widget.finished, timeout=TIMEOUT_MS) as ended:
        widget._runs.start(plan, tile=False, keep_earlier=True)
    [layer] = ended.args[0]
    viewer.layers.selection.active = layer
    settle(qtbot)
    return widget, layer


@KINDS
def test_result(viewer, qtbot, image, palette, axis):
    widget, layer = give(viewer, qtbot, image, palette, axis)
    np.testing.assert_array_equal(layer.data, codebook_from(palette, image.dtype, channel_axis=axis).apply(image))
    assert layer.name.endswith(f"of {palette.name} · it")
    assert column(widget, 0)[1:] == [f"{len(palette.colors)} palette"]
    assert provenance_of(layer).given == f"the palette “{palette.name}”"


@KINDS
def test_every_panel_opens(viewer, qtbot, image, palette, axis):
    widget, layer = give(viewer, qtbot, image, palette, axis)
    panels = widget._results.panels
    for title in ("Histogram", "Classes", "How many are enough?", "Show the steps"):
        panels.open(title)
        settle(qtbot)
    steps = panel_of(widget)
    qtbot.waitUntil(lambda: steps._scene is not None, timeout=5000)
    panels.open("How many are enough?")
    curve = widget._results.curve
    qtbot.waitUntil(lambda: curve.model.is_measured, timeout=TIMEOUT_MS)
    request = curve.model.request
    assert (request.method, request.palette) == ("minibatch", "")
    with qtbot.waitSignal(widget.finished, timeout=TIMEOUT_MS) as ended:
        curve.wanted.emit(3, request)
    [learnt] = ended.args[0]
    assert provenance_of(learnt).given == ""
    assert layer in viewer.layers


def test_kept_colours_of_a_palette(viewer, qtbot):
    widget, _ = give(viewer, qtbot, RGB, COLORS, -1)
    widget._results.panels.open("Classes")
    panel = widget._results.classes
    counted(panel, qtbot)
    panel.palette_view.kept.emit(0)
    with qtbot.waitSignal(widget.finished, timeout=TIMEOUT_MS) as ended:
        panel.again_button.click()
    made = provenance_of(ended.args[0][0])
    assert (made.request.method, made.request.keep) == ("minibatch", ((0.0, 0.0, 0.0),))


def test_learnt_results_have_another_curve(viewer, qtbot):
    widget, given = give(viewer, qtbot, GREY, GREYS, None)
    [learnt] = press(qtbot, widget)
    viewer.layers.selection.active = learnt
    widget._results.panels.open("How many are enough?")
    curve = widget._results.curve
    qtbot.waitUntil(lambda: curve.model.is_measured, timeout=TIMEOUT_MS)
    comparable = {point.key for point in curve.model.curve.points if point.comparable}
    assert comparable == {provenance_of(learnt).layer_id}
    assert provenance_of(given).layer_id not in comparable
