"""The mark ⚠ of levels more than 1 % above the best, and the button *Use best*."""

import numpy as np
from driving import (
    GREY,
    RGB,
    button,
    column,
    is_shown,
    labels,
    menu_action,
    names,
    open_dock,
    press,
    results_of,
    shown,
    titles,
)

from napari_quantize import quantize, sweep
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.plan.regions import EACH_SLICE, WHOLE


def open_with_marks(viewer, qtbot, ks="2, 8"):
    """Make two results; the second is above best, because Lloyd's algorithm stops at a local minimum."""
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, ks)
    widget.method.value = "lloyd"
    return source, widget, press(qtbot, widget)


def can_use_best(widget):
    return is_shown(button(widget, "Use best"), widget)


def test_results_above_best_are_marked_and_explained(viewer, qtbot):
    source, widget, (two, eight) = open_with_marks(viewer, qtbot)
    assert titles(widget)[:3] == ["K", "error ±", "above best"]
    first, last = column(widget, 2)[1:]
    assert not first.endswith("⚠")
    assert last.endswith(" % ⚠")
    for layer in (two, source):
        viewer.layers.selection.active = layer
        assert "⚠ more than 1 % above the best possible" in labels(widget)
        assert not can_use_best(widget)
    viewer.layers.selection.active = eight
    assert f"K=8 Lloyd: {last.removesuffix(' ⚠')} above best" in labels(widget)
    assert can_use_best(widget)


def test_use_best_makes_the_exact_result(viewer, qtbot):
    _, widget, (_, eight) = open_with_marks(viewer, qtbot)
    viewer.layers.selection.active = eight
    with qtbot.waitSignal(widget.finished) as ended:
        button(widget, "Use best").click()
    [best] = ended.args[0]
    [expected] = sweep(GREY, (8,), method="exact")
    np.testing.assert_array_equal(best.data, expected.image)
    assert names(viewer.layers)[-2:] == ["K=8 Lloyd · cells", "K=8 exact · cells"]
    assert column(widget, 0) == ["source", "2 Lloyd", "8 Lloyd", "8 exact"]
    assert not can_use_best(widget)  # the best is there
    assert column(widget, 2)[-1] == "0.0 %"
    assert viewer.layers.selection.active is best


def test_use_best_shows_the_new_result_in_one(viewer, qtbot):
    _, widget, (_, eight) = open_with_marks(viewer, qtbot)
    widget.tile.value = True
    viewer.layers.selection.active = eight
    button(widget, "One").click()
    with qtbot.waitSignal(widget.finished) as ended:
        button(widget, "Use best").click()
    assert shown(viewer) == names(ended.args[0])


def test_use_best_of_channels_and_of_slices_stays_what_it_is(viewer, qtbot):
    stack = np.random.default_rng(4).choice([0, 1, 9, 30, 100, 101, 180, 250], (3, 12, 16)).astype(np.uint8)
    viewer.add_image(stack, name="it")
    widget = open_dock(viewer, "4")
    widget.method.value, widget.channel_axis.value, widget.mode.value = "lloyd", 0, "per_channel"
    [own] = press(qtbot, widget)
    widget.channel_axis.value = None
    widget.learn_from.value = EACH_SLICE
    [each] = press(qtbot, widget)
    assert names([own, each]) == ["K=4 own Lloyd · it", "K=4 each slice Lloyd · it"]
    widget.learn_from.value = WHOLE
    for layer, name, axis in ((own, "K=4 own exact · it", None), (each, "K=4 each slice exact · it", 0)):
        widget.channel_axis.value = axis  # the field says something else now
        viewer.layers.selection.active = layer
        request = provenance_of(layer).request.learning(method="exact")
        with qtbot.waitSignal(widget.finished) as ended:
            widget._family_controller.table.result_requested.emit(4, request)
        assert names(ended.args[0]) == [name]


def test_use_best_keeps_a_layer_activated_during_the_run(viewer, qtbot, gate):
    gate.let(2)
    source, widget, (_, eight) = open_with_marks(viewer, qtbot)
    viewer.layers.selection.active = eight
    with qtbot.waitSignal(widget.finished):
        button(widget, "Use best").click()
        qtbot.waitUntil(gate.waiting.is_set)
        viewer.layers.selection.active = source
        gate.open()
    assert viewer.layers.selection.active is source


