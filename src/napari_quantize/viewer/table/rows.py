"""The rows of the table of results, as plain data: cells that are shown, and numbers that are copied and saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_quantize.text.error_curve import unknown_noise
from napari_quantize.text.figures import BITS, DOCK, EXCESS, KB, NOISE, NONE, K, LossFigure, recorded
from napari_quantize.text.numbers import format_number
from napari_quantize.text.photo import file_kb, file_line
from napari_quantize.text.results import format_k
from napari_quantize.text.spreadsheet import csv_text, write_csv
from napari_quantize.viewer import messages
from napari_quantize.viewer.measure import slow_figures
from napari_quantize.viewer.table import messages as table_messages
from napari_quantize.viewer.table.columns import COLUMNS, Kind

if TYPE_CHECKING:
    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.layers.sources import Source
    from napari_quantize.viewer.measure.slow_figures import MeasuredFigure

Measured = Mapping[str, "MeasuredFigure | None"]

_FIGURES = {figure.name: figure for figure in DOCK}
_N_LEADING = 2  # K and the error, which captions show, too


@dataclass(frozen=True)
class Cell:
    """One cell: the value of a column for a layer.

    Attributes
    ----------
    text : str
        The shown text.
    value : float, int or None
        The number that is copied and saved, in the unit of the column's `unit_title`; None if there is none.
    """

    text: str
    value: float | None = None


@dataclass(frozen=True)
class TableRow:
    """One row of the table.

    Attributes
    ----------
    layer_id, name : str
        ``unique_id`` and name of the row's layer.
    cells : dict of Cell
        Cells by names of columns, without those that have no figure.
    used : int or None
        Number of values that are used; None for the source.
    tooltip : str
        All figures in words.
    measured : dict
        Slow figures by names of columns; None for those still to be measured.
    stays : bool
        Whether the result stays among the tiles after the next run.
    stale : bool
        Whether the source has changed since the result was made.
    """

    layer_id: str
    name: str
    cells: dict[str, Cell]
    used: int | None
    tooltip: str
    measured: Measured = field(default_factory=dict)
    stays: bool = False
    stale: bool = False

    def cell(self, column: str) -> Cell:
        """Return the cell of a column; a dash if it has no figure."""
        return self.cells.get(column, Cell(NONE))


@dataclass(frozen=True)
class Sheet:
    """All that the table could show.

    Attributes
    ----------
    kind : {"values", "photo"}
        Kind of the image: columns are chosen for each kind.
    columns : tuple of str
        Names of the columns that have figures, those that matter most first.
    rows : tuple of TableRow
        The source, and its results by ascending K.
    """

    kind: Kind = "values"
    columns: tuple[str, ...] = ()
    rows: tuple[TableRow, ...] = ()

    def texts(self, columns: Sequence[str]) -> str:
        """Return the shown cells of these columns as tab-separated lines."""
        lines = [[COLUMNS[name].title for name in columns]]
        lines += [[row.cell(name).text for name in columns] for row in self.rows]
        return "\n".join("\t".join(line) for line in lines)

    def numbers(self, columns: Sequence[str], *, delimiter: str) -> str:
        """Return these columns' numbers with all their digits, titles with units, and names of the layers.

        As `csv_text` writes them. If the source has changed since a result was made, a column marks those results.
        """
        others = [name for name in columns if name != "k"]
        any_stale = any(row.stale for row in self.rows)
        titles = ["layer", "K", "K used", *["old"] * any_stale, *(COLUMNS[name].unit_title for name in others)]
        rows = [
            [
                row.name,
                row.cell("k").value,
                row.used,
                *["yes" if row.stale else None] * any_stale,
                *(row.cell(name).value for name in others),
            ]
            for row in self.rows
        ]
        return csv_text([titles, *rows], delimiter=delimiter)

    def save(self, columns: Sequence[str], path: Path, *, overwrite: bool) -> None:
        """Write these columns' numbers as a CSV file, as `write_csv` does."""
        write_csv(path, self.numbers(columns, delimiter=","), overwrite=overwrite)


