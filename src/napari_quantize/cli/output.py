"""What is written for people and programs: results to standard output, all else beside it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from rich.table import Table


def put(content: str | Table) -> None:
    """Write to standard output: tables as wide as the terminal, without colours where that is none."""
    if not isinstance(content, str):
        from rich.console import Console

        shown = Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
        with shown.capture() as captured:
            shown.print(content)
        # Rich fills lines with blanks.
        content = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    sys.stdout.write(content)
    sys.stdout.flush()


def plain(text: str) -> str:
    """Return a text as one line: names of files can hold what terminals obey."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def sentence(error: Exception) -> str:
    """Say what is wrong with a file."""
    if isinstance(error, OSError) and error.strerror:
        where = "" if error.filename is None else f"{os.path.basename(error.filename)}: "
        return f"{where}{error.strerror}"
    return str(error)


def named(path: Path, reason: str) -> str:
    """Name the file in full before what is wrong with it, once."""
    rest = reason.removeprefix(path.name)
    return f"{path}{rest}" if rest[:1] in (" ", ":") and rest != reason else f"{path}: {reason}"


def tell(line: str) -> None:
    """Write a line for people to standard error; where a full disk takes none, the exit code alone has to tell."""
    try:
        sys.stderr.write(f"{plain(line)}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        raise
    except OSError:
        discard(sys.stderr)


def discard(stream: TextIO) -> None:
    """Let a stream that cannot be written to any more take everything, what is in its buffer included."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
