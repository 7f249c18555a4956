"""Limits on the threads of numerical libraries."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def one_thread(library: str | None = None) -> AbstractContextManager[object]:
    """Limit numerical libraries to one thread each.

    With one thread, scikit-learn adds its sums in the same order each time. With `library` ``"blas"``, numpy's matrix
    products leave the processors to the threads that work on blocks of pixels.
    """
    limited: AbstractContextManager[object] = _threadpools(library).limit(limits=1, user_api=library)
    return limited


@cache
def _threadpools(_library: str | None) -> ThreadpoolController:
    # Finding the loaded libraries takes milliseconds, so it is done once for each kind of use, not once in all:
    # scikit-learn's own libraries are found only after it was loaded.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
