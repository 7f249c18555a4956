"""Share the images of a run out to processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from napari_quantize.cli.batch.process_pool import MAX_PROCESSES, Failed, attempt, work_in_processes
from napari_quantize.cli.batch.quantize_file import Done, Job, warm
from napari_quantize.cli.output import named, tell
from napari_quantize.cli.progress import watched
from napari_quantize.core.pixels.pixels import count_threads
from napari_quantize.core.request.request import no_tick

if TYPE_CHECKING:
    from napari_quantize.cli.batch.options import Order
    from napari_quantize.cli.figures import Row
    from napari_quantize.core.request.request import Tick

R = TypeVar("R")


@dataclass(frozen=True)
class Asked:
    """What the command line says of a run as a whole.

    Attributes
    ----------
    images : tuple of str
        Files, folders and patterns.
    out : Path
        Folder of the results.
    order : Order
        What is done with every image.
    one_palette : bool
        Whether one codebook is learnt from all images.
    report : bool
        Whether a page is written.
    jobs : int or None
        How many processes; None for one a processor.
    printed : {"table", "csv", "json"}
        What goes to standard output.
    command : str
        What was typed, for the page.
    """

    images: tuple[str, ...]
    out: Path
    order: Order
    one_palette: bool = False
    report: bool = False
    jobs: int | None = None
    printed: Literal["table", "csv", "json"] = "table"
    command: str = ""


@dataclass
class Outcome:
    """What has come of a run so far.

    Attributes
    ----------
    done : dict of Done
        What came of the others, by their places among the inputs.
    failed : dict of Failed
        Why images have failed, by their files.
    interrupted : bool
        Whether Ctrl-C ended it.
    """

    done: dict[int, Done] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def rows(self) -> list[Row]:
        """All rows, in the order of the inputs."""
        return [row for place in sorted(self.done) for row in self.done[place].rows]


def share_out(
    work: Callable[[Job, Tick], R], jobs: Sequence[Job], asked: Asked, outcome: Outcome, what: str
) -> Iterator[tuple[Job, R]]:
    """Do jobs in as many processes as shall be, and yield those that succeed; the others are told, and kept."""
    n_processes = min(asked.jobs or count_threads(), len(jobs), MAX_PROCESSES)
    done: Iterator[tuple[Job, R | Failed]]
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
