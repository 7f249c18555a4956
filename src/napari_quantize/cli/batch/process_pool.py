"""A pool of processes with one job each, so that a process that dies fails only its own job."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from napari_quantize.cli.errors import UsageError
from napari_quantize.cli.output import error_message
from napari_quantize.core.request.request import no_tick

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnContext, SpawnProcess

    from napari_quantize.core.request.request import Tick

# concurrent.futures.ProcessPoolExecutor does not do: if a process dies, it fails all jobs and does not tell which one
# was the cause, and it cannot stop a running job, so Ctrl-C would wait for each process to end its own.
J = TypeVar("J")
R = TypeVar("R")

#: Seconds between checks for Ctrl-C on Windows, where it does not interrupt waiting.
_POLL_SECONDS = 0.5
#: Seconds in which a process must end before it is killed.
_EXIT_SECONDS = 10.0

#: Windows cannot wait for more connections.
MAX_PROCESSES = 60

_READY = "ready"

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ENVIRONMENT = {
    # Libraries start these numbers of threads when they are loaded. Several processes keep all processors busy anyway.
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
    # glibc would return the memory of each array and request it again page by page, which takes a tenth of the time.
    "MALLOC_MMAP_THRESHOLD_": str(2**26),
    "MALLOC_TRIM_THRESHOLD_": str(2**27),
}


class Stopped(BaseException):
    """Raised within a job to stop it. A BaseException, so that no handler of errors catches it."""


@dataclass(frozen=True)
class JobFailure:
    """Failure of a job.

    Attributes
    ----------
    reason : str
        Message in one sentence.
    usage : bool
        Whether the options caused the failure.
    """

    reason: str
    usage: bool = False


def run_job(work: Callable[[J, Tick], R], job: J, tick: Tick) -> R | JobFailure:
    """Run a job, and return its result or its failure."""
    try:
        return work(job, tick)
    except UsageError as error:
        return JobFailure(str(error), usage=True)
    except (OSError, ValueError, TypeError) as error:
        return JobFailure(error_message(error))
    except MemoryError:
        return JobFailure("there is not enough memory for it")
    finally:
        # Small reference cycles can hold large arrays, which Python's own collector would free too late.
        gc.collect()


def work_in_this_process(work: Callable[[J, Tick], R], jobs: Iterable[J]) -> Iterator[tuple[J, R | JobFailure]]:
    """Run jobs one after the other, and yield each with its result or failure."""
    try:
        for job in jobs:
            result = run_job(work, job, no_tick)
            gc.freeze()  # as in `_serve`
            yield job, result
    finally:
        gc.unfreeze()


def work_in_processes(
    work: Callable[[J, Tick], R], jobs: Iterable[J], n_processes: int, initializer: Callable[[], object]
) -> Iterator[tuple[J, R | JobFailure]]:
    """Run jobs in processes, and yield each with its result or failure, in the order in which they end.

    Parameters
    ----------
    work : callable
        Function of a module, called with a job and a `tick`. `run_job` lists the errors that become failures.
    jobs : iterable
        Read only when a process is free, so an endless iterable is allowed.
    n_processes : int
        Number of processes, at least 1.
    initializer : callable
        Called once in each process, before the first job.

    Notes
    -----
    Each process holds one job. If a process dies, for example for lack of memory, that job fails, and another process
    takes its place. When the iterator is closed, for example by Ctrl-C, the ticks in the processes raise `Stopped`. The
    same happens if this process is killed.
    """
    pending = iter(jobs)
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        workers_by_connection: dict[Connection, _Worker[J]] = {}
        stack.callback(lambda: _end_workers(list(workers_by_connection.values())))

        def start_worker() -> None:
            # Start no more processes than there are jobs.
            for job in pending:
                with _hold_signals(), _set_environment(_ENVIRONMENT):
                    worker = _Worker[J](job, context, cast("Callable[[object, Tick], object]", work), initializer)
                    workers_by_connection[worker.connection] = worker
                return

        for _ in range(n_processes):
            start_worker()
        while workers_by_connection:
            for connection in wait(list(workers_by_connection), timeout=_POLL_SECONDS):
                worker = workers_by_connection[cast("Connection", connection)]
                job = worker.job
                try:
                    result = worker.connection.recv()
                    if result == _READY:
                        worker.ready = True
                        worker.send(worker.job)
                        continue
                except (EOFError, OSError):
                    workers_by_connection.pop(worker.connection).close()
                    yield job, JobFailure(worker.describe_end())
                    start_worker()
                    continue
                for further in pending:
                    worker.send(further)
                    break
                else:
                    _end_workers([workers_by_connection.pop(worker.connection)])
                yield job, result


class _Worker(Generic[J]):
    """A process with its current job, which is sent when the process is ready."""

    ready = False  # whether the initializer has returned

    def __init__(
        self, job: J, context: SpawnContext, work: Callable[[object, Tick], object], initializer: Callable[[], object]
    ) -> None:
        self.job = job
        self.connection, child_connection = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=_serve, args=(child_connection, work, initializer), daemon=True
        )
        self.process.start()
        child_connection.close()

    def send(self, job: J) -> None:
        self.job = job
        try:
            self.connection.send(job)
        except OSError:
            return  # the process has ended: reading from its connection will report that

    def close(self) -> None:
        self.connection.close()

    def describe_end(self) -> str:
        """Return a sentence on how the process ended."""
        self.process.join(_EXIT_SECONDS)
        code = self.process.exitcode
        if code == -getattr(signal, "SIGKILL", 9):
            return "the process that worked on it was killed: probably there was too little memory for it"
        return f"the process that worked on it ended unexpectedly (code {code})"


def _end_workers(workers: list[_Worker[J]]) -> None:
    """End processes. Their jobs stop at the next tick and remove incomplete files."""
    for worker in workers:
        if not worker.ready:  # it has no job yet, and waiting for its imports would take seconds
            worker.process.kill()
        worker.close()
    for worker in workers:
        worker.process.join(_EXIT_SECONDS)
        if worker.process.exitcode is None:
            worker.process.kill()
            worker.process.join()


@contextmanager
def _hold_signals() -> Iterator[None]:
    """Hold back signals, so that a process started within never receives those meant for this process."""
    received: list[int] = []
    handlers = {number: signal.signal(number, lambda number, _frame: received.append(number)) for number in _SIGNALS}
    can_mask = hasattr(signal, "pthread_sigmask")
    if can_mask:
        # Ctrl-C goes to all processes of a terminal. A process that is importing libraries would print a traceback.
        # Masks are inherited, handlers are not. Python's resource tracker resets masks: start it first.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        if can_mask:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if received:
            signal.raise_signal(received[0])


@contextmanager
def _set_environment(added: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(added)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _serve(connection: Connection, work: Callable[[object, Tick], object], initializer: Callable[[], object]) -> None:
    """Run jobs from a connection until it is closed."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    initializer()

    def tick() -> None:
        # Nothing is sent during a job, so a readable connection is one that was closed.
        if connection.poll():
            raise Stopped

    try:
        connection.send(_READY)
        while True:
            # What is left now are modules, which stay: collections after each job need not visit them. On small images
            # these visits would take most of the time. Later jobs may load more modules.
            gc.freeze()
            connection.send(run_job(work, connection.recv(), tick))
    except (EOFError, OSError, Stopped):
        return
