"""List and write the exported files: work for a thread, without a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.viewer.export import messages as export_messages
from napari_quantize.viewer.export.figure import figure_file
from napari_quantize.viewer.export.model import Candidate, ExportInputs, OutputFile, file_stems
from napari_quantize.viewer.export.report import with_report

if TYPE_CHECKING:
    from napari_quantize.viewer.export.options import Choice
    from napari_quantize.viewer.export.predict import PredictedFile
    from napari_quantize.viewer.table.rows import Sheet


@dataclass
class ExportProgress:
    """Progress of the writing, in files: the thread sets it, the window polls it."""

    done: int = 0
    total: int = 0
    name: str = ""


@dataclass(frozen=True)
class ExportOutcome:
    """Result of an export.

    Attributes
    ----------
    saved, kept : tuple of Path
        Files that were written, and existing files that were not replaced.
    n_files, n_bytes : int
        Number and size of the written files; files in folders count one by one.
    failures : tuple of str
        A sentence for each file that could not be written.
    stopped : bool
        True if the user stopped the export.
    """

    saved: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    n_files: int = 0
    n_bytes: int = 0
    failures: tuple[str, ...] = field(default=())
    stopped: bool = False


def list_files(choice: Choice, inputs: ExportInputs, predicted: Mapping[str, PredictedFile]) -> list[OutputFile]:
    """Return all files to write, for the layers and the table as they are now; read no pixels.

    Parameters
    ----------
    choice : Choice
        The choices in the dialog.
    inputs : ExportInputs
        What can be exported.
    predicted : dict of PredictedFile
        Predicted image files, by layer ids. Results without one get no image file.
    """
    files = list_result_files(choice, inputs.candidates, predicted)
    files += figure_file(choice, inputs)
    if choice.table:
        files.append(OutputFile(choice.beside("table.csv"), partial(_save_table, inputs.sheet, inputs.columns)))
    return with_report(files, choice, inputs, predicted)


def list_result_files(
    choice: Choice, candidates: Sequence[Candidate], predicted: Mapping[str, PredictedFile]
) -> list[OutputFile]:
    """Return the files to write for the chosen results.

    Parameters
    ----------
    choice : Choice
        The choices in the dialog.
    candidates : sequence of Candidate
        All results, since names must not depend on which of them are chosen.
    predicted : dict of PredictedFile
        Predicted image files, by layer ids. Results without one get no image file.
    """
    names, files = file_stems(choice.stem, candidates), []
    for each in choice.ticked(candidates):
        base = choice.folder / names[each.layer_id]
        if choice.image and (image := predicted.get(each.layer_id)) is not None:
            files.append(OutputFile(_add_suffix(base, image.suffix), partial(_write_image, each, image.content)))
        if choice.palette and not each.why_no_palette(choice.palette):
            files.append(OutputFile(_add_suffix(base, choice.palette), partial(_write_palette, each)))
        if choice.separations and not each.why_no_separations:
            path = _add_suffix(base, "_separations")
            files.append(OutputFile(path, partial(_write_separations, each), each.n_separations))
    return files


def write_files(files: Sequence[OutputFile], progress: ExportProgress, stop: Event, *, replace: bool) -> ExportOutcome:
    """Write files one after the other; collect failures and go on.

    Parameters
    ----------
    files : sequence of OutputFile
        The files to write.
    progress : ExportProgress
        Updated before each file.
    stop : Event
        Stops the writing before the next file.
    replace : bool
        Whether to replace existing files; else they are kept.
    """
    saved, kept, failures, sizes = [], [], [], list[int]()
    progress.total = sum(file.n_files for file in files)
    numbers = accumulate((file.n_files for file in files), initial=0)
    for progress.done, file in zip(numbers, files, strict=False):
        if stop.is_set():
            break
        progress.name = file.path.name
        if file.path.exists() and not replace:
            kept.append(file.path)
            continue
        # One full disk or locked file must not cost the others: go on, and report all failures at the end.
        try:
            file.write(file.path, replace)
            sizes += _sizes(file.path)
        except (OSError, ValueError) as error:
            failures.append(export_messages.failed(file.path, error))
        else:
            saved.append(file.path)
    return ExportOutcome(tuple(saved), tuple(kept), len(sizes), sum(sizes), tuple(failures), stop.is_set())


def _add_suffix(base: Path, suffix: str) -> Path:
    return base.with_name(f"{base.name}{suffix}")


def _write_image(candidate: Candidate, content: bytes, path: Path, overwrite: bool) -> None:
    from napari_quantize.formats.save import save_raster

    if not content:  # the prediction keeps the content of PNGs only
        save_raster(path, candidate.raster, overwrite=overwrite)
        return
    with atomic_write(path, overwrite=overwrite) as stream:
        stream.write(content)


def _write_palette(candidate: Candidate, path: Path, overwrite: bool) -> None:
    from napari_quantize.palettes.io import write_palette

    provenance = candidate.provenance
    write_palette(path, provenance.codebook, white=provenance.white, overwrite=overwrite)


def _write_separations(candidate: Candidate, path: Path, overwrite: bool) -> None:
    from napari_quantize.formats.png.separations import write_separations

    write_separations(path, candidate.raster.image, candidate.provenance.codebook, overwrite=overwrite)


def _save_table(sheet: Sheet, columns: Sequence[str], path: Path, overwrite: bool) -> None:
    sheet.save(columns, path, overwrite=overwrite)


def _sizes(path: Path) -> list[int]:
    """Return the size of a file, or of each file in a folder."""
    files = list(path.iterdir()) if path.is_dir() else [path]
    return [file.stat().st_size for file in files]
