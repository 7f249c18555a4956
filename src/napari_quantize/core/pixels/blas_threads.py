"""Limits on the threads of numerical libraries."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

from napari_quantize.core.shared_context import SharedContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from threadpoolctl import ThreadpoolController

_limits = SharedContext()
_limited: set[str] = set()  # files of the libraries that are limited


@contextmanager
def one_thread(library: str | None = None) -> Iterator[None]:
    """Limit numerical libraries to one thread each, until the last thread that asked for it has left this context.

    With one thread, scikit-learn adds its sums in the same order each time. With `library` ``"blas"``, numpy's matrix
    products leave the processors to the threads that work on blocks of pixels.
    """
    with _limits.enter(partial(_limit, library)), _threadpools(library)[1].limit(limits=1):
        yield


def _limit(library: str | None, undo: ExitStack) -> None:
    """Limit the libraries that have one number for the whole process, unless they are limited already."""
    pools, _ = _threadpools(library)
    before = {pool["filepath"]: pool["num_threads"] for pool in pools.info() if pool["filepath"] not in _limited}
    if not before:
        return
    undo.callback(_set_threads, pools, before)
    undo.callback(_limited.difference_update, before)
    _limited.update(before)
    _set_threads(pools, dict.fromkeys(before, 1))


def _set_threads(pools: ThreadpoolController, numbers: dict[str, int]) -> None:
    for path, number in numbers.items():
        pools.select(filepath=path).limit(limits=number)
    # A thread that has set a number of OpenBLAS is the only one that can change it until it leaves a limit: leave one,
    # so that another thread can undo this.
    with pools.limit():
        pass


@cache
def _threadpools(library: str | None) -> tuple[ThreadpoolController, ThreadpoolController]:
    """Return the libraries with one number of threads for the whole process, and those with one for each thread."""
    # Finding the loaded libraries takes milliseconds, so it is done once for each kind of use, not once in all:
    # scikit-learn's own libraries are found only after it was loaded.
    from threadpoolctl import ThreadpoolController

    pools = ThreadpoolController()
    if library is not None:
        pools = pools.select(user_api=library)
    shared = [pool["filepath"] for pool in pools.info() if _is_shared(pool)]
    others = [pool["filepath"] for pool in pools.info() if not _is_shared(pool)]
    return pools.select(filepath=shared), pools.select(filepath=others)


def _is_shared(pool: dict[str, object]) -> bool:
    # OpenMP keeps a number for each thread, except on Windows.
    if pool["user_api"] == "openmp":
        return pool["prefix"] == "vcomp"
    return pool.get("threading_layer") != "openmp"
