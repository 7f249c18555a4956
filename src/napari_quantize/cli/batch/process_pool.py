"""A pool of processes that work on one job at a time each, so that a process that dies fails only its own job."""

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
from napari_quantize.cli.output import sentence

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnContext, SpawnProcess

    from napari_quantize.core.request.request import Tick

J = TypeVar("J")
R = TypeVar("R")

#: Seconds between checks for Ctrl-C on Windows, where it does not interrupt waiting.
_PATIENCE = 0.5
#: Seconds that a process is given to end.
_LAST_SECONDS = 10.0

#: Windows cannot wait for more.
MAX_PROCESSES = 60

_READY = "ready"

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ENVIRONMENT = {
    # How many threads libraries start when they are loaded: several processes keep all processors busy.
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
    # glibc would give the memory of each array back, and ask for it again page by page: a tenth of all time.
    "MALLOC_MMAP_THRESHOLD_": str(2**26),
    "MALLOC_TRIM_THRESHOLD_": str(2**27),
}


class Stopped(BaseException):
    """Raised within a job to stop it. A BaseException, so that no handler of errors catches it."""


@dataclass(frozen=True)
class Failed:
    """Failure of a job.

    Attributes
    ----------
    reason : str
        Reason in a sentence.
    usage : bool
        Whether the options are the reason.
    """

    reason: str
    usage: bool = False


def attempt(work: Callable[[J, Tick], R], job: J, tick: Tick) -> R | Failed:
    """Run a job, and return its result or its failure."""
    try:
        return work(job, tick)
    except UsageError as error:
        return Failed(str(error), usage=True)
    except (OSError, ValueError, TypeError) as error:
        return Failed(sentence(error))
    except MemoryError:
        return Failed("there is not enough memory for it")
    finally:
        # Reference cycles of few objects can hold large arrays, which Python's own collector would free too late.
        gc.collect()


def work_in_processes(
    work: Callable[[J, Tick], R], jobs: Iterable[J], n_processes: int, warm: Callable[[], object]
) -> Iterator[tuple[J, R | Failed]]:
    """Run jobs in processes, and yield each with its result or failure, in the order in which they end.

    Parameters
    ----------
    work : callable
        Takes a job and a `tick`; a function of a module. Of what it raises, see `attempt`.
    jobs : iterable
        Taken from only when a process is free, so there may be any number of them.
    n_processes : int
        How many, at least 1.
    warm : callable
        Called once in each process, before the first job.

    Notes
    -----
    Each process holds one job, so where one dies (out of memory), it is known which job that was; another process
    takes its place. When the iterator is closed, as by Ctrl-C, the processes' ticks raise `Stopped`. They end
    by that also if this process is killed.
    """
    pending = iter(jobs)
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        workers_by_connection: dict[Connection, _Worker[J]] = {}
        stack.callback(lambda: _end_workers(list(workers_by_connection.values())))

        def start_worker() -> None:
            # Not a process more than there are jobs.
            for job in pending:
                with _signals_held(), _environment(_ENVIRONMENT):
                    worker = _Worker[J](job, context, cast("Callable[[object, Tick], object]", work), warm)
                    workers_by_connection[worker.connection] = worker
                return

        for _ in range(n_processes):
            start_worker()
        while workers_by_connection:
            for connection in wait(list(workers_by_connection), timeout=_PATIENCE):
                worker = workers_by_connection[cast("Connection", connection)]
                job = worker.job
                try:
                    result = worker.connection.recv()
                    if result == _READY:
                        worker.ready = True
                        worker.give(worker.job)
                        continue
                except (EOFError, OSError):
                    workers_by_connection.pop(worker.connection).close()
                    yield job, Failed(worker.describe_end())
                    start_worker()
                    continue
                for further in pending:
                    worker.give(further)
                    break
                else:
                    _end_workers([workers_by_connection.pop(worker.connection)])
                yield job, result


class _Worker(Generic[J]):
    """A process, and the job that it has, or gets once it is ready."""

    ready = False  # whether it has loaded what it needs

    def __init__(
        self, job: J, context: SpawnContext, work: Callable[[object, Tick], object], warm: Callable[[], object]
    ) -> None:
        self.job = job
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(theirs, work, warm), daemon=True)
        self.process.start()
        theirs.close()

    def give(self, job: J) -> None:
        self.job = job
        try:
            self.connection.send(job)
        except OSError:
            return  # it has died meanwhile: the next look at it tells

    def close(self) -> None:
        self.connection.close()

    def describe_end(self) -> str:
        """Return a sentence on how the process ended."""
        self.process.join(_LAST_SECONDS)
        code = self.process.exitcode
        if code == -getattr(signal, "SIGKILL", 9):
            return "the process that worked on it was killed: probably there was too little memory for it"
        return f"the process that worked on it ended unexpectedly (code {code})"


def _end_workers(workers: list[_Worker[J]]) -> None:
    """End processes: their jobs stop at the next tick, and remove files that are incomplete."""
    for worker in workers:
        if not worker.ready:  # it has no job yet, and loading libraries would take its time
            worker.process.kill()
        worker.close()
    for worker in workers:
        worker.process.join(_LAST_SECONDS)
        if worker.process.exitcode is None:
            worker.process.kill()
            worker.process.join()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold back signals, so that a process that is started here never gets those that are meant for this one."""
    came: list[int] = []
    handlers = {number: signal.signal(number, lambda number, _frame: came.append(number)) for number in _SIGNALS}
    masks = hasattr(signal, "pthread_sigmask")
    if masks:
        # Ctrl-C goes to all processes of a terminal; while they load libraries, they would answer with tracebacks.
        # Masks are inherited, handlers are not. Python's own helper of processes undoes masks when it is started.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


@contextmanager
def _environment(added: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(added)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _serve(connection: Connection, work: Callable[[object, Tick], object], warm: Callable[[], object]) -> None:
    """Run jobs from a connection until it is closed."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    warm()
    gc.freeze()  # what is loaded now stays: collecting after each job need not look at it

    def tick() -> None:
        # Nothing is sent to a process during a job, so the only thing to read is the end of the connection.
        if connection.poll():
            raise Stopped

    try:
        connection.send(_READY)
        while True:
            connection.send(attempt(work, connection.recv(), tick))
    except (EOFError, OSError, Stopped):
        return
