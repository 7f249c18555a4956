"""The panel of classes in a real viewer: table, swatches, slices, channels and kept colours."""

import codecs
import csv
import sys

import numpy as np
import pytest
from classes_driver import (
    cells,
    codebook_of,
    highlight_of,
    highlighted_pixels,
    open_panel,
    title_of,
    wait_until_counted,
)
from driving import GREY, RGB, accordion_of, find_panel, labels, names, open_dock, press
from napari.layers import Labels
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QGuiApplication
from qtpy.QtTest import QTest

from napari_quantize.viewer.labels.button import LabelsButton
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes import panel as classes_panel

STACK = np.random.default_rng(2).integers(0, 4000, (3, 12, 16), dtype=np.uint16)
GEOMETRY = {"units": ("s", "µm", "µm"), "scale": (60, 0.5, 0.5)}


def test_the_table_shows_levels_shares_and_areas(viewer, qtbot):
    viewer.add_image(GREY, name="cells", scale=(0.5, 0.5), units=("µm", "µm"))
    widget = open_dock(viewer, "3")
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    assert "Levels && areas · K=3" in title_of(widget)
    levels, counts = np.unique(layer.data, return_counts=True)
    assert cells(panel, 0) == ["1", "2", "3"]
    assert cells(panel, 1) == [f"{level}" for level in levels]
    assert cells(panel, 2)[-1] == "max"
    assert [float(cell) for cell in cells(panel, 3)] == pytest.approx(100 * counts / GREY.size, rel=1e-2)
    assert [float(cell) for cell in cells(panel, 4)] == pytest.approx(counts / 4, rel=1e-2)
    assert panel.table.model().headerData(4, Qt.Orientation.Horizontal) == "area µm²"
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    QGuiApplication.clipboard().clear()
    panel.copy_button.click()
    assert QGuiApplication.clipboard().text() == copied
    assert copied.split("\n")[0].split("\t")[:5] == ["class", "level", "center", "lower", "upper"]


def save(panel, path, monkeypatch, meanwhile=lambda: None):
    """Press *Save…*, and choose a path; behind the dialog, something may happen."""

    def ask_path(*_):
        meanwhile()
        return path

    monkeypatch.setattr(classes_panel, "ask_path", ask_path)
    panel.save_button.click()


