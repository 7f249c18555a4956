"""Processes of the stress test: each window has one of its own, so that one crash does not end the others."""

from __future__ import annotations

import faulthandler
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HANG_S = 180


@dataclass(frozen=True)
class ProcessResult:
    """How a process has ended.

    Attributes
    ----------
    code : int
        Exit code; negative for a signal.
    lines : list of str
        What it has printed.
    errors : str
        What it has printed to stderr.
    """

    code: int
    lines: list[str]
    errors: str

    @property
    def has_crashed(self) -> bool:
        """True if a signal has ended it."""
        return self.code < 0

    @property
    def has_hung(self) -> bool:
        """True if it has ended itself, because it took too long."""
        return self.code > 0 and "Timeout (" in self.errors


def run_module(name: str, *arguments: object) -> ProcessResult:
    """Run a module of this package in a process of its own, from the folder of the project."""
    command = [sys.executable, "-X", "faulthandler", "-m", f"tools.stress.{name}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return ProcessResult(done.returncode, done.stdout.splitlines(), done.stderr.strip())


def restart_watchdog() -> None:
    """Restart the watchdog: it ends this process and prints its stack unless called again within `HANG_S` seconds."""
    faulthandler.dump_traceback_later(HANG_S, exit=True)
