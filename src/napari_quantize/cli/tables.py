"""The table of a run: as text, as CSV and as JSON."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from rich.cells import cell_len
from rich.table import Table

from napari_quantize.cli.figures import Row
from napari_quantize.cli.output import printable
from napari_quantize.text.figures import PROGRAMS, TERMINAL, K
from napari_quantize.text.numbers import format_bytes, format_count
from napari_quantize.text.spreadsheet import csv_text

#: Up to this many images are listed; of more, only means.
MAX_LISTED = 20
_LEAST = 8  # characters of a name
_GAP = 2


def as_text(rows: Sequence[Row]) -> str:
    """Format rows as text, within the width of the terminal if figures fit; of many images, only means."""
    shown = _means(rows) if len({row.source for row in rows}) > MAX_LISTED else rows
    values = [(figure, [row.figure(figure.name) for row in shown]) for figure in TERMINAL]
    cells = [[K.title, *(row.kept for row in shown)]]
    cells += [[figure.title, *map(figure.text, column)] for figure, column in values if set(column) != {None}]
    figures = [[text.rjust(max(map(len, column)) + _GAP) for text in column] for column in cells]
    room = max(_LEAST, shutil.get_terminal_size().columns - sum(len(column[0]) for column in figures))
    names = ["", *(elided(printable(name), room) for name in _names(shown))]
    repeated = [False, False, *(row.source == before.source for before, row in pairwise(shown))]
    width = max(map(cell_len, names))
    lines = []
    for name, again, texts in zip(names, repeated, zip(*figures, strict=True), strict=True):
        shown_name = "" if again else name
        lines.append(shown_name + " " * (width - cell_len(shown_name)) + "".join(texts))
    return "".join(f"{line}\n" for line in lines)


def _names(rows: Sequence[Row]) -> list[str]:
    """Return the names of the files, with their folders if two files have the same name."""
    sources = dict.fromkeys(row.source for row in rows)
    several = {name for name, n in Counter(Path(source).name for source in sources).items() if n > 1}
    return [row.source if Path(row.source).name in several else Path(row.source).name for row in rows]


def elided(name: str, width: int) -> str:
    """Shorten a long name in its middle, because beginnings and ends distinguish files."""
    if len(name) <= width:
        return name
    head = width // 2
    return f"{name[:head]}…{name[head + 1 - width :]}"


def summary(rows: Sequence[Row], out: Path) -> str:
    """Return a sentence with the numbers and sizes of images and results."""
    sources = {row.source: row for row in rows}
    before, after = sum(row.source_kb for row in sources.values()), sum(row.kb for row in rows)
    raw = sum(row.raw_kb for row in sources.values())
    sizes = f"{format_bytes(1024 * before)} ({format_bytes(1024 * raw)} of pixels)"
    larger = " The results are larger than the images, whose compression is better or loses more."
    files = format_count(len(rows), "result")
    sentence = f"{format_count(len(sources), 'image')}, {sizes} → {files} in {out}, {format_bytes(1024 * after)}"
    return sentence + (f".{larger}" if after > before and len(rows) == len(sources) else "")


def _means(rows: Iterable[Row]) -> list[Row]:
    """Return one row for each mode and K, with the means of all images."""
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.mode, row.k), []).append(row)
    return [_mean(groups[key]) for key in sorted(groups)]


def _mean(rows: Sequence[Row]) -> Row:
    return replace(
        rows[0],
        source=f"mean of {format_count(len(rows), 'image')}",
        kept=str(rows[0].k),
        kb=fmean(row.kb for row in rows),
        figures={figure.name: _mean_of_known([row.figure(figure.name) for row in rows]) for figure in TERMINAL},
    )


def _mean_of_known(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def as_csv(rows: Iterable[Row]) -> str:
    """Format all figures with all digits as CSV, one line for each result."""
    header = [field.name for field in fields(Row) if field.name != "figures"] + [figure.name for figure in PROGRAMS]
    values = [row.as_json() for row in rows]
    return csv_text([header, *([cells[name] for name in header] for cells in values)])


def as_json(rows: Iterable[Row]) -> str:
    """Format all figures as a JSON list of objects."""
    return json.dumps([row.as_json() for row in rows], indent=1, ensure_ascii=False)


def pairs(figures: Iterable[tuple[str, str]]) -> Table:
    """Return a table of names and their values."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in figures:
        table.add_row(printable(name), printable(text))
    return table


def finite(value: float | None) -> float | None:
    """Return a finite number, or None for others, which JSON cannot hold."""
    return None if value is None or not math.isfinite(value) else value
