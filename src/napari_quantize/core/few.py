"""Things made when they are asked for, of which only a few are held at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Few(Generic[T]):
    """A row of things that are made when asked for, and made again if too many others have been asked for since.

    Parameters
    ----------
    make : callable
        Makes the thing at a place.
    most : int
        How many are held.
    """

    def __init__(self, make: Callable[[int], T], most: int) -> None:
        self._make, self._most = make, most
        self._held: OrderedDict[int, T] = OrderedDict()

    def __getitem__(self, place: int) -> T:
        if place not in self._held:
            self._held[place] = self._make(place)
            if len(self._held) > self._most:
                self._held.popitem(last=False)
        self._held.move_to_end(place)
        return self._held[place]
