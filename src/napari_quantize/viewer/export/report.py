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
from napari_quantize.plots.loading import load_matplotlib
from napari_quantize.text.results import FILES_DITHERED
from napari_quantize.viewer.export import messages as export_messages
from napari_quantize.viewer.export.model import Candidate, ExportInputs, OutputFile, file_stems
from napari_quantize.viewer.export.staleness import pending_check, require_unchanged
from napari_quantize.viewer.layers.cache import cached_samples
from napari_quantize.viewer.layers.raster_conversion import raster_of, saved_attributes
from napari_quantize.viewer.layers.sources import data_of

if TYPE_CHECKING:
    import numpy as np
    from napari.layers import Image

    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.report.item import WrittenFiles
    from napari_quantize.viewer.export.options import Choice
    from napari_quantize.viewer.export.predict import PredictedFile
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.measure.staleness import StalenessCheck


def why_no_part(provenance: Provenance, source: Image | None) -> str:
    """Return why the values that a result was learnt from cannot be counted again; an empty string if they can."""
    if source is None or provenance.together:
        return ""
    within_own_part = provenance.request.mask_digest and not provenance.learnt_from
    return export_messages.NO_PART if within_own_part and cached_samples(source, provenance.request) is None else ""


@dataclass(frozen=True, eq=False)
class ReportedResult:
    """A result in the report.

    Attributes
    ----------
    candidate : Candidate
        The result.
    samples : tuple of CountedSamples or None
        Counted samples of its image; None if they are still to be counted.
    check : StalenessCheck or None
        The check whether the image has changed since; None if it is known not to have.
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
            If the image has changed since.
        """
        provenance = self.candidate.provenance
        require_unchanged(self.check)
        codebook = provenance.codebook
        samples = self.samples
        if samples is None:
            _, pixels = prepare(image, None, codebook.k, codebook.request, None)
            samples = summarize(pixels, codebook.request, no_tick)
        return Result(provenance.k, self.candidate.raster.image, codebook, provenance.quality, samples)

    def written(self, saved: set[Path]) -> WrittenFiles:
        """Return those of its files that this export wrote. Existing files that were kept may hold anything."""
        from napari_quantize.report.item import WrittenFiles

        image, codebook = (path if path in saved else None for path in (self.image, self.codebook))
        return WrittenFiles(
            image.name if image is not None else "",
            codebook.name if codebook is not None else "",
            image.stat().st_size / 1024 if image is not None else None,
        )


def with_report(
    files: Sequence[OutputFile], choice: Choice, inputs: ExportInputs, predicted: Mapping[str, PredictedFile]
) -> list[OutputFile]:
    """Return `files` and, after them, the report; only `files` if the report would show no result.

    Parameters
    ----------
    files : sequence of OutputFile
        All other files.
    choice : Choice
        The choices in the dialog.
    inputs : ExportInput
        What can be exported.
    predicted : dict of PredictedFile
        The predicted image files, by layer ids.
    """
    source, names = inputs.source, file_stems(choice.stem, inputs.candidates)
    if source is None:
        return list(files)
    layers = {provenance.layer_id: layer for layer, provenance in inputs.results}
    shown = []
    for each in reported(choice, inputs.candidates):
        if each.layer_id in layers:  # the user may have removed results while the dialog was open
            name, image = names[each.layer_id], predicted.get(each.layer_id)
            image_file = choice.folder / f"{name}{image.suffix if image is not None else ''}"
            paths = image_file, choice.folder / f"{name}.json"
            shown.append(_reported_result(each, layers[each.layer_id], source, paths))
    if not shown:
        return list(files)
    saved: set[Path] = set()
    # The page names only files that this export wrote. So each write is noted in `saved`, and the report comes last.
    noting = [replace(file, write=partial(_write_and_note, file, saved)) for file in files]
    write = partial(_write_report, source.name, data_of(source), saved_attributes(source), shown, saved, choice.dither)
    return [*noting, OutputFile(choice.beside("report.html"), write)]


def reported(choice: Choice, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the results that the report shows; none if no report is wanted."""
    return [each for each in choice.ticked(candidates) if choice.report and not each.why_no_report]


def _reported_result(candidate: Candidate, layer: Image, source: Image, paths: tuple[Path, Path]) -> ReportedResult:
    provenance = candidate.provenance
    check = pending_check(layer, provenance, [source])
    return ReportedResult(candidate, cached_samples(source, provenance.request), check, *paths)


def _write_and_note(file: OutputFile, saved: set[Path], path: Path, overwrite: bool) -> None:
    file.write(path, overwrite)
    saved.add(path)


def _write_report(
    name: str,
    data: Any,
    attributes: Mapping[str, Any],
    shown: Sequence[ReportedResult],
    saved: set[Path],
    dithered: bool,
    path: Path,
    overwrite: bool,
) -> None:
    load_matplotlib()
    from napari_quantize.report.item import ReportItem
    from napari_quantize.report.page import write_report

    raster = raster_of(data, attributes)
    any_dithered = dithered and any(each.candidate.can_be_dithered and each.image in saved for each in shown)
    item = ReportItem(
        name,
        raster,
        [each.result(raster.image) for each in shown],
        [each.written(saved) for each in shown],
        {"notes": [FILES_DITHERED] * any_dithered},
        records=[each.candidate.provenance for each in shown],
    )
    write_report(path, [item], overwrite=overwrite)
