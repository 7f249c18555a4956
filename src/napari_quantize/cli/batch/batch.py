"""Distribution of the images of a run among processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from napari_quantize.cli.batch.process_pool import MAX_PROCESSES, JobFailure, work_in_processes, work_in_this_process
from napari_quantize.cli.batch.quantize_file import ImageJob, QuantizedFile, import_libraries
from napari_quantize.cli.output import prefix_path, print_message
from napari_quantize.cli.progress import progress_bar
from napari_quantize.core.pixels.pixels import count_threads

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
    image_options : ImageOptions
        Options of every image.
    one_palette : bool
        Whether one codebook is learnt from all images together.
    report : bool
        Whether a report is written.
    n_jobs : int or None
        Number of images at a time, each in its own process; None for one for each processor.
    output_format : {"table", "csv", "json"}
        Format of standard output.
    command : str
        The command as typed, for the report.
    """

    images: tuple[str, ...]
    out: Path
    image_options: ImageOptions
    one_palette: bool = False
    report: bool = False
    n_jobs: int | None = None
    output_format: Literal["table", "csv", "json"] = "table"
    command: str = ""


@dataclass
class RunOutcome:
    """Results and failures of a run so far.

    Attributes
    ----------
    files : dict of QuantizedFile
        Results of images, by the index of the image among the inputs.
    failures : dict of JobFailure
        Failures, by the file of the image.
    unwritten : list of Path
        Files about the whole run that could not be written.
    interrupted : bool
        Whether Ctrl-C ended it.
    """

    files: dict[int, QuantizedFile] = field(default_factory=dict)
    failures: dict[str, JobFailure] = field(default_factory=dict)
    unwritten: list[Path] = field(default_factory=list)
    interrupted: bool = False

    @property
    def rows(self) -> list[Row]:
        """All rows, in the order of the inputs."""
        return [row for index in sorted(self.files) for row in self.files[index].rows]


def run_jobs(
    work: Callable[[ImageJob, Tick], R],
    jobs: Sequence[ImageJob],
    options: RunOptions,
    outcome: RunOutcome,
    description: str,
) -> Iterator[tuple[ImageJob, R]]:
    """Run jobs in processes, and yield those that succeed. Print failures and add them to `outcome`."""
    n_processes = min(options.n_jobs or count_threads(), len(jobs), MAX_PROCESSES)
    done: Iterator[tuple[ImageJob, R | JobFailure]]
    if n_processes > 1:
        one_threaded = [replace(job, options=replace(job.options, n_jobs=1)) for job in jobs]
        done = work_in_processes(work, one_threaded, n_processes, import_libraries)
    else:
        n_threads = options.n_jobs  # all of them for this image
        done = work_in_this_process(
            work, (replace(job, options=replace(job.options, n_jobs=n_threads)) for job in jobs)
        )
    with closing(done), progress_bar(description, len(jobs)) as advance:  # type: ignore[type-var]
        for job, result in done:
            advance()
            if isinstance(result, JobFailure):
                outcome.failures[str(job.path)] = result
                print_message(prefix_path(job.path, result.reason))
            else:
                yield job, result
