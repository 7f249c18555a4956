"""Describe the file that an image was read from: ``PNG 512×512 · 683 KB · 21.3 bits/px · 1.1 : 1``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from napari_quantize.text.numbers import format_count, format_number

_EXPLANATION = (
    "bits/px: bits of the file for each pixel. The ratio: how many times the file's bytes\n"
    "the pixels take when they are not compressed."
)


def file_line(file: object) -> str:
    """Describe a file in one line.

    Parameters
    ----------
    file : object
        The value of ``layer.metadata["file"]``, which should be the ``info`` of `read_image` or `read_images`. Anything
        else gives an empty line.
    """
    if not isinstance(file, Mapping):
        return ""
    kb, bits, ratio = (_figure(file, name) for name in ("file_kb", "bits_per_pixel", "compression_ratio"))
    parts = [_kind(file), kb and f"{format_number(kb)} KB", bits and f"{format_number(bits)} bits/px"]
    return " · ".join(part for part in [*parts, ratio and f"{format_number(ratio)} : 1"] if part)


def file_kb(file: object) -> float | None:
    """Return the size of a file in units of 1,024 bytes; None if it is not known."""
    return _figure(file, "file_kb") if isinstance(file, Mapping) else None


def short_file_line(file: object) -> str:
    """Describe a file by format and size only: ``PNG 683 KB``."""
    kb = file_kb(file)
    if not isinstance(file, Mapping) or kb is None:
        return ""
    name = "files" if "files" in file else file.get("format")
    return f"{name if isinstance(name, str) else 'file'} {format_number(kb)} KB"


def file_tooltip(file: object) -> str:
    """Describe a file and explain the figures."""
    line = file_line(file)
    return f"The file: {line}\n{_EXPLANATION}" if "bits/px" in line else line


def _kind(file: Mapping[Any, Any]) -> str:
    if isinstance(file.get("files"), list):
        return format_count(len(file["files"]), "file")
    match file.get("format"), file.get("original_size"):
        case str(name), [int(width), int(height)]:
            return f"{name} {width}×{height}"
        case str(name), _:
            return name
    return ""


def _figure(file: Mapping[Any, Any], name: str) -> float | None:
    value = file.get(name)
    return float(value) if isinstance(value, int | float) and value > 0 else None