def test_without_marks_the_line_is_hidden(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    assert not any("best" in text for text in labels(widget))
    assert not can_use_best(widget)


def test_use_best_learns_from_the_region_of_the_result(viewer, qtbot):
    source, widget, (_, eight) = open_with_marks(viewer, qtbot)
    region = viewer.add_labels(np.eye(12, 16, dtype=int), name="region")
    viewer.layers.selection.active = eight
    widget.learn_from.value = region
    with qtbot.waitSignal(widget.finished) as ended:
        button(widget, "Use best").click()
    [expected] = sweep(GREY, (8,), method="exact")  # of the whole image, as the result before
    np.testing.assert_array_equal(ended.args[0][0].data, expected.image)
    assert widget.image.value is source


def test_use_best_asks_for_the_region_of_the_result(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    region = viewer.add_labels(np.ones((12, 16), dtype=int), name="region")
    viewer.layers.selection.active = source
    widget = open_dock(viewer, "8")
    widget.method.value = "lloyd"
    widget.learn_from.value = region
    [eight] = press(qtbot, widget)
    viewer.layers.selection.active = eight
    widget.learn_from.value = "whole"
    button(widget, "Use best").click()
    assert widget.message.value.startswith("This result was learnt from a region that is no longer the chosen one")
    assert not widget.busy
    widget.learn_from.value = region
    with qtbot.waitSignal(widget.finished) as ended:
        button(widget, "Use best").click()
    [expected] = sweep(GREY, (8,), method="exact")
    np.testing.assert_array_equal(ended.args[0][0].data, expected.image)


def test_use_best_shows_a_notice_during_a_run(viewer, qtbot, gate):
    gate.let(2)
    _, widget, (_, eight) = open_with_marks(viewer, qtbot)
    viewer.layers.selection.active = eight
    with qtbot.waitSignal(widget.finished):
        widget.run.native.click()
        button(widget, "Use best").click()
        assert widget.message.value == messages.BUSY
        gate.open()


def above_best(viewer):
    """K of the results whose levels are not the best, and which are not so by rounding only."""
    provenances = [provenance_of(layer) for layer in results_of(viewer)]
    return [each.k for each in provenances if each.quality.excess is not None and each.quality.excess > 1e-12]


def test_use_best_for_all_results_chooses_the_method(viewer, qtbot):
    _, widget, results = open_with_marks(viewer, qtbot, "2, 3, 4, 6, 8, 12, 500")
    wanted = above_best(viewer)
    assert len(wanted) > 2
    viewer.layers.selection.active = results[4]
    with qtbot.waitSignal(widget.finished) as ended:
        menu_action(widget, "For all results").trigger()
    assert [provenance_of(layer).k for layer in ended.args[0]] == wanted
    for layer in ended.args[0]:
        np.testing.assert_array_equal(layer.data, quantize(GREY, provenance_of(layer).k, method="exact"))
    assert widget.method.value == "exact"
    assert column(widget, 0).count("8 exact") == 1
    widget.k_values.value = "5"
    [five] = press(qtbot, widget)
    np.testing.assert_array_equal(five.data, quantize(GREY, 5, method="exact"))


def test_use_best_for_all_results_of_two_kinds(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "7, 9")
    widget.method.value = "lloyd"
    for mode in ("global", "per_channel"):
        widget.mode.value = mode
        press(qtbot, widget)
    assert above_best(viewer) == [7, 7, 9, 9]
    widget.mode.value = "color"  # which has no exact method
    viewer.layers.selection.active = next(
        layer for layer in results_of(viewer) if provenance_of(layer).quality.excess > 0.01
    )
    menu_action(widget, "For all results").trigger()
    qtbot.waitUntil(lambda: len(results_of(viewer)) == 8 and not widget.busy)
    best = [provenance_of(layer) for layer in results_of(viewer) if provenance_of(layer).request.method == "exact"]
    assert sorted((each.k, each.request.mode) for each in best) == [
        (k, mode) for k in (7, 9) for mode in ("global", "per_channel")
    ]
    assert widget.method.value == "lloyd"
