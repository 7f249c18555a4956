"""*Apply these levels to…*: the layers that are listed, and the results."""

import codecs
import csv

import numpy as np
import pytest
from apply_driver import apply_to, open_apply_dialog
from driving import (
    GREY,
    RGB,
    column,
    current_row,
    menu_action,
    names,
    open_dock,
    open_dock_and_widget,
    press,
    results_of,
    settle,
    shown,
)
from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QGuiApplication

from napari_quantize import fit
from napari_quantize.text.methods import methods_sentence
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.cache import cached_samples
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import MAX_LAZY_BYTES, Source
from napari_quantize.viewer.panels.classes.comparison_dialog import ComparisonDialog
from napari_quantize.viewer.plan.compatibility import list_targets

OTHER = GREY[::-1] // 2 + 30


def source(name, shape, dtype=np.uint8, *, rgb=False, data=None):
    return Source(name, name, np.zeros(shape, dtype) if data is None else data, rgb, ())


class Huge:
    shape, dtype = (40_000, 40_000, 2), np.dtype(np.uint8)


STACK = np.random.default_rng(0).integers(0, 99, (3, 5, 6), dtype=np.uint8)
PLAIN = fit(GREY, 4)
PHOTO = fit(RGB, 4, mode="color", channel_axis=-1)


@pytest.mark.parametrize(
    ("codebook", "own", "other", "message"),
    [
        (PLAIN, source("own", (4, 5)), source("a", (9, 9)), ""),
        (PLAIN, source("own", (4, 5)), source("a", (3, 9, 9), np.uint16), ""),
        (PLAIN, source("own", (4, 5)), source("a", (9, 9), np.float32), "is 32 bit float, the levels are of 8 bit"),
        (PLAIN, source("own", (4, 5)), source("a", (9, 9), np.int8), "does not fit into int8"),
        (PLAIN, source("own", (4, 5)), source("a", (9, 9), complex), "complex128 cannot be quantized"),
        (PLAIN, source("own", (4, 5)), source("a", (9, 9, 3), rgb=True), "is in colour"),
        (PLAIN, source("own", (4, 5)), source("own", (4, 5)), None),
        (PLAIN, source("own", (4, 5)), source("first", (4, 5)), "is where the levels were learnt"),
        (PLAIN, source("own", (4, 5)), source("a", (0, 5)), "is empty"),
        (PLAIN, source("own", (4, 5)), source("a", (), data=Huge()), "can be quantized at once"),
        (PHOTO, source("own", (4, 5, 3), rgb=True), source("a", (2, 4, 5, 3), rgb=True), ""),
        (PHOTO, source("own", (4, 5, 3), rgb=True), source("a", (9, 9)), "is not in colour"),
        (PHOTO, source("own", (4, 5, 3), rgb=True), source("a", (9, 9, 4), rgb=True), "has an alpha channel"),
        (
            fit(STACK, 2, channel_axis=0),
            source("own", (3, 5, 6)),
            source("a", (7, 5, 6)),
            "7 entries along axis 0, not 3",
        ),
        (fit(STACK, 2, mode="per_channel", channel_axis=0), source("own", (3, 5, 6)), source("a", (3, 9, 9)), ""),
        (fit(STACK, 2, mode="color", channel_axis=0), source("own", (3, 5, 6)), source("a", (3, 9, 9)), ""),
        (fit(STACK, 2, mode="color", channel_axis=2), source("own", (3, 5, 6)), source("a", (9, 9)), "out of range"),
        # The source has lost an axis since.
        (fit(STACK, 2, mode="per_channel", channel_axis=0), source("own", ()), source("a", (3, 9, 9)), ""),
        (fit(STACK, 2, channel_axis=2), source("own", (5, 6)), source("a", (9, 9, 3)), ""),
    ],
)
def test_targets_that_fit_and_reasons_why_others_do_not(codebook, own, other, message):
    assert Huge.shape[0] * Huge.shape[1] * Huge.shape[2] > MAX_LAZY_BYTES
    targets = list_targets(codebook, own, "first", [own, other])
    if message is None:
        assert targets == []
        return
    [target] = targets
    assert (target.problem == "") if message == "" else message in target.problem


def test_results_name_the_part_that_their_levels_were_learnt_from(viewer, qtbot):
    viewer.add_image(OTHER, name="treated")
    control = viewer.add_image(GREY, name="control")
    widget = open_dock(viewer, "4")
    for number, name in enumerate(("nuclei", "cells")):
        widget.image.value = control
        widget.learn_from.value = viewer.add_labels((GREY > 90) ^ number, name=name)
        [viewer.layers.selection.active] = press(qtbot, widget)
        apply_to(widget, qtbot, "treated")
    assert column(widget, 0) == ["source", "4 nuclei of control", "4 cells of control"]


