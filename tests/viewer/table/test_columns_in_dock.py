"""Columns of the table in the dock: chosen by the user or as many as fit, measured in the background, saved as CSV."""

import csv

import numpy as np
import pytest
from driving import GREY, RGB, Gate, column, menu_action, open_dock, press, table, titles
from qtpy.QtWidgets import QFileDialog

from napari_quantize.core.quality.noise import estimate_noise
from napari_quantize.core.quality.perception import delta_e, ssim
from napari_quantize.formats.png.encode import png_kb
from napari_quantize.viewer.layers.raster_conversion import raster_of
from napari_quantize.viewer.measure.slow_figures import FigureTask, MeasuredFigure
from napari_quantize.viewer.table.columns import COLUMNS
from napari_quantize.viewer.table.rows import Cell, Sheet, TableRow
from napari_quantize.viewer.table.widget import ResultsTable
from napari_quantize.viewer.widgets.plot import ask_path


def tick(widget, title):
    """Choose an entry of the menu of columns."""
    menu = table(widget).columns_menu
    menu.aboutToShow.emit()
    [action] = [action for action in menu.actions() if action.text() == title]
    action.trigger()


def ticked(widget):
    menu = table(widget).columns_menu
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if action.isChecked()]


def exported_kb(layer):
    return png_kb(raster_of(layer.data, layer.as_layer_data_tuple()[1]))


def wait_for_figures(qtbot, widget):
    qtbot.waitUntil(lambda: "…" not in widget.table_text)


def is_measuring(widget):
    """Return whether a figure is being measured, or about to be."""
    queue = widget._family_controller.table._queue
    return queue._current is not None or bool(queue._pending)


