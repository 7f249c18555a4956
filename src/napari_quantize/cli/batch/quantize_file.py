"""Quantize one image file of a run: write its results, and return their figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize._version import __version__
from napari_quantize.cli.batch.options import Channels, ImageOptions, load_input, request_for
from napari_quantize.cli.errors import UsageError
from napari_quantize.cli.figures import Row, row_of
from napari_quantize.core.api import Result, sweep_request, transfer
from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.pixels.limits import find_white
from napari_quantize.core.pixels.masks import mask_digest
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.formats.load import load
from napari_quantize.formats.save import save_raster
from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.palettes.palette import Palette
from napari_quantize.text.figures import DELTA_E
from napari_quantize.text.results import FILES_DITHERED, saturated_sentence

if TYPE_CHECKING:
    from napari_quantize.core.request.ignore import IgnoredRange
    from napari_quantize.core.request.request import Tick
    from napari_quantize.formats.load import LoadedImage
    from napari_quantize.report.section import Section

#: Endings of results and of their codebooks.
_PNG, _TRUECOLOUR, _TIFF, _CODEBOOK = ".indexed.png", ".png", ".tif", ".json"


@dataclass(frozen=True)
class ImageJob:
    """One image of a run.

    Attributes
    ----------
    path : Path
        The file.
    base : Path
        Path of its results, without the suffix that differs between them.
    options : ImageOptions
        Options of the image.
    index, n_pictured : int
        Index of the image in the run, and the number of images in the report; 0 without a report.
    ignored : tuple of IgnoredRange or None
        Ranges of the image's values that its figures leave out; None for those that the codebook ignores.
    folder : str
        Folder of its results below that of the run, with a slash at its end; empty if it is the same.
    """

    path: Path
    base: Path
    options: ImageOptions
    index: int = 0
    n_pictured: int = 0
    ignored: tuple[IgnoredRange, ...] | None = None
    folder: str = ""


@dataclass(frozen=True)
class QuantizedFile:
    """Results of one image of a run.

    Attributes
    ----------
    rows : tuple of Row
        One row for each result.
    notes : tuple of str
        Sentences on anything unexpected in reading or writing.
    section : Section or None
        Section of the report.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    section: Section | None = None


def import_libraries() -> None:
    """Import what every image needs. A process calls this once, before its first job."""
    from PIL import Image
    from sklearn.cluster import MiniBatchKMeans

    Image.init()
    MiniBatchKMeans(1)


def possible_files(job: ImageJob) -> Iterator[Path]:
    """Yield the files that a job may write."""
    for suffix in name_suffixes(job.options):
        for ending in (_TIFF,) if job.options.tiff else (_PNG, _TRUECOLOUR, _TIFF):
            yield _result_path(job.base, suffix, ending)
        if not job.options.palettes:
            yield _result_path(job.base, suffix, _CODEBOOK)


def shared_codebook_names(options: ImageOptions) -> list[str]:
    """Return the names of the codebooks that all images of a run share."""
    return [f"palette{suffix}{_CODEBOOK}" for suffix in name_suffixes(options)]


def name_suffixes(options: ImageOptions) -> list[str]:
    """Return the suffix of the name of each result, before the ending: ``_k8`` or ``_palette``."""
    from_codebooks = [f"_k{palette.k}" for palette in options.palettes if isinstance(palette, Codebook)]
    return from_codebooks or ["_palette"] * len(options.palettes) or [f"_k{k}" for k in options.ks]


def quantize_file(job: ImageJob, tick: Tick) -> QuantizedFile:
    """Read an image, quantize it, and write its results.

    Raises
    ------
    ValueError, TypeError, OSError
        If it cannot be read, quantized or written. Results that were written before the error remain.
    """
    options, loaded = job.options, load_input(job.path, job.options)
    rows, results, notes = [], [], list(loaded.info["notes"])
    if options.palettes:
        quantized = _apply_palettes(loaded, job, tick)
    else:
        mask, digest = read_mask(options.mask)
        request, saturation = request_for(loaded, options, digest)
        notes += [saturated_sentence(saturation, in_colors=request.mode == "color")] if saturation else []
        quantized = sweep_request(loaded.raster.image, options.ks, request, mask=mask, tick=tick, n_jobs=options.n_jobs)
    for suffix, result in zip(name_suffixes(options), quantized, strict=True):
        path, note = _save(result, loaded, job, suffix)
        if not options.palettes:
            result.codebook.save(_result_path(job.base, suffix, _CODEBOOK), overwrite=options.overwrite)
        rows.append(
            row_of(
                result,
                loaded,
                job.path,
                path,
                applied=bool(options.palettes),
                slow_figures=options.slow_figures,
            )
        )
        notes += [note] if note else []
        results += [result] if job.n_pictured else []
    section = _draw_section(job, loaded, results, rows) if job.n_pictured else None
    return QuantizedFile(tuple(rows), tuple(dict.fromkeys(notes)), section)


