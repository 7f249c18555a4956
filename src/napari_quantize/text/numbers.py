"""Parse and format numbers for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from napari_quantize.core.request.request import MAX_K

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.request.ignore import IgnoredRange


def parse_ks(text: str) -> tuple[int, ...]:
    """Parse several K as people type them: ``"1, 2, 4"``, ``"2-6"``, or both.

    Parameters
    ----------
    text : str
        Integers and ranges, separated by commas, semicolons or spaces.

    Returns
    -------
    tuple of int
        Distinct k in ascending order.

    Raises
    ------
    ValueError
        If an entry is no integer or range, or lies outside 1 … 65,536; the entry is named.
    """
    entries = text.replace("–", "-").replace(",", " ").replace(";", " ").split()
    if not entries:
        raise ValueError("Type how many values to keep, for example 2, 4, 8")
    ks = {k for entry in entries for k in _parse_entry(entry)}
    return tuple(sorted(ks))


def _parse_entry(entry: str) -> range:
    first, dash, last = entry.partition("-")
    if not (first.isdecimal() and (last.isdecimal() or not dash)):
        raise ValueError(f"“{entry}” is not a whole number or a range like 2-6")
    if len(entry) > 100:  # Python itself does not read thousands of digits
        raise ValueError(f"“{entry[:10]}…” cannot be used: K must lie between 1 and {MAX_K:,}")
    low, high = int(first), int(last if dash else first)
    if not 1 <= low <= high <= MAX_K:
        reason = "its first number is the larger one" if low > high else f"K must lie between 1 and {MAX_K:,}"
        raise ValueError(f"“{entry}” cannot be used: {reason}")
    return range(low, high + 1)


def format_number(value: float) -> str:
    """Format a number with three significant digits; with an exponent only if it is very large or small."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if magnitude >= 6 or magnitude < -4:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"  # without the plus and the zeros: the table is narrow
    return f"{value:,.{max(0, 2 - magnitude)}f}"


def format_values(values: Sequence[float], among: Sequence[float] = (), digits: int = 6) -> list[str]:
    """Format levels, borders or other values of pixels, none of which reads as another.

    Parameters
    ----------
    values : sequence of float
        The values.
    among : sequence of float
        Other values that these must be told apart from, such as the levels beside a border.
    digits : int
        Number of significant digits; more if values would read the same. Whole numbers have all their digits, and
        others at least one decimal.
    """
    rows = format_colors([(value,) for value in (*values, *among)], digits)
    return [text for (text,) in rows[: len(values)]]


def format_colors(colors: Sequence[Sequence[float]], digits: int = 6) -> list[list[str]]:
    """Format the channels of colours as `format_values` does; no colour reads as another."""
    n_distinct = len(set(map(tuple, colors)))
    for n_digits in range(digits, 18):  # 17 digits tell all floats apart
        texts = [[_format_value(value, n_digits) for value in color] for color in colors]
        if len(set(map(tuple, texts))) == n_distinct:
            break
    return texts


def _format_value(value: float, digits: int) -> str:
    if not abs(value) < 2**64:  # not a number, too
        return f"{value:.{digits}g}"
    if float(value).is_integer():
        return str(int(value))
    magnitude = math.floor(math.log10(abs(value)))
    return f"{value:.{max(digits, magnitude + 2)}g}"


def format_count(n: int, noun: str) -> str:
    """Format a count with its noun: ``1 layer``, ``2,000 layers``."""
    return f"{n:,} {noun if n == 1 else f'{noun}s'}"


def format_ranges(ranges: Sequence[IgnoredRange], up_to: str, from_: str, to: str) -> str:
    """Format ranges of values, separated by commas.

    Parameters
    ----------
    ranges : sequence of (low, high)
        Both ends belong to a range; None is an open end.
    up_to, from_ : str
        Put before the one end of a range that is open below or above.
    to : str
        Put between the two ends of other ranges.
    """
    ends = [end for both in ranges for end in both if end is not None]
    texts: dict[float | None, str] = dict(zip(ends, format_values(ends), strict=True))
    return ", ".join(_join_ends(texts.get(low), texts.get(high), up_to, from_, to) for low, high in ranges)


def _join_ends(low: str | None, high: str | None, up_to: str, from_: str, to: str) -> str:
    if low is None or high is None:
        return f"{up_to}{high}" if low is None else f"{from_}{low}"
    return low if low == high else f"{low}{to}{high}"


def format_bytes(n_bytes: float) -> str:
    """Format a size in memory."""
    for unit in ("bytes", "KB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}"
        n_bytes /= 1024
    return f"{n_bytes:.1f} GB"


def format_percent(share: float) -> str:
    """Format a fraction as a percentage."""
    hundreds = 100 * share
    if 0 < hundreds < 0.01:
        return "< 0.01 %"
    return f"{hundreds:.2f} %" if hundreds < 10 else f"{hundreds:.1f} %"
