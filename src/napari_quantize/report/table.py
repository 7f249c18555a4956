"""The table of a report, and the sentences about the files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from napari_quantize.core.quality.perception import delta_e
from napari_quantize.formats.png.encode import png_kb
from napari_quantize.text.figures import BITS, DELTA_E, KB, REPORT, K, LossFigure, recorded
from napari_quantize.text.methods import fit_arguments
from napari_quantize.text.numbers import format_number
from napari_quantize.text.results import describe_image, format_k

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.api import Result
    from napari_quantize.core.record import Record
    from napari_quantize.report.item import ReportItem

_COLUMNS = (K, *REPORT)
TITLES = {column.name: column.title for column in _COLUMNS} | {"file": "file", "codebook": "codebook"}
DEFINITIONS = {column.title: column.definition for column in _COLUMNS}
"""Explanations of the titles, for the page."""


def source_cells(item: ReportItem, facts: ImageFacts) -> dict[str, str]:
    """Return the cells of the source, by names of columns."""
    values = {BITS: facts.bits_per_pixel, KB: item.info.get("file_kb")}
    return {"k": "original"} | {figure.name: _text(figure, value) for figure, value in values.items()}


def result_cells(
    record: Record, color_difference: float | None, kb: float | None, files: tuple[str, str]
) -> dict[str, str]:
    """Return the cells of a result, by names of columns; empty texts for figures that it lacks.

    Parameters
    ----------
    record : Record
        Record of the result.
    color_difference : float or None
        Mean ΔE.
    kb : float or None
        Size of its file.
    files : tuple of str
        Names of the image's file and of the codebook's.
    """
    values = recorded(REPORT, record) | {DELTA_E.name: color_difference, KB.name: kb}
    figures = {figure.name: _text(figure, values[figure.name]) for figure in REPORT}
    return {"k": format_k(record), **figures, "file": files[0], "codebook": files[1]}


def _text(figure: LossFigure, value: float | None) -> str:
    return "" if value is None else figure.write(value)


def mean_delta_e(item: ReportItem, result: Result) -> float | None:
    """Return the mean colour difference of a result; None if ΔE is not defined for the image."""
    if not item.source.rgb:
        return None
    try:
        return delta_e(item.source.image, result.image).mean
    except (ValueError, TypeError):
        return None


def result_kb(item: ReportItem, index: int) -> float | None:
    """Return the size of a result's file, or as a PNG; None if no file was written and PNG cannot hold the result."""
    if item.written and item.written[index].kb is not None:
        return item.written[index].kb
    result = item.results[index]
    try:
        return png_kb(replace(item.source, image=result.image, codebook=result.codebook, record=None))
    except ValueError:
        return None


def notes_on_size(item: ReportItem, records: Sequence[Record], sizes: Sequence[float | None]) -> list[str]:
    """Return the note that names results larger than the file of their image; an empty list if there are none."""
    file_kb = item.info.get("file_kb")
    if file_kb is None:
        return []
    larger = [f"K={record.k}" for record, kb in zip(records, sizes, strict=True) if kb is not None and kb > file_kb]
    if not larger:
        return []
    return [f"{', '.join(larger)}: larger than the file that the image came from ({format_number(file_kb)} KB)."]


def facts_line(item: ReportItem, facts: ImageFacts) -> str:
    """Return a line of facts on the image: size, type, pixel size and file."""
    image, calibration = item.source.image, item.source.calibration
    parts = [describe_image(image.shape, image.dtype, facts, rgb=item.source.rgb)]
    if calibration.units and calibration.units[-1] != "pixel":
        parts.append(f"a pixel is {format_number(calibration.scale[-1])} {calibration.units[-1]} wide")
    if item.info.get("file_kb") is not None:
        parts.append(f"{item.info.get('format', 'file')} of {format_number(item.info['file_kb'])} KB")
    return " · ".join(parts)


def python_lines(item: ReportItem) -> str:
    """Return Python code that gives the same results, to the byte.

    It learns them again if the image alone is enough, and else loads codebooks; it is empty if none were written.
    """
    if any(map(partial(_needs_codebook, item), range(len(item.results)))):
        files = [written.codebook for written in item.written if written.codebook]
        load = f"for name in {files!r}:\n    result = Codebook.load(name).apply(image)"
        return f"from napari_quantize import Codebook\n\n{load}" if files else ""
    ks_by_arguments: dict[str, list[int]] = {}
    for result in item.results:
        ks_by_arguments.setdefault(fit_arguments(result.codebook.request), []).append(result.k)
    lines = [f"results = list(sweep(image, {ks}, {arguments}))" for arguments, ks in ks_by_arguments.items()]
    return "\n".join(["from napari_quantize import sweep", "", *lines])


def _needs_codebook(item: ReportItem, index: int) -> bool:
    """Return whether a result cannot be learnt again from the image alone."""
    request = item.results[index].codebook.request
    learnt_from = item.records[index].learnt_from if item.records else item.learnt_from
    return bool(learnt_from or request.mask_digest or request.method == "given")
