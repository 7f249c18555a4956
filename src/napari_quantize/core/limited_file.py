"""Files that are read whole, but only if they are not too large and can be read to an end."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os


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
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):  # opening a folder says what it is
        raise ValueError(f"{path.name} is a pipe or a device, not a file")
    if stat.S_ISREG(status.st_mode) and status.st_size > most:
        raise ValueError(f"{path.name} is larger than {most // 2**20} MB: that is no {what}")
    with path.open("rb") as stream:
        return stream.read()
