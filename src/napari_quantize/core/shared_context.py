"""Changes of the whole process that several threads ask for at the same time."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from threading import RLock, get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class SharedContext:
    """Context that begins with the first thread that enters it, and ends with the last one that leaves it.

    A context manager that saves a state of the process and restores it cannot be used by two threads at once: the
    thread that entered second saves what the first one has changed, and restores that if it leaves last.
    """

    def __init__(self) -> None:
        # An RLock, because a signal handler may run within the locked lines, and fork there.
        self._lock = RLock()
        self._threads: list[int] = []
        self._undo = ExitStack()
        if hasattr(os, "register_at_fork"):
            # A process that is forked while another thread holds the lock would wait for that thread for ever.
            os.register_at_fork(
                before=self._lock.acquire, after_in_parent=self._lock.release, after_in_child=self._after_fork
            )

    @property
    def in_use(self) -> bool:
        """True if there is a thread in the context."""
        return bool(self._threads)

    @contextmanager
    def enter(self, change: Callable[[ExitStack], object]) -> Iterator[None]:
        """Enter the context in this thread, and leave it at the end of the ``with`` block.

        Parameters
        ----------
        change : callable
            Function that makes the changes that are not made yet, and adds to the stack how to undo them. It is called
            each time, and never in two threads at once.
        """
        thread = get_ident()
        with self._lock:
            change(self._undo)
            self._threads.append(thread)
        try:
            yield
        finally:
            with self._lock:
                self._threads.remove(thread)
                if not self._threads:
                    self._undo.close()

    def _after_fork(self) -> None:
        # Only the thread that forked lives on. What the others have changed is undone by the next thread that leaves,
        # not here: libraries may hold locks of their own here that were taken by those threads.
        self._threads = [thread for thread in self._threads if thread == get_ident()]
        self._lock.release()
