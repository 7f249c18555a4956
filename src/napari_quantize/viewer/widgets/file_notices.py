"""Files that the user asks for: what is told of them when they are written, or cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from napari.utils.notifications import show_info

from napari_quantize.viewer import messages


def write_told(path: Path, write: Callable[[Path], object]) -> str:
    """Write a file, and tell that it is there; or return why it could not be written."""
    try:
        write(path)
    except OSError as error:
        return messages.not_written(path, error)
    tell_saved(path)
    return ""


def tell_saved(path: Path) -> None:
    """Tell that a file is there."""
    show_info(f"Saved {path.name}")
