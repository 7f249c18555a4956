"""What the processes of the tests do."""

import os
import signal
import time
from pathlib import Path

from napari_quantize.core.request.request import Tick


def do_nothing() -> None:
    """Load nothing."""


def double(number: int, _tick: Tick) -> int:
    """Double a number; some are refused, and one kills its process."""
    if number < 0:
        raise ValueError(f"{number} is below zero")
    if number == 13:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return 2 * number


def work_until_stopped(path: Path, tick: Tick) -> None:
    """Work until told to end, and tidy up."""
    path.touch()
    try:
        while True:
            time.sleep(0.01)
            tick()
    finally:
        path.unlink()


def blocked(_number: int, _tick: Tick) -> set[signal.Signals]:
    """Return which signals do not reach this process."""
    return {signal.Signals(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())}
