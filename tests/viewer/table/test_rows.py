"""Rows of the table: cells, tooltips, and the numbers that are copied and saved. No window."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize import fit, sweep
from napari_quantize.core.request.request import no_tick
from napari_quantize.viewer.layers.axes import Plane
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.measure.slow_figures import FigureTask, MeasuredFigure
from napari_quantize.viewer.table.columns import COLUMNS
from napari_quantize.viewer.table.rows import Sheet, row_of_result, row_of_source

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 200, (12, 16), dtype=np.uint8)
RGB = RNG.integers(0, 200, (12, 16, 3), dtype=np.uint8)
STACK = RNG.integers(0, 200, (4, 13, 16), dtype=np.uint8)
ALL = tuple(COLUMNS)


def make_result(image, k=4, **options):
    [result] = sweep(image, (k,), **options)
    layer = Image(result.image, rgb=options.get("channel_axis") == -1)
    return layer, Provenance.of(result, "id", "cells", layer), result.quality


def sheet(*results):
    rows = [
        row_of_result(f'K={provenance.k}, "x"', provenance, measured, stale=False)
        for _, provenance, measured in results
    ]
    source = row_of_source(Source.of(Image(GREY, name="cells; more")), None, {"kb": MeasuredFigure(1.5)}, None)
    return Sheet("values", ALL, (source, *rows))


def test_cells_hold_the_quality_and_the_measured_figures():
    _, provenance, quality = make_result(RGB, channel_axis=-1)
    figures = {
        "noise": MeasuredFigure(2.0),
        "ssim": MeasuredFigure(0.75),
        "delta_e": None,
        "kb": MeasuredFigure(None, "too large"),
    }
    row = row_of_result("K=4", provenance, figures, stale=False)
    values = {name: row.cell(name).value for name in ALL}
    assert values == {
        "k": 4,
        "rmse": quality.rmse,
        "bits": quality.bits_per_pixel,
        "excess": 100 * quality.excess,
        "colours": quality.n_colors,
        "delta_e": None,
        "kb": None,
        "psnr": quality.psnr,
        "ssim": 0.75,
        "max_error": quality.max_error,
        "noise": quality.rmse / 2,
        "mse": quality.mse,
        "explained": 100 * quality.explained,
    }
    texts = {name: row.cell(name).text for name in ALL}
    assert (texts["delta_e"], texts["kb"], texts["ssim"]) == ("…", "–", "0.750")
    assert "too large" in row.tooltip


def test_csv_holds_all_digits(tmp_path):
    _, provenance, quality = make_result(GREY)
    _, lossless, _ = make_result(GREY, 256)
    path = tmp_path / "table.csv"
    sheet((0, provenance, {"kb": MeasuredFigure(0.1)}), (0, lossless, {})).save(ALL, path, overwrite=False)
    with path.open(encoding="utf-8-sig", newline="") as file:
        titles, source, *rows = csv.reader(file)
    assert titles == ["layer", "K", "K used", *(COLUMNS[name].unit_title for name in ALL[1:])]
    assert source[:3] == ["cells; more", "", ""]
    first, last = (dict(zip(titles, row, strict=True)) for row in rows)
    assert first["layer"] == 'K=4, "x"'
    assert float(first["error (image units)"]) == quality.rmse
    assert float(first["variance explained (%)"]) == 100 * quality.explained
    assert float(first["PNG (KB)"]) == 0.1
    assert first["colours"] == ""
    assert (last["K"], int(last["K used"])) == ("256", len(np.unique(GREY)))
    assert float(last["PSNR (dB)"]) == np.inf
    assert last["above best (%)"] == ""


def test_copied_lines_hold_the_shown_columns():
    _, provenance, quality = make_result(GREY)
    copied = sheet((0, provenance, {})).numbers(("k", "rmse"), delimiter="\t")
    lines = list(csv.reader(io.StringIO(copied), delimiter="\t"))
    assert lines[0] == ["layer", "K", "K used", "error (image units)"]
    assert lines[2] == ['K=4, "x"', "4", "4", repr(quality.rmse)]
    assert sheet((0, provenance, {})).texts(("k", "bits")).split("\n")[:2] == ["K\tbits/px", "source\t–"]
    assert Sheet().texts(("k",)) == "K"


def test_rows_of_stale_results_are_marked_old():
    _, provenance, _ = make_result(GREY)
    row = row_of_result("K=4", provenance, {}, stale=True)
    assert row.cell("k").text == "4 old"
    assert row.tooltip.startswith("the image has changed since: quantize again")
    fresh = row_of_result("K=4", provenance, {}, stale=False)
    copied = Sheet("values", ("k",), (fresh, row)).numbers(("k",), delimiter="\t")
    assert [line.split("\t") for line in copied.splitlines()] == [
        ["layer", "K", "K used", "old"],
        ["K=4", "4", "4", ""],
        ["K=4", "4", "4", "yes"],
    ]


def test_the_row_of_the_source_shows_the_size_of_its_file():
    row = row_of_source(
        Source.of(Image(GREY)),
        None,
        {"kb": MeasuredFigure(1.25), "noise": MeasuredFigure(3.0)},
        {"format": "PNG", "file_kb": 12.0},
    )
    assert (row.cell("kb").text, row.cell("kb").value) == ("12.0", 12)
    assert "the file: PNG · 12.0 KB" in row.tooltip
    assert "KB as a PNG of ours 1.2" in row.tooltip
    assert "uncompressed: 0.188 KB" in row.tooltip
    assert row.cell("rmse").text == "–"


@pytest.mark.parametrize(("image", "file"), [(GREY, None), (STACK, {"format": "TIFF", "file_kb": 12.0})])
def test_without_a_file_of_its_plane_the_source_shows_its_size_as_png(image, file):
    row = row_of_source(Source.of(Image(image)), None, {"kb": MeasuredFigure(1.25)}, file)
    assert row.cell("kb").text == "1.2"
    assert "KB 1.2" in row.tooltip


@pytest.mark.parametrize(("kb", "larger"), [(12.5, True), (12.0, False), (None, False)])
def test_a_result_larger_than_the_file_has_a_note(kb, larger):
    _, provenance, _ = make_result(GREY)
    row = row_of_result("K=4", provenance, {"kb": MeasuredFigure(kb)}, stale=False, file={"file_kb": 12.0})
    assert ("KB 12.5 (larger than the file that the image came from: 12.0 KB)" in row.tooltip) == larger
    assert ("larger" in row.tooltip) == larger


def test_without_noise_the_cell_has_a_dash():
    flat = np.full((12, 12), 7, np.uint8)
    _, provenance, _ = make_result(flat)
    source = Image(flat)
    whole = Plane((None, None), transposed=False)
    figure = FigureTask.of("noise", Source.of(source), source, source, whole, None).run(no_tick)
    assert figure.value is None
    row = row_of_result("K=4", provenance, {"noise": figure}, stale=False)
    assert row.cell("noise").text == "–"
    assert "cannot be estimated: the image has few different values" in row.tooltip


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"together": (("1", "DNA"), ("2", "actin"))}, "these results belong to several layers"),
        ({"codebook": fit(GREY, 4, mask=GREY > 50)}, "these results were learnt from a part of the image"),
    ],
)
def test_errors_over_other_pixels_are_not_compared_with_the_noise(change, note):
    _, provenance, _ = make_result(GREY)
    row = row_of_result("K=4", replace(provenance, **change), {"noise": MeasuredFigure(2.0)}, stale=False)
    assert row.cell("noise").text == "–"
    assert note in row.tooltip


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_names_are_no_formulas_in_a_spreadsheet_and_break_no_rows(delimiter):
    _, provenance, _ = make_result(GREY)
    names = ["=1+1", "-1", "@a", "a\rb", "a\tb", "K=4"]
    rows = tuple(row_of_result(name, provenance, {}, stale=False) for name in names)
    copied = Sheet("values", ("k",), rows).numbers(("k", "rmse"), delimiter=delimiter)
    _, *lines = csv.reader(io.StringIO(copied, newline=""), delimiter=delimiter)
    assert [line[0] for line in lines] == ["'=1+1", "'-1", "'@a", "a\rb", "a\tb", "K=4"]
