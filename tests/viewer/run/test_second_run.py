"""A second run replaces results of the same settings, and keeps all others."""

import numpy as np
from driving import GREY, RGB, column, menu_action, names, open_dock, press, settle, shown
from qtpy.compat import isalive

from napari_quantize import quantize
from napari_quantize.viewer.widgets.question import Question


def test_the_same_settings_replace_the_same_layers(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    two, four = press(qtbot, widget)
    two.name = "my favourite"
    for layer in viewer.layers:
        layer.visible = layer is two
    source.data = GREY[::-1].copy() // 2
    events = []
    viewer.layers.events.inserted.connect(events.append)
    viewer.layers.events.removed.connect(events.append)
    again = press(qtbot, widget)
    assert [layer is old for layer, old in zip(again, (two, four), strict=True)] == [True, True]
    assert events == []
    assert names(viewer.layers) == ["cells", "my favourite", "K=4 · cells"]
    assert shown(viewer) == ["my favourite"]
    np.testing.assert_array_equal(two.data, quantize(GREY[::-1] // 2, 2))
    assert len(column(widget, 0)) == 3


def test_results_of_other_settings_stay_in_order_of_k(viewer, qtbot):
    viewer.add_points([[1, 1]], name="below")
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "4, 16")
    press(qtbot, widget)
    viewer.add_points([[1, 1]], name="above")
    widget.k_values.value = "2, 8, 16-17"
    press(qtbot, widget)
    expected = [f"K={k} · cells" for k in (2, 4, 8, 16, 17)]
    assert [name for name in names(viewer.layers) if "K=" in name] == expected
    assert column(widget, 0) == ["source", "2", "4", "8", "16", "17"]
    widget.random_state.value = 1
    widget.k_values.value = "4"
    press(qtbot, widget)
    assert [name for name in names(viewer.layers) if "K=" in name] == [
        "K=2 · cells", "K=4 · cells", "K=4 seed 1 · cells", *expected[2:]
    ]  # fmt: skip
    assert {"below", "above"} < set(names(viewer.layers))


def test_keep_earlier_adds_layers(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    first = press(qtbot, widget)
    widget.keep_earlier.value = True
    second = press(qtbot, widget)
    assert not set(first) & set(second)
    assert column(widget, 0) == ["source", "2", "2", "4", "4"]


def test_remove_results_finds_them_by_provenance(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    two, _ = press(qtbot, widget)
    two.name = "renamed"
    viewer.add_image(GREY, name="K=4 · cells")
    photo = viewer.add_image(RGB, name="photo", rgb=True)
    press(qtbot, widget)
    viewer.layers.selection.active = viewer.layers["cells"]
    menu_action(widget, "Remove results").trigger()
    box = widget.native.findChild(Question)
    box.all.click()
    qtbot.waitUntil(lambda: not isalive(box))
    settle(qtbot)
    assert names(viewer.layers) == ["cells", "K=4 · cells [1]", "photo", "K=2 · photo", "K=4 · photo"]
    assert viewer.layers["photo"] is photo


def test_results_of_replaced_data_replace_the_earlier_ones(viewer, qtbot):
    source = viewer.add_image(GREY, name="it")
    widget = open_dock(viewer, "2")
    [layer] = press(qtbot, widget)
    source.data = GREY[:7, 3:].astype(np.uint16) * 9
    assert press(qtbot, widget) == [layer]
    assert (layer.data.shape, layer.data.dtype) == ((7, 13), np.uint16)


def test_results_of_a_moved_source_follow(viewer, qtbot):
    viewer.add_image(GREY, name="a")
    viewer.add_image(GREY // 2, name="b")
    viewer.layers.selection.active = viewer.layers["a"]
    widget = open_dock(viewer, "2")
    [of_a] = press(qtbot, widget)
    viewer.layers.selection.active = viewer.layers["b"]
    [of_b] = press(qtbot, widget)
    viewer.layers["a"].name = "c"
    viewer.layers.selection.active = viewer.layers["c"]
    assert press(qtbot, widget) == [of_a]
    assert of_b.name == "K=2 · b"
