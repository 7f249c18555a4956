"""The command line: ``napari-quantize``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from napari_quantize.cli.output import print_message, redirect_to_null

NAME = "napari-quantize"
_INTERRUPTED = 130  # what shells expect after Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Arguments without the program's name; by default those of this process.

    Returns
    -------
    int
        Exit code: 0; 1 if some inputs failed or output could not be written; 2 if the arguments do not allow a run; 130
        after Ctrl-C.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _open_missing_streams()
        # A character that the terminal cannot show becomes a question mark instead of an error.
        for stream in (sys.stdout, sys.stderr):
            getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
        # scikit-learn runs in one thread here. Without this, it asks joblib for the number of physical cores, which
        # prints a warning and a traceback where these cannot be counted, such as in containers without /sys.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        from napari_quantize.cli.app import run_app

        code = run_app(given or ["--help"])
    except KeyboardInterrupt:
        print_message("Interrupted.")
        code = _INTERRUPTED
    except BrokenPipeError:
        # The reader of the output (head, less) has closed it, which needs an exit code but no message.
        code = 1
    return _flush_output(code)


def _flush_output(code: int) -> int:
    """Flush standard output, and return the exit code: 1 if flushing fails after a success.

    The interpreter flushes again when it exits, and exits with 120 if that fails. So a stream that failed is replaced
    by one that discards its input.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        redirect_to_null(sys.stdout)
        if code == 0 and not isinstance(error, BrokenPipeError):
            print_message(f"{NAME}: {error.strerror or error}")
        return code or 1
    return code


def _open_missing_streams() -> None:
    """Replace closed streams (``>&-``) by ones that discard their input, so that no other file gets their numbers."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (as long as the process)
            os.set_inheritable(stream.fileno(), True)  # worker processes need the number, too
            setattr(sys, name, stream)
