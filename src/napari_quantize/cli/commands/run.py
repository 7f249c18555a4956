"""The command ``run``: quantize many images, each with its own palette or all with one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_quantize.cli.batch.batch import RunOptions, RunOutcome, run_jobs
from napari_quantize.cli.batch.quantize_file import ImageJob, possible_files, quantize_file, shared_codebook_names
from napari_quantize.cli.errors import UsageError
from napari_quantize.cli.inputs import find_inputs
from napari_quantize.cli.output import prefix_path, print_message, print_result
from napari_quantize.text.names import free_name
from napari_quantize.text.numbers import format_count

if TYPE_CHECKING:
    from types import FrameType

    from napari_quantize.cli.figures import Row


_TABLE, _REPORT = "table.csv", "report.html"


def run(options: RunOptions) -> RunOutcome:
    """Quantize all images, and write the table and the report, beside those of other runs.

    Raises
    ------
    UsageError
        If an image does not exist, or a result would replace a file; raised before anything is written.
    """
    try:
        inputs = find_inputs(options.images, options.out)
    except ValueError as error:
        raise UsageError(str(error)) from None
    n_pictured = len(inputs) if options.report else 0
    jobs = [
        ImageJob(one.path, options.out / one.name, options.image_options, index, n_pictured, folder=one.folder)
        for index, one in enumerate(inputs)
    ]
    _check_no_overwrite(jobs, options)
    outcome = RunOutcome()
    new_folders = [path for path in (options.out, *options.out.parents) if not path.exists()]
    try:
        with interrupt_on_signals():
            _make_folder(options.out)
            if options.one_palette:
                from napari_quantize.cli.batch.shared_palette import learn_shared_palette

                jobs = learn_shared_palette(jobs, options, outcome)
            _quantize(jobs, options, outcome)
    except KeyboardInterrupt:
        outcome.interrupted = True
    finally:
        with suppress(OSError):
            for path in new_folders:
                path.rmdir()  # fails for folders that hold results, which stay
    if outcome.files:
        _write_file(_write_table, _TABLE, outcome, options)
        if options.report:
            _write_file(_write_report, _REPORT, outcome, options)
    return outcome


def _quantize(jobs: Sequence[ImageJob], options: RunOptions, outcome: RunOutcome) -> None:
    for job, result in run_jobs(quantize_file, jobs, options, outcome, "quantizing"):
        outcome.files[job.index] = result
        for note in result.notes:
            print_message(f"{job.path}: {note}")


def print_outcome(outcome: RunOutcome, options: RunOptions) -> int:
    """Print the results of a run, and return the exit code."""
    rows = outcome.rows
    if options.output_format != "table" or rows:
        _print(rows, options)
    if outcome.interrupted:
        done = format_count(len(outcome.files), "image")
        print_message(f"Interrupted: {f'{done} done, in {options.out}' if outcome.files else 'no image was done'}.")
        return 130
    if all(failure.usage for failure in outcome.failures.values()) and not outcome.files:
        return 2
    return 1 if outcome.failures or outcome.unwritten else 0


def _print(rows: list[Row], options: RunOptions) -> None:
    from napari_quantize.cli import tables

    if options.output_format == "csv":
        print_result(tables.as_csv(rows))
    elif options.output_format == "json":
        print_result(tables.as_json(rows) + "\n")
    else:
        print_result(tables.as_text(rows))
        print_result(f"\n{tables.summary(rows, options.out)}\n")


def _check_no_overwrite(jobs: Sequence[ImageJob], options: RunOptions) -> None:
    """Raise a UsageError if a result would replace an image of the run, or a file without ``--overwrite``."""
    if options.out.exists() and not options.out.is_dir():
        raise UsageError(f"--out {options.out} is a file: results need a folder")
    files = [path for job in jobs for path in possible_files(job)]
    files += [options.out / name for name in shared_codebook_names(options.image_options) if options.one_palette]
    existing = [path for path in files if os.path.lexists(path)]
    inputs = {os.path.realpath(job.path) for job in jobs}
    for path in existing:
        if os.path.realpath(path) in inputs:
            raise UsageError(f"{path} is an image of this run, and would be replaced by a result: choose another --out")
    if existing and not options.image_options.overwrite:
        more = f" and {len(existing) - 1:,} more" if len(existing) > 1 else ""
        raise UsageError(f"{existing[0]}{more} would be replaced: use --overwrite or another --out")


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out} cannot be created: {error.strerror}") from None
    if not os.access(out, os.W_OK):
        raise UsageError(f"--out {out} cannot be written to: Permission denied")


def _write_file(
    write: Callable[[Path, RunOutcome, RunOptions], None], name: str, outcome: RunOutcome, options: RunOptions
) -> None:
    """Write a file about the whole run. The file of another run is kept, and this one gets a number.

    If writing fails, print why, so that what else was done is still written and printed.
    """
    path = options.out / name
    if not options.image_options.overwrite:
        path = path.with_stem(free_name(path.stem, lambda stem: os.path.lexists(path.with_stem(stem)), "-"))
    try:
        write(path, outcome, options)
    except FileExistsError:  # another run took the name meanwhile
        _write_file(write, name, outcome, options)
    except OSError as error:
        outcome.unwritten.append(path)
        print_message(prefix_path(path, f"{path.name} cannot be written: {error.strerror or error}"))
    else:
        if path.name != name:
            print_message(f"{path} has this number because {name} exists already")


def _write_table(path: Path, outcome: RunOutcome, options: RunOptions) -> None:
    from napari_quantize.cli.tables import as_csv
    from napari_quantize.text.spreadsheet import write_csv

    write_csv(path, as_csv(outcome.rows), overwrite=options.image_options.overwrite)


def _write_report(path: Path, outcome: RunOutcome, options: RunOptions) -> None:
    from napari_quantize.report.page import write_report

    sections = [outcome.files[index].section for index in sorted(outcome.files)]
    drawn = [section for section in sections if section is not None]
    write_report(path, drawn, command=options.command, overwrite=options.image_options.overwrite)


@contextmanager
def interrupt_on_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt once on SIGINT or SIGTERM, and ignore further ones."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
