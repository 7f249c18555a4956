"""Values that are not learnt from."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable

import numpy as np

IgnoredRange = tuple[float | None, float | None]
Ignorable = float | IgnoredRange


def check_ignore(ignore: Iterable[Ignorable]) -> tuple[IgnoredRange, ...]:
    """Return the ignored values as disjoint ranges, the same for all equivalent arguments.

    Parameters
    ----------
    ignore : iterable of numbers and (low, high) pairs
        Both ends belong to a range; None is an open end.

    Returns
    -------
    tuple of (low, high)
        Disjoint ranges in ascending order; a single number is a range from itself to itself.

    Raises
    ------
    TypeError, ValueError
        If `ignore` is not an iterable, or an entry is neither a finite number nor an ascending pair. The message names
        the entry.
    """
    if isinstance(ignore, str | bytes) or not hasattr(ignore, "__iter__") or getattr(ignore, "ndim", 1) == 0:
        raise TypeError(f"ignore={ignore!r} must be a sequence of numbers and (low, high) pairs, like [0, (250, None)]")
    merged: list[tuple[float, float]] = []
    for low, high in sorted(map(_span, ignore)):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple((None if low == -math.inf else low, None if high == math.inf else high) for low, high in merged)


def _span(entry: object) -> tuple[float, float]:
    if isinstance(entry, np.ndarray):
        entry = entry.tolist()
    if not isinstance(entry, tuple | list):
        return _number(entry), _number(entry)
    if len(entry) != 2:
        raise ValueError(f"ignore holds {entry!r}, which is no (low, high) pair")
    low = -math.inf if entry[0] is None else _number(entry[0])
    high = math.inf if entry[1] is None else _number(entry[1])
    if low > high:
        raise ValueError(f"ignore holds {entry!r}, whose first number is the larger one")
    return low, high


def _number(value: object) -> float:
    """Return an int or a float. Ints stay ints, because float64 rounds large ones."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"ignore holds {value!r}, which is no number")
    number = int(value) if isinstance(value, int | np.integer) else float(value)
    if not abs(number) <= sys.float_info.max:  # not `>`: comparisons with NaN are false
        raise ValueError(
            f"ignore holds {value!r}, which is not finite: NaN and infinities are never learnt from, "
            "and None stands for an open end"
        )
    return number
