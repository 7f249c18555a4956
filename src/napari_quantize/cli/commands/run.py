"""The command ``run``: many images, each with its own palette or all with one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_quantize.cli.batch.batch import RunOptions, RunOutcome, share_out
from napari_quantize.cli.batch.quantize_file import ImageJob, palette_files, possible_files, quantize_file
from napari_quantize.cli.errors import UsageError
from napari_quantize.cli.inputs import find_inputs
from napari_quantize.cli.output import put, tell
from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.text.numbers import format_count

if TYPE_CHECKING:
    from types import FrameType

    from napari_quantize.cli.figures import Row


TABLE, REPORT = "table.csv", "report.html"


def run(asked: RunOptions) -> RunOutcome:
    """Quantize all images, and write the table and the report.

    Raises
    ------
    UsageError
        If an image does not exist, or a result would replace a file; raised before anything is written.
    """
    try:
        inputs = find_inputs(asked.images, asked.out)
    except ValueError as error:
        raise UsageError(str(error)) from None
    pictured = len(inputs) if asked.report else 0
    jobs = [ImageJob(one.path, asked.out / one.name, asked.order, n, pictured) for n, one in enumerate(inputs)]
    _check_free(jobs, asked)
    outcome, made = RunOutcome(), [path for path in (asked.out, *asked.out.parents) if not path.exists()]
    try:
        with stopping_cleanly():
            _make_folder(asked.out)
            if asked.one_palette:
                from napari_quantize.cli.batch.shared_palette import with_one_palette

                jobs = with_one_palette(jobs, asked, outcome)
            _quantize(jobs, asked, outcome)
    except KeyboardInterrupt:
        outcome.interrupted = True
    finally:
        with suppress(OSError):
            for path in made:
                path.rmdir()  # fails, as it should, for folders that hold results
    if outcome.done:
        _write_table(outcome.rows, asked)
        if asked.report:
            _write_report(outcome, asked)
    return outcome


def _quantize(jobs: Sequence[ImageJob], asked: RunOptions, outcome: RunOutcome) -> None:
    for job, result in share_out(quantize_file, jobs, asked, outcome, "quantizing"):
        outcome.done[job.number] = result
        for note in result.notes:
            tell(f"{job.path}: {note}")


def finish(outcome: RunOutcome, asked: RunOptions) -> int:
    """Print the results of a run, and return the exit code."""
    rows = outcome.rows
    if asked.printed != "table" or rows:
        _print(rows, asked)
    if outcome.interrupted:
        done = format_count(len(outcome.done), "image")
        tell(f"Interrupted: {f'{done} done, in {asked.out}' if outcome.done else 'no image was done'}.")
        return 130
    if all(failed.usage for failed in outcome.failed.values()) and not outcome.done:
        return 2
    return 1 if outcome.failed else 0


def _print(rows: list[Row], asked: RunOptions) -> None:
    from napari_quantize.cli import tables

    if asked.printed == "csv":
        put(tables.as_csv(rows))
    elif asked.printed == "json":
        put(tables.as_json(rows) + "\n")
    else:
        put(tables.human(rows))
        put(f"\n{tables.summary(rows, asked.out)}\n")


def _check_free(jobs: Sequence[ImageJob], asked: RunOptions) -> None:
    """Raise a UsageError if a result would replace an image of the run, or a file without ``--overwrite``."""
    if asked.out.exists() and not asked.out.is_dir():
        raise UsageError(f"--out {asked.out} is a file: results need a folder")
    files = [path for job in jobs for path in possible_files(job)]
    files += [asked.out / name for name in palette_files(asked.order) if asked.one_palette]
    files += [asked.out / TABLE] + [asked.out / REPORT] * asked.report
    taken = [path for path in files if os.path.lexists(path)]
    read = {os.path.realpath(job.path) for job in jobs}
    for path in taken:
        if os.path.realpath(path) in read:
            raise UsageError(f"{path} is an image of this run, and would be replaced by a result: choose another --out")
    if taken and not asked.order.overwrite:
        more = f" and {len(taken) - 1:,} more" if len(taken) > 1 else ""
        raise UsageError(f"{taken[0]}{more} would be replaced: use --overwrite or another --out")


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out} cannot be made: {error.strerror}") from None
    if not os.access(out, os.W_OK):
        raise UsageError(f"--out {out} cannot be written to: Permission denied")


def _write_table(rows: list[Row], asked: RunOptions) -> None:
    from napari_quantize.cli.tables import as_csv

    # The byte order mark tells spreadsheets that it is UTF-8. Names of files that are not valid Unicode get "?".
    content = as_csv(rows).encode("utf-8-sig", errors="replace")
    with atomic_write(asked.out / TABLE, overwrite=asked.order.overwrite) as stream:
        stream.write(content)


def _write_report(outcome: RunOutcome, asked: RunOptions) -> None:
    from napari_quantize.report.page import write_report

    sections = [outcome.done[place].section for place in sorted(outcome.done)]
    shown = [section for section in sections if section is not None]
    write_report(asked.out / REPORT, shown, command=asked.command, overwrite=asked.order.overwrite)


@contextmanager
def stopping_cleanly() -> Iterator[None]:
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
