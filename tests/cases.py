"""Cases of parametrized tests that `make test` leaves to `make test-slow`."""

from collections.abc import Iterable

import pytest


def slow_except(cases: Iterable, *fast: object) -> list:
    """Return the parameters `cases`, of which all but `fast` are marked as slow.

    For tests that take long and hold the same for more kinds of image, sizes of letters or states: the fast ones are
    those that found most faults.
    """
    cases = list(cases)
    if unknown := [case for case in fast if case not in cases]:
        raise ValueError(f"these are none of the cases: {unknown}")
    return [case if case in fast else _slow(case) for case in cases]


def _slow(case: object) -> object:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