def test_several_layers_get_the_levels(viewer, qtbot):
    viewer.add_image(OTHER, name="cells2", scale=(2, 2), colormap="green")
    viewer.add_image(OTHER.astype(np.uint16) + 3, name="cells3")
    viewer.add_image(RGB, name="photo", rgb=True)
    first = viewer.add_image(GREY, name="cells1")
    widget = open_dock(viewer, "2, 4")
    two, _ = press(qtbot, widget)
    viewer.layers.selection.active = two
    kept = {layer: layer.data for layer in viewer.layers}
    apply_to(widget, qtbot, "cells2", "cells3")
    codebook = provenance_of(two).codebook
    for name in ("cells2", "cells3"):
        target, layer = viewer.layers[name], viewer.layers[f"K=2 of cells1 · {name}"]
        np.testing.assert_array_equal(layer.data, codebook.apply(target.data))
        provenance = provenance_of(layer)
        assert provenance.codebook == codebook
        assert (provenance.source_id, provenance.learnt_from) == (
            str(target.unique_id),
            (str(first.unique_id), "cells1"),
        )
        difference = target.data.astype(float) - layer.data
        assert provenance.quality.rmse == pytest.approx(np.sqrt((difference**2).mean()))
        assert provenance.quality.excess is None
        assert layer.colormap.name == target.colormap.name
        np.testing.assert_allclose(layer.scale, target.scale)
        assert "learnt from the image “cells1”" in methods_sentence(provenance)
    assert "of “cells1” were applied to “cells2”, “cells3”" in widget.message.value
    assert all(layer.data is data for layer, data in kept.items())
    # The dock turns to the first of them.
    assert widget.image.value.name == "cells2"
    assert column(widget, 0) == ["source", "2 of cells1"]
    assert current_row(widget) == 1
    assert {"cells2"} & set(shown(viewer)) == set()
    assert "K=2 of cells1 · cells2" in shown(viewer)


def test_results_of_the_same_settings_are_replaced_and_others_kept(viewer, qtbot):
    viewer.add_image(OTHER, name="cells2")
    viewer.add_image(GREY, name="cells1")
    widget = open_dock(viewer, "4")
    [own] = press(qtbot, widget)
    viewer.layers.selection.active = viewer.layers["cells2"]
    [others] = press(qtbot, widget)
    viewer.layers.selection.active = own
    apply_to(widget, qtbot, "cells2")
    applied = viewer.layers["K=4 of cells1 · cells2"]
    widget._inputs.show_message("")
    viewer.layers.selection.active = own
    apply_to(widget, qtbot, "cells2")
    assert set(results_of(viewer)) == {own, others, applied}
    # Chained: the levels stay those of the layer that they were learnt from.
    viewer.layers.selection.active = applied
    viewer.add_image(GREY.T.copy(), name="cells3")
    viewer.layers.selection.active = applied
    apply_to(widget, qtbot, "cells3")
    assert provenance_of(viewer.layers["K=4 of cells1 · cells3"]).learnt_from[1] == "cells1"


def test_the_mask_of_one_image_does_not_apply_to_another(viewer, qtbot):
    labels = np.zeros(GREY.shape, int)
    labels[:4] = 1
    viewer.add_image(OTHER, name="cells2")
    viewer.add_image(GREY, name="cells1")
    viewer.add_labels(labels, name="part")
    widget = open_dock(viewer, "4")
    widget.image.value = viewer.layers["cells1"]
    widget.learn_from.value = viewer.layers["part"]
    [own] = press(qtbot, widget)
    viewer.layers.selection.active = own
    apply_to(widget, qtbot, "cells2")
    provenance = provenance_of(results_of(viewer)[-1])
    other = viewer.layers["cells2"]
    assert cached_samples(other, provenance.request) is None
    assert provenance.quality.rmse == pytest.approx(
        np.sqrt(((OTHER - np.float64(results_of(viewer)[-1].data)) ** 2).mean())
    )


