"""The report that *Export…* writes about an image and its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_quantize.core.api import Result
from napari_quantize.core.learning.learner import prepare, summarize
from napari_quantize.core.request.request import no_tick
from napari_quantize.viewer.export import messages as export_messages
from napari_quantize.viewer.export.model import Candidate, Exported, OutputFile, stems
from napari_quantize.viewer.layers.cache import recall_samples
from napari_quantize.viewer.layers.rasters import raster_of, told_by
from napari_quantize.viewer.layers.sources import data_of
from napari_quantize.viewer.measure.staleness import StalenessCheck

if TYPE_CHECKING:
    import numpy as np
    from napari.layers import Image

    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.report.item import WrittenFiles
    from napari_quantize.viewer.export.foresee import Foreseen
    from napari_quantize.viewer.export.options import Choice
    from napari_quantize.viewer.layers.provenance import Provenance


def why_outdated(result: Image, made: Provenance, source: Image | None) -> str:
    """Return why a result's figures do not hold for the present image; an empty string if they do, or may."""
    if source is None or made.together:
        return ""
    if StalenessCheck.of(result, made, [source]).recall():
        return export_messages.CHANGED
    within_own_part = made.request.mask_digest and not made.learnt_from
    return export_messages.NO_PART if within_own_part and recall_samples(source, made.request) is None else ""


@dataclass(frozen=True, eq=False)
class ReportedResult:
    """A result in the report.

    Attributes
    ----------
    candidate : Candidate
        The result.
    samples : tuple of CountedSamples or None
        Counted samples of its image; None if they are yet to be counted.
    check : Check or None
        Check that the image has not changed since; None if that is known.
    image, codebook : Path
        Paths of its files, which may be exported, too.
    """

    candidate: Candidate
    samples: tuple[CountedSamples, ...] | None
    check: StalenessCheck | None
    image: Path
    codebook: Path

    def result(self, image: np.ndarray) -> Result:
        """Return the result as a sweep over `image` would, without learning or measuring again.

        Raises
        ------
        ValueError
            If it is no result of this image.
        """
        made = self.candidate.made
        if self.check is not None and self.check.run(no_tick)[0]:
            raise ValueError(f"K={made.k}: {export_messages.CHANGED}")
        codebook = made.codebook
        samples = self.samples
        if samples is None:
            _, pixels = prepare(image, None, codebook.k, codebook.request, None)
            samples = summarize(pixels, codebook.request, no_tick)
        return Result(made.k, self.candidate.raster.image, codebook, made.quality, samples)

    def written(self, saved: set[Path]) -> WrittenFiles:
        """Return its files that this export saved. Existing files that were kept may hold anything."""
        from napari_quantize.report.item import WrittenFiles

        image, codebook = (path if path in saved else None for path in (self.image, self.codebook))
        return WrittenFiles(
            image.name if image is not None else "",
            codebook.name if codebook is not None else "",
            image.stat().st_size / 1024 if image is not None else None,
        )


def with_report(
    jobs: Sequence[OutputFile], choice: Choice, exported: Exported, seen: Mapping[str, Foreseen]
) -> list[OutputFile]:
    """Return `jobs` and, after them, the report; only `jobs` if the report would show no result.

    Parameters
    ----------
    jobs : sequence of OutputFile
        All other files.
    choice : Choice
        The choices in the dialog.
    exported : Exported
        What can be exported.
    seen : dict of Foreseen
        The exported images, by layer ids.
    """
    source, names = exported.source, stems(choice.stem, exported.candidates)
    if source is None:
        return list(jobs)
    layers = {made.layer_id: layer for layer, made in exported.results}
    shown = []
    for each in reported(choice, exported.candidates):
        if each.layer_id in layers:
            name, image = names[each.layer_id], seen.get(each.layer_id)
            files = choice.folder / f"{name}{image.ending if image is not None else ''}", choice.folder / f"{name}.json"
            shown.append(_shown(each, layers[each.layer_id], source, files))
    if not shown:
        return list(jobs)
    saved: set[Path] = set()
    noting = [replace(job, write=partial(_write_and_note, job, saved)) for job in jobs]
    write = partial(_write_report, source.name, data_of(source), told_by(source), shown, saved, choice.dither)
    return [*noting, OutputFile(choice.beside("report.html"), write)]


def reported(choice: Choice, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the results that the report shows; none if no report is wanted."""
    return [each for each in choice.ticked(candidates) if choice.report and not each.no_report]


def _shown(candidate: Candidate, layer: Image, source: Image, files: tuple[Path, Path]) -> ReportedResult:
    check = StalenessCheck.of(layer, candidate.made, [source])
    return ReportedResult(
        candidate,
        recall_samples(source, candidate.made.request),
        None if check.recall() is False else check,
        *files,
    )


def _write_and_note(job: OutputFile, saved: set[Path], path: Path, overwrite: bool) -> None:
    job.write(path, overwrite)
    saved.add(path)


def _write_report(
    name: str,
    data: Any,
    told: Mapping[str, Any],
    shown: Sequence[ReportedResult],
    saved: set[Path],
    dithered: bool,
    path: Path,
    overwrite: bool,
) -> None:
    from napari_quantize.report.item import ReportItem
    from napari_quantize.report.page import write_report

    raster = raster_of(data, told)
    mixed = dithered and any(each.candidate.can_be_dithered and each.image in saved for each in shown)
    item = ReportItem(
        name,
        raster,
        [each.result(raster.image) for each in shown],
        [each.written(saved) for each in shown],
        {"notes": [export_messages.FILES_DITHERED] * mixed},
        records=[each.candidate.made for each in shown],
    )
    write_report(path, [item], overwrite=overwrite)
