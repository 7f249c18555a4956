"""Names that no other thing has."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count


def free_name(name: str, is_taken: Callable[[str], bool], separator: str) -> str:
    """Return `name`, or if it is taken, `name` with the first number from 2 with which it is not."""
    numbered = (f"{name}{separator}{number}" for number in count(2))
    return next(each for each in chain([name], numbered) if not is_taken(each))