def test_levels_of_slices_and_colours_are_applied(viewer, qtbot):
    film = np.random.default_rng(0).integers(0, 99, (7, 8, 9), dtype=np.uint8)
    viewer.add_image(film[::-1].copy(), name="film2")
    viewer.add_image(film, name="film1")
    widget = open_dock(viewer, "2")
    widget.learn_from.value = "each slice"
    [own] = press(qtbot, widget)
    viewer.layers.selection.active = own
    apply_to(widget, qtbot, "film2")
    assert provenance_of(viewer.layers["K=2 each slice of film1 · film2"]).each_slice
    viewer.add_image(RGB[::-1].copy(), name="photo2", rgb=True)
    viewer.add_image(RGB, name="photo1", rgb=True)
    widget._inputs.show_message("")
    [own] = press(qtbot, widget)
    viewer.layers.selection.active = own
    apply_to(widget, qtbot, "photo2")
    layer = viewer.layers["K=2 of photo1 · photo2"]
    np.testing.assert_array_equal(layer.data, own.data[::-1])


def test_classes_of_slices_are_compared_by_their_axis(viewer, qtbot):
    film = np.random.default_rng(0).integers(0, 99, (7, 8, 9), dtype=np.uint8)
    viewer.add_image(film[::-1].copy(), name="film2", axis_labels=("t", "y", "x"))
    viewer.add_image(film, name="film1", axis_labels=("t", "y", "x"))
    widget = open_dock(viewer, "2")
    widget.learn_from.value = "each slice"
    [viewer.layers.selection.active] = press(qtbot, widget)
    apply_to(widget, qtbot, "film2")
    table = comparison_of(widget, qtbot).table
    assert (table.horizontalHeaderItem(0).text(), table.item(0, 0).text()) == ("t", "t 0")


def open_with_targets(viewer, qtbot):
    """Add three images and another one, open the dock, quantize the latter, and select its result."""
    for name in "abc":
        viewer.add_image(OTHER, name=name)
    viewer.add_image(GREY, name="cells1")
    widget = open_dock(viewer, "2")
    [viewer.layers.selection.active] = press(qtbot, widget)
    return widget


def test_cancelled_between_layers(viewer, qtbot):
    widget = open_with_targets(viewer, qtbot)
    widget.finished.connect(lambda _: widget._run_controller.cancel())
    dialog = tick_all(widget)
    assert dialog.apply_button.text() == "Apply · 3 layers"
    dialog.apply_button.click()
    assert widget.busy
    widget.cancel.native.click()
    settle(qtbot)
    assert not widget.busy
    assert names(results_of(viewer)) == ["K=2 · cells1"]


def tick_all(widget):
    """Open the dialog, tick all images, and return it."""
    dialog = open_apply_dialog(widget)
    for row in range(dialog.list.count()):
        dialog.list.item(row).setCheckState(Qt.CheckState.Checked)
    return dialog


def test_a_target_that_is_removed_does_not_stop_the_others(viewer, qtbot):
    widget = open_with_targets(viewer, qtbot)
    tick_all(widget).apply_button.click()
    viewer.layers.remove("a")
    qtbot.waitUntil(lambda: "applied" in widget.message.value)
    assert widget.message.value == "The levels of “cells1” were applied to “b”, “c”."


def test_what_a_cancelled_run_leaves_out_is_named(viewer, qtbot):
    widget = open_with_targets(viewer, qtbot)
    started = []
    widget._run_controller.started.connect(lambda: started.append(True) or len(started) < 2 or stop.start(0))
    stop = QTimer()
    stop.timeout.connect(widget._run_controller.cancel)
    stop.setSingleShot(True)
    tick_all(widget).apply_button.click()
    qtbot.waitUntil(lambda: len(started) == 2 and not widget.busy)
    settle(qtbot)
    assert widget.message.value == "Stopped: nothing was ready yet. Left out: “c”."
    assert sorted(names(results_of(viewer))) == ["K=2 of cells1 · a", "K=2 · cells1"]
    assert comparison_of(widget, qtbot).table.rowCount() == 4


@pytest.mark.parametrize("closes", [False, True])
def test_the_end_of_the_last_run_is_told_unless_the_dock_is_closed(closes, viewer, qtbot):
    for name in "ab":
        viewer.add_image(OTHER, name=name)
    viewer.add_image(GREY, name="cells1")
    dock, widget = open_dock_and_widget(viewer)
    widget.k_values.value, widget.tile.value = "2", False
    [own] = press(qtbot, widget)
    viewer.layers.selection.active = own
    started = []
    widget._run_controller.started.connect(lambda: started.append(True) or len(started) < 2 or stop.start(0))
    stop = QTimer()
    stop.timeout.connect(dock.destroyOnClose if closes else widget._run_controller.cancel)
    stop.setSingleShot(True)
    tick_all(widget).apply_button.click()
    if closes:
        qtbot.waitUntil(lambda: len(started) == 2 and not stop.isActive())
        settle(qtbot)
        assert viewer.layers.selection.active is not viewer.layers["K=2 of cells1 · a"]
        return
    qtbot.waitUntil(lambda: len(started) == 2 and not widget.busy)
    assert widget.message.value == "Stopped: nothing was ready yet."


