"""Tables for people fit the terminal, and figures are never cut."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from napari_quantize.cli.figures import Row
from napari_quantize.cli.output import print_message, print_result
from napari_quantize.cli.tables import MAX_LISTED, as_csv, as_json, as_text, elided, pairs, summary

ROW = Row(
    source="in/a.png",
    saved="out/a_k8.indexed.png",
    what="8 bit RGB · 32×24",
    source_kb=100,
    kb=12.34,
    raw_kb=200,
    kept="8",
    mode="color",
    method="minibatch",
    k=8,
    n_used=8,
    figures={
        "rmse": 1234.5,
        "mse": 1523990.25,
        "psnr": 31.2,
        "max_error": 9000,
        "explained": 0.98,
        "bits": 2.34,
        "colours": 100_000,
        "excess": 0.0123,
        "delta_e": 3.14159,
        "ssim": 0.9,
    },
)


def with_figures(row: Row = ROW, **figures: float | None) -> Row:
    return replace(row, figures={**row.figures, **figures})


def shown(rows: list[Row], capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_result(as_text(rows))
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_figures_are_never_cut(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    rows = [replace(ROW, source=f"in/{'long name ' * 9}{n}.png", kept="16 levels part") for n in range(3)]
    lines = shown(rows, capsys)
    assert len(lines) == 1 + 3
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) <= max(width, 8 + 67)
    for line in lines[1:]:
        for figure in ("16 levels part", "1,234", "3.14", "100,000", "2.3", "12.3", "1.2 % ⚠"):
            assert figure in line


def test_names_are_printed_once_and_shortened_in_the_middle(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown([ROW, replace(ROW, k=16, kept="16")], capsys)
    assert lines[1].startswith("a.png ")
    assert lines[2].startswith(" ")
    assert elided("abcdefghij.png", 9) == "abcd….png"
    assert elided("short", 9) == "short"


def test_files_of_the_same_name_are_printed_with_their_folders(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [replace(ROW, source=source, k=k) for source in ("in/1/a.png", "in/2/a.png", "in/2/b.png") for k in (4, 8)]
    assert [line.split()[0] for line in shown(rows, capsys)[1::2]] == ["in/1/a.png", "in/2/a.png", "b.png"]


def test_control_characters_in_names_are_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown([replace(ROW, source="in/\x1b[31m\n.png")], capsys)
    assert lines[1].startswith("?[31m?.png ")
    print_result(pairs([("a\x1b[31m", "b\x1b[2J")]))
    assert capsys.readouterr().out == "a?[31m  b?[2J\n"
    print_message("a\x1b]0;b\n.png is empty")
    assert capsys.readouterr().err == "a?]0;b?.png is empty\n"


def test_columns_without_figures_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    head, line = shown([with_figures(delta_e=None, excess=None, colours=None)], capsys)
    assert head.split() == ["K", "error", "±", "bits/px", "KB"]
    assert line.split() == ["a.png", "8", "1,234", "2.3", "12.3"]


def test_a_missing_figure_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown([ROW, with_figures(replace(ROW, source="in/b.png"), delta_e=None)], capsys)
    assert "–" in lines[2]
    assert "–" not in lines[1]


def test_many_images_are_printed_as_means(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        with_figures(replace(ROW, source=f"{n}.png", k=k, kb=n), delta_e=None if n else 2.0)
        for n in range(MAX_LISTED + 1)
        for k in (2, 4)
    ]
    lines = shown(rows, capsys)
    assert len(lines) == 3
    assert lines[1].startswith("mean of")
    assert " 10.0 " in lines[1]
    assert " 2.00 " in lines[2]  # of those that have one


def test_the_summary_says_if_results_are_larger_than_images() -> None:
    assert summary([ROW], Path("out")) == "1 image, 100 KB (200 KB of pixels) → 1 result in out, 12 KB"
    assert "larger than the images" in summary([replace(ROW, kb=101)], Path("out"))


def test_csv_and_json_hold_all_digits_and_names() -> None:
    row = with_figures(replace(ROW, source='in/"a", b\n.png'), psnr=math.inf, excess=None)
    (read,) = csv.DictReader(io.StringIO(as_csv([row])))
    assert read["source"] == row.source
    assert (float(read["mse"]), read["psnr"], read["excess"]) == (row.figures["mse"], "", "")
    (loaded,) = json.loads(as_json([row]))
    assert (loaded["source"], loaded["mse"], loaded["psnr"]) == (row.source, row.figures["mse"], None)


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A1.png", "+1.png", "-1.png", "@a.png", "\t=a.png", "\r=a.png", "=1+1"]
)
def test_names_are_no_formulas_in_a_spreadsheet(name: str) -> None:
    row = replace(ROW, source=name, saved="a=b.png")
    (read,) = csv.DictReader(io.StringIO(as_csv([row]), newline=""))
    assert (read["source"], read["saved"]) == (f"'{name}", "a=b.png")
    assert float(read["mse"]) == row.figures["mse"]


@pytest.mark.parametrize("name", ["a\rb.png", "a\r\nb.png", "a\nb.png", 'a"b.png', "a,b.png", "\r", "a;\tb"])
def test_names_with_line_breaks_stay_in_their_rows(name: str) -> None:
    rows = [replace(ROW, saved=name), ROW]
    first, second = csv.DictReader(io.StringIO(as_csv(rows), newline=""))
    assert first["saved"].removeprefix("'") == name
    assert second["saved"] == ROW.saved
