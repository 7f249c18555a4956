"""Work of a panel in a thread of its own: of several jobs asked for meanwhile, only the last is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Generic, TypeVar

from napari.utils.notifications import notification_manager
from qtpy.QtCore import QObject, Qt, Signal

T = TypeVar("T")


class _StoppedError(Exception):
    """Raised within the work to leave it."""


@dataclass
class _Job(Generic[T]):
    work: Callable[[], T]
    then: Callable[[T], None]
    failed: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)


class _Post(QObject):
    """Takes calls from threads to the GUI thread, which it lives in as long as the program runs.

    An object made for each call, as libraries do it, would be deleted by whichever thread lets go of it last, and
    PySide6 does not survive that.
    """

    letter = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.letter.connect(self._open, Qt.ConnectionType.QueuedConnection)

    def _open(self, letter: Callable[[], None]) -> None:
        letter()


@cache
def gui_thread() -> _Post:
    """Return what takes calls to the GUI thread; made there with the first call of this."""
    return _Post()


class Background:
    """Does one job at a time in a thread, and hands what comes of it to the GUI thread.

    A job that is running when the next is asked for ends first; one that is waiting is dropped. The thread is made
    with the first job. After `close`, nothing more comes.

    Parameters
    ----------
    owner : QObject
        For whom the work is done; when it is deleted, as with its window, the rest is as after `close`.
    """

    def __init__(self, owner: QObject) -> None:
        self._executor: ThreadPoolExecutor | None = None
        self._running: _Job[Any] | None = None
        self._waiting: _Job[Any] | None = None
        owner.destroyed.connect(self.close)

    @property
    def busy(self) -> bool:
        """Whether a job runs whose outcome will be handed over."""
        return self._running is not None and not self._running.stop.is_set()

    def do(self, work: Callable[[], T], then: Callable[[T], None], failed: Callable[[str], None]) -> None:
        """Do `work` in the thread, and call `then` with what it returns in the GUI thread.

        Parameters
        ----------
        work : callable
            Called without arguments; hands `tick` to whatever takes long.
        then : callable
            Called in the GUI thread with what `work` returned.
        failed : callable
            Called in the GUI thread with the message of what `work` raised. Where that is no ValueError or TypeError,
            it becomes a notification of napari, too.
        """
        job = _Job(work, then, failed)
        if self._running is not None:
            self._waiting = job
        else:
            self._start(job)

    def tick(self) -> None:
        """Leave the job that runs if it is no longer wanted: called within `work`, between its steps."""
        job = self._running
        if job is not None and job.stop.is_set():
            raise _StoppedError

    def cancel(self) -> None:
        """Drop what waits, and let the job that runs end at its next tick; nothing more comes of either."""
        self._waiting = None
        if self._running is not None:
            self._running.stop.set()

    def close(self) -> None:
        """Cancel, and end the thread once its job has left."""
        self.cancel()
        if self._executor is not None:
            self._executor.shutdown(wait=False)
            self._executor = None

    def _start(self, job: _Job[Any]) -> None:
        self._running = job
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="napari-quantize")
        self._executor.submit(_carry_out, job, self._on_ended, gui_thread())

    def _on_ended(self, job: _Job[Any], outcome: Any, error: Exception | None) -> None:
        self._running = None
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._start(waiting)
        if job.stop.is_set():
            return
        if error is None:
            job.then(outcome)
            return
        job.failed(str(error) or type(error).__name__)
        if not isinstance(error, ValueError | TypeError):
            notification_manager.receive_error(type(error), error, error.__traceback__)


def _carry_out(job: _Job[Any], on_ended: Callable[[_Job[Any], Any, Exception | None], None], post: _Post) -> None:
    outcome, error = None, None
    try:
        if not job.stop.is_set():
            outcome = job.work()
    except _StoppedError:
        pass
    except Exception as raised:  # noqa: BLE001
        error = raised  # told in the GUI thread: nobody looks at the executor's futures
    post.letter.emit(partial(on_ended, job, outcome, error))
