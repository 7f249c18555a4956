"""The report that *Export…* writes: it shows the layers as they are now."""

import threading
from pathlib import Path

import dask.array as da
import numpy as np
import pytest
from apply_driver import apply_to
from driving import GREY, RGB, open_dock, press
from export_driver import choose, open_export, open_photo_dock, shown_of, tick, wait_until_closed
from given_palettes import COLORS, GREYS, apply_palette
from report_pages import Page

from napari_quantize import Codebook
from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.report import page as report_page
from napari_quantize.text.results import result_caption
from napari_quantize.viewer.export import report as export_report
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.plan.regions import EACH_SLICE, SLICE
from napari_quantize.viewer.widgets.question import Question

PHOTO = np.tile(RGB, (3, 2, 1))  # large enough for napari to take it for one
FILM = np.stack([GREY, GREY // 2 + 3, GREY // 3])


def results(viewer):
    return [layer for layer in viewer.layers if provenance_of(layer)]


def only_report(dialog, folder):
    """Choose a report and nothing else."""
    dialog.folder.setText(str(folder))
    choose(dialog.options["image"], "")
    dialog.options["report"].setChecked(True)


def page_in(folder):
    [path] = folder.glob("*_report.html")
    return Page(path.read_text("utf-8"))


def exported(widget, qtbot, folder):
    """Export a report alone, and return its page."""
    dialog = open_export(widget, qtbot)
    only_report(dialog, folder)
    assert dialog.notice.text() == ""
    assert dialog.export.text() == "Export · 1 file"
    dialog.export.click()
    assert wait_until_closed(widget, qtbot).startswith("Saved 1 file, ")
    return page_in(folder)


@pytest.fixture
def photo_dock(viewer, qtbot):
    return open_photo_dock(viewer, qtbot, "a <script>alert(1)</script> & b")  # a name that holds HTML


def test_the_page_shows_the_layers_and_names_the_files(photo_dock, qtbot, tmp_path):
    dialog = open_export(photo_dock, qtbot)
    dialog.folder.setText(str(tmp_path))
    dialog.names.setText("mine")
    choose(dialog.options["palette"], ".json")
    dialog.options["report"].setChecked(True)
    assert dialog.export.text() == "Export · 5 files"
    assert "mine_report.html" in dialog.export.toolTip()
    dialog.export.click()
    assert wait_until_closed(photo_dock, qtbot).startswith("Saved 5 files, ")
    page, layers = page_in(tmp_path), results(photo_dock._viewer)
    for picture, layer in zip(page.pictures, [photo_dock._viewer.layers[0], *layers], strict=True):
        np.testing.assert_array_equal(picture, layer.data)
    for layer in layers:
        provenance = provenance_of(layer)
        image = tmp_path / f"mine_k{provenance.k}.indexed.png"
        assert f"{result_caption(provenance)} · " in page.text.replace("\N{NO-BREAK SPACE}", " ")
        assert f"{image.stat().st_size / 1024:,.1f} {image.name} mine_k{provenance.k}.json" in page.text
        assert Codebook.load(tmp_path / f"mine_k{provenance.k}.json") == provenance.codebook
    assert "a <script>alert(1)</script> & b" in page.text
    assert len(page.scripts) == 1
    assert "alert(1)" not in page.scripts[0]
    assert "a pixel is 0.250 micrometer wide" in page.text


def test_the_page_shows_only_ticked_results(photo_dock, qtbot, tmp_path):
    dialog = open_export(photo_dock, qtbot)
    only_report(dialog, tmp_path)
    tick(dialog, 0, False)
    dialog.export.click()
    wait_until_closed(photo_dock, qtbot)
    page = page_in(tmp_path)
    np.testing.assert_array_equal(page.pictures[1], results(photo_dock._viewer)[1].data)
    assert len(page.pictures) == 2
    assert ".png" not in page.text


def test_the_page_does_not_name_files_that_were_kept(photo_dock, qtbot, tmp_path):
    (tmp_path / "mine_k2.indexed.png").write_text("old")
    dialog = open_export(photo_dock, qtbot)
    dialog.folder.setText(str(tmp_path))
    dialog.names.setText("mine")
    dialog.options["report"].setChecked(True)
    dialog.export.click()
    shown_of(photo_dock, Question).others.click()
    wait_until_closed(photo_dock, qtbot)
    text = page_in(tmp_path).text
    assert "mine_k4.indexed.png" in text
    assert "mine_k2.indexed.png" not in text


@pytest.mark.parametrize("answer", ["all", "others"])
def test_an_existing_page_is_kept_or_replaced(photo_dock, qtbot, tmp_path, answer):
    old = tmp_path / "mine_report.html"
    old.write_text("old")
    dialog = open_export(photo_dock, qtbot)
    only_report(dialog, tmp_path)
    dialog.names.setText("mine")
    dialog.export.click()
    box = shown_of(photo_dock, Question)
    assert "mine_report.html" in box.text()
    getattr(box, answer).click()
    wait_until_closed(photo_dock, qtbot)
    assert (old.read_bytes() == b"old") == (answer == "others")


def test_the_report_is_written_outside_the_gui_thread(viewer, qtbot, tmp_path, monkeypatch):
    threads = []

    def noting(function):
        def call(*args, **options):
            threads.append(threading.current_thread())
            return function(*args, **options)

        return call

    def read(block):
        threads.append(threading.current_thread())
        return block

    viewer.add_image(da.from_array(GREY, GREY.shape).map_blocks(read, dtype=GREY.dtype, meta=GREY), name="lazy")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    monkeypatch.setattr(report_page, "write_report", noting(report_page.write_report))
    monkeypatch.setattr(export_report, "raster_of", noting(export_report.raster_of))
    dialog = open_export(widget, qtbot)
    threads.clear()
    only_report(dialog, tmp_path)
    dialog.export.click()
    wait_until_closed(widget, qtbot)
    assert len(threads) >= 3
    assert threading.main_thread() not in threads
    for picture, layer in zip(page_in(tmp_path).pictures, [None, *results(viewer)], strict=True):
        np.testing.assert_array_equal(picture[..., 0], GREY if layer is None else layer.data)


def test_a_failed_page_leaves_no_file(photo_dock, qtbot, tmp_path, monkeypatch):
    def full(path, **options):
        if Path(path).suffix == ".html":
            raise OSError(28, "No space left on device")
        return atomic_write(path, **options)

    monkeypatch.setattr(report_page, "atomic_write", full)
    dialog = open_export(photo_dock, qtbot)
    only_report(dialog, tmp_path)
    dialog.names.setText("mine")
    dialog.export.click()
    qtbot.waitUntil(lambda: "Nothing was saved." in dialog.notice.text())
    assert "“mine_report.html” could not be written: No space left on device." in dialog.notice.text()
    assert list(tmp_path.iterdir()) == []
    dialog.cancel.click()


def test_the_page_says_that_only_the_files_are_dithered(photo_dock, qtbot, tmp_path):
    dialog = open_export(photo_dock, qtbot)
    dialog.folder.setText(str(tmp_path))
    dialog.options["dither"].setChecked(True)
    dialog.options["report"].setChecked(True)
    assert "without dithering" in dialog.notice.text()
    qtbot.waitUntil(dialog.export.isEnabled)
    dialog.export.click()
    wait_until_closed(photo_dock, qtbot)
    page = page_in(tmp_path)
    assert "The files are dithered" in page.text
    np.testing.assert_array_equal(page.pictures[1], results(photo_dock._viewer)[0].data)


@pytest.mark.parametrize(("labels", "name"), [(None, "slice 1"), (("t", "y", "x"), "t 1")])
def test_a_result_with_levels_for_each_slice(labels, name, viewer, qtbot, tmp_path):
    viewer.add_image(FILM, name="film", axis_labels=labels)
    widget = open_dock(viewer, "2")
    widget.channel_axis.value = None
    widget.learn_from.value = EACH_SLICE
    press(qtbot, widget)
    [layer] = results(viewer)
    page = exported(widget, qtbot, tmp_path)
    np.testing.assert_array_equal(page.pictures[1][..., 0], layer.data[1])
    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert result_caption(provenance_of(layer)) in text
    assert "separately for each slice" in text
    assert f"{name}: 2 levels" in text  # as in the dock
    assert "If each slice has levels of its own" in text
    assert f"Shown: {name} of 0 to 2, the middle one." in text
    assert all(f"{value} " in text for value in np.unique(layer.data[1]))


def test_results_learnt_from_one_slice(viewer, qtbot, tmp_path):
    viewer.add_image(FILM, name="film")
    widget = open_dock(viewer, "2, 3")
    widget.channel_axis.value = None
    widget.learn_from.value = SLICE
    press(qtbot, widget)
    page = exported(widget, qtbot, tmp_path)
    for picture, layer in zip(page.pictures[1:], results(viewer), strict=True):
        np.testing.assert_array_equal(picture[..., 0], layer.data[1])
    assert "learnt from a part of the image" in page.text
    assert "sweep(" not in page.text


def test_a_multiscale_source(viewer, qtbot, tmp_path):
    alpha = np.dstack((PHOTO, np.where(PHOTO[..., :1] > 40, 255, 0).astype(np.uint8)))
    viewer.add_image([da.from_array(alpha), da.from_array(alpha[::2, ::2])], name="pyramid", rgb=True, multiscale=True)
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    page = exported(widget, qtbot, tmp_path)
    for picture, data in zip(page.pictures, [alpha, results(viewer)[0].data], strict=True):
        np.testing.assert_array_equal(picture, data)


def test_stale_results_are_left_out_and_named(photo_dock, qtbot, tmp_path):
    viewer = photo_dock._viewer
    source = viewer.layers[0]
    source.data = source.data[::-1].copy()[:, :8]
    dialog = open_export(photo_dock, qtbot)
    only_report(dialog, tmp_path)
    assert dialog.notice.text() == "No report of K=2, K=4: the image has changed since."
    assert not dialog.export.isEnabled()
    dialog.cancel.click()


def test_a_source_changed_after_opening_the_dialog_is_an_error(photo_dock, qtbot, tmp_path):
    source = photo_dock._viewer.layers[0]
    dialog = open_export(photo_dock, qtbot)
    only_report(dialog, tmp_path)
    source.data = 255 - source.data
    dialog.export.click()
    qtbot.waitUntil(lambda: "Nothing was saved." in dialog.notice.text())
    assert "the image has changed since" in dialog.notice.text()
    assert list(tmp_path.iterdir()) == []
    dialog.cancel.click()


def test_results_with_levels_of_another_image(viewer, qtbot, tmp_path):
    other = viewer.add_image(GREY // 2, name="other")
    viewer.add_image(GREY, name="first")
    widget = open_dock(viewer, "2")
    [learnt] = press(qtbot, widget)
    viewer.layers.selection.active = learnt
    apply_to(widget, qtbot, "other")
    viewer.layers.selection.active = other
    widget.k_values.value = "3"
    press(qtbot, widget)
    page = exported(widget, qtbot, tmp_path)
    layers = [layer for layer in results(viewer) if provenance_of(layer).source_name == "other"]
    for picture, layer in zip(page.pictures, [other, *layers], strict=True):
        np.testing.assert_array_equal(picture[..., 0], layer.data)
    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert all(result_caption(provenance_of(layer)) in text for layer in layers)
    assert "K=2 of first · ±" in text
    assert "learnt from the image “first”" in text
    assert text.count("by k-means clustering of the image's counted values") == 1
    assert "sweep(" not in text


@pytest.mark.parametrize(("image", "palette", "axis"), [(PHOTO, COLORS, -1), (GREY, GREYS, None)])
def test_results_of_a_given_palette(viewer, qtbot, tmp_path, image, palette, axis):
    widget, layer = apply_palette(viewer, qtbot, image, palette, axis)
    press(qtbot, widget)
    page = exported(widget, qtbot, tmp_path)
    given = [
        picture for picture, text in zip(page.pictures, page.all("img"), strict=True) if palette.name in text["alt"]
    ]
    np.testing.assert_array_equal(given[0] if image.ndim == 3 else given[0][..., 0], layer.data)
    assert f"of the palette “{palette.name}”" in page.text


def test_layers_quantized_together_are_left_out_and_named(viewer, qtbot, tmp_path):
    for number in range(2):
        viewer.add_image(GREY // (number + 1), name=f"channel {number}")
    widget = open_dock(viewer, "4")
    viewer.layers.selection = set(viewer.layers)
    widget.mode.value = "together"
    press(qtbot, widget)
    dialog = open_export(widget, qtbot)
    only_report(dialog, tmp_path)
    assert dialog.notice.text() == "No report of K=4 of 2 channels: it is one channel of colours of several layers."
    assert not dialog.export.isEnabled()
    dialog.cancel.click()
