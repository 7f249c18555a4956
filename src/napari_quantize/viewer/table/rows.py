"""The rows of the table of results, as plain data: what is shown, and what is copied and saved."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.text.figures import BITS, DOCK, KB, NOISE, NONE, K, LossFigure, recorded
from napari_quantize.text.numbers import format_number
from napari_quantize.text.photo import file_kb, file_line
from napari_quantize.text.results import format_k
from napari_quantize.viewer import messages
from napari_quantize.viewer.measure import slow_figures
from napari_quantize.viewer.table import messages as table_messages
from napari_quantize.viewer.table.columns import COLUMNS, Kind

if TYPE_CHECKING:
    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.layers.sources import Source
    from napari_quantize.viewer.measure.slow_figures import Figure

Measured = Mapping[str, "Figure | None"]

_FIGURES = {figure.name: figure for figure in DOCK}


@dataclass(frozen=True)
class Cell:
    """One cell: the value of a column for a layer.

    Attributes
    ----------
    text : str
        As it is shown.
    value : float, int or None
        As it is copied and saved, in the unit of the column's `unit_title`; None where there is none.
    """

    text: str
    value: float | None = None


@dataclass(frozen=True)
class TableRow:
    """One line of the table.

    Attributes
    ----------
    layer_id, name : str
        ``unique_id`` and name of the layer that it stands for.
    cells : dict of Cell
        By names of columns; where one is missing, there is no such figure.
    used : int or None
        How many values there are; None for the source.
    tooltip : str
        All figures in words.
    measured : dict
        What was measured, by names of columns: None where that is still to come.
    """

    layer_id: str
    name: str
    cells: dict[str, Cell]
    used: int | None
    tooltip: str
    measured: Measured = field(default_factory=dict)

    def cell(self, column: str) -> Cell:
        """Return what a column says."""
        return self.cells.get(column, Cell(NONE))


@dataclass(frozen=True)
class Sheet:
    """All that the table could show.

    Attributes
    ----------
    kind : {"values", "photo"}
        Which choice of columns counts.
    columns : tuple of str
        Names of those that there are figures for, those that matter most first.
    rows : tuple of TableRow
        The source, and its results by ascending K.
    """

    kind: Kind = "values"
    columns: tuple[str, ...] = ()
    rows: tuple[TableRow, ...] = ()

    def texts(self, columns: Sequence[str]) -> str:
        """Return what these columns show as tab-separated lines."""
        lines = [[COLUMNS[name].title for name in columns]]
        lines += [[row.cell(name).text for name in columns] for row in self.rows]
        return "\n".join("\t".join(line) for line in lines)

    def numbers(self, columns: Sequence[str], *, delimiter: str) -> str:
        """Return these columns' numbers with all their digits, titles with units, and names of the layers.

        As CSV: what holds the delimiter, quotes or line breaks is quoted.
        """
        written = io.StringIO()
        writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
        others = [name for name in columns if name != "k"]
        writer.writerow(["layer", "K", "K used", *(COLUMNS[name].unit_title for name in others)])
        for row in self.rows:
            figures = [row.cell(name).value for name in others]
            writer.writerow([row.name, row.cell("k").value, row.used, *figures])
        return written.getvalue()

    def save(self, columns: Sequence[str], path: Path, *, overwrite: bool) -> None:
        """Write these columns' numbers as a CSV file; spreadsheets take it for Unicode by its first bytes.

        Raises
        ------
        FileExistsError
            If there is a file already that is not to be replaced.
        OSError
            If the file cannot be written.
        """
        with atomic_write(path, overwrite=overwrite) as stream:
            stream.write(self.numbers(columns, delimiter=",").encode("utf-8-sig"))


def row_of_source(source: Source, facts: ImageFacts | None, measured: Measured, file: object) -> TableRow:
    """Describe the source, and the file that it was read from, in the columns of its results."""
    cells = {K.name: Cell("source")}
    lines = [source.name, messages.describe(source, facts)]
    if facts is not None and facts.bits_per_pixel is not None:
        cells[BITS.name] = _cell(BITS, facts.bits_per_pixel)
    kb = file_kb(file) if len(source.shape) - source.rgb == 2 else None  # a plane is no match for a file of many
    if kb is not None:
        cells[KB.name] = _cell(KB, kb)
    if KB.name in measured:
        again = _measured_cell(KB, measured[KB.name])
        lines += _measured_line(KB.title if kb is None else "KB as a PNG of ours", again, measured[KB.name])
        cells.setdefault(KB.name, again)
    lines.append(f"uncompressed: {format_number(source.n_bytes / 1024)} KB")
    noise = measured.get(NOISE.name)
    if noise is not None and noise.value:
        lines.append(f"noise ± {format_number(noise.value)}")
    if told := file_line(file):
        lines.append(f"the file: {told}")
    return TableRow(source.layer_id, source.name, cells, None, "\n".join(lines))


def row_of_result(name: str, made: Provenance, measured: Measured, *, changed: bool, file: object = None) -> TableRow:
    """Describe a result.

    Parameters
    ----------
    name : str
        Of its layer.
    made : Provenance
        How it was made.
    measured : dict
        What was measured, by columns: None where that is still to come. Columns that are missing have no figure. Noise
        is the source's.
    changed : bool
        Whether the source has changed since.
    file : object
        What the metadata of the source tell of its file.
    """
    cells = {K.name: Cell(format_k(made) + (" old" if changed else ""), made.k)}
    known = recorded(DOCK, made)
    cells |= {name: _cell(_FIGURES[name], value) for name, value in known.items() if value is not None}
    lines = [slow_figures.OLD] if changed else []
    lines.append(messages.figures(made))
    for column, figure in measured.items():
        if column == NOISE.name and figure is not None:
            figure = _in_units_of(figure, made.quality.rmse)
        if column == KB.name and figure is not None:
            figure = _beside_file(figure, file_kb(file))
        cells[column] = _measured_cell(_FIGURES[column], figure)
        lines += _measured_line(_FIGURES[column].title, cells[column], figure)
    return TableRow(made.layer_id, name, cells, made.n_used, "\n".join(lines), measured)


def _in_units_of(noise: Figure, rmse: float) -> Figure:
    return replace(noise, value=rmse / noise.value if noise.value else None)


def _beside_file(size: Figure, kb: float | None) -> Figure:
    if kb is None or size.value is None or size.value <= kb:
        return size
    return replace(size, note="; ".join(filter(None, [size.note, table_messages.larger_than_file(kb)])))


def _cell(figure: LossFigure, value: float) -> Cell:
    return Cell(figure.write(value), figure.factor * value)


def _measured_cell(figure: LossFigure, measurement: Figure | None) -> Cell:
    if measurement is None:
        return Cell(table_messages.COMING)
    return Cell(NONE) if measurement.value is None else _cell(figure, measurement.value)


def _measured_line(title: str, cell: Cell, figure: Figure | None) -> list[str]:
    return [] if figure is None else [table_messages.measured(title, cell.text, figure)]
