"""Prepare the palettes of a report: displayed colours, values and shares of pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.histogram import RGB_NAMES, channel_name
from napari_quantize.core.analysis.image_facts import MAX_ROWS
from napari_quantize.core.classes.intervals import count_indices
from napari_quantize.core.request.request import no_tick
from napari_quantize.text.numbers import format_colors, format_count, format_percent

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.report.pictures import PlaneView


@dataclass(frozen=True)
class Swatch:
    """A colour or level: displayed colour as ``#rrggbb``, value, and share of the pixels."""

    color: str
    text: str
    share: str


@dataclass(frozen=True)
class ReportPalette:
    """The colours or levels of one group of channels.

    Attributes
    ----------
    stripe : str
        Stops of a CSS gradient in which each colour has a width proportional to its pixels.
    swatches : tuple of Swatch
        Swatches from dark to bright.
    summary : str
        Summary of the list. A palette that is too long is reduced to its most frequent colours.
    """

    stripe: str
    swatches: tuple[Swatch, ...]
    summary: str


def palettes(
    image: np.ndarray, codebook: Codebook, view: PlaneView, max_swatches: int, *, each_slice: bool = False
) -> Iterator[ReportPalette]:
    """Yield the palette of each group of channels; for slices, or more than 5 groups, only that of the displayed plane.

    Parameters
    ----------
    image : ndarray
        The source.
    codebook : Codebook
        Codebook of the result.
    view : PlaneView
        How the report shows the image.
    max_swatches : int
        Largest number of swatches.
    each_slice : bool
        True if the groups are slices of a stack.
    """
    codes, axis = codebook.encode(image), codebook.channel_axis
    groups = list(enumerate(codebook.outputs))
    leading = 0 if axis is None else axis % image.ndim
    if len(groups) > MAX_ROWS or each_slice:
        groups = [groups[view.index[leading]]] if leading < len(view.index) else groups[:MAX_ROWS]
    for index, outputs in groups:
        group_codes = np.take(codes, index, axis) if codebook.mode == "per_channel" and axis is not None else codes
        counts = count_indices(group_codes, len(outputs), no_tick)
        name = channel_name(index, rgb=view.rgb) if len(codebook.outputs) > 1 else ""
        if each_slice:
            name = view.position_names[leading] if leading < len(view.index) else f"slice {index:,}"
        yield _palette(outputs, counts, _displayed_colors(outputs, index, name, view), name, max_swatches)


def _palette(
    outputs: np.ndarray, counts: np.ndarray, displayed: np.ndarray, name: str, max_swatches: int
) -> ReportPalette:
    chosen = np.sort(np.argsort(-counts, kind="stable")[:max_swatches])
    shares = counts[chosen] / max(1, counts.sum())
    colors = [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in displayed[chosen].tolist()]
    ends = 100 * np.cumsum(shares) / max(shares.sum(), 1e-300)
    stops = [
        f"{color} {begin:.4g}% {end:.4g}%" for color, begin, end in zip(colors, [0.0, *ends[:-1]], ends, strict=True)
    ]
    swatches = tuple(
        Swatch(color, text, format_percent(share))
        for color, text, share in zip(colors, _format_outputs(outputs[chosen], colors), shares, strict=True)
    )
    summary = f"{name}: " * bool(name) + format_count(len(outputs), "colour" if outputs.ndim == 2 else "level")
    if len(chosen) < len(outputs):
        summary += f", of which these {len(chosen)} take most pixels"
    # A gradient needs two stops.
    return ReportPalette(", ".join(stops if len(stops) > 1 else stops * 2), swatches, summary)


def _displayed_colors(outputs: np.ndarray, index: int, name: str, view: PlaneView) -> np.ndarray:
    """Return the displayed colours of levels or colours, one a row."""
    if outputs.ndim == 2 and not view.rgb:
        outputs = outputs.mean(axis=1).astype(outputs.dtype)
    displayed = view.colors(outputs)
    if name in RGB_NAMES:  # a level of one channel alone
        displayed = np.where(np.arange(3) == index, displayed, 0)
    return displayed


def _format_outputs(outputs: np.ndarray, colors: list[str]) -> list[str]:
    """Format levels or colours as the pixels hold them; `colors` are colours of 8 bits in hexadecimal."""
    if outputs.shape[1:] == (3,) and outputs.dtype == np.uint8:
        return colors
    rows = outputs.reshape(len(outputs), -1)
    if outputs.dtype.kind == "f":
        texts = format_colors(rows.tolist(), digits=5)
    else:
        texts = [[f"{int(value):,}" for value in row] for row in rows]
    return [f"({', '.join(row)})" if outputs.ndim > 1 else row[0] for row in texts]
