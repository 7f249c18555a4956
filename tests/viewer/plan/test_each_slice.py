"""*Each slice on its own*: each slice of a stack gets levels of its own, and texts say so."""

import numpy as np
import pytest
from driving import GREY, RGB, button, column, labels, names, open_dock, press, results_of, settle, table, titles

from napari_quantize import quantize
from napari_quantize.text.methods import methods_sentence
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.plan.regions import EACH_SLICE, slice_axis
from napari_quantize.viewer.plan.resolve import MAX_SLICES, FieldValues, resolve

FILM = (
    np.random.default_rng(3).gamma(2, 300, (7, 12, 16)).astype(np.uint16)
    * np.arange(1, 8, dtype=np.uint16)[:, None, None]
)


def field_values(shape, **options):
    return FieldValues(Source("1", "film", np.zeros(shape, np.uint8), False, ()), "global", "2, 4", None, 0, **options)


def test_each_slice_is_requested_as_a_channel():
    resolved = resolve(field_values((7, 12, 16), slice_axis=0))
    assert (resolved.request.mode, resolved.request.channel_axis) == ("per_channel", 0)
    assert (resolved.n_layers, resolved.n_channels) == (2, 1)
    assert resolved.notice == messages.EACH_SLICE
    assert resolve(field_values((7, 12, 16))).notice == ""


@pytest.mark.parametrize(
    ("n", "ks", "message"),
    [(MAX_SLICES + 1, "2", f"{MAX_SLICES + 1:,} slices"), (200, "2, 400", "200 slices of K=400 make 80,000 levels")],
)
def test_too_many_slices_or_levels_are_declined(n, ks, message):
    resolved = resolve(FieldValues(field_values((n, 2, 2)).source, "global", ks, None, 0, slice_axis=0))
    assert resolved.request is None
    assert message in resolved.problem


def test_each_slice_is_offered_for_one_hidden_axis(viewer):
    viewer.add_image(GREY, name="plane")
    widget = open_dock(viewer)
    assert EACH_SLICE not in widget.learn_from.choices
    viewer.add_image(RGB, name="photo", rgb=True)
    assert EACH_SLICE not in widget.learn_from.choices
    film = viewer.add_image(FILM, name="film")
    assert EACH_SLICE in widget.learn_from.choices
    assert slice_axis(viewer, film, None) == 0
    viewer.dims.ndisplay = 3
    assert slice_axis(viewer, film, None) == 0
    viewer.dims.ndisplay = 2
    viewer.dims.order = (2, 0, 1)
    assert slice_axis(viewer, film, None) == 2
    viewer.dims.order = (0, 1, 2)
    channels = viewer.add_image(FILM[:3], name="channels")
    widget.channel_axis.value = 0
    assert EACH_SLICE not in widget.learn_from.choices
    widget.channel_axis.value = None
    assert EACH_SLICE in widget.learn_from.choices
    assert slice_axis(viewer, channels, 0) is None
    hyper = viewer.add_image(np.zeros((6, 7, 12, 16), np.uint8), name="film of stacks")
    assert EACH_SLICE not in widget.learn_from.choices
    viewer.dims.ndisplay = 3
    assert EACH_SLICE in widget.learn_from.choices
    assert slice_axis(viewer, hyper, None) == 0
    assert slice_axis(viewer, film, None) == 0


def test_each_slice_gets_levels_of_its_own(viewer, qtbot):
    viewer.add_image(FILM, name="film")
    widget = open_dock(viewer, "3")
    [whole] = press(qtbot, widget)
    widget.learn_from.value = EACH_SLICE
    assert any("films flicker" in text for text in labels(widget))
    assert "each slice" in widget._inputs._options._button.text()
    [layer] = press(qtbot, widget)
    assert layer is not whole
    assert layer.name == "K=3 each slice · film"
    np.testing.assert_array_equal(layer.data, np.stack([quantize(plane, 3) for plane in FILM]))
    provenance = provenance_of(layer)
    assert provenance.each_slice
    assert provenance.quality.n_colors is None
    assert column(widget, 0) == ["source", "3", "3 each slice"]
    assert float(column(widget, titles(widget).index("bits/px"))[2]) <= np.log2(3) + 0.1
    row = table(widget).item(2, 0).toolTip()
    assert "own for each slice" in row
    assert "channel" not in row
    sentence = methods_sentence(provenance)
    assert "separately for each slice" in sentence
    assert "channel" not in sentence
    assert press(qtbot, widget) == [layer]  # replaced in place
    assert len(results_of(viewer)) == 2


def test_the_histogram_follows_the_slider(viewer, qtbot):
    source = viewer.add_image(FILM, name="film")
    widget = open_dock(viewer, "3")
    widget.learn_from.value = EACH_SLICE
    [layer] = press(qtbot, widget)
    for index in (0, 6, 3):
        viewer.dims.set_current_step(0, index)
        settle(qtbot)
        shown = widget._family.snapshot()
        assert shown.slice == index
        [levels] = shown.levels
        np.testing.assert_array_equal(np.unique(layer.data[index]), np.unique(np.rint(levels)))
        assert shown.facts.counts.sum() == FILM[index].size
        assert shown.facts is widget._family.snapshot().facts  # nothing is drawn anew for the same slice
        assert button(widget, f"▾ Histogram · K=3, slice {index}")
    viewer.layers.selection.active = source
    assert len(names(results_of(viewer))) == 1


def test_an_old_result_of_a_stack_that_has_grown_can_be_shown(viewer, qtbot):
    source = viewer.add_image(FILM[:3], name="film")
    widget = open_dock(viewer, "3")
    widget.channel_axis.value = None
    widget.learn_from.value = EACH_SLICE
    [old] = press(qtbot, widget)
    source.data = FILM
    widget.channel_axis.value = None
    widget.learn_from.value = EACH_SLICE
    widget.k_values.value = "4"
    press(qtbot, widget)
    viewer.dims.set_current_step(0, 5)
    viewer.layers.selection.active = old
    settle(qtbot)
    shown = widget._family.snapshot()
    assert (shown.current[0], shown.slice) == (old, None)
    assert len(shown.levels) == 3


def test_in_3d_each_volume_gets_levels_of_its_own(viewer, qtbot):
    volumes = np.random.default_rng(4).integers(0, 99, (6, 4, 8, 9), dtype=np.uint8)
    viewer.add_image(volumes, name="volumes")
    viewer.dims.ndisplay = 3
    widget = open_dock(viewer, "2")
    widget.learn_from.value = EACH_SLICE
    [layer] = press(qtbot, widget)
    np.testing.assert_array_equal(layer.data, np.stack([quantize(volume, 2) for volume in volumes]))
