"""Write files that the user asked for, and report success or failure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from napari.utils.notifications import show_info

from napari_quantize.viewer import messages


def write_with_notice(path: Path, write: Callable[[Path], object]) -> str:
    """Write a file and show a notification; on failure return the reason, else an empty string."""
    try:
        write(path)
    except OSError as error:
        return messages.not_written(path, error)
    notify_saved(path)
    return ""


def notify_saved(path: Path) -> None:
    """Show a notification that a file was saved."""
    show_info(f"Saved {path.name}")
