"""The dialog *Export…* in a viewer: its list of files, its buttons, and the files that it writes."""

import csv
from threading import Event

import numpy as np
import pytest
from driving import GREY, RGB, button, open_dock, press, settle
from export_driver import choose, open_export, open_photo_dock, shown_of, texts, tick, wait_until_closed
from napari.settings import get_settings
from PIL import Image
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from slow_cases import slow_except

from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.formats.load import load
from napari_quantize.viewer.export.dialog import ExportDialog
from napari_quantize.viewer.export.predict import predict_result_file
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.widgets.question import Question


@pytest.fixture
def photo_dock(viewer, qtbot):
    return open_photo_dock(viewer, qtbot, "photo/1")


def test_all_results_are_exported_as_indexed_png_by_default(photo_dock, qtbot, tmp_path):
    dialog = open_export(photo_dock, qtbot)
    assert dialog.names.text() == "photo_1"
    assert texts(dialog, 0) == ["2", "4"]
    assert texts(dialog, 1) == ["photo_1_k2.indexed.png", "photo_1_k4.indexed.png"]
    assert [text.split(" · ")[0] for text in texts(dialog, 2)] == ["2 colours, 1 bit", "4 colours, 2 bits"]
    assert dialog.export.text() == "Export · 2 files"
    dialog.folder.setText(str(tmp_path))
    dialog.export.click()
    message = wait_until_closed(photo_dock, qtbot)
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["photo_1_k2.indexed.png", "photo_1_k4.indexed.png"]
    assert message.startswith("Saved 2 files, ")
    assert message.endswith(f" KB, in {tmp_path}.")
    results = [layer for layer in photo_dock._viewer.layers if provenance_of(layer)]
    for path, layer in zip(files, results, strict=True):
        raster = load(path).raster
        np.testing.assert_array_equal(raster.image, layer.data)
        assert raster.calibration.scale == (0.5, 0.25)
        assert raster.calibration.units == ("micrometer", "micrometer")
        assert raster.codebook == provenance_of(layer).codebook
    # The table tells the sizes of exactly these files.
    qtbot.waitUntil(lambda: all("…" not in line for line in photo_dock.table_text.splitlines()))
    sizes = [line.split("\t")[-1] for line in photo_dock.table_text.splitlines()[2:]]
    assert sizes == [f"{path.stat().st_size / 1024:.1f}" for path in files]


