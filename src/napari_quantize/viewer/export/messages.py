"""Texts of *Export…*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.text.numbers import format_count, format_number
from napari_quantize.viewer import messages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_quantize.formats.png.pixels import PngKind

TITLE = "Export results"
EXIST_TITLE = "Replace files?"
_MAX_LISTED = 20
PREDICTING = "…"
NO_RESULT = "Tick at least one result."
NO_FOLDER = "Choose the folder where the files go."
NO_NAME = "Type the beginning of the file names."
LIST_TIP = "Tick the results to export; each row shows the file that the result becomes"
ALL_TIP = "Tick all results"
CURRENT_TIP = "Tick only the current result"
TOGETHER = "it is one channel of colours of several layers"
OWN_LEVELS = "each channel has levels of its own"
NO_RGB = "its colours are not red, green and blue"
NO_PLANE = "separations need an image of one plane"
NO_SOURCE = "the image that it was made from has been removed"
CHANGED = "the image has changed since"
NO_PART = "the part of the image that it was learnt from is no longer known"
NOT_DITHERED = "The report shows each pixel in its nearest colour, without dithering."
FOLDER_TIP = "Where the files go"
NAMES_TIP = "Beginning of all file names; K and a suffix follow"
CLOSE_TIP = "Close; nothing more is written"
STOP_TIP = "Stop after the file that is being written; files that are ready stay"


def nothing_chosen(files: Sequence[str]) -> str:
    """Return the sentence that asks to choose a kind of file."""
    return f"Choose what to export: {', '.join(files[:-1])} or {files[-1]}."


def illegal(stem: str, better: str) -> str:
    """Return the sentence for a name that an operating system refuses, with a better one."""
    return f"Files cannot be called “{stem}…”: try “{better}”."


def no_folder(folder: Path) -> str:
    """Return the sentence for a missing folder."""
    return f"There is no folder “{folder}”: choose another one."


def too_many(most: int, what: str = "colours") -> str:
    """Return the reason that there are more colours than a file can hold, or more files than are written."""
    return f"more than {most} {what}"


def left_out(kind: str, names: Sequence[str], why: str) -> str:
    """Return the sentence that names the results without such a file."""
    return f"No {kind} of {', '.join(names)}: {why}."


def export_button(n_files: int) -> str:
    """Return the text of the button, with the number of files."""
    return f"Export · {format_count(n_files, 'file')}" if n_files else "Export"


def folder(name: str, n_files: int) -> str:
    """Return how a folder is listed: ``photo_k4_separations (4 files)``."""
    return f"{name} ({format_count(n_files, 'file')})"


def listed(files: Sequence[str]) -> str:
    """Return the tooltip of the button, which lists the files."""
    more = [f"… and {len(files) - _MAX_LISTED} more"] if len(files) > _MAX_LISTED else []
    return messages.plain_tooltip(
        "\n".join(["Write the files:", *files[:_MAX_LISTED], *more] if files else ["Write the files"])
    )


def size(n_bytes: int) -> str:
    """Format a size on disk."""
    return f"{format_number(n_bytes / 1024)} KB" if n_bytes < 1024**2 else f"{format_number(n_bytes / 1024**2)} MB"


def png(kind: PngKind, n_bytes: int, *, refused: bool) -> str:
    """Describe a PNG: ``16 colours, 4 bits · 41.2 KB``.

    `refused` tells whether an indexed PNG was chosen but is not possible.
    """
    text = format_count(kind.n_colors, "colour") if kind.n_colors else {1: "grey", 3: "RGB", 4: "RGBA"}[kind.channels]
    why = (": palettes hold 8 bits" if kind.bits > 8 else ": more than 256 colours") if refused else ""
    return f"{text}, {format_count(kind.bits, 'bit')} · {size(n_bytes)}{why}"


def tiff(kind: str, n_bytes: int | None, why: str) -> str:
    """Describe a TIFF, and why it is no PNG: ``TIFF, 16 bit · 3.2 MB: a PNG cannot hold 3 dimensions``."""
    text = f"{kind} · {size(n_bytes)}" if n_bytes is not None else kind
    return f"{text}: {why}" if why else text


def file_progress(done: int, total: int, name: str) -> str:
    """Return the text of the progress bar."""
    return f"{done + 1} of {total}: {name}"


def exist_already(paths: Sequence[Path]) -> str:
    """Return the question what to do about existing files."""
    shown = "\n".join(path.name for path in paths[:10])
    more = f"\n… and {len(paths) - 10} more" if len(paths) > 10 else ""
    many = "is there already" if len(paths) == 1 else "are there already"
    return f"{_count(paths)} {many} in {paths[0].parent}:\n\n{shown}{more}"


def saved(n_files: int, n_bytes: int, folder: Path, kept: Sequence[Path], *, stopped: bool) -> str:
    """Return the sentence that tells what was written."""
    text = f"Saved {format_count(n_files, 'file')}, {size(n_bytes)}, in {folder}." if n_files else "Nothing was saved."
    left = f" {_count(kept)} {'was' if len(kept) == 1 else 'were'} left as before." if kept else ""
    return f"{'Stopped. ' if stopped else ''}{text}{left}"


def _count(paths: Sequence[Path]) -> str:
    """Count existing files and folders."""
    n_folders = sum(path.is_dir() for path in paths)
    counts = [(len(paths) - n_folders, "file"), (n_folders, "folder")]
    return " and ".join(format_count(n, noun) for n, noun in counts if n)


def failed(path: Path, error: Exception) -> str:
    """Return the sentence that tells why a file could not be written."""
    if isinstance(error, OSError):
        return messages.not_written(path, error)
    text = str(error)
    return messages.sentence(text if path.name in text else f"“{path.name}” could not be written: {text}")
