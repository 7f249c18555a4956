"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def atomic_write(path: str | os.PathLike[str], *, overwrite: bool = False) -> Iterator[IO[bytes]]:
    """Open a file for writing that appears under its name only if the ``with`` block ends without an error.

    Parameters
    ----------
    path : str or os.PathLike
        The file. Its folder must exist.
    overwrite : bool
        Replace an existing file.

    Yields
    ------
    binary file
        A file in the same folder under another name; it is removed after an error.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is False: before anything is written, or at the end if it was created
        meanwhile.
    OSError
        If the folder cannot be written to, or the disk is full.
    """
    path = Path(path)
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    # A short name of its own: that of the file may have all the length that the disk allows.
    part = path.with_name(f".{token_hex(8)}.part")
    with _names_changed(part, path):
        stream = part.open("xb")
        try:
            with stream:
                yield stream
            if overwrite:
                part.replace(path)
            else:
                _link_or_rename(part, path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def _names_changed(part: Path, path: Path) -> Iterator[None]:
    """Raise errors about `part` with the name of `path`, the only one that callers know."""
    try:
        yield
    except OSError as error:
        if error.filename not in (None, os.fspath(part)) or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def _link_or_rename(part: Path, path: Path) -> None:
    """Move a file to `path`, unless there is a file already."""
    try:
        os.link(part, path)  # fails if the name is taken, where a rename would replace the file
    except FileExistsError:
        raise _exists(path) from None
    except OSError:  # no links on this disk
        if os.path.lexists(path):
            raise _exists(path) from None
        part.replace(path)


def _exists(path: Path) -> FileExistsError:
    return FileExistsError(f"{path.name} exists already")