def test_levels_that_cannot_be_applied_are_declined(viewer, qtbot):
    viewer.add_image(GREY, name="cells1")
    widget = open_dock(viewer, "2")
    assert open_apply_dialog(widget) is None
    assert "no result yet" in widget.message.value
    [own] = press(qtbot, widget)
    assert open_apply_dialog(widget) is None
    assert "no other image" in widget.message.value
    viewer.add_image(GREY * 1.0, name="floats")
    viewer.layers.selection.active = own
    dialog = open_apply_dialog(widget)
    assert not dialog.apply_button.isEnabled()
    item = dialog.list.item(0)
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    assert item.text().startswith("floats: ")
    dialog.reject()
    press(qtbot, widget)  # asked and declined: an ordinary run is nothing but that
    assert "applied" not in widget.message.value


def comparison_of(widget, qtbot):
    """Return the window with the table of classes by image, once it is shown."""

    def opened():
        return [dialog for dialog in widget.native.findChildren(ComparisonDialog) if dialog.isVisible()]

    qtbot.waitUntil(lambda: bool(opened()))
    return opened()[-1]


def test_control_and_treated_end_in_one_table(viewer, qtbot, tmp_path):
    scale = {"scale": (0.5, 0.5), "units": ("µm", "µm")}
    viewer.add_image(OTHER, name="=treated", **scale)
    viewer.add_image(OTHER[:5], name="small")
    viewer.add_image(GREY, name="control", **scale)
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    apply_to(widget, qtbot, "=treated", "small")
    dialog = comparison_of(widget, qtbot)
    dialog.save(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes().startswith(codecs.BOM_UTF8)
    with (tmp_path / "table.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    codebook, images = fit(GREY, 3), {"control": GREY, "'=treated": OTHER, "small": OTHER[:5]}
    assert list(rows[0]) == ["class", "level", "image", "pixels", "percent", "area (µm²)"]
    assert [(row["class"], row["image"]) for row in rows] == [(number, name) for number in "123" for name in images]
    for row in rows:
        image, index = images[row["image"]], int(row["class"]) - 1
        count = int((codebook.encode(image) == index).sum())
        assert int(row["level"]) == codebook.outputs[0][index]
        assert int(row["pixels"]) == count
        assert float(row["percent"]) == pytest.approx(100 * count / image.size, abs=1e-5)
        assert row["area (µm²)"] == ("" if row["image"] == "small" else str(count / 4))
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text().split("\n")[0] == "class\tlevel\timage\tpixels\tpercent\tarea (µm²)"
    assert dialog.table.rowCount() == 9
    assert dialog.table.horizontalScrollBar().maximum() == dialog.table.verticalScrollBar().maximum() == 0
    assert dialog.table.item(1, 2).text() == "=treated"


@pytest.mark.parametrize(
    ("mode", "titles"), [("color", ["class", "colour"]), ("per_channel", ["channel", "class", "level"])]
)
def test_photos_are_compared_by_colour_or_channel(mode, titles, viewer, qtbot):
    viewer.add_image(RGB // 2 + 20, name="other", rgb=True)
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "3")
    widget.mode.value = mode
    press(qtbot, widget)
    apply_to(widget, qtbot, "other")
    table = comparison_of(widget, qtbot).table
    headers = [table.horizontalHeaderItem(column).text() for column in range(table.columnCount())]
    assert headers == [*titles, "image", "pixels", "percent"]
    assert table.rowCount() == (6 if mode == "color" else 18)
    image = headers.index("image")
    assert [table.item(row, image).text() for row in (0, 1)] == ["photo", "other"]


def test_results_are_not_removed_while_levels_are_applied(viewer, qtbot):
    widget = open_with_targets(viewer, qtbot)
    tick_all(widget).apply_button.click()
    menu_action(widget, "Remove results").trigger()
    assert widget.message.value == messages.BUSY
    qtbot.waitUntil(lambda: "applied to" in widget.message.value)
    assert "K=2 · cells1" in names(viewer.layers)