def test_slow_figures_are_measured_and_shown_without_asking(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2, 4")
    layers = press(qtbot, widget)
    wait_for_figures(qtbot, widget)
    differences = [delta_e(RGB, layer.data) for layer in layers]
    assert column(widget, 2) == ["–", *(f"{one.mean:.2f}" for one in differences)]
    assert column(widget, 3) == [f"{exported_kb(layer):.1f}" for layer in (viewer.layers["photo"], *layers)]
    tip = table(widget).item(1, 0).toolTip()
    assert f"95 % of the pixels moved by {differences[0].p95:.1f} at most" in tip


def test_slow_figures_are_not_measured_during_a_run(viewer, qtbot, gate: Gate):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2, 4")
    with qtbot.waitSignal(widget.finished):
        widget.run.native.click()
        gate.let(1)
        qtbot.waitUntil(lambda: len(viewer.layers) == 2)
        qtbot.waitUntil(lambda: len(column(widget, 0)) == 2)
        widget._family_controller.table.refresh()  # which looks for what is to be measured
        assert not is_measuring(widget)
        assert column(widget, 2) == ["–", "…"]
        gate.open()
    wait_for_figures(qtbot, widget)


def test_nothing_is_measured_without_results(viewer, qtbot, monkeypatch):
    runs = []
    monkeypatch.setattr(FigureTask, "run", lambda *_: runs.append(1) or MeasuredFigure(None))
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    tick(widget, "KB")
    assert not is_measuring(widget)
    assert not runs


def test_the_menu_chooses_columns(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    layers = press(qtbot, widget)
    assert ticked(widget) == ["error ±", "error/noise", "bits/px", "As many as fit"]
    tick(widget, "bits/px")
    tick(widget, "SSIM")
    tick(widget, "PSNR")
    assert titles(widget) == ["K", "error ±", "error/noise", "PSNR", "SSIM"]
    assert ticked(widget) == titles(widget)[1:]
    wait_for_figures(qtbot, widget)
    assert column(widget, 4)[1:] == [f"{ssim(GREY, layer.data):.3f}" for layer in layers]
    rmse = [np.sqrt(np.mean((GREY.astype(float) - layer.data) ** 2)) for layer in layers]
    assert column(widget, 2)[1:] == [f"{one / estimate_noise(GREY):.2f}" for one in rmse]
    tick(widget, "As many as fit")
    assert titles(widget) == ["K", "error ±", "error/noise", "bits/px"]
    more = menu_action(widget, "Columns")
    assert more.menu() is table(widget).columns_menu


def test_a_figure_that_no_result_has_leaves_its_place_to_others(viewer, qtbot):
    flat = np.zeros((32, 32), np.uint8)
    flat[8:16] = 40
    flat[16:] = 90
    viewer.add_image(flat, name="drawing")
    widget = open_dock(viewer, "1, 2")
    press(qtbot, widget)
    qtbot.waitUntil(lambda: titles(widget) == ["K", "error ±", "bits/px", "above best"])
    tick(widget, "error/noise")
    assert titles(widget) == ["K", "error ±", "bits/px", "above best", "error/noise"]
    assert column(widget, 4) == ["–", "–", "–"]


def test_the_current_row_stays_current_when_columns_change(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    two, _ = press(qtbot, widget)
    viewer.layers.selection.active = two
    tick(widget, "PSNR")
    assert table(widget).currentRow() == 1
    assert viewer.layers.selection.active is two


def test_figures_of_the_plane_follow_the_slider(viewer, qtbot):
    stack = np.zeros((7, 16, 16), np.uint8)
    stack[1] = np.random.default_rng(0).integers(0, 255, (16, 16))
    viewer.add_image(stack, name="film")
    viewer.dims.set_current_step(0, 0)
    widget = open_dock(viewer, "4")
    [layer] = press(qtbot, widget)
    tick(widget, "KB")
    wait_for_figures(qtbot, widget)
    index = titles(widget).index("KB")
    assert column(widget, index)[1] == f"{png_kb(raster_of(layer.data[0], {})):.1f}"
    viewer.dims.set_current_step(0, 1)
    expected = f"{png_kb(raster_of(layer.data[1], {})):.1f}"
    assert expected != column(widget, index)[1]
    qtbot.waitUntil(lambda: column(widget, index)[1] == expected)
    assert "of the plane that is shown" in table(widget).item(1, 0).toolTip()


@pytest.fixture
def bare(qtbot):
    """Return the table alone, with one row that has all figures."""
    bare = ResultsTable()
    qtbot.addWidget(bare)
    cells = {name: Cell("32 → 16 old" if name == "k" else "1,234.5") for name in COLUMNS}
    bare.resize(300, 200)
    bare.show_sheet(Sheet("values", tuple(COLUMNS), (TableRow("1", "cells", cells, 16, ""),)), None)
    bare.show()
    qtbot.waitExposed(bare)
    return bare


@pytest.mark.parametrize("width", [200, 300, 420, 700, 1500])
def test_columns_fill_the_table_and_elide_no_text(bare, width):
    bare.resize(width, 200)
    advance = bare.fontMetrics().horizontalAdvance
    for index, name in enumerate(bare.shown):
        texts = [COLUMNS[name].title, bare.item(0, index).text()]
        assert bare.columnWidth(index) > max(map(advance, texts))
    total = sum(map(bare.columnWidth, range(len(bare.shown))))
    assert total == bare.viewport().width() or (total > bare.viewport().width() and len(bare.shown) == 3)
    assert (len(bare.shown) > 4) == (width > 400)
    assert (bare.shown == tuple(COLUMNS)) == (width == 1500)


def test_the_signal_is_emitted_only_when_the_columns_change(bare, qtbot):
    with qtbot.waitSignal(bare.shown_changed):
        bare.resize(900, 200)
    with qtbot.assertNotEmitted(bare.shown_changed):
        bare.resize(901, 200)


def test_the_saved_table_holds_all_rows_and_overwrites_no_file(viewer, qtbot, tmp_path):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    layers = press(qtbot, widget)
    shown = widget._results_view.table
    path = tmp_path / "mine.csv"
    shown.sheet.save(shown.shown, path, overwrite=False)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert [line[0] for line in lines] == ["layer", "cells", *(layer.name for layer in layers)]
    assert len(lines[0]) == len(titles(widget)) + 2
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        shown.sheet.save(shown.shown, path, overwrite=False)
    assert path.read_text() == "precious"


def test_ask_path_adds_the_suffix_and_keeps_existing_files(qtbot, monkeypatch, tmp_path):
    existing = tmp_path / "mine.csv"
    existing.write_text("precious")
    proposed, answers = [], [str(tmp_path / "mine"), ""]
    dialog = lambda *args: (proposed.append(args[2]), (answers.pop(0), "CSV (*.csv)"))[1]  # noqa: E731
    monkeypatch.setattr(QFileDialog, "getSaveFileName", dialog)
    assert ask_path(None, "Save", "cells", "CSV (*.csv)", (".csv",)) is None
    assert proposed == ["cells.csv", str(existing)]  # the dialog asks whether to replace what it proposes


@pytest.mark.parametrize("n_rows", [1, 8, 12, 13])
def test_up_to_twelve_rows_need_no_scroll_bar_within_the_dock(qtbot, n_rows):
    shown = ResultsTable()
    qtbot.addWidget(shown)
    cells = dict.fromkeys(COLUMNS, Cell("1"))
    rows = tuple(TableRow(str(index), "cells", cells, 16, "") for index in range(n_rows))
    shown.show_sheet(Sheet("values", ("k",), rows), "")
    shown.resize(240, shown.minimumSizeHint().height())
    shown.show()
    assert shown.verticalScrollBar().isVisible() == (n_rows > 12)
