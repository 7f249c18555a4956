"""Parsing of options that are more than a word or a number."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from napari_quantize.cli.errors import UsageError
from napari_quantize.cli.output import named, sentence
from napari_quantize.core.request.request import Mode
from napari_quantize.text.numbers import parse_ks

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.palettes.palette import Palette

_SIZE = re.compile(r"(\d{1,6})[xX×](\d{1,6})")
_MODES: dict[str, Mode] = {"global": "global", "per-channel": "per_channel", "color": "color"}


def ks_of(text: str) -> tuple[int, ...]:
    """Parse the numbers of values to keep."""
    try:
        return parse_ks(text)
    except ValueError as error:
        raise UsageError(f"-k: {error}") from None


def mode_of(name: str | None) -> Mode | None:
    """Return the mode with a name of the command line."""
    return None if name is None else _MODES[name]


def size_of(text: str | None) -> tuple[int, int] | None:
    """Parse a width and a height."""
    if text is None:
        return None
    found = _SIZE.fullmatch(text.strip())
    if not found or "0" in (found[1].lstrip("0") or "0", found[2].lstrip("0") or "0"):
        raise UsageError(f"--size {text} is not a width and a height of at least 1, like 512x512")
    return int(found[1]), int(found[2])


def channel_axis_of(text: str | None) -> int | Literal["file"] | None:
    """Parse the axis of the channels."""
    if text is None:
        return "file"
    if text.strip().lower() == "none":
        return None
    if not re.fullmatch(r"-?\d{1,3}", text.strip()):
        raise UsageError(f"--channel-axis {text} is neither the number of an axis nor none")
    return int(text)


def mask_of(path: Path | None) -> Path | None:
    """Return the path of a mask that was checked to be readable."""
    if path is not None:
        from napari_quantize.cli.batch.quantize_file import read_mask

        try:
            read_mask(path)
        except (ValueError, OSError) as error:
            raise UsageError(f"--mask {named(path, sentence(error))}") from None
    return path


def check_together(*, learnt: dict[str, bool], palette: bool) -> None:
    """Raise a UsageError if a palette is given together with an option of learning.

    Parameters
    ----------
    learnt : dict of bool
        Whether each option of learning was used.
    palette : bool
        Whether a palette is given.
    """
    used = [option for option, is_used in learnt.items() if is_used]
    if palette and used:
        raise UsageError(f"--palette and {used[0]} cannot be used together: with a given palette, nothing is learnt")


def given_palette(path: Path | None) -> tuple[Codebook | Palette, ...]:
    """Read a palette or a codebook."""
    if path is None:
        return ()
    from napari_quantize.palettes.io import read_palette

    try:
        return (read_palette(path),)
    except (ValueError, OSError) as error:
        raise UsageError(f"--palette {named(path, sentence(error))}") from None