def test_what_is_shown_when_save_is_pressed_is_saved(viewer, qtbot, tmp_path, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    shown = panel.summary.csv()
    for number, meanwhile in enumerate([lambda: panel.show_summary(None), lambda: None]):
        save(panel, tmp_path / f"{number}.csv", monkeypatch, meanwhile)
    assert (tmp_path / "0.csv").read_text("utf-8-sig").splitlines() == shown.splitlines()
    assert not (tmp_path / "1.csv").exists()  # nothing is shown


def test_bounds_in_the_csv_reproduce_the_result(viewer, qtbot, tmp_path, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    save(panel, tmp_path / "classes.csv", monkeypatch)
    with (tmp_path / "classes.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    result = np.zeros_like(GREY)
    image = GREY
    for row in rows:
        result[(image >= int(row["lower"])) & (image <= int(row["upper"]))] = int(row["level"])
    np.testing.assert_array_equal(result, layer.data)


@pytest.mark.parametrize("name", ["Classes", "Histogram"])
def test_a_file_that_cannot_be_written_is_an_error(name, viewer, qtbot, tmp_path, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    open_panel(widget, qtbot)
    errors = []
    path = tmp_path / "gone" / "saved.png"
    panels = {"Classes": find_panel(widget, "Classes"), "Histogram": find_panel(widget, "Histogram")}
    module = sys.modules[type(panels[name]).__module__]
    monkeypatch.setattr(module, "show_error", errors.append)
    monkeypatch.setattr(module, "ask_path" if name == "Classes" else "ask_figure_path", lambda *_: path)
    panels[name].save_button.click()
    assert errors == ["“saved.png” could not be written: No such file or directory."]


@pytest.mark.parametrize(
    "geometry",
    [
        {"scale": (9, 0.5, 0.5)},
        {"scale": (9, 0.5, 0.5), "axis_labels": ("plane", "y", "x")},
        {"scale": (2, 0.5, 0.5), "units": ("µm",) * 3},
        GEOMETRY,
    ],
)
def test_areas_equal_those_of_labels(geometry, viewer, qtbot):
    viewer.add_image(np.concatenate([STACK, STACK]), name="stack", **geometry)  # long enough for no question
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    widget.native.findChild(LabelsButton).button.click()
    qtbot.waitUntil(lambda: any(isinstance(layer, Labels) for layer in viewer.layers))
    [features] = [layer.features for layer in viewer.layers if isinstance(layer, Labels)]
    pixel_size = panel.summary.pixel_size
    np.testing.assert_allclose(features[pixel_size.column], panel.summary.counts[1:] * pixel_size.size)


def test_one_slice_is_counted_where_the_sliders_point(viewer, qtbot):
    viewer.add_image(STACK, name="film", axis_labels=("t", "y", "x"), **GEOMETRY)
    widget = open_dock(viewer, "3")
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    classes = codebook_of(layer).encode(STACK)
    np.testing.assert_array_equal(panel.summary.counts, np.bincount(classes.ravel()))
    assert panel.summary.pixel_size.title == "mean area µm²"
    assert panel.summary.size(0) == pytest.approx(0.25 * (classes == 0).sum() / 3)  # areas of a film have no sum
    panel.scope.setCurrentIndex(1)
    for step in (0, 2):
        viewer.dims.set_current_step(0, step)
        qtbot.waitUntil(lambda step=step: np.array_equal(panel.summary.counts, np.bincount(classes[step].ravel())))
    assert panel.summary.size(0) == pytest.approx(0.25 * (classes[2] == 0).sum())
    panel.table.toggled.emit(1)
    np.testing.assert_array_equal(highlighted_pixels(highlight_of(viewer)), classes == 1)
    viewer.dims.ndisplay = 3
    assert not panel.scope.isVisibleTo(panel)
    assert highlight_of(viewer).colormap.map(np.array([0], np.uint8))[0, 3] == 0
    qtbot.waitUntil(lambda: panel.summary.counts.sum() == STACK.size)
    viewer.dims.ndisplay = 2
    assert panel.scope.isVisibleTo(panel)


FILM = np.stack([STACK[0], STACK[1], STACK[2], STACK[0] // 2])


def choose_over(panel, qtbot):
    """Choose the areas over time points or planes, and return them."""
    panel.scope.setCurrentIndex(panel.scope.findData("over"))
    qtbot.waitUntil(lambda: panel.areas is not None)
    return panel.areas


def test_areas_over_time_are_those_of_each_time_point(viewer, qtbot, tmp_path, monkeypatch):
    viewer.add_image(FILM, name="film", axis_labels=("t", "y", "x"), translate=(30, 0, 0), **GEOMETRY)
    widget = open_dock(viewer, "3")
    widget.channel_axis.value = None
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    assert [panel.scope.itemText(row) for row in range(panel.scope.count())] == ["All slices", "This slice", "Over t"]
    areas = choose_over(panel, qtbot)
    classes = codebook_of(layer).encode(FILM)
    expected = np.array([np.bincount(plane.ravel(), minlength=3) for plane in classes]) / 4
    np.testing.assert_allclose(areas.sizes, expected)
    assert areas.along.positions == (30, 90, 150, 210)
    assert panel.areas_view.isVisibleTo(panel)
    assert not panel.table.isVisibleTo(panel)
    save(panel, tmp_path / "areas.csv", monkeypatch)
    assert (tmp_path / "areas.csv").read_bytes().startswith(codecs.BOM_UTF8)
    with (tmp_path / "areas.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["t", "t (s)", *(f"class {number} area (µm²)" for number in (1, 2, 3))]
    assert [row[:2] for row in rows[1:]] == [["0", "30.0"], ["1", "90.0"], ["2", "150.0"], ["3", "210.0"]]
    np.testing.assert_allclose([list(map(float, row[2:])) for row in rows[1:]], expected)
    panel.copy_button.click()
    assert QGuiApplication.clipboard().text().split("\n")[0] == "\t".join(rows[0])
    model = panel.areas_view.table.model()
    assert (model.rowCount(), model.columnCount()) == (4, 5)
    assert model.headerData(2, Qt.Orientation.Horizontal) == "class 1"
    assert model.index(1, 0).data() == "1"
    panel.areas_view.chosen.emit(2)
    assert viewer.dims.current_step[0] == 2
    assert panel.areas_view.table.currentIndex().row() == 2
    panel.scope.setCurrentIndex(0)
    qtbot.waitUntil(lambda: panel.summary is not None)
    assert panel.table.isVisibleTo(panel)
    assert panel.areas is None


def test_areas_over_time_are_drawn(window, qtbot):
    window.add_image(FILM, name="film", axis_labels=("t", "y", "x"), **GEOMETRY)
    widget = open_dock(window, "3")
    widget.channel_axis.value = None
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    areas = choose_over(panel, qtbot)
    qtbot.waitUntil(lambda: bool(panel.areas_view.plot.figure.axes))
    [axes] = panel.areas_view.plot.figure.axes
    qtbot.waitUntil(lambda: axes.get_xlabel() == "t (s)")
    [lines] = axes.collections
    for drawn, sizes in zip(lines.get_segments(), areas.sizes.T, strict=True):
        np.testing.assert_allclose(drawn, np.column_stack(([0, 60, 120, 180], sizes)))
    assert axes.get_title(loc="left") == "area (µm²)"


def test_slices_with_levels_of_their_own_are_called_by_axis_and_number(viewer, qtbot):
    viewer.add_image(FILM, name="film", axis_labels=("t", "y", "x"))
    widget = open_dock(viewer, "3")
    widget.channel_axis.value = None
    widget.learn_from.value = "each slice"
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    assert [panel.channel.itemText(row) for row in range(4)] == ["t 0", "t 1", "t 2", "t 3"]
    assert [panel.scope.itemText(row) for row in range(panel.scope.count())] == ["One t", "Over t"]
    areas = choose_over(panel, qtbot)
    classes = codebook_of(layer).encode(FILM)
    np.testing.assert_array_equal(areas.sizes, [np.bincount(plane.ravel(), minlength=3) for plane in classes])
    assert areas.quantity == "pixels"
    accordion_of(widget).open("Histogram")
    viewer.dims.set_current_step(0, 2)
    assert "K=3, t 2" in accordion_of(widget).folds[find_panel(widget, "Histogram")]._button.text()


def test_colours_have_areas_over_planes_too(viewer, qtbot):
    photos = np.stack([RGB, RGB // 2, RGB // 3, RGB, RGB, RGB])
    viewer.add_image(photos, name="photos", rgb=True)
    widget = open_dock(viewer, "3")
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    areas = choose_over(panel, qtbot)
    assert areas.along.name == "slice"
    classes = codebook_of(layer).encode(photos)
    np.testing.assert_array_equal(areas.counts, [np.bincount(plane.ravel(), minlength=3) for plane in classes])
    assert not panel.palette_view.isVisibleTo(panel)


def test_the_channel_follows_its_slider(viewer, qtbot):
    viewer.add_image(STACK, name="channels", axis_labels=("c", "y", "x"))
    widget = open_dock(viewer, "3")
    widget.mode.value = "per_channel"
    [layer] = press(qtbot, widget)
    viewer.dims.set_current_step(0, 2)
    panel = open_panel(widget, qtbot)
    classes = codebook_of(layer).encode(STACK)
    for channel in (2, 0):
        viewer.dims.set_current_step(0, channel)
        assert panel.channel.currentText() == f"Channel {channel}"
        expected = np.bincount(classes[channel].ravel())
        qtbot.waitUntil(lambda expected=expected: np.array_equal(panel.summary.counts, expected))
    panel.table.toggled.emit(1)
    panel.channel.setCurrentIndex(1)
    np.testing.assert_array_equal(highlighted_pixels(highlight_of(viewer)), np.stack([classes[1] == 1] * 3))
    assert not panel.scope.isVisibleTo(panel)


def test_the_channels_of_a_photo_can_be_chosen(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "3")
    widget.mode.value = "global"
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.channel.setCurrentIndex(1)
    assert panel.channel.currentText() == "Green"
    panel.table.toggled.emit(0)
    np.testing.assert_array_equal(highlighted_pixels(highlight_of(viewer)), codebook_of(layer).encode(RGB)[..., 1] == 0)


def test_swatches_follow_mouse_keys_and_order(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "5")
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    view = panel.palette_view
    assert "Palette · K=5" in title_of(widget)
    view.resize(300, 200)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect_of(3).center())
    np.testing.assert_array_equal(highlighted_pixels(highlight_of(viewer)), codebook_of(layer).encode(RGB) == 3)
    assert panel.line.text() == panel.summary.describe(3)
    assert highlight_of(viewer).name.startswith(panel.summary.name(3))
    for which, highlighted in (("Left", 2), ("Left", 1), ("Space", -1), ("Right", -1), ("Return", 2), ("Escape", -1)):
        QTest.keyClick(view, getattr(Qt.Key, f"Key_{which}"))
        assert panel.highlighted == highlighted, which
    panel.sort.setCurrentIndex(1)
    counts = [panel.summary.counts[color] for color in view.order]
    assert counts == sorted(counts, reverse=True)
    panel.copy_button.click()
    assert QGuiApplication.clipboard().text().split("\n") == list(panel.summary.hex_colors)


def test_swatches_and_labels_of_12_bits_are_as_bright_as_napari_shows_the_image(viewer, qtbot):
    viewer.add_image(RGB * np.uint16(16), name="photo", rgb=True)
    widget = open_dock(viewer, "4")
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    expected = codebook_of(layer).outputs[0] / 4095
    assert expected.max() > 0.5
    swatches = np.array([QColor(color).getRgbF()[:3] for color in panel.summary.hex_colors])
    np.testing.assert_allclose(swatches, expected, atol=0.003)
    button = widget.native.findChild(LabelsButton).button
    button.click()
    qtbot.waitUntil(lambda: any(isinstance(one, Labels) for one in viewer.layers))
    [labels] = [one for one in viewer.layers if isinstance(one, Labels)]
    np.testing.assert_allclose(labels.colormap.map(np.arange(1, 5))[:, :3], expected, atol=0.003)


def test_kept_colours_are_in_the_new_result(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "4")
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    assert not panel.again_button.isVisibleTo(panel)
    panel.palette_view.current = 2
    panel.palette_view.current_changed.emit(2)
    panel.lock.click()
    panel.palette_view.lock_toggled.emit(0)
    kept = sorted(map(tuple, panel.summary.palette[[0, 2]].tolist()))
    assert panel.again_button.text() == "Quantize again with 2 locked colours"
    with qtbot.waitSignal(widget.finished) as ended:
        panel.again_button.click()
    [again] = ended.args[0]
    assert again is not layer
    assert names(viewer.layers) == ["photo", "K=4 · photo", "K=4 with 2 locked · photo"]
    codebook = codebook_of(again)
    assert sorted(codebook.request.keep) == kept
    assert set(kept) <= set(map(tuple, np.unique(again.data.reshape(-1, 3), axis=0).tolist()))
    np.testing.assert_array_equal(again.data, codebook.apply(RGB))
    viewer.layers.selection.active = again
    wait_until_counted(panel, qtbot)
    assert sorted(map(tuple, panel.summary.palette[sorted(panel.locked)].tolist())) == kept
    assert "4 with 2 locked" in title_of(widget)


def test_the_button_is_disabled_if_all_colours_are_kept(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.palette_view.lock_toggled.emit(0)
    assert panel.again_button.isEnabled()
    panel.palette_view.lock_toggled.emit(1)
    assert not panel.again_button.isEnabled()
    panel.palette_view.lock_toggled.emit(1)
    assert panel.locked == {0}


def test_layers_quantized_together_are_counted_together(viewer, qtbot):
    layers = [viewer.add_image(channel, name=f"c{index}") for index, channel in enumerate(STACK)]
    widget = open_dock(viewer, "3")
    viewer.layers.selection = set(layers)
    viewer.layers.selection.active = layers[0]
    viewer.layers.selection = set(layers)
    widget.mode.value = "together"
    results = press(qtbot, widget)
    viewer.layers.selection.active = results[0]
    panel = open_panel(widget, qtbot)
    classes = codebook_of(results[0]).encode(STACK)
    np.testing.assert_array_equal(panel.summary.counts, np.bincount(classes.ravel(), minlength=3))
    assert panel.summary.palette.shape == (3, 3)
    assert len({len(set(bytes.fromhex(chip[1:]))) for chip in panel.summary.hex_colors}) == 1  # the layers are all grey
    panel.palette_view.toggled.emit(1)
    np.testing.assert_array_equal(highlighted_pixels(highlight_of(viewer)), classes == 1)
    assert not panel.lock.isEnabled()


def test_results_of_layers_together_are_counted_as_they_were_made(viewer, qtbot):
    layers = [viewer.add_image(channel, name=f"c{index}") for index, channel in enumerate(STACK)]
    viewer.layers.selection = layers
    widget = open_dock(viewer, "3, 4")
    widget.mode.value = "together"
    results = {(provenance_of(layer).k, provenance_of(layer).source_name): layer for layer in press(qtbot, widget)}
    viewer.layers.selection.active = results[3, "c0"]
    panel = open_panel(widget, qtbot)
    layers[1].data = STACK[1][::-1] // 2
    viewer.layers.selection.active = results[4, "c0"]
    wait_until_counted(panel, qtbot)
    classes = codebook_of(results[4, "c0"]).encode(STACK)
    np.testing.assert_array_equal(panel.summary.counts, np.bincount(classes.ravel(), minlength=4))
    viewer.layers.remove(results[3, "c1"])
    viewer.layers.selection.active = results[3, "c0"]
    qtbot.waitUntil(lambda: classes_messages.LAYERS_CHANGED in labels(widget))


def test_results_without_their_source_are_counted(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    [layer] = press(qtbot, widget)
    kept = layer.data.copy()
    source.data = GREY[::-1] // 2
    panel = open_panel(widget, qtbot)
    np.testing.assert_array_equal(panel.summary.counts, np.unique(kept, return_counts=True)[1])


def test_swatches_of_several_layers_follow_their_colormaps(viewer, qtbot):
    layers = [viewer.add_image(STACK[index], name=name, colormap=name) for index, name in enumerate(("red", "green"))]
    viewer.layers.selection = layers
    widget = open_dock(viewer, "3")
    widget.mode.value = "together"
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    before = panel.summary.hex_colors
    layers[1].colormap = "blue"
    qtbot.waitUntil(lambda: panel.summary is not None and panel.summary.hex_colors != before)
    assert all(color[-4:-2] == "00" for color in panel.summary.hex_colors)  # no green is left
