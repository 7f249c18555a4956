"""Numbers for ticks and scale bars: 1, 2 and 5 times powers of ten."""

from __future__ import annotations

import math

_MAX_TICKS = 6


def nice_numbers(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of 10 between `low` and `high`; fewer if that would be more than 6 ticks."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    # Ever fewer a decade: each series is about even on a logarithmic axis.
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = [float(f"{step}e{power}") for power in powers for step in steps]
        found = [number for number in found if low <= number <= high]
        if len(found) <= _MAX_TICKS:
            return found
    return found[:: -(-len(found) // _MAX_TICKS)]
