"""The threads that other libraries' products and sums use."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def one_thread(library: str | None = None) -> AbstractContextManager[object]:
    """Keep libraries to one thread each.

    scikit-learn's sums are then added in the same order each time; numpy's matrix products (`library` is ``"blas"``)
    leave the processors to the threads that share out the pixels.
    """
    limited: AbstractContextManager[object] = _threadpools(library).limit(limits=1, user_api=library)
    return limited


@cache
def _threadpools(_library: str | None) -> ThreadpoolController:
    # Finding the loaded libraries takes milliseconds, so once for each use: before scikit-learn is loaded its own
    # are not found.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
