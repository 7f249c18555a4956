"""Checks of files before they are read: that reading comes to an end, and that they are not too large."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_limited(path: str | os.PathLike[str], most: int, what: str) -> bytes:
    """Return the content of a file.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    most : int
        Largest number of bytes that is read.
    what : str
        Kind of file, for the message: a larger file is none.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If the file is larger, or a pipe or a device: reading these could wait for ever.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    check_regular(path, path.name)
    with path.open("rb") as stream:
        too_large = os.fstat(stream.fileno()).st_size > most
        content = b"" if too_large else stream.read(most + 1)  # the file may grow meanwhile
    if too_large or len(content) > most:
        raise ValueError(f"{path.name} is larger than {most // 2**20} MB: that is no {what}")
    return content


def check_regular(path: str | os.PathLike[str], name: str) -> None:
    """Raise an error with this name of the file if a path is not a regular file: reading a pipe could wait for ever."""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{name} is a folder, not a file")
    if not stat.S_ISREG(mode):
        raise ValueError(f"{name} is a pipe or a device, not a file")