def test_all_kinds_of_files_of_one_result(photo_dock, qtbot, tmp_path):
    dialog = open_export(photo_dock, qtbot)
    dialog.folder.setText(str(tmp_path))
    tick(dialog, 0, False)
    assert dialog.export.text() == "Export · 1 file"
    choose(dialog.options["image"], ".tif")
    choose(dialog.options["palette"], ".gpl")
    choose(dialog.options["figure"], ".svg")
    dialog.options["separations"].setChecked(True)
    dialog.options["table"].setChecked(True)
    dialog.names.setText("mine")
    qtbot.waitUntil(dialog.export.isEnabled)
    assert texts(dialog, 1) == ["", "mine_k4.tif"]
    assert dialog.export.text() == "Export · 8 files"  # each of the 4 separations counts
    assert "mine_k4_separations (4 files)" in dialog.export.toolTip()
    dialog.export.click()
    assert dialog.bar.maximum() == 8
    assert wait_until_closed(photo_dock, qtbot).startswith("Saved 8 files, ")
    names = ["mine_figure.svg", "mine_k4.gpl", "mine_k4.tif", "mine_k4_separations", "mine_table.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    with (tmp_path / "mine_table.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [line[0] for line in csv.reader(file)][:2] == ["layer", "photo/1"]
    text = (tmp_path / "mine_figure.svg").read_text(encoding="utf-8")
    assert text.rstrip().endswith("</svg>")


def test_letters_of_the_dialog_follow_the_size_that_napari_has(photo_dock, qtbot):
    heights = []
    for size in (9, 14):
        get_settings().appearance.font_size = size
        dialog = open_export(photo_dock, qtbot)
        settle(qtbot)
        parts = {name: getattr(dialog, name) for name in ("list", "folder", "export")}
        parts |= {"header": dialog.list.header(), "option": dialog.options["table"]}
        metrics = {name: part.fontMetrics().height() for name, part in parts.items()}
        heights.append(metrics | {"row": dialog.list.visualItemRect(dialog.list.topLevelItem(0)).height()})
        dialog.cancel.click()
    small, large = heights
    assert {name: (small[name], large[name]) for name in small if not 1.4 < large[name] / small[name] < 1.7} == {}


def test_typing_a_name_does_not_restart_the_prediction(photo_dock, qtbot, monkeypatch):
    from napari_quantize.viewer.export import controller

    ks, go_on = [], Event()

    def slow(candidate, choice):
        ks.append(candidate.provenance.k)
        go_on.wait(60)
        return predict_result_file(candidate, choice)

    monkeypatch.setattr(controller, "predict_result_file", slow)
    button(photo_dock, "Export…").click()
    dialog = shown_of(photo_dock, ExportDialog)
    for name in ("a", "ab", "abc"):
        dialog.names.setText(name)
    assert not dialog.export.isEnabled()
    go_on.set()
    qtbot.waitUntil(dialog.export.isEnabled)
    assert ks == [2, 4]
    assert texts(dialog, 1) == ["abc_k2.indexed.png", "abc_k4.indexed.png"]
    dialog.cancel.click()


def test_a_problem_is_shown_and_disables_the_button(photo_dock, qtbot, tmp_path):
    dialog = open_export(photo_dock, qtbot)
    for field, text, message in (
        (dialog.folder, str(tmp_path / "none"), "There is no folder"),
        (dialog.names, "a/b", "Files cannot be called “a/b…”"),
        (dialog.names, "", "Type the beginning of the file names."),
    ):
        before = field.text()
        field.setText(text)
        assert dialog.notice.text().startswith(message)
        assert not dialog.export.isEnabled()
        field.setText(before)
    tick(dialog, 0, False)
    tick(dialog, 1, False)
    assert dialog.notice.text() == "Tick at least one result."
    button(photo_dock, "All").click()
    assert dialog.notice.text() == ""
    button(photo_dock, "Only current").click()
    assert dialog.export.text() == "Export · 1 file"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert wait_until_closed(photo_dock, qtbot) == ""


@pytest.mark.parametrize("answer", slow_except(["all", "others", "cancel"], "others"))
def test_one_question_decides_on_all_existing_files(photo_dock, qtbot, tmp_path, answer):
    old = tmp_path / "photo_1_k2.indexed.png"
    old.write_text("old")
    dialog = open_export(photo_dock, qtbot)
    dialog.folder.setText(str(tmp_path))
    dialog.export.click()
    box = shown_of(photo_dock, Question)
    assert "photo_1_k2.indexed.png" in box.text()
    assert "photo_1_k4" not in box.text()
    if answer == "cancel":
        QTest.keyClick(box, Qt.Key.Key_Escape)
        settle(qtbot)
        assert [path.name for path in tmp_path.iterdir()] == [old.name]
        assert dialog.isVisible()
        dialog.cancel.click()
        return
    getattr(box, answer).click()
    message = wait_until_closed(photo_dock, qtbot)
    assert (old.read_bytes() == b"old") == (answer == "others")
    assert (tmp_path / "photo_1_k4.indexed.png").exists()
    assert ("1 file was left as before." in message) == (answer == "others")


def test_a_failed_file_is_named_and_the_dialog_stays_open(photo_dock, qtbot, tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("napari_quantize.viewer.export.write_files.atomic_write", full)
    dialog = open_export(photo_dock, qtbot)
    dialog.folder.setText(str(tmp_path))
    dialog.export.click()
    qtbot.waitUntil(lambda: "Nothing was saved." in dialog.notice.text())
    assert "“photo_1_k2.indexed.png” could not be written: No space left on device." in dialog.notice.text()
    assert dialog.isVisible()
    assert list(tmp_path.iterdir()) == []
    dialog.cancel.click()


def test_stop_ends_the_export_after_the_present_file(photo_dock, qtbot, tmp_path, monkeypatch):
    begun, go_on = Event(), Event()

    def slow(*args, **options):
        begun.set()
        go_on.wait(60)
        return atomic_write(*args, **options)

    monkeypatch.setattr("napari_quantize.viewer.export.write_files.atomic_write", slow)
    dialog = open_export(photo_dock, qtbot)
    dialog.folder.setText(str(tmp_path))
    dialog.export.click()
    begun.wait(60)
    assert dialog.bar.isVisible()
    assert dialog.cancel.text() == "Stop"
    dialog.cancel.click()
    assert dialog.cancel.text() == "Stopping…"
    go_on.set()
    message = wait_until_closed(photo_dock, qtbot)
    assert message.startswith("Stopped. Saved 1 file, ")
    assert [path.name for path in tmp_path.iterdir()] == ["photo_1_k2.indexed.png"]


def test_closing_the_dock_leaves_no_temporary_file(photo_dock, qtbot, tmp_path):
    dialog = open_export(photo_dock, qtbot)
    dialog.folder.setText(str(tmp_path))
    dialog.export.click()
    photo_dock._viewer.window.remove_dock_widget(photo_dock.native)
    settle(qtbot)
    assert not any(path.name.startswith(".") for path in tmp_path.iterdir())


def test_dithering_is_offered_for_png_only(photo_dock, qtbot, tmp_path):
    dialog = open_export(photo_dock, qtbot)
    assert dialog.options["dither"].isEnabled()
    dialog.options["dither"].setChecked(True)
    dialog.folder.setText(str(tmp_path))
    qtbot.waitUntil(dialog.export.isEnabled)
    dialog.export.click()
    wait_until_closed(photo_dock, qtbot)
    [nearest, *_] = [layer.data for layer in photo_dock._viewer.layers if provenance_of(layer)]
    with Image.open(tmp_path / "photo_1_k2.indexed.png") as image:
        assert not np.array_equal(image.convert("RGB"), nearest)
    dialog = open_export(photo_dock, qtbot)
    choose(dialog.options["image"], ".tif")
    assert not dialog.options["dither"].isEnabled()
    dialog.cancel.click()


def test_stacks_become_tiffs_and_the_list_gives_the_reason(viewer, qtbot, tmp_path):
    viewer.add_image(np.stack([GREY] * 3), name="film")
    widget = open_dock(viewer, "2")
    widget.channel_axis.value = None
    press(qtbot, widget)
    dialog = open_export(widget, qtbot)
    assert texts(dialog, 1) == ["film_k2.tif"]
    assert "a PNG cannot hold 3 dimensions" in texts(dialog, 2)[0]
    assert not dialog.options["dither"].isEnabled()
    dialog.cancel.click()


def test_the_folder_of_the_opened_file_is_proposed(viewer, qtbot, tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    viewer.open(tmp_path / "a.png")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    dialog = open_export(widget, qtbot)
    assert dialog.folder.text() == str(tmp_path)
    dialog.cancel.click()


def test_every_control_has_a_tooltip_and_the_dialog_is_small(photo_dock, qtbot):
    dialog = open_export(photo_dock, qtbot)
    controls = (dialog.list, *dialog.options.values(), dialog.folder, dialog.names, dialog.export, dialog.cancel)
    assert len(dialog.options) == 7
    assert all(control.toolTip() for control in controls)
    assert dialog.minimumSizeHint().width() <= 640
    assert dialog.minimumSizeHint().height() <= 480
    dialog.cancel.click()
