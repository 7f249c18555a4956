"""Work in processes: what fails or dies is told apart from the rest, and all end when they shall."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path

import pytest
from job_work import do_nothing, double, work_until_stopped

from napari_quantize.cli.batch import process_pool
from napari_quantize.cli.batch.process_pool import JobFailure, run_job, work_in_processes, work_in_this_process
from napari_quantize.core.request.request import no_tick


def test_each_job_is_returned_with_its_result() -> None:
    found = dict(work_in_processes(double, range(12), 2, do_nothing))
    assert found == {number: 2 * number for number in range(12)}


def test_a_failed_job_has_a_message_and_the_others_continue() -> None:
    found = dict(work_in_processes(double, [1, -2, 3], 2, do_nothing))
    assert found == {1: 2, -2: JobFailure("-2 is below zero"), 3: 6}


def test_the_job_of_a_killed_process_fails_and_the_process_is_replaced() -> None:
    found = dict(work_in_processes(double, [13, 1, 2, 3, 13, 4], 2, do_nothing))
    died = found.pop(13)
    assert isinstance(died, JobFailure)
    assert "the process that worked on it" in died.reason
    assert os.name == "nt" or "killed: probably there was too little memory" in died.reason
    assert found == {1: 2, 2: 4, 3: 6, 4: 8}


def test_jobs_are_taken_only_when_a_process_is_free() -> None:
    taken: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            taken.append(len(taken))
            yield taken[-1]

    work = work_in_processes(double, endless(), 2, do_nothing)
    for _ in range(5):
        next(work)
    work.close()
    assert len(taken) <= 5 + 2


def test_closing_stops_jobs_at_their_next_tick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signs = [tmp_path / name for name in "ab"]
    start = time.monotonic()

    def interrupted(connections: list[Connection], timeout: float) -> list[object]:
        assert time.monotonic() - start < 60
        if all(sign.exists() for sign in signs):
            raise KeyboardInterrupt
        return wait(connections, timeout / 50)

    monkeypatch.setattr(process_pool, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(work_in_processes(work_until_stopped, [*signs, tmp_path / "c"], 2, do_nothing))
    assert list(tmp_path.iterdir()) == []  # each tidied up, and the third never began


def test_collections_after_a_job_do_not_visit_what_was_there_before() -> None:
    def count_objects(_job: int, _tick: object) -> int:
        return len(gc.get_objects())

    first, *others = [count for _, count in work_in_this_process(count_objects, range(3))]
    assert max(others) < first / 10
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("a.png is empty"), "a.png is empty"),
        (PermissionError(13, "Permission denied", "/far/away/a.png"), "a.png: Permission denied"),
        (OSError("no number"), "no number"),
        (MemoryError(), "there is not enough memory for it"),
    ],
)
def test_expected_errors_become_failures_with_a_message(error: BaseException, reason: str) -> None:
    def fail(_job: int, _tick: object) -> None:
        raise error

    assert run_job(fail, 1, no_tick) == JobFailure(reason)


def test_unexpected_errors_are_raised() -> None:
    def fail(_job: int, _tick: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_job(fail, 1, no_tick)