def order_columns(names: Sequence[str], rows: Sequence[TableRow], *, any_above_best: bool) -> tuple[str, ...]:
    """Return the names of columns that matter in these rows of results first.

    *Above best* follows the first figure if a result is marked in it, since the line under the table explains the
    mark. Columns in which no result has a figure are last. The others keep their order.
    """

    def rank(name: str) -> tuple[bool, bool, bool]:
        is_marked = any_above_best and name == EXCESS.name
        is_empty = bool(rows) and all(row.cell(name).text == NONE for row in rows)
        return name not in leading, not is_marked, is_empty

    leading = names[:_N_LEADING]
    return tuple(sorted(names, key=rank))


def row_of_source(source: Source, facts: ImageFacts | None, measured: Measured, file: object) -> TableRow:
    """Describe the source, and the file that it was read from, in the columns of its results."""
    cells = {K.name: Cell("source")}
    lines = [source.name, messages.describe(source, facts)]
    if facts is not None and facts.bits_per_pixel is not None:
        cells[BITS.name] = _cell(BITS, facts.bits_per_pixel)
    # A stack is measured by its displayed plane, which a file of all planes cannot be compared with.
    kb = file_kb(file) if len(source.shape) - source.rgb == 2 else None
    if kb is not None:
        cells[KB.name] = _cell(KB, kb)
    if KB.name in measured:
        measured_cell = _measured_cell(KB, measured[KB.name])
        lines += _measured_line(KB.title if kb is None else "KB as a PNG of ours", measured_cell, measured[KB.name])
        cells.setdefault(KB.name, measured_cell)
    lines.append(f"uncompressed: {format_number(source.n_bytes / 1024)} KB")
    noise = measured.get(NOISE.name)
    if noise is not None and noise.value:
        lines.append(f"noise ± {format_number(noise.value)}")
    if line := file_line(file):
        lines.append(f"the file: {line}")
    return TableRow(source.layer_id, source.name, cells, None, "\n".join(lines))


def row_of_result(
    name: str, provenance: Provenance, measured: Measured, *, stale: bool, file: object = None
) -> TableRow:
    """Describe a result.

    Parameters
    ----------
    name : str
        Name of its layer.
    provenance : Provenance
        Its provenance.
    measured : dict
        Slow figures by names of columns; None for those still to be measured. Noise is that of the source.
    stale : bool
        Whether the source has changed since.
    file : object
        The source's metadata about its file.
    """
    cells = {K.name: Cell(format_k(provenance) + (" old" if stale else ""), provenance.k)}
    values = recorded(DOCK, provenance)
    cells |= {name: _cell(_FIGURES[name], value) for name, value in values.items() if value is not None}
    lines = [slow_figures.STALE] if stale else []
    lines.append(messages.figures(provenance))
    for column, figure in measured.items():
        if column == NOISE.name and figure is not None:
            figure = _error_in_noise(figure, provenance)
        if column == KB.name and figure is not None:
            figure = _beside_file(figure, file_kb(file))
        cells[column] = _measured_cell(_FIGURES[column], figure)
        lines += _measured_line(_FIGURES[column].title, cells[column], figure)
    return TableRow(provenance.layer_id, name, cells, provenance.n_used, "\n".join(lines), measured, stale=stale)


def _error_in_noise(noise: MeasuredFigure, provenance: Provenance) -> MeasuredFigure:
    """Return the error in units of the noise, or why it cannot be compared with that."""
    if provenance.noise_problem is not None:
        return replace(noise, value=None, note=unknown_noise(provenance.noise_problem))
    return replace(noise, value=provenance.quality.rmse / noise.value if noise.value else None)


def _beside_file(size: MeasuredFigure, kb: float | None) -> MeasuredFigure:
    """Return the size, with a note if it is larger than a file of `kb`."""
    if kb is None or size.value is None or size.value <= kb:
        return size
    return replace(size, note="; ".join(filter(None, [size.note, table_messages.larger_than_file(kb)])))


def _cell(figure: LossFigure, value: float) -> Cell:
    return Cell(figure.write(value), figure.factor * value)


def _measured_cell(figure: LossFigure, measurement: MeasuredFigure | None) -> Cell:
    if measurement is None:
        return Cell(table_messages.PENDING)
    return Cell(NONE) if measurement.value is None else _cell(figure, measurement.value)


def _measured_line(title: str, cell: Cell, figure: MeasuredFigure | None) -> list[str]:
    return [] if figure is None else [table_messages.measured(title, cell.text, figure)]
