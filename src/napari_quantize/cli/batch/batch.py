"""Distribution of the images of a run among processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from napari_quantize.cli.batch.process_pool import MAX_PROCESSES, Failed, attempt, work_in_processes
from napari_quantize.cli.batch.quantize_file import Done, ImageJob, warm
from napari_quantize.cli.output import named, tell
from napari_quantize.cli.progress import watched
from napari_quantize.core.pixels.pixels import count_threads
from napari_quantize.core.request.request import no_tick

if TYPE_CHECKING:
    from napari_quantize.cli.batch.options import ImageOptions
    from napari_quantize.cli.figures import Row
    from napari_quantize.core.request.request import Tick

R = TypeVar("R")


@dataclass(frozen=True)
class RunOptions:
    """Options of a run as a whole.

    Attributes
    ----------
    images : tuple of str
        Files, folders and patterns.
    out : Path
        Folder of the results.
    order : ImageOptions
        Options of every image.
    one_palette : bool
        Whether one codebook is learnt from all images together.
    report : bool
        Whether a report is written.
    jobs : int or None
        Number of processes; None for one for each processor.
    printed : {"table", "csv", "json"}
        Format of standard output.
    command : str
        The command as typed, for the report.
    """

    images: tuple[str, ...]
    out: Path
    order: ImageOptions
    one_palette: bool = False
    report: bool = False
    jobs: int | None = None
    printed: Literal["table", "csv", "json"] = "table"
    command: str = ""


@dataclass
class RunOutcome:
    """Results and failures of a run so far.

    Attributes
    ----------
    done : dict of Done
        Results of images, by their index among the inputs.
    failed : dict of Failed
        Failures of images, by their files.
    interrupted : bool
        Whether Ctrl-C ended it.
    """

    done: dict[int, Done] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def rows(self) -> list[Row]:
        """All rows, in the order of the inputs."""
        return [row for index in sorted(self.done) for row in self.done[index].rows]


def share_out(
    work: Callable[[ImageJob, Tick], R], jobs: Sequence[ImageJob], asked: RunOptions, outcome: RunOutcome, what: str
) -> Iterator[tuple[ImageJob, R]]:
    """Run jobs in processes, and yield those that succeed; failures are printed and kept in `outcome`."""
    n_processes = min(asked.jobs or count_threads(), len(jobs), MAX_PROCESSES)
    done: Iterator[tuple[ImageJob, R | Failed]]
    if n_processes > 1:
        alone = [replace(job, order=replace(job.order, n_jobs=1)) for job in jobs]
        done = work_in_processes(work, alone, n_processes, warm)
    else:
        n_jobs = asked.jobs  # threads, then
        done = ((job, attempt(work, replace(job, order=replace(job.order, n_jobs=n_jobs)), no_tick)) for job in jobs)
    with closing(done), watched(what, len(jobs)) as advance:  # type: ignore[type-var]
        for job, result in done:
            advance()
            if isinstance(result, Failed):
                outcome.failed[str(job.path)] = result
                tell(named(job.path, result.reason))
            else:
                yield job, result
