"""Quantize one image file of a run: write its results, and return their figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize._version import __version__
from napari_quantize.cli.batch.options import Channels, ImageOptions, request_for
from napari_quantize.cli.errors import UsageError
from napari_quantize.cli.figures import Row, row_of
from napari_quantize.core.api import Result, sweep_request, transfer
from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.pixels.masks import mask_digest
from napari_quantize.formats.load import load
from napari_quantize.formats.save import save_raster
from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.palettes.palette import Palette

if TYPE_CHECKING:
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
        Path of its results, without the part of the name that differs between them.
    order : ImageOptions
        Options of the image.
    number, pictured : int
        Its place among the images, and how many of these a page shall show; 0 if there is no page.
    """

    path: Path
    base: Path
    order: ImageOptions
    number: int = 0
    pictured: int = 0


@dataclass(frozen=True)
class Done:
    """Result of a job.

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


def warm() -> None:
    """Import what every image needs, when a process starts."""
    from PIL import Image
    from sklearn.cluster import MiniBatchKMeans

    Image.init()
    MiniBatchKMeans(1)


def possible_files(job: ImageJob) -> Iterator[Path]:
    """Yield the files that a job may write."""
    for tag in tags(job.order):
        for ending in (_TIFF,) if job.order.tiff else (_PNG, _TRUECOLOUR, _TIFF):
            yield _named(job.base, tag, ending)
        if not job.order.given:
            yield _named(job.base, tag, _CODEBOOK)


def palette_files(order: ImageOptions) -> list[str]:
    """Return the names of the codebooks that all images of a run share."""
    return [f"palette{tag}{_CODEBOOK}" for tag in tags(order)]


def tags(order: ImageOptions) -> list[str]:
    """Return the last part of the names of results, before the ending."""
    learnt = [f"_k{one.k}" for one in order.given if isinstance(one, Codebook)]
    return learnt or ["_palette"] * len(order.given) or [f"_k{k}" for k in order.ks]


def quantize_file(job: ImageJob, tick: Tick) -> Done:
    """Read an image, quantize it, and write its results.

    Raises
    ------
    ValueError, TypeError, OSError
        If it cannot be read, quantized or written. Results written before that remain.
    """
    loaded = load(job.path, job.order.size)
    rows, kept, notes = [], [], list(loaded.info.get("notes", ()))
    for tag, result in zip(tags(job.order), results(loaded, job.order, tick), strict=True):
        path, note = _save(result, loaded, job, tag)
        if not job.order.given:
            result.codebook.save(_named(job.base, tag, _CODEBOOK), overwrite=job.order.overwrite)
        rows.append(row_of(result, loaded, job.path, path, applied=bool(job.order.given), thorough=job.order.thorough))
        notes += [note] if note else []
        kept += [result] if job.pictured else []
    section = _drawn(job, loaded, kept, rows) if job.pictured else None
    return Done(tuple(rows), tuple(dict.fromkeys(notes)), section)


def _drawn(job: ImageJob, loaded: LoadedImage, made: list[Result], rows: list[Row]) -> Section:
    from napari_quantize.report.item import ReportItem, WrittenFiles
    from napari_quantize.report.page import draw_section

    own = [f"{job.base.name}{tag}{_CODEBOOK}" for tag in tags(job.order)]
    codebooks = (job.order.given_files or [""] * len(own)) if job.order.given else own
    written = [
        WrittenFiles(Path(row.saved).name, codebook, row.kb) for row, codebook in zip(rows, codebooks, strict=True)
    ]
    learnt_from = job.order.given_from if job.order.given else ""
    item = ReportItem(job.path.name, loaded.raster, made, written, loaded.info, learnt_from)
    return draw_section(item, job.number, job.pictured)


def results(loaded: LoadedImage, order: ImageOptions, tick: Tick) -> Iterator[Result]:
    """Quantize an image for each K, or with each codebook that was given."""
    image = loaded.raster.image
    if order.given:
        channels = Channels.of(loaded, order)
        for given in order.given:
            yield transfer(image, fitting(given, image.dtype, channels), tick=tick, n_jobs=order.n_jobs)
        return
    mask, digest = read_mask(order.mask)
    request = request_for(loaded, order, digest)
    yield from sweep_request(image, order.ks, request, mask=mask, tick=tick, n_jobs=order.n_jobs)


def fitting(given: Codebook | Palette, dtype: np.dtype, channels: Channels) -> Codebook:
    """Return a palette, or a codebook of an image with or without alpha, as a codebook for an image."""
    if isinstance(given, Palette):
        axis = channels.axis if channels.mode == "color" else None
        return codebook_from(given, dtype, channel_axis=axis, alpha=channels.alpha)
    if given.mode == "color" and channels.axis is None:
        raise UsageError("the image has no channels: the codebook holds colours")
    return replace(given, request=replace(given.request, channel_axis=channels.axis, alpha=channels.alpha))


@cache
def read_mask(path: Path | None) -> tuple[np.ndarray | None, str | None]:
    """Read an image as a mask, True where it is not 0 in any of its colours, and hash it; nothing without a file.

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


def _named(base: Path, tag: str, ending: str) -> Path:
    # Not with_suffix, because names can hold full stops.
    return base.with_name(f"{base.name}{tag}{ending}")


def _save(result: Result, loaded: LoadedImage, job: ImageJob, tag: str) -> tuple[Path, str]:
    """Write a result; return its path, and a sentence if the format differs from the requested one."""
    order = job.order
    job.base.parent.mkdir(parents=True, exist_ok=True)
    record = {"version": __version__, "source": job.path.name}
    # Dithering starts from the original colours.
    image = loaded.raster.image if order.dither else result.image
    raster = replace(loaded.raster, image=image, codebook=result.codebook, record=record)
    wanted = _named(job.base, tag, _TIFF if order.tiff else _PNG)
    saved = save_raster(wanted, raster, overwrite=order.overwrite, dither=order.dither, level="fast")
    if saved.path == wanted:
        return wanted, ""
    deep = image.dtype.itemsize > 1
    reason = f"too many {'bits' if deep else 'colours'} for a palette"
    if saved.path.suffix != _TRUECOLOUR:
        reason = saved.sentence.partition(": ")[2]
    return saved.path, f"written as {saved.path.suffix}: {reason.rstrip('.')}"
