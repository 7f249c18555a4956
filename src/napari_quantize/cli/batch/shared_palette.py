"""One codebook for all images of a run, learnt from the sum of their counted samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.cli.batch.batch import RunOptions, RunOutcome, run_jobs
from napari_quantize.cli.batch.options import ignored_ranges, load_input, request_for
from napari_quantize.cli.batch.quantize_file import ImageJob, read_mask, shared_codebook_names
from napari_quantize.cli.errors import UsageError
from napari_quantize.cli.output import print_message
from napari_quantize.core.learning.learner import Learner, prepare, summarize
from napari_quantize.core.request.request import no_tick
from napari_quantize.core.samples.merge import MergedSamples
from napari_quantize.core.samples.samples import CountedSamples
from napari_quantize.text.numbers import format_count
from napari_quantize.text.results import saturated_sentence

if TYPE_CHECKING:
    from napari_quantize.core.analysis.saturation import Saturation
    from napari_quantize.core.request.request import Request, Tick


@dataclass(frozen=True)
class CountedImage:
    """Counted samples of one image.

    Attributes
    ----------
    samples : tuple of CountedSamples
        One for each group of channels.
    dtype : numpy.dtype
        Dtype of the image.
    request : Request
        Request to learn from the image.
    saturation : Saturation or None
        Saturated values, if they are ignored.
    """

    samples: tuple[CountedSamples, ...]
    dtype: np.dtype
    request: Request
    saturation: Saturation | None = None

    def describe_kind(self) -> str:
        """Describe the dtype, channels and mode, which must be the same for all images."""
        values = self.samples[0].values
        channels = values.shape[1] if values.ndim > 1 else len(self.samples)
        content = {"color": "colours", "global": "levels", "per_channel": "levels a channel"}[self.request.mode]
        return f"{self.dtype} with {channels} channel{'s' * (channels != 1)} ({content})"


def count_file(job: ImageJob, tick: Tick) -> CountedImage:
    """Read an image, and count its samples."""
    options = job.options
    loaded = load_input(job.path, options)
    mask, digest = read_mask(options.mask)
    request, saturation = request_for(loaded, options, digest)
    image, pixels = prepare(loaded.raster.image, mask, 1, request, options.n_jobs)
    return CountedImage(summarize(pixels, request, tick), image.dtype, request, saturation)


def learn_shared_palette(jobs: Sequence[ImageJob], options: RunOptions, outcome: RunOutcome) -> list[ImageJob]:
    """Learn codebooks from all images, write them, and return jobs that apply them. Leave out images that fail.

    Raises
    ------
    UsageError
        If images are of different kinds.
    """
    first: tuple[ImageJob, CountedImage] | None = None
    merged: list[MergedSamples] = []
    counted_jobs = []
    saturated_from: set[int] = set()
    counts = run_jobs(count_file, jobs, options, outcome, "counting")
    for job, counted in in_job_order(counts, jobs, outcome):
        first = first or (job, counted)
        if counted.describe_kind() != first[1].describe_kind():
            raise UsageError(
                f"one palette is for images of one kind: {first[0].path} is {first[1].describe_kind()}, "
                f"but {job.path} is {counted.describe_kind()}"
            )
        merged = merged or [MergedSamples(counted.dtype, no_tick) for _ in counted.samples]
        for total, samples in zip(merged, counted.samples, strict=True):
            total.add(samples)
        counted_jobs.append(replace(job, ignored=counted.request.ignore))
        if counted.saturation:
            saturated_from.add(counted.saturation.value)
            in_colors = counted.request.mode == "color"
            print_message(f"{job.path}: {saturated_sentence(counted.saturation, in_colors=in_colors)}")
    if first is None:
        return []
    # Images can be saturated at different values: the codebooks record the values that none was learnt from.
    ignored = ignored_ranges(options.image_options, max(saturated_from, default=None))
    request = replace(first[1].request, ignore=ignored)
    learner = Learner(tuple(total.total() for total in merged), request, first[1].dtype, no_tick)
    try:
        learner.check(options.image_options.ks)
        codebooks = tuple(learner.codebook(k) for k in options.image_options.ks)
    except ValueError as error:
        raise UsageError(f"one palette of {format_count(len(counted_jobs), 'image')}: {error}") from None
    image_options = replace(options.image_options, palettes=codebooks)
    names = shared_codebook_names(image_options)
    for codebook, name in zip(codebooks, names, strict=True):
        codebook.save(options.out / name, overwrite=options.image_options.overwrite)
    source = f"{format_count(len(counted_jobs), 'image')} together"
    source += ", each without its own saturated values" if len(saturated_from) > 1 else ""
    image_options = replace(image_options, palette_source=source, palette_files=tuple(names))
    return [replace(job, options=image_options) for job in counted_jobs]


def in_job_order(
    counts: Iterator[tuple[ImageJob, CountedImage]], jobs: Sequence[ImageJob], outcome: RunOutcome
) -> Iterator[tuple[ImageJob, CountedImage]]:
    """Yield results in the order of the jobs, because sums of rounded numbers depend on their order."""
    waiting: dict[str, tuple[ImageJob, CountedImage]] = {}
    paths = [str(job.path) for job in jobs]
    index = 0
    for job, counted in counts:
        waiting[str(job.path)] = job, counted
        while index < len(paths) and (paths[index] in waiting or paths[index] in outcome.failures):
            if paths[index] in waiting:
                yield waiting.pop(paths[index])
            index += 1
    yield from (waiting[path] for path in paths[index:] if path in waiting)
