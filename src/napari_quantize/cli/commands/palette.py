"""The command ``palette``: the colours or levels of an image, for other programs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.cli.batch.quantize_file import results
from napari_quantize.cli.commands.compare import opened
from napari_quantize.cli.errors import InputError, UsageError
from napari_quantize.cli.output import named, put, sentence
from napari_quantize.core.request.request import no_tick
from napari_quantize.palettes.codebooks import palette_of
from napari_quantize.palettes.io import write_palette
from napari_quantize.text.numbers import format_count, format_number

if TYPE_CHECKING:
    from napari_quantize.cli.batch.options import ImageOptions
    from napari_quantize.core.api import Result
    from napari_quantize.core.codebook.codebook import Codebook


def palette(image: Path, out: Path | None, order: ImageOptions, *, as_json: bool) -> None:
    """Learn a palette from an image, and write or print it.

    Raises
    ------
    UsageError
        If there is no such image, or the file exists already.
    InputError
        If the image cannot be read, or has no such palette, or the file format cannot hold it.
    """
    if out is not None and not order.overwrite and os.path.lexists(out):
        raise UsageError(f"{out} exists already: use --overwrite or another name")
    loaded = opened(image)
    try:
        (result,) = results(loaded, order, no_tick)
    except (ValueError, TypeError) as error:
        raise InputError(named(image, sentence(error))) from None
    codebook = result.codebook
    if out is not None:
        try:
            written = codebook if out.suffix.lower() == ".json" else palette_of(codebook, image.stem)
            write_palette(out, written, overwrite=order.overwrite)
        except (ValueError, OSError) as error:
            raise InputError(named(out, sentence(error))) from None
    if as_json:
        put(json.dumps(codebook.to_dict(), indent=1) + "\n")
    elif out is None:
        put(_listed(codebook))
    if out is not None and not as_json:
        put(f"{out}: {_told(result)}\n")


def _told(result: Result) -> str:
    one = "colour" if result.codebook.mode == "color" else "level"
    return f"{format_count(max(map(len, result.codebook.levels)), one)}, error ± {format_number(result.quality.rmse)}"


def _listed(codebook: Codebook) -> str:
    """Format one colour or level a line: as hex for 8-bit RGB colours, else as numbers."""
    lines = []
    for channel, outputs in enumerate(codebook.outputs):
        if len(codebook.levels) > 1:
            lines.append(f"channel {channel}:")
        lines += [_one(output) for output in outputs]
    return "".join(f"{line}\n" for line in lines)


def _one(output: np.ndarray) -> str:
    if output.ndim == 0:
        return f"{output.item():.9g}"
    if output.dtype == np.uint8 and output.size == 3:
        return "#" + output.tobytes().hex()
    return ", ".join(f"{value:.9g}" for value in output.tolist())
