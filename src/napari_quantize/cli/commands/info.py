"""The command ``info``: the contents of a file, and the settings of a result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_quantize.cli.commands.compare import open_image
from napari_quantize.cli.errors import InputError
from napari_quantize.cli.output import error_message, prefix_path, print_result
from napari_quantize.cli.tables import pairs
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.palettes.io import ENDINGS, read_palette
from napari_quantize.palettes.palette import Palette
from napari_quantize.text.numbers import format_colors, format_values
from napari_quantize.text.results import MODE_WORDS, describe_image

if TYPE_CHECKING:
    from napari_quantize.formats.load import LoadedImage

_METHODS = {"minibatch": "MiniBatchKMeans", "lloyd": "K-means (Lloyd)", "exact": "best possible (exact)"}
_SEEDED_METHODS = ("minibatch", "lloyd")  # those that start at random
_MAX_SHOWN = 16


def info(path: Path, *, as_json: bool) -> None:
    """Print the contents of an image, a palette or a codebook.

    Raises
    ------
    UsageError, InputError
        If there is no such file, or it is neither an image nor a palette nor a codebook.
    """
    contents = (
        _describe_palette_file(path)
        if path.suffix.lower() in ENDINGS and path.is_file()
        else _describe_image_file(open_image(path))
    )
    if as_json:
        print_result(json.dumps(contents, indent=1) + "\n")
    else:
        print_result(
            pairs((_title(name), _format_value(value)) for name, value in contents.items() if value is not None)
        )


def _title(name: str) -> str:
    return "K" if name == "k" else name.replace("_kb", " KB").replace("_", " ")


def _describe_palette_file(path: Path) -> dict[str, Any]:
    try:
        palette = read_palette(path)
    except (ValueError, OSError) as error:
        raise InputError(prefix_path(path, error_message(error))) from None
    size = {"file": path.name, "file_kb": round(path.stat().st_size / 1024, 1)}
    if isinstance(palette, Codebook):
        return size | _describe_codebook(palette)
    return size | _describe_palette(palette)


def _describe_image_file(loaded: LoadedImage) -> dict[str, Any]:
    raster, file = loaded.raster, loaded.info
    image, calibration = raster.image, raster.calibration
    notes, facts = list(file["notes"]), None
    try:
        facts = image_facts(image, channel_axis=loaded.channel_axis, alpha=loaded.alpha)
    except ValueError as error:  # all values are NaN, invisible or too large
        notes.append(f"{error}.")
    has_unit = [
        not axis.startswith("-") and unit != "pixel"
        for axis, unit in zip(calibration.axes, calibration.units, strict=True)
    ]
    scale = zip(calibration.axes, calibration.scale, calibration.units, strict=True)
    contents: dict[str, Any] = {
        "format": file.get("format"),
        "image": describe_image(image.shape, image.dtype, facts, rgb=raster.rgb),
        "values": " to ".join(format_values([facts.low, facts.high])) if facts else None,
        "scale": ", ".join(f"{axis} {size:g} {unit}" for axis, size, unit in scale) if any(has_unit) else None,
        "file_kb": file["file_kb"],
        "uncompressed_kb": round(image.nbytes / 1024, 1),
        "compression_ratio": round(file["compression_ratio"], 2),
        "file_bits_per_pixel": round(file["bits_per_pixel"], 2),
        "colour_profile": file.get("profile"),
        "notes": notes or None,
    }
    record = raster.record or {}
    if isinstance(source := record.get("source"), str):  # anybody may have written the record
        contents["made_from"] = source
    if record.get("dithered") is True:
        contents["dithering"] = "Floyd-Steinberg"
    if raster.codebook is not None:
        contents |= _describe_codebook(raster.codebook)
    return contents


def _describe_codebook(codebook: Codebook) -> dict[str, Any]:
    n_levels = sorted({len(levels) for levels in codebook.levels})
    return {
        "reduced_to": MODE_WORDS[codebook.mode],
        "k": codebook.k,
        "used": n_levels[0] if len(n_levels) == 1 else n_levels,
        "method": _METHODS.get(codebook.method, codebook.method),
        "seed": codebook.random_state if codebook.method in _SEEDED_METHODS else None,
        "outputs": [outputs.tolist() for outputs in codebook.outputs],
    }


def _describe_palette(palette: Palette) -> dict[str, Any]:
    return {
        "name": palette.name or None,
        "colours": len(palette.colors),
        "outputs": [palette.colors.tolist()],
        "names": list(palette.names) if any(palette.names) else None,
    }


def _format_value(value: object) -> str:
    """Format a value as text: colours as hex, and only the first of many."""
    if not isinstance(value, list):
        return f"{value:,}" if isinstance(value, int | float) else str(value)
    groups = value if value and isinstance(value[0], list) else [value]
    return "; ".join(_format_list(group) for group in groups)


def _format_list(values: list[Any]) -> str:
    items = _format_items(values[:_MAX_SHOWN])
    return ", ".join(items) + (f" … ({len(values):,} in all)" if len(values) > _MAX_SHOWN else "")


def _format_items(values: list[Any]) -> list[str]:
    if all(isinstance(value, float) for value in values):
        return format_values(values)
    if not all(isinstance(value, list) for value in values):
        return list(map(str, values))
    if all(len(color) == 3 and all(isinstance(part, int) and 0 <= part <= 255 for part in color) for color in values):
        return [f"#{bytes(color).hex()}" for color in values]
    return [f"({', '.join(color)})" for color in format_colors(values)]
