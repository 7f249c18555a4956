"""Cases of parametrized tests that `make test` leaves to `make test-slow`."""

from collections.abc import Iterable

import pytest


def slow_except(cases: Iterable, *fast: object) -> list:
    """Return the parameters `cases`, of which all but `fast` are marked as slow.

    For tests that take long and claim the same of several kinds of image, sizes of letters or states: `fast` are those
    most likely to find a fault. Whole tests are marked by ``@pytest.mark.slow``.
    """
    cases = list(cases)
    if not fast:
        raise ValueError("name the cases that are not slow")
    if unknown := [case for case in fast if case not in cases]:
        raise ValueError(f"these are none of the cases: {unknown}")
    return [case if case in fast else _slow(case) for case in cases]


def _slow(case: object) -> object:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
