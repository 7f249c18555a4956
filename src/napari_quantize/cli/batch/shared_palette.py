"""One codebook over all images of a run: each is counted first, and what was counted adds up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.cli.batch.batch import Asked, Outcome, share_out
from napari_quantize.cli.batch.options import request_for
from napari_quantize.cli.batch.quantize_file import Job, palette_files, read_mask
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
    """What one image adds.

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
        """Say what an image must have in common with others."""
        values = self.samples[0].values
        channels = values.shape[1] if values.ndim > 1 else len(self.samples)
        what = {"color": "colours", "global": "levels", "per_channel": "levels a channel"}[self.request.mode]
        return f"{self.dtype} with {channels} channel{'s' * (channels != 1)} ({what})"


def count_file(job: Job, tick: Tick) -> Counted:
    """Read an image, and count what is learnt from it."""
    loaded, order = load(job.path, job.order.size), job.order
    mask, digest = read_mask(order.mask)
    request = request_for(loaded, order, digest)
    image, pixels = prepare(loaded.raster.image, mask, 1, request, order.n_jobs)
    return Counted(summarize(pixels, request, tick), image.dtype, request)


def with_one_palette(jobs: Sequence[Job], asked: Asked, outcome: Outcome) -> list[Job]:
    """Learn codebooks from all images, write them, and return jobs that apply them; images that fail are left out.

    Raises
    ------
    UsageError
        If images are of different kinds.
    """
    first: tuple[Job, Counted] | None = None
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
    found: Iterator[tuple[Job, Counted]], jobs: Sequence[Job], outcome: Outcome
) -> Iterator[tuple[Job, Counted]]:
    """Yield results in the order of the jobs: sums of rounded numbers depend on it."""
    waiting: dict[str, tuple[Job, Counted]] = {}
    order = [str(job.path) for job in jobs]
    place = 0
    for job, counted in found:
        waiting[str(job.path)] = job, counted
        while place < len(order) and (order[place] in waiting or order[place] in outcome.failed):
            if order[place] in waiting:
                yield waiting.pop(order[place])
            place += 1
    yield from (waiting[path] for path in order[place:] if path in waiting)
