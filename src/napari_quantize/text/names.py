"""Names of axes, and names that no other thing has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, count

#: Names that axes have in napari and in files, in lower case.
CHANNEL_AXES = frozenset({"c", "ch", "channel", "channels", "colour", "color"})
TIME_AXES = frozenset({"t", "time", "frame", "frames"})
DEPTH_AXES = frozenset({"z", "depth", "plane", "slice"})

_MAX_NAME = 24  # letters of a layer's or palette's name within the name of a result


def is_named(axis: str, names: frozenset[str]) -> bool:
    """Return whether the name of an axis is one of `names`, in any case."""
    return axis.strip().lower() in names


def short_name(name: str) -> str:
    """Return a name on one line; leave out the middle of a long one."""
    name = " ".join(name.split())
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME // 2]}…{name[1 - _MAX_NAME // 2 :]}"


def free_name(name: str, is_taken: Callable[[str], bool], separator: str) -> str:
    """Return `name`, or if it is taken, `name` with the first number from 2 with which it is not."""
    numbered = (f"{name}{separator}{number}" for number in count(2))
    return next(each for each in chain([name], numbered) if not is_taken(each))


def axis_title(names: Sequence[str], axis: int) -> str:
    """Return the name of an axis; empty if it is one of napari's numbers, or shared with another axis."""
    name = names[axis].strip()
    number = name.removeprefix("axis ").lstrip("-")  # "axis -3" is napari 0.6's name of an axis without a label
    return "" if number.isdigit() or list(names).count(names[axis]) > 1 else name
