"""The command line: ``napari-quantize``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from napari_quantize.cli.output import discard, tell

NAME = "napari-quantize"
_INTERRUPTED = 130  # what shells expect after Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those that this process was started with.

    Returns
    -------
    int
        Exit code: 0; 1 if some inputs failed; 2 if the command was not understood; 130 after Ctrl-C.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _open_missing_streams()
        # What a terminal cannot show becomes a question mark.
        for stream in (sys.stdout, sys.stderr):
            getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
        from napari_quantize.cli.app import run_app

        code = run_app(given or ["--help"])
    except KeyboardInterrupt:
        tell("Interrupted.")
        code = _INTERRUPTED
    except BrokenPipeError:
        # Who read the output has had enough: an exit code, but no message.
        code = 1
    return _flush_output(code)


def _flush_output(code: int) -> int:
    """Write what is left in the buffer of standard output; return the exit code, 1 if that fails after a success.

    The interpreter flushes once more on its way out, and exits with 120 if that fails: a stream that failed is
    therefore replaced by one that takes all.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        discard(sys.stdout)
        if code == 0 and not isinstance(error, BrokenPipeError):
            tell(f"{NAME}: {error.strerror or error}")
        return code or 1
    return code


def _open_missing_streams() -> None:
    """Let what is written to a stream that was closed (``>&-``) vanish, and no file of ours take its number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the process)
