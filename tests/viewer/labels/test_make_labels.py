"""*Make labels* in the dock: one Labels layer a result, where the image is; what the user has changed stays."""

import codecs
import csv
import threading

import numpy as np
import pytest
from classes_driver import cells, open_panel
from driving import GREY, RGB, button, column, current_row, labels, names, open_dock, press, results_of, settle, shown
from labels_driver import button_of, make_labels, open_options
from napari.layers import Labels
from qtpy.QtCore import Qt

from napari_quantize import classify, fit
from napari_quantize.core.classes.objects import find_objects
from napari_quantize.viewer.labels import controller, model
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels.button import LabelsButton
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import GEOMETRY, geometry_of

STACK = np.random.default_rng(5).integers(0, 4000, (3, 12, 16), dtype=np.uint16)
BROKEN = np.where(GREY > 180, np.nan, GREY).astype(np.float32)
RGBA = np.dstack([RGB, np.where(GREY > 60, 255, 0).astype(np.uint8)])
TILTED = {
    "scale": (2.0, 0.3, 0.4),
    "translate": (5.0, -7.0, 1.5),
    "shear": (0.1, 0.0, 0.2),
    "affine": np.array([[1, 0, 0, 3], [0, 0.9, 0.2, 4], [0, -0.2, 0.9, 5], [0, 0, 0, 1.0]]),
    "units": ("um", "um", "um"),
    "axis_labels": ("z", "row", "col"),
}


def codes_of(layer, image):
    codebook = provenance_of(layer).codebook
    codes = codebook.encode(image).astype(int)
    return np.where((codes == codebook.n_used) | (codes == 0), 0, codes + 1)


def test_labels_are_the_classes_of_the_current_result(viewer, qtbot):
    viewer.add_image(GREY, name="cells", scale=(0.5, 0.5), units=("um", "um"))
    widget = open_dock(viewer, "2, 4")
    two, four = press(qtbot, widget)
    layer = make_labels(viewer, qtbot, widget)
    assert isinstance(layer, Labels)
    assert layer.name == "labels K=4 · cells"
    np.testing.assert_array_equal(layer.data, codes_of(four, GREY))
    assert list(layer.features) == ["index", "class", "center", "pixels", "area (µm²)", "mean"]
    np.testing.assert_allclose(layer.features["area (µm²)"].sum(), (layer.data > 0).sum() / 4)
    assert (current_row(widget), column(widget, 0)) == (2, ["source", "2", "4"])
    assert "3 classes, class 1 is background" in widget.message.value
    assert widget.message.value.endswith(labels_messages.TABLE)
    viewer.layers.selection.active = two
    assert make_labels(viewer, qtbot, widget, foreground=1).name == "labels K=2 · cells"
    assert set(np.unique(viewer.layers["labels K=2 · cells"].data)) == {1, 2}
    assert current_row(widget) == 1