def _draw_section(job: ImageJob, loaded: LoadedImage, results: list[Result], rows: list[Row]) -> Section:
    from napari_quantize.report.item import ReportItem, WrittenFiles
    from napari_quantize.report.page import draw_section

    own = [f"{job.folder}{job.base.name}{suffix}{_CODEBOOK}" for suffix in name_suffixes(job.options)]
    codebooks = (job.options.palette_files or [""] * len(own)) if job.options.palettes else own
    written = [
        WrittenFiles(f"{job.folder}{Path(row.saved).name}", codebook, row.kb)
        for row, codebook in zip(rows, codebooks, strict=True)
    ]
    learnt_from = job.options.palette_source if job.options.palettes else ""
    delta_es = [row.figure(DELTA_E.name) for row in rows] if job.options.slow_figures else ()
    item = ReportItem(
        f"{job.folder}{job.path.name}",
        loaded.raster,
        results,
        written,
        loaded.info | {"notes": [*loaded.info["notes"], *[FILES_DITHERED] * job.options.dither]},
        learnt_from,
        color_differences=delta_es,
    )
    return draw_section(item, job.index, job.n_pictured)


def _apply_palettes(loaded: LoadedImage, job: ImageJob, tick: Tick) -> Iterator[Result]:
    """Quantize an image by each given palette or codebook, and measure it without the ignored values."""
    image, channels, options = loaded.raster.image, Channels.of(loaded, job.options), job.options
    in_colors = channels.mode == "color" and any(isinstance(palette, Palette) for palette in options.palettes)
    white = find_white(Pixels.of(image, channels.axis, channels.alpha, options.n_jobs), tick) if in_colors else None
    for palette in options.palettes:
        codebook = measured = adapt_codebook(palette, image.dtype, channels, white)
        if job.ignored not in (None, codebook.request.ignore):
            measured = replace(codebook, request=replace(codebook.request, ignore=job.ignored))
        yield replace(transfer(image, measured, tick=tick, n_jobs=options.n_jobs), codebook=codebook)


def adapt_codebook(palette: Codebook | Palette, dtype: np.dtype, channels: Channels, white: float | None) -> Codebook:
    """Return a codebook for an image from a palette, or from a codebook of images with or without alpha."""
    if isinstance(palette, Palette):
        if channels.mode == "color":
            return codebook_from(palette, dtype, channel_axis=channels.axis, alpha=channels.alpha, white=white)
        if channels.axis is not None and (palette.colors != palette.colors[:, :1]).any():
            raise UsageError("the palette holds colours: without --mode color, it must hold greys")
        palette = codebook_from(palette, dtype, white=white)
    if palette.mode == "color" and channels.axis is None:
        raise UsageError("the image has no channels: the codebook holds colours")
    return replace(palette, request=replace(palette.request, channel_axis=channels.axis, alpha=channels.alpha))


@cache
def read_mask(path: Path | None) -> tuple[np.ndarray | None, str | None]:
    """Read an image as a mask, True where any of its channels is not 0, and its digest; None for both without a file.

    Raises
    ------
    ValueError, OSError
        If it cannot be read.
    """
    if path is None:
        return None, None
    raster = load(path).raster
    mask = np.asarray(raster.image[..., :3].any(axis=-1) if raster.rgb else raster.image != 0)
    return mask, mask_digest(mask)


def _result_path(base: Path, suffix: str, ending: str) -> Path:
    # Not with_suffix, because names can hold full stops.
    return base.with_name(f"{base.name}{suffix}{ending}")


def _save(result: Result, loaded: LoadedImage, job: ImageJob, suffix: str) -> tuple[Path, str]:
    """Write a result; return its path, and a sentence if the format differs from the requested one."""
    options = job.options
    job.base.parent.mkdir(parents=True, exist_ok=True)
    record = {"version": __version__, "source": job.path.name}
    # Dithering starts from the original colours.
    image = loaded.raster.image if options.dither else result.image
    raster = replace(loaded.raster, image=image, codebook=result.codebook, record=record)
    requested_path = _result_path(job.base, suffix, _TIFF if options.tiff else _PNG)
    saved = save_raster(requested_path, raster, overwrite=options.overwrite, dither=options.dither, level="fast")
    return saved.path, f"written as {saved.path.suffix}: {saved.reason}" if saved.reason else ""
