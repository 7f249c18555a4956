"""Output of commands: results go to standard output, messages to standard error."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from rich.table import Table


def print_result(content: str | Table) -> None:
    """Write text or a table to standard output. A table is as wide as the terminal, and without one has no colours."""
    if not isinstance(content, str):
        from rich.console import Console

        console = Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
        with console.capture() as captured:
            console.print(content)
        # Rich pads lines with spaces.
        content = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    sys.stdout.write(content)
    sys.stdout.flush()


def printable(text: str) -> str:
    """Return a text as one line without control characters, which names of files can hold."""
    return "".join(character if character.isprintable() else "?" for character in text)


def error_message(error: Exception) -> str:
    """Return the message of an error; for an error of the operating system, the file's name and the reason."""
    if isinstance(error, OSError) and error.strerror:
        file = "" if error.filename is None else f"{os.path.basename(error.filename)}: "
        return f"{file}{error.strerror}"
    return str(error)


def prefix_path(path: Path, message: str) -> str:
    """Put the full path in front of a message. If the message begins with the file's name, replace that."""
    rest = message.removeprefix(path.name)
    return f"{path}{rest}" if rest[:1] in (" ", ":") and rest != message else f"{path}: {message}"


def print_message(line: str) -> None:
    """Write a line to standard error. If that fails, for example on a full disk, discard it: the exit code remains."""
    try:
        sys.stderr.write(f"{printable(line)}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        raise
    except OSError:
        redirect_to_null(sys.stderr)


def redirect_to_null(stream: TextIO) -> None:
    """Redirect a stream that cannot be written to, together with its buffer, to the null device."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
