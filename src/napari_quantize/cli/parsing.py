"""Parsing of options that are more than a word or a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from napari_quantize.cli.errors import UsageError
from napari_quantize.cli.output import error_message, prefix_path
from napari_quantize.core.request.request import Mode
from napari_quantize.text.numbers import parse_ks

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.palettes.palette import Palette

_SIZE = re.compile(r"(\d{1,6})[xX×](\d{1,6})")
_MODES: dict[str, Mode] = {"global": "global", "per-channel": "per_channel", "color": "color"}


def parse_k_option(text: str) -> tuple[int, ...]:
    """Parse the numbers of values to keep from the text of ``-k``."""
    try:
        return parse_ks(text)
    except ValueError as error:
        raise UsageError(f"-k: {error}") from None


def parse_mode(name: str | None) -> Mode | None:
    """Return the library's name of a mode of the command line."""
    return None if name is None else _MODES[name]


def parse_size(text: str | None) -> tuple[int, int] | None:
    """Parse a width and a height: ``512x512``."""
    if text is None:
        return None
    match = _SIZE.fullmatch(text.strip())
    if not match or "0" in (match[1].lstrip("0") or "0", match[2].lstrip("0") or "0"):
        raise UsageError(f"--size {text} is not a width and a height of at least 1, like 512x512")
    return int(match[1]), int(match[2])


def parse_channel_axis(text: str | None) -> int | Literal["file"] | None:
    """Parse the axis of the channels: a number or ``none``; without a text, ``"file"``."""
    if text is None:
        return "file"
    if text.strip().lower() == "none":
        return None
    if not re.fullmatch(r"-?\d{1,3}", text.strip()):
        raise UsageError(f"--channel-axis {text} is neither the number of an axis nor none")
    return int(text)


def check_mask_file(path: Path | None) -> Path | None:
    """Return the path of a mask, and raise a UsageError if it cannot be read as one."""
    if path is not None:
        from napari_quantize.cli.batch.quantize_file import read_mask

        try:
            read_mask(path)
        except (ValueError, OSError) as error:
            raise UsageError(f"--mask {prefix_path(path, error_message(error))}") from None
    return path


def check_palette_alone(learning_options: dict[str, bool], *, has_palette: bool) -> None:
    """Raise a UsageError if a palette is given together with an option that applies to learning.

    Parameters
    ----------
    learning_options : dict of bool
        Whether each option that applies to learning was used.
    has_palette : bool
        Whether a palette is given.
    """
    used = [option for option, is_used in learning_options.items() if is_used]
    if has_palette and used:
        raise UsageError(f"--palette and {used[0]} cannot be used together: with a given palette, nothing is learnt")


def read_palettes(path: Path | None) -> tuple[Codebook | Palette, ...]:
    """Read the palette or codebook of a file; empty without a file."""
    if path is None:
        return ()
    from napari_quantize.palettes.io import read_palette

    try:
        return (read_palette(path),)
    except (ValueError, OSError) as error:
        raise UsageError(f"--palette {prefix_path(path, error_message(error))}") from None


def check_mode_of_codebooks(mode: Mode | None, palettes: Iterable[Codebook | Palette], source: str) -> None:
    """Raise a UsageError if a mode is given that is not that of a codebook; a palette fits any mode.

    Parameters
    ----------
    mode : str or None
        The given mode; None if there is none.
    palettes : iterable of Codebook or Palette
        The given palettes.
    source : str
        The file that they were read from.
    """
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.text.results import MODE_WORDS

    for palette in palettes:
        if mode is not None and isinstance(palette, Codebook) and palette.mode != mode:
            name = mode.replace("_", "-")
            raise UsageError(f"--mode {name} does not fit the codebook {source}: it holds {MODE_WORDS[palette.mode]}")
