"""Run jobs in a thread; of those that are submitted while one is running, run only the last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Generic, TypeVar

from napari.utils.notifications import notification_manager
from qtpy.compat import isalive
from qtpy.QtCore import QObject, Qt, Signal

T = TypeVar("T")


class _CancelledError(Exception):
    """Raised by `tick` to leave a cancelled job."""


@dataclass
class _Job(Generic[T]):
    work: Callable[[], T]
    on_done: Callable[[T], None]
    on_failed: Callable[[str], None]
    on_part: Callable[[Any], None] | None
    cancelled: threading.Event = field(default_factory=threading.Event)


class _GuiThread(QObject):
    """Run callables of other threads in the GUI thread.

    There is one such object, which lives in the GUI thread as long as the program. Other libraries create an object for
    each call: whichever thread releases it last deletes it, and PySide6 crashes if that is not the GUI thread.
    """

    call = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        # Queued, not automatic: a direct call would run `_run` in the thread that emits.
        self.call.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def _run(self, function: Callable[[], None]) -> None:
        function()


@cache
def gui_thread() -> _GuiThread:
    """Return the object that runs callables in the GUI thread. The first call must come from the GUI thread."""
    return _GuiThread()


class Background:
    """Run one job at a time in a thread, and deliver its result in the GUI thread.

    A running job ends before the next one starts; a waiting job is dropped for the next one. The thread starts with
    the first job, and is joined when the interpreter ends at the latest. After `close`, nothing is delivered any more.

    Parameters
    ----------
    owner : QObject
        Owner of the work. When Qt deletes it, as with its window, the work is closed.
    """

    def __init__(self, owner: QObject) -> None:
        self._owner = owner
        self._executor: ThreadPoolExecutor | None = None
        self._running: _Job[Any] | None = None
        self._waiting: _Job[Any] | None = None

    @property
    def busy(self) -> bool:
        """True while a job runs whose result will be delivered."""
        return self._running is not None and not self._running.cancelled.is_set()

    def submit(
        self,
        work: Callable[[], T],
        on_done: Callable[[T], None],
        on_failed: Callable[[str], None],
        on_part: Callable[[Any], None] | None = None,
    ) -> None:
        """Run `work` in the thread, then call `on_done` with its result in the GUI thread.

        Parameters
        ----------
        work : callable
            Called without arguments; passes `tick` to the functions that take long.
        on_done : callable
            Called in the GUI thread with the result of `work`.
        on_failed : callable
            Called in the GUI thread with the message of the exception that `work` raised. napari also shows a
            notification, unless it is a ValueError or TypeError.
        on_part : callable, optional
            Called in the GUI thread with each argument of `deliver`, before `on_done` or `on_failed`.
        """
        job = _Job(work, on_done, on_failed, on_part)
        if self._running is not None:
            self._waiting = job
        else:
            self._start(job)

    def tick(self) -> None:
        """Leave the running job if it was cancelled. `work` calls this between its steps."""
        job = self._running
        if job is not None and job.cancelled.is_set():
            raise _CancelledError

    def deliver(self, part: Any) -> None:
        """Pass a part of the result, or the progress, to `on_part`. `work` calls this before it ends."""
        gui_thread().call.emit(partial(self._deliver_part, part))

    def cancel(self) -> None:
        """Drop the waiting job and stop the running one at its next tick; deliver neither."""
        self._waiting = None
        if self._running is not None:
            self._running.cancelled.set()

    def close(self) -> None:
        """Cancel, and end the thread as soon as its job has left."""
        self.cancel()
        if self._executor is not None:
            self._executor.shutdown(wait=False)
            self._executor = None
            if isalive(self._owner):
                self._owner.destroyed.disconnect(self.close)

    def _start(self, job: _Job[Any]) -> None:
        self._running = job
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="napari-quantize")
            self._owner.destroyed.connect(self.close)  # till then: an owner can outlive many of these
        # Do not pass the job itself: if the thread released its callables last, it would delete their Qt objects.
        self._executor.submit(_run_job, job.work, job.cancelled, self._on_ended, gui_thread())

    def _deliver_part(self, part: Any) -> None:
        job = self._running
        if job is not None and job.on_part is not None and not job.cancelled.is_set():
            job.on_part(part)

    def _on_ended(self, outcome: Any, error: Exception | None) -> None:
        job, self._running = self._running, None
        waiting, self._waiting = self._waiting, None
        if waiting is not None:  # before the callback, so that the thread does not wait for it
            self._start(waiting)
        if job is None or job.cancelled.is_set():
            return
        if error is None:
            job.on_done(outcome)
            return
        job.on_failed(str(error) or type(error).__name__)
        if not isinstance(error, ValueError | TypeError):
            notification_manager.receive_error(type(error), error, error.__traceback__)


def _run_job(
    work: Callable[[], Any],
    cancelled: threading.Event,
    on_ended: Callable[[Any, Exception | None], None],
    gui: _GuiThread,
) -> None:
    outcome, error = None, None
    try:
        if not cancelled.is_set():
            outcome = work()
    except _CancelledError:
        pass
    except Exception as raised:  # noqa: BLE001
        error = raised  # reported in the GUI thread, since nobody reads the executor's futures
    gui.call.emit(partial(on_ended, outcome, error))
