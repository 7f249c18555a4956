"""Channels in layers of their own are reduced to colours together; each layer gets its channel of the result."""

import numpy as np
from driving import GREY, RGB, button, click_box, is_shown, labels, names, open_dock, press, results_of
from qtpy.QtCore import Qt

from napari_quantize import quantize
from napari_quantize.text.methods import methods_sentence
from napari_quantize.viewer.layers.provenance import provenance_of

DAPI = np.random.default_rng(1).integers(0, 4000, (12, 16), dtype=np.uint16)
GFP = np.random.default_rng(2).integers(0, 900, (12, 16), dtype=np.uint16)


def channels(viewer):
    """Add two channels as microscopes do, and select both."""
    layers = [
        viewer.add_image(DAPI, name="DAPI", colormap="blue", blending="additive", contrast_limits=(0, 4000)),
        viewer.add_image(GFP, name="GFP", colormap="green", blending="additive", contrast_limits=(0, 900)),
    ]
    viewer.layers.selection = set(layers)
    viewer.layers.selection.active = layers[1]
    viewer.layers.selection.add(layers[0])
    return layers


def rows_of(widget):
    """Return the names of the listed layers, and whether they are ticked."""
    rows = widget._inputs.channels.list
    items = [rows.item(index) for index in range(rows.count())]
    return {item.text(): item.checkState() == Qt.CheckState.Checked for item in items}


def click(widget, name):
    """Click the box of a listed layer."""
    rows = widget._inputs.channels.list
    [item] = rows.findItems(name, Qt.MatchFlag.MatchExactly)
    click_box(rows, item)


def test_together_is_offered_where_several_layers_are_alike(viewer):
    dapi = viewer.add_image(DAPI, name="DAPI")
    viewer.add_image(GREY.astype(np.uint16)[:5], name="small")
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "4")
    widget.image.value = dapi
    assert widget.mode.choices == ("global",)
    gfp = viewer.add_image(GFP, name="GFP")
    widget.image.value = dapi
    assert widget.mode.choices == ("global", "together")
    assert widget.mode.native.itemText(1) == "Classes of several channels"
    assert widget.mode.value == "global"
    assert not is_shown(widget._inputs.channels, widget)
    widget.image.value = viewer.layers["small"]
    assert widget.mode.choices == ("global",)
    widget.image.value = gfp
    viewer.layers.remove(dapi)
    assert widget.mode.choices == ("global",)


def test_layers_are_ticked_in_a_list(window, qtbot):
    viewer = window
    for name, data in {"DAPI": DAPI, "GFP": GFP, "third": GFP // 2}.items():
        viewer.add_image(data, name=name)
    widget = open_dock(viewer, "3")
    widget.image.value = viewer.layers["DAPI"]
    widget.mode.value = "together"
    assert is_shown(widget._inputs.channels, widget)
    assert rows_of(widget) == {"DAPI": True, "GFP": True, "third": True}
    assert "3 layers" in widget.run.text
    click(widget, "third")
    assert rows_of(widget) == {"DAPI": True, "GFP": True, "third": False}
    assert "2 layers" in widget.run.text
    click(widget, "DAPI")  # the chosen image stays one of them
    assert rows_of(widget)["DAPI"]
    results = press(qtbot, widget)
    assert names(results) == ["K=3 of 2 channels · DAPI", "K=3 of 2 channels · GFP"]
    expected = quantize(np.stack([DAPI, GFP]), 3, mode="color", channel_axis=0, balance=True)
    for result, channel in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result.data, channel)
    click(widget, "GFP")
    assert widget.message.value == "1 layer is ticked: tick 2 to 16 as channels."
    assert not widget.run.native.isEnabled()
    click(widget, "GFP")
    assert widget.run.native.isEnabled()
    viewer.layers["GFP"].name = "green"
    assert rows_of(widget) == {"DAPI": True, "green": True, "third": False}


def test_channels_can_keep_their_own_weights(viewer, qtbot):
    channels(viewer)
    widget = open_dock(viewer, "3")
    widget.mode.value = "together"
    press(qtbot, widget)
    button(widget, "Equal weight").click()
    results = press(qtbot, widget)
    assert [layer.name.split(" · ")[0] for layer in results] == ["K=3 of 2 channels unbalanced"] * 2
    expected = quantize(np.stack([DAPI, GFP]), 3, mode="color", channel_axis=0)
    np.testing.assert_array_equal(viewer.layers["K=3 of 2 channels unbalanced · DAPI"].data, expected[0])


