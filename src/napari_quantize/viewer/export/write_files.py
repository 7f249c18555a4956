"""Predict and write the exported files: work for a thread, without a window."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.text.results import format_dtype
from napari_quantize.viewer.export import messages as export_messages
from napari_quantize.viewer.export.model import Candidate, Choice, OutputFile, stems

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Raster

# Larger images are not encoded just to show the size of the file.
_MAX_TRIED = 2**26


@dataclass(frozen=True)
class Foreseen:
    """The file that the image of a result will become.

    Attributes
    ----------
    ending : str
        Suffix of the file.
    told : str
        Format, colours, bits and size as far as known, and why it is a TIFF if a PNG was asked for.
    content : bytes
        The encoded file if it is a PNG, so that it is not encoded twice.
    """

    ending: str
    told: str
    content: bytes = b""


@dataclass
class ExportProgress:
    """Progress of the writing: the thread sets it, the window polls it."""

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


def foresee(raster: Raster, ending: str) -> Foreseen:
    """Predict the file of an image by encoding it, unless it is very large."""
    if ending == ".tif":
        return _tiff(raster, "")
    from napari_quantize.formats.png.encode import encode_png
    from napari_quantize.formats.png.pixels import PngKind

    try:
        content = encode_png(raster)
    except ValueError as error:
        return _tiff(raster, str(error))
    kind = PngKind.of(content)
    told = export_messages.png(kind, len(content), refused=not kind.is_indexed and ending == ".indexed.png")
    return Foreseen(ending if kind.is_indexed else ".png", told, content)


def foresee_result(candidate: Candidate, ending: str, *, dither: bool) -> Foreseen:
    """Predict the file of a result's image."""
    return foresee(_pixels(candidate, dither=dither), ending)


def list_jobs(choice: Choice, candidates: Sequence[Candidate], seen: Mapping[str, Foreseen]) -> list[OutputFile]:
    """Return the files to write for the chosen results.

    Parameters
    ----------
    choice : Choice
        The choices in the dialog.
    candidates : sequence of Candidate
        All results, since names must not depend on which of them are chosen.
    seen : dict of Foreseen
        Predicted images, by layer ids. Results without one get no image file.
    """
    names, jobs = stems(choice.stem, candidates), []
    for each in candidates:
        if each.layer_id not in choice.layer_ids:
            continue
        beside = choice.folder / names[each.layer_id]
        if choice.image and (image := seen.get(each.layer_id)) is not None:
            jobs.append(OutputFile(_with(beside, image.ending), partial(_write_image, each, image.content)))
        if choice.palette and not each.no_palette(choice.palette):
            jobs.append(OutputFile(_with(beside, choice.palette), partial(_write_palette, each)))
        if choice.separations and not each.no_separations:
            jobs.append(OutputFile(_with(beside, "_separations"), partial(_write_separations, each)))
    return jobs


def carry_out(jobs: Sequence[OutputFile], progress: ExportProgress, stop: Event, *, replace: bool) -> ExportOutcome:
    """Write files one after the other; collect failures and go on.

    Parameters
    ----------
    jobs : sequence of OutputFile
        The files to write.
    progress : ExportProgress
        Updated before each file.
    stop : Event
        Stops the writing before the next file.
    replace : bool
        Whether to replace existing files; else they are kept.
    """
    saved, kept, failures, sizes = [], [], [], list[int]()
    progress.total = len(jobs)
    for progress.done, job in enumerate(jobs):
        if stop.is_set():
            break
        progress.name = job.path.name
        if job.path.exists() and not replace:
            kept.append(job.path)
            continue
        try:
            job.write(job.path, replace)
            sizes += _sizes(job.path)
        except (OSError, ValueError) as error:
            failures.append(export_messages.failed(job.path, error))
        else:
            saved.append(job.path)
    return ExportOutcome(tuple(saved), tuple(kept), len(sizes), sum(sizes), tuple(failures), stop.is_set())


def _with(beside: Path, ending: str) -> Path:
    return beside.with_name(f"{beside.name}{ending}")


def _pixels(candidate: Candidate, *, dither: bool) -> Raster:
    if not (dither and candidate.can_be_dithered):
        return candidate.raster
    from napari_quantize.formats.png.dither import dither_image

    return dither_image(replace(candidate.raster, image=np.asarray(candidate.source)))


def _tiff(raster: Raster, why: str) -> Foreseen:
    from napari_quantize.formats.tiff.write import write_tiff

    channels = f" {'RGBA' if raster.image.shape[-1] == 4 else 'RGB'}" if raster.rgb else ""
    kind = f"TIFF, {format_dtype(raster.image.dtype)}{channels}"
    n_bytes = None
    if raster.image.nbytes <= _MAX_TRIED:
        stream = io.BytesIO()
        write_tiff(stream, raster)
        n_bytes = stream.getbuffer().nbytes
    return Foreseen(".tif", export_messages.tiff(kind, n_bytes, why))


def _write_image(candidate: Candidate, content: bytes, path: Path, overwrite: bool) -> None:
    from napari_quantize.formats.save import save_raster

    if not content:
        save_raster(path, candidate.raster, overwrite=overwrite)
        return
    with atomic_write(path, overwrite=overwrite) as stream:
        stream.write(content)


def _write_palette(candidate: Candidate, path: Path, overwrite: bool) -> None:
    from napari_quantize.palettes.io import write_palette

    write_palette(path, candidate.made.codebook, overwrite=overwrite)


def _write_separations(candidate: Candidate, path: Path, overwrite: bool) -> None:
    from napari_quantize.formats.png.separations import write_separations

    write_separations(path, candidate.raster.image, candidate.made.codebook, overwrite=overwrite)


def _sizes(path: Path) -> list[int]:
    """Return the size of a file, or of each file in a folder."""
    files = list(path.iterdir()) if path.is_dir() else [path]
    return [file.stat().st_size for file in files]
