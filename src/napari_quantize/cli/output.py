"""Output of commands: results go to standard output, messages to standard error."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from rich.table import Table


def put(content: str | Table) -> None:
    """Write to standard output; tables are as wide as the terminal, and have no colours without a terminal."""
    if not isinstance(content, str):
        from rich.console import Console

        shown = Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
        with shown.capture() as captured:
            shown.print(content)
        # Rich pads lines with blanks.
        content = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    sys.stdout.write(content)
    sys.stdout.flush()


def plain(text: str) -> str:
    """Return a text as one line without control characters, which names of files can hold."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def sentence(error: Exception) -> str:
    """Return the message of an error; for an operating system's error, its file and reason."""
    if isinstance(error, OSError) and error.strerror:
        where = "" if error.filename is None else f"{os.path.basename(error.filename)}: "
        return f"{where}{error.strerror}"
    return str(error)


def named(path: Path, reason: str) -> str:
    """Return a message that begins with the full path, in place of the file's name if that begins it."""
    rest = reason.removeprefix(path.name)
    return f"{path}{rest}" if rest[:1] in (" ", ":") and rest != reason else f"{path}: {reason}"


def tell(line: str) -> None:
    """Write a line to standard error. If that fails, for example on a full disk, discard it: the exit code remains."""
    try:
        sys.stderr.write(f"{plain(line)}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        raise
    except OSError:
        discard(sys.stderr)


def discard(stream: TextIO) -> None:
    """Redirect a stream that cannot be written to, together with its buffer, to the null device."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
