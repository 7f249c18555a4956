"""One codebook for all images of a run, learnt from the sum of their counted samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.cli.batch.batch import RunOptions, RunOutcome, share_out
from napari_quantize.cli.batch.options import request_for
from napari_quantize.cli.batch.quantize_file import ImageJob, palette_files, read_mask
from napari_quantize.cli.errors import UsageError
from napari_quantize.core.learning.learner import Learner, prepare, summarize
from napari_quantize.core.request.request import no_tick
from napari_quantize.core.samples.merge import MergedSamples
from napari_quantize.core.samples.samples import CountedSamples
from napari_quantize.formats.load import load
from napari_quantize.text.numbers import format_count

if TYPE_CHECKING:
    from napari_quantize.core.request.request import Request, Tick


@dataclass(frozen=True)
class Counted:
    """Counted samples of one image.

    Attributes
    ----------
    samples : tuple of CountedSamples
        One a group of channels.
    dtype : numpy.dtype
        Of the image.
    request : Request
        How to learn from it.
    """

    samples: tuple[CountedSamples, ...]
    dtype: np.dtype
    request: Request

    def kind(self) -> str:
        """Return, in words, the type that all images must have in common."""
        values = self.samples[0].values
        channels = values.shape[1] if values.ndim > 1 else len(self.samples)
        what = {"color": "colours", "global": "levels", "per_channel": "levels a channel"}[self.request.mode]
        return f"{self.dtype} with {channels} channel{'s' * (channels != 1)} ({what})"


def count_file(job: ImageJob, tick: Tick) -> Counted:
    """Read an image, and count its samples."""
    loaded, order = load(job.path, job.order.size), job.order
    mask, digest = read_mask(order.mask)
    request = request_for(loaded, order, digest)
    image, pixels = prepare(loaded.raster.image, mask, 1, request, order.n_jobs)
    return Counted(summarize(pixels, request, tick), image.dtype, request)


def with_one_palette(jobs: Sequence[ImageJob], asked: RunOptions, outcome: RunOutcome) -> list[ImageJob]:
    """Learn and write codebooks of all images, and return jobs that apply them; images that fail are left out.

    Raises
    ------
    UsageError
        If images are of different kinds.
    """
    first: tuple[ImageJob, Counted] | None = None
    merged: list[MergedSamples] = []
    counted_jobs = []
    found = share_out(count_file, jobs, asked, outcome, "counting")
    for job, counted in in_order(found, jobs, outcome):
        first = first or (job, counted)
        if counted.kind() != first[1].kind():
            raise UsageError(
                f"one palette is for images of one kind: {first[0].path} is {first[1].kind()}, "
                f"but {job.path} is {counted.kind()}"
            )
        merged = merged or [MergedSamples(counted.dtype, no_tick) for _ in counted.samples]
        for total, samples in zip(merged, counted.samples, strict=True):
            total.add(samples)
        counted_jobs.append(job)
    if first is None:
        return []
    learner = Learner(tuple(total.total() for total in merged), first[1].request, first[1].dtype, no_tick)
    learner.check(asked.order.ks)
    codebooks = tuple(learner.codebook(k) for k in asked.order.ks)
    order = replace(asked.order, given=codebooks)
    files = palette_files(order)
    for codebook, file in zip(codebooks, files, strict=True):
        codebook.save(asked.out / file, overwrite=asked.order.overwrite)
    learnt_from = f"{format_count(len(counted_jobs), 'image')} together"
    order = replace(order, given_from=learnt_from, given_files=tuple(files))
    return [replace(job, order=order) for job in counted_jobs]


def in_order(
    found: Iterator[tuple[ImageJob, Counted]], jobs: Sequence[ImageJob], outcome: RunOutcome
) -> Iterator[tuple[ImageJob, Counted]]:
    """Yield results in the order of the jobs, because sums of rounded numbers depend on their order."""
    waiting: dict[str, tuple[ImageJob, Counted]] = {}
    order = [str(job.path) for job in jobs]
    index = 0
    for job, counted in found:
        waiting[str(job.path)] = job, counted
        while index < len(order) and (order[index] in waiting or order[index] in outcome.failed):
            if order[index] in waiting:
                yield waiting.pop(order[index])
            index += 1
    yield from (waiting[path] for path in order[index:] if path in waiting)