def test_each_layer_gets_its_channel(viewer, qtbot):
    layers = channels(viewer)
    selected = set(viewer.layers.selection)
    widget = open_dock(viewer, "3, 5")
    widget.mode.value = "together"
    assert "4 layers" in widget.run.text
    results = press(qtbot, widget)
    assert sorted(names(results)) == sorted(f"K={k} of 2 channels · {name}" for k in (3, 5) for name in ("DAPI", "GFP"))
    for k in (3, 5):
        expected = quantize(np.stack([DAPI, GFP]), k, mode="color", channel_axis=0, balance=True)
        for layer, channel in zip(layers, expected, strict=True):
            result = viewer.layers[f"K={k} of 2 channels · {layer.name}"]
            np.testing.assert_array_equal(result.data, channel)
            assert result.colormap.name == layer.colormap.name
            assert result.blending == "additive"
            assert provenance_of(result).source_id == str(layer.unique_id)
    np.testing.assert_array_equal(layers[0].data, DAPI)
    assert set(viewer.layers.selection) == selected
    assert sorted(names(press(qtbot, widget))) == sorted(names(results))  # replaced in place
    assert len(results_of(viewer)) == 4
    assert any(text.endswith("errors are over all 2 layers together") for text in labels(widget))


def test_removing_a_layer_during_a_run_of_several_is_no_error(viewer, qtbot):
    dapi, gfp = channels(viewer)
    widget = open_dock(viewer, "3")
    widget.mode.value = "together"
    with qtbot.waitSignal(widget.finished):
        widget.run.native.click()
        viewer.layers.remove(dapi if widget.image.value is gfp else gfp)
    assert not widget.busy


def test_another_set_of_layers_gets_results_of_its_own(viewer, qtbot):
    dapi, gfp = channels(viewer)
    third = viewer.add_image(GFP // 2, name="third")
    viewer.layers.selection = {dapi, gfp, third}
    widget = open_dock(viewer, "2")
    widget.image.value = dapi
    widget.mode.value = "together"
    first = {layer: layer.data.copy() for layer in press(qtbot, widget)}
    viewer.layers.selection = {dapi, gfp}
    widget.image.value = dapi
    widget.mode.value = "together"
    second = press(qtbot, widget)
    assert not set(first) & set(second)
    for layer, data in first.items():
        np.testing.assert_array_equal(layer.data, data)
    provenance = provenance_of(second[0])
    assert [name for _, name in provenance.together] == ["DAPI", "GFP"]
    assert "2 channels (DAPI, GFP)" in methods_sentence(provenance)
    assert provenance.palette.shape == (2, 1)


def test_results_are_counted_by_k_and_not_by_layer(viewer, qtbot, gate):
    channels(viewer)
    widget = open_dock(viewer, "2, 3, 4")
    widget.mode.value = "together"
    gate.let(2)
    widget.run.native.click()
    qtbot.waitUntil(lambda: len(results_of(viewer)) == 4)
    widget.cancel.native.click()
    assert widget.message.value == "Stopped: 2 of 3 results are ready."


def test_values_of_k_above_the_number_of_colours_are_told_once(viewer, qtbot):
    for name in ("a", "b"):
        viewer.add_image((DAPI > 2000).astype(np.uint8), name=name)
    widget = open_dock(viewer, "3, 4")
    widget.mode.value = "together"
    press(qtbot, widget)
    assert widget.message.value == "The image has 2 distinct colours, fewer than K=3, 4: nothing is lost there."


def test_the_order_of_the_layers_makes_no_other_results(viewer, qtbot):
    channels(viewer)
    widget = open_dock(viewer, "3")
    widget.mode.value = "together"
    first = press(qtbot, widget)
    viewer.layers.move(0, 2)
    assert names(viewer.layers)[:2] == ["GFP", "DAPI"]
    assert set(press(qtbot, widget)) == set(first)
    for name, channel in zip(
        ("GFP", "DAPI"),
        quantize(np.stack([GFP, DAPI]), 3, mode="color", channel_axis=0, balance=True),
        strict=True,
    ):
        np.testing.assert_array_equal(viewer.layers[f"K=3 of 2 channels · {name}"].data, channel)
