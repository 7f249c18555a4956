"""Properties that are computed once, without a lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


# functools.cached_property of Python 3.11 holds one lock for all instances of a class while it computes. A process that
# is forked meanwhile by another thread gets the lock locked, and waits for ever for a thread that it does not have.
class cached_property(Generic[T]):  # noqa: N801
    """Property that is computed when it is read for the first time: ``functools.cached_property`` of Python 3.12.

    If several threads read it at the same time for the first time, each may compute it, but all get the same object.

    Parameters
    ----------
    function : callable
        Method that computes the value. Its instances need a ``__dict__``.
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function = function
        self._name = function.__name__
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...

    def __get__(self, instance: object | None, owner: type | None = None) -> Self | T:
        """Return the value, and store it in the instance's ``__dict__``, where Python looks for it next time."""
        if instance is None:
            return self
        value: T = instance.__dict__.setdefault(self._name, self._function(instance))
        return value