def test_the_button_replaces_the_labels_it_made_before(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    first = make_labels(viewer, qtbot, widget)
    first.name, first.opacity, first.visible = "mine", 0.2, False
    source.scale = (3, 4)
    again = make_labels(viewer, qtbot, widget, foreground=1)
    assert again is first
    assert (again.name, again.opacity, again.visible) == ("mine", 0.2, True)
    np.testing.assert_array_equal(again.scale, (3, 4))
    assert again.data.min() == 1
    objects = make_labels(viewer, qtbot, widget, split=True, joined=False)
    assert objects.name == "objects K=3 · cells"
    assert make_labels(viewer, qtbot, widget, smallest=60) is objects  # 5 pixels of 3 × 4
    assert objects.features["pixels"].min() >= 5
    copied = Labels(objects.data.copy(), name="a copy", metadata=dict(objects.metadata))
    viewer.add_layer(copied)
    viewer.layers.selection.active = objects
    viewer.layers.remove(objects)
    fresh = make_labels(viewer, qtbot, widget)
    assert fresh not in (copied, objects)


@pytest.mark.parametrize("how", ["painted", "measured"])
def test_labels_changed_by_the_user_are_kept(how, viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    first = make_labels(viewer, qtbot, widget)
    if how == "painted":
        first.paint((2, 2), 2)
        first.data[0, 0] = 2 - first.data[0, 0]
    else:
        first.features = first.features.assign(roundness=1.0)
    kept, columns = first.data.copy(), list(first.features)
    second = make_labels(viewer, qtbot, widget)
    assert second is not first
    np.testing.assert_array_equal(first.data, kept)
    assert list(first.features) == columns
    assert f"“{first.name}” was changed by hand and stays" in widget.message.value
    assert make_labels(viewer, qtbot, widget) is second


KINDS = {
    "16 bit stack": (STACK, {}, STACK),
    "NaN": (BROKEN, {}, BROKEN),
    "RGB": (RGB, {"rgb": True}, RGB),
    "RGBA": (RGBA, {"rgb": True}, RGBA),
    "RGB series": (np.stack([RGB, RGB // 2] * 3), {"rgb": True}, np.stack([RGB, RGB // 2] * 3)),
}


def test_labels_match_the_codebook_for_every_kind_of_image(viewer, qtbot):
    widget = open_dock(viewer, "3")
    for kind, (image, attributes, pixels) in KINDS.items():
        source = viewer.add_image(image, name=kind, **attributes)
        widget.channel_axis.value = None
        [result] = press(qtbot, widget)
        layer = make_labels(viewer, qtbot, widget)
        np.testing.assert_array_equal(layer.data, codes_of(result, pixels), err_msg=kind)
        assert layer.ndim == source.ndim
        np.testing.assert_array_equal(layer.scale, source.scale)
        codebook = provenance_of(result).codebook
        without = int((codebook.encode(pixels) == codebook.n_used).sum())
        assert (f"are 0: {without:,}" in widget.message.value) == (without > 0), kind


def test_labels_have_the_geometry_of_the_image(viewer, qtbot):
    source = viewer.add_image(STACK, name="stack", rotate=30.0, **TILTED)
    widget = open_dock(viewer, "2")
    widget.channel_axis.value = None
    press(qtbot, widget)
    layer = make_labels(viewer, qtbot, widget)
    for name in GEOMETRY:
        assert repr(geometry_of(layer)[name]) == repr(geometry_of(source)[name]), name
    np.testing.assert_allclose(layer.extent.world, source.extent.world)


def test_labels_of_colours_lack_the_channel_axis(viewer, qtbot):
    geometry = {**TILTED, "axis_labels": ("c", "row", "col"), "units": ("pixel", "um", "um")}
    source = viewer.add_image(STACK, name="channels", rotate=(0, 0, 30), **geometry)
    widget = open_dock(viewer, "4")
    assert widget.channel_axis.value == 0
    widget.mode.value = "color"
    [result] = press(qtbot, widget)
    layer = make_labels(viewer, qtbot, widget)
    np.testing.assert_array_equal(layer.data, codes_of(result, STACK))
    assert layer.axis_labels == ("row", "col")
    flat = np.array([[3.5, 7.0], [0, 2], [11, 15]])
    for y, x in flat:
        np.testing.assert_allclose(layer.data_to_world((y, x)), source.data_to_world((0, y, x))[1:])
    assert {"center_c0", "mean_c2"} <= set(layer.features)


def test_layers_quantized_together_share_one_labels_layer(viewer, qtbot):
    gfp = viewer.add_image(STACK[1], name="GFP")
    viewer.layers.selection = {viewer.add_image(STACK[0], name="DAPI"), gfp}
    widget = open_dock(viewer, "3")
    widget.image.value = viewer.layers["DAPI"]
    widget.mode.value = "together"
    results = press(qtbot, widget)
    viewer.layers.selection.active = next(layer for layer in results if "DAPI" in layer.name)
    first = make_labels(viewer, qtbot, widget)
    codebook = provenance_of(results[0]).codebook
    np.testing.assert_array_equal(first.data, classify(codebook, np.stack([STACK[1], STACK[0]])))
    assert {"mean_DAPI", "mean_GFP"} <= set(first.features)
    viewer.layers.selection.active = next(layer for layer in results if "GFP" in layer.name)
    assert make_labels(viewer, qtbot, widget) is first
    viewer.layers.selection.active = next(layer for layer in results if "DAPI" in layer.name)
    viewer.layers.remove(gfp)
    button(widget, labels_messages.MAKE).click()
    assert "“GFP”, one of the channels" in widget.message.value


@pytest.mark.parametrize(("names_", "axes"), [(("t", "y", "x"), (1, 2)), (("z", "y", "x"), (0, 1, 2))])
def test_objects_extend_through_space_but_not_through_time(names_, axes, viewer, qtbot):
    stack = np.random.default_rng(8).integers(0, 3, (6, 9, 9), dtype=np.uint8)
    viewer.add_image(stack, name="stack", axis_labels=names_)
    widget = open_dock(viewer, "3")
    [result] = press(qtbot, widget)
    layer = make_labels(viewer, qtbot, widget, split=True, joined=False)
    expected, classes = find_objects(codes_of(result, stack).astype(np.uint8), axes)
    np.testing.assert_array_equal(layer.data, expected)
    np.testing.assert_array_equal(layer.features["class"], classes[1:])
    form = widget.native.findChild(LabelsButton).form
    assert form.reach.isVisibleTo(form) == (names_[0] == "z")
    if names_[0] == "z":
        form.reach.setCurrentIndex(0)
        form.reach.activated.emit(0)
        np.testing.assert_array_equal(make_labels(viewer, qtbot, widget).data, find_objects(stack, (1, 2))[0])
        assert "z" in viewer.layers.selection.active.features


def test_the_button_is_disabled_while_there_is_no_result(viewer):
    viewer.add_image(RGB, name="photo", rgb=True)
    make = button_of(open_dock(viewer, "2"))
    assert not make.isEnabled()
    assert make.toolTip().startswith("There is no result yet")


def choose_channel(widget, index):
    channel = open_options(widget).channel
    channel.setCurrentIndex(index)
    channel.activated.emit(index)


def test_labels_of_own_levels_are_those_of_the_shown_channel_or_of_each(viewer, qtbot):
    geometry = {**TILTED, "axis_labels": ("c", "y", "x"), "units": ("pixel", "um", "um")}
    source = viewer.add_image(STACK, name="channels", **geometry)
    widget = open_dock(viewer, "4")
    widget.mode.value = "per_channel"
    [result] = press(qtbot, widget)
    viewer.dims.set_current_step(0, 1)
    layer = make_labels(viewer, qtbot, widget)
    assert layer.name == "labels K=4 own · channels, channel 1"
    np.testing.assert_array_equal(layer.data, classify(fit(STACK[1], 4), STACK[1]))
    np.testing.assert_allclose(layer.data_to_world((3, 5)), source.data_to_world((0, 3, 5))[1:])
    assert [name for name in layer.features if name.startswith("mean")] == ["mean_c0", "mean_c1", "mean_c2"]
    np.testing.assert_allclose(
        layer.features["mean_c2"], [STACK[2][layer.data == number].mean() for number in (2, 3, 4)]
    )
    # The name comes first, since a narrow field cuts the end.
    assert open_options(widget).channel.currentText().startswith("“channel 1”")
    choose_channel(widget, 1)
    first = make_labels(viewer, qtbot, widget)
    made = [viewer.layers[f"labels K=4 own · channels, channel {channel}"] for channel in range(3)]
    assert first is made[0]
    assert made[1] is layer  # replaced in place
    assert [each.visible for each in made] == [True, False, False]
    for channel, each in enumerate(made):
        np.testing.assert_array_equal(each.data, classify(provenance_of(result).codebook, STACK)[channel])


def test_each_channel_of_a_photo_gets_labels(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "3")
    for mode in ("per_channel", "global"):
        widget.mode.value = mode
        [result] = press(qtbot, widget)
        viewer.layers.selection.active = result
        make_labels(viewer, qtbot, widget)
        codebook = provenance_of(result).codebook
        for channel, name in enumerate(("red", "green", "blue")):
            layer = viewer.layers[f"labels {result.name}, {name}"]
            np.testing.assert_array_equal(layer.data, classify(codebook, RGB)[..., channel])
            assert {"mean_R", "mean_G", "mean_B"} <= set(layer.features)
    choose_channel(widget, 1)
    assert make_labels(viewer, qtbot, widget) is viewer.layers[f"labels {result.name}, green"]


def test_labels_of_slices_on_their_own_are_one_layer(viewer, qtbot):
    stack = np.concatenate([STACK, STACK])
    viewer.add_image(stack, name="film", axis_labels=("t", "y", "x"))
    widget = open_dock(viewer, "3")
    widget.learn_from.value = "each slice"
    [result] = press(qtbot, widget)
    assert provenance_of(result).each_slice
    layer = make_labels(viewer, qtbot, widget)
    for t, plane in enumerate(stack):
        np.testing.assert_array_equal(layer.data[t], classify(fit(plane, 3), plane))
    objects = make_labels(viewer, qtbot, widget, split=True)
    assert set(objects.features["t"]) == set(range(6))


def test_labels_lie_over_all_channels_wherever_their_axis_is(viewer, qtbot):
    film = np.stack([STACK, STACK // 2, STACK // 3], axis=1)  # t, c, y, x
    film = np.concatenate([film, film])
    viewer.add_image(
        film, name="film", axis_labels=("t", "c", "y", "x"), scale=(2, 1, 0.5, 0.5), translate=(0, 5, 3, 4)
    )
    widget = open_dock(viewer, "3")
    assert widget.channel_axis.value == 1
    widget.mode.value = "per_channel"
    press(qtbot, widget)
    viewer.dims.set_current_step(1, 2)
    layer = make_labels(viewer, qtbot, widget)
    assert layer.data.shape == (6, 1, 12, 16)
    np.testing.assert_array_equal(layer.data[:, 0], classify(fit(film[:, 2], 3), film[:, 2]))
    for t, channel in ((0, 0), (4, 1), (5, 2)):
        viewer.dims.set_current_step(0, t)
        viewer.dims.set_current_step(1, channel)
        position = (2 * t, 5 + channel, 3 + 0.5 * 7, 4 + 0.5 * 9)
        assert layer.get_value(position, world=True) == layer.data[t, 0, 7, 9]


def test_the_menu_offers_what_the_result_has(viewer, qtbot):
    viewer.add_image(STACK, name="film", axis_labels=("t", "y", "x"), scale=(1, 0.5, 0.5), units=("s", "um", "um"))
    viewer.add_image(STACK[0], name="plane")
    viewer.add_image(STACK + 1, name="alike")
    viewer.layers.selection.active = viewer.layers["film"]
    widget = open_dock(viewer, "5")
    press(qtbot, widget)
    form = open_options(widget)
    assert (form.foreground.minimum(), form.foreground.maximum(), form.foreground.text()) == (1, 5, "classes ≥ 2")
    assert form.smallest.suffix() == " µm²"
    assert (form.smallest.text(), form.smooth.text()) == (labels_messages.ANY_SIZE, labels_messages.NOT_SMOOTHED)
    assert [form.others.item(row).text() for row in range(form.others.count())] == ["alike"]
    assert not form.channel.isVisibleTo(form)
    assert not form.smallest.isEnabled()
    form.split.setChecked(True)
    assert form.smallest.isEnabled()
    form.smallest.setValue(3)
    viewer.layers.selection.active = viewer.layers["plane"]
    press(qtbot, widget)
    assert open_options(widget).smallest.suffix() == " px"
    assert form.smallest.value() == 0  # 3 µm² are not 3 pixels
    assert not form.others.isVisibleTo(form)


def test_ticked_images_are_measured(viewer, qtbot):
    other = viewer.add_image(GREY.astype(np.float32) ** 2, name="GFP")
    viewer.add_image(GREY, name="DAPI")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    open_options(widget).others.item(0).setCheckState(Qt.CheckState.Checked)
    layer = make_labels(viewer, qtbot, widget)
    np.testing.assert_allclose(
        layer.features["mean_GFP"], [other.data[layer.data == number].mean() for number in (2, 3)]
    )


def test_labels_have_the_colours_of_levels_and_areas(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "4")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    layer = make_labels(viewer, qtbot, widget)
    for number in (2, 3, 4):
        found = np.rint(255 * layer.colormap.map(number)).astype(int)
        assert "#" + bytes(found[:3].tolist()).hex() == "#" + panel.summary.hex_colors[number - 1][-6:]
        assert cells(panel, 0)[number - 1] == str(number)


def test_the_table_is_saved_with_file_time_and_class(viewer, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "objects.csv"
    monkeypatch.setattr(controller, "ask_path", lambda *_: path)
    saved = []
    monkeypatch.setattr(controller, "notify_saved", saved.append)
    viewer.add_image(STACK, name="film", axis_labels=("t", "y", "x"))
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    open_options(widget).save_button.click()
    assert widget.message.value == labels_messages.NO_LABELS
    layer = make_labels(viewer, qtbot, widget, split=True, foreground=3)
    open_options(widget).save_button.click()
    qtbot.waitUntil(lambda: saved == [path])
    assert path.read_bytes().startswith(codecs.BOM_UTF8)
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:4] == ["file", "label", "t", "class"]
    assert len(rows) == layer.data.max() == len(layer.features)
    assert {row["file"] for row in rows} == {"film"}
    np.testing.assert_array_equal([int(row["t"]) for row in rows], layer.features["t"])
    np.testing.assert_allclose([float(row["mean"]) for row in rows], layer.features["mean"])


@pytest.fixture
def labelled(viewer, qtbot):
    """The dock on an image, and labels of its result of three levels."""
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    return widget, make_labels(viewer, qtbot, widget)


@pytest.fixture
def table_path(tmp_path, monkeypatch):
    """The path that is chosen for the table."""
    monkeypatch.setattr(controller, "ask_path", lambda *_: tmp_path / "classes.csv")
    return tmp_path / "classes.csv"


def saved_rows(widget, qtbot, path):
    path.unlink(missing_ok=True)
    open_options(widget).save_button.click()
    qtbot.waitUntil(path.exists)
    settle(qtbot)
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_a_table_of_painted_labels_says_so_and_lists_no_object_twice(labelled, table_path, viewer, qtbot):
    (widget, first), path = labelled, table_path
    assert len(saved_rows(widget, qtbot, path)) == len(first.features)
    assert "painted" not in widget.message.value
    first.paint((2, 2), 2)
    first.data[0, 0] = 2 - first.data[0, 0]
    assert len(saved_rows(widget, qtbot, path)) == len(first.features)
    qtbot.waitUntil(lambda: widget.message.value == labels_messages.painted([first.name]))
    second = make_labels(viewer, qtbot, widget, foreground=1)
    assert second is not first
    assert len(saved_rows(widget, qtbot, path)) == len(second.features) != len(first.features)
    viewer.layers.selection.active = first
    assert len(saved_rows(widget, qtbot, path)) == len(first.features)


def test_a_table_that_another_program_has_set_is_saved(labelled, table_path, qtbot):
    (widget, layer), path = labelled, table_path
    layer.features = {"roundness": [0.0, 0.5, 1.0]}
    assert [row["roundness"] for row in saved_rows(widget, qtbot, path)] == ["0.0", "0.5", "1.0"]


@pytest.mark.parametrize("is_known", [True, False])
def test_no_labels_of_an_image_that_has_changed(is_known, viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    source.data = 255 - GREY
    if is_known:
        qtbot.waitUntil(lambda: any("old" in text for text in column(widget, 0)))
    button_of(widget).click()
    qtbot.waitUntil(lambda: widget.message.value == labels_messages.CHANGED)
    assert button_of(widget).text() == labels_messages.MAKE
    assert not any(isinstance(layer, Labels) for layer in viewer.layers)


def test_no_labels_of_an_image_that_has_more_channels_now(viewer, qtbot):
    image = viewer.add_image(np.stack([GREY, GREY // 2]), name="cells", rgb=False)
    widget = open_dock(viewer, "3")
    widget.channel_axis.value, widget.mode.value = 0, "per_channel"
    press(qtbot, widget)
    image.data = np.stack([GREY] * 5)
    viewer.dims.set_current_step(0, 4)
    open_options(widget)
    button_of(widget).click()
    qtbot.waitUntil(lambda: widget.message.value == labels_messages.CHANGED)
    assert not [layer for layer in viewer.layers if isinstance(layer, Labels)]


@pytest.mark.parametrize("how", ["painted", "replaced"])
def test_labels_that_are_changed_while_new_ones_are_made_stay(how, labelled, viewer, qtbot, monkeypatch):
    widget, first = labelled
    go, made = threading.Event(), model.make_labels

    def make_and_wait(*args):
        new = made(*args)
        go.wait(20)
        return new

    monkeypatch.setattr(controller, "make_labels", make_and_wait)
    button_of(widget).click()
    settle(qtbot)
    if how == "painted":
        first.paint((2, 2), 2)
    else:
        first.data = np.full_like(first.data, 2)
    kept = first.data.copy()
    go.set()
    qtbot.waitUntil(lambda: button_of(widget).text() == labels_messages.MAKE)
    np.testing.assert_array_equal(first.data, kept)
    assert len([layer for layer in viewer.layers if isinstance(layer, Labels)]) == 2
    assert f"“{first.name}” was changed by hand and stays" in widget.message.value


def test_labels_are_offered_as_region_but_not_as_image(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    layer = make_labels(viewer, qtbot, widget)
    assert widget.image.value is source
    assert layer not in widget.image.choices
    assert layer not in results_of(viewer)
    widget.learn_from.value = layer
    _, inside = press(qtbot, widget), results_of(viewer)[-1]
    bright = layer.data > 0
    np.testing.assert_array_equal(provenance_of(inside).levels[0], fit(GREY, 2, mask=bright).centers)


def test_labels_leave_the_grid(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4", tile=True)
    press(qtbot, widget)
    make_labels(viewer, qtbot, widget)
    assert shown(viewer) == ["cells", "labels K=4 · cells"]
    button(widget, "Tile").click()
    assert shown(viewer) == ["cells", "K=2 · cells", "K=4 · cells"]
    button(widget, "Tile").click()
    assert "labels K=4 · cells" in shown(viewer)


@pytest.fixture
def gate(monkeypatch):
    """Return an event that labels wait for; they can be stopped meanwhile."""
    go = threading.Event()
    go.begun, go.left = threading.Event(), threading.Event()

    def make_held(request, tick, tell):
        go.begun.set()
        try:
            while not go.wait(0.005):
                tick()
            return model.make_labels(request, tick, tell)
        finally:
            go.left.set()

    monkeypatch.setattr("napari_quantize.viewer.labels.controller.make_labels", make_held)
    yield go
    go.set()


@pytest.mark.parametrize("how", ["stopped", "closed", "result removed"])
def test_no_labels_are_added_after_stop_close_or_removal(how, gate, viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    [result] = press(qtbot, widget)
    before = names(viewer.layers)
    button(widget, labels_messages.MAKE).click()
    qtbot.waitUntil(gate.begun.is_set)
    if how == "stopped":
        button(widget, labels_messages.STOP).click()
        assert button_of(widget).text() == labels_messages.MAKE
    elif how == "closed":
        viewer.window.remove_dock_widget("all")
    else:
        viewer.layers.remove(result)
        before.remove(result.name)
        gate.set()
    qtbot.waitUntil(gate.left.is_set)
    settle(qtbot)
    assert names(viewer.layers) == before
    if how == "result removed":
        assert labels_messages.GONE in widget.message.value


def test_an_error_is_shown_as_a_notice(monkeypatch, viewer, qtbot):
    def fail(*_):
        raise ValueError("no memory")

    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    monkeypatch.setattr("napari_quantize.viewer.labels.controller.make_labels", fail)
    make_labels(viewer, qtbot, widget)
    assert ("No memory." in labels(widget), len(viewer.layers)) == (True, 2)
