"""Warnings are recorded by the thread that causes them, and the process's filters stay as they were."""

from __future__ import annotations

import warnings
from threading import Event, Thread

import pytest

from napari_quantize.core.recorded_warnings import recorded_warnings

TIMEOUT = 60


def texts(recorded: list[warnings.WarningMessage]) -> list[str]:
    return [str(warning.message) for warning in recorded]


def test_threads_that_leave_in_any_order_record_their_own_warnings_and_restore_the_filters() -> None:
    entered, warned, left = Event(), Event(), Event()
    of_thread: list[warnings.WarningMessage] = []

    def overlap() -> None:
        with recorded_warnings(UserWarning) as found:
            entered.set()
            assert warned.wait(TIMEOUT)
            warnings.warn("thread", UserWarning, stacklevel=1)
            of_thread.extend(found)
        left.set()

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        before, show = list(warnings.filters), warnings.showwarning
        thread = Thread(target=overlap)
        thread.start()
        assert entered.wait(TIMEOUT)
        warnings.warn("nobody records this", UserWarning, stacklevel=1)
        with recorded_warnings(UserWarning, RuntimeWarning) as found:
            warnings.warn("main", RuntimeWarning, stacklevel=1)
            warnings.warn("not of these categories", DeprecationWarning, stacklevel=1)
            warned.set()
            assert left.wait(TIMEOUT)
            warnings.warn("alone", UserWarning, stacklevel=1)
        thread.join(TIMEOUT)
        assert warnings.filters == before
        assert warnings.showwarning == show
        warnings.warn("later", UserWarning, stacklevel=1)
    assert texts(of_thread) == ["thread"]
    assert texts(found) == ["main", "alone"]
    assert texts(seen) == ["nobody records this", "not of these categories", "later"]


@pytest.mark.parametrize("action", ["error", "ignore", "once"])
def test_filters_hold_for_other_threads_and_categories_only(action: str) -> None:
    entered, left = Event(), Event()
    recorded: list[warnings.WarningMessage] = []

    def overlap() -> None:
        with recorded_warnings(UserWarning) as found:
            entered.set()
            for _ in range(2):
                warnings.warn("thread", UserWarning, stacklevel=1)
            assert left.wait(TIMEOUT)
        recorded.extend(found)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter(action)
        thread = Thread(target=overlap)
        thread.start()
        assert entered.wait(TIMEOUT)
        raised = []
        for _ in range(2):
            try:
                warnings.warn("main", UserWarning, stacklevel=1)
            except UserWarning as warning:
                raised.append(str(warning))
        left.set()
        thread.join(TIMEOUT)
    assert texts(recorded) == ["thread", "thread"]
    assert raised == (["main", "main"] if action == "error" else [])
    assert texts(seen) == (["main"] if action == "once" else [])


def test_the_innermost_recorder_of_a_category_records() -> None:
    with recorded_warnings(Warning) as outer, recorded_warnings(UserWarning) as inner:
        warnings.warn("inner", UserWarning, stacklevel=1)
        warnings.warn("outer", RuntimeWarning, stacklevel=1)
    assert (texts(outer), texts(inner)) == (["outer"], ["inner"])
