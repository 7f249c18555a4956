"""The command ``palette``: the colours or levels of an image, for other programs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.cli.batch.options import request_for
from napari_quantize.cli.commands.compare import open_image
from napari_quantize.cli.errors import InputError, UsageError
from napari_quantize.cli.output import error_message, prefix_path, print_result
from napari_quantize.core.api import sweep_request
from napari_quantize.palettes.codebooks import palette_of
from napari_quantize.palettes.io import write_palette
from napari_quantize.text.numbers import format_colors, format_count, format_number, format_values

if TYPE_CHECKING:
    from napari_quantize.cli.batch.options import ImageOptions
    from napari_quantize.core.api import Result
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.palettes.palette import Palette


def palette(image: Path, out: Path | None, options: ImageOptions, *, as_json: bool) -> None:
    """Learn a palette from an image, and write or print it.

    Raises
    ------
    UsageError
        If the image does not exist, or `out` exists already.
    InputError
        If the image cannot be read or has no such palette, or the format of `out` cannot hold it.
    """
    if out is not None and not options.overwrite and os.path.lexists(out):
        raise UsageError(f"{out} exists already: use --overwrite or another name")
    loaded = open_image(image)
    try:
        request, _ = request_for(loaded, options, None)
        (result,) = sweep_request(loaded.raster.image, options.ks, request)
    except (ValueError, TypeError) as error:
        raise InputError(prefix_path(image, error_message(error))) from None
    codebook = result.codebook
    if out is not None:
        try:
            write_palette(out, _content(result, out, image.stem), overwrite=options.overwrite)
        except (ValueError, OSError) as error:
            raise InputError(prefix_path(out, error_message(error))) from None
    if as_json:
        print_result(json.dumps(codebook.to_dict(), indent=1) + "\n")
    elif out is None:
        print_result(_format_codebook(codebook))
    if out is not None and not as_json:
        print_result(f"{out}: {_summarize(result)}\n")


def _content(result: Result, out: Path, name: str) -> Palette | Codebook:
    """Return what the ending of `out` asks for: the codebook, or its colours as a palette."""
    codebook = result.codebook
    return codebook if out.suffix.lower() == ".json" else palette_of(codebook, name, white=result.quality.white)


def _summarize(result: Result) -> str:
    noun = "colour" if result.codebook.mode == "color" else "level"
    return f"{format_count(max(map(len, result.codebook.levels)), noun)}, error ± {format_number(result.quality.rmse)}"


def _format_codebook(codebook: Codebook) -> str:
    """Format one colour or level in each line: as hex for 8-bit RGB colours, else as numbers."""
    lines = []
    for channel, outputs in enumerate(codebook.outputs):
        if len(codebook.levels) > 1:
            lines.append(f"channel {channel}:")
        lines += _format_outputs(outputs)
    return "".join(f"{line}\n" for line in lines)


def _format_outputs(outputs: np.ndarray) -> list[str]:
    if outputs.ndim == 1:
        return format_values(outputs.tolist(), digits=9)
    if outputs.dtype == np.uint8 and outputs.shape[1] == 3:
        return [f"#{output.tobytes().hex()}" for output in outputs]
    return [", ".join(color) for color in format_colors(outputs.tolist(), digits=9)]
