"""Texts under the histogram."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.histogram import RGB_NAMES
from napari_quantize.plots.class_colors import screen_colors
from napari_quantize.text.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.analysis.histogram import BarInfo, HistogramRow
    from napari_quantize.viewer.panels.histogram.zoom import AxisRange

NOTHING_COUNTED = "Quantize an image to see how its values are distributed."
COUNTED_NO_MORE = "Which values the image holds now is not known: quantize it again to see them."
POINT_AT_A_BAR = ("Point at a bar to read it.", "Click to zoom by wheel.")
_FINE = 0.1


def axis_value(value: float) -> str:
    """Format a value of the axis, with more digits than measured figures have."""
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def bar_values(low: float, high: float, *, integer: bool) -> str:
    """Format the values of a bar: ``120``, ``120–123``, ``0.12–0.13``."""
    if not integer:
        return f"{axis_value(low)}–{axis_value(high)}"
    first, last = math.ceil(low), math.ceil(high) - 1
    return f"{first:,}" if first >= last else f"{first:,}–{last:,}"


def visible_range(axis_range: AxisRange) -> tuple[str, str]:
    """Return two lines on the visible range, for when no bar is pointed at."""
    if axis_range.is_whole:
        return POINT_AT_A_BAR
    low, high = axis_range.bounds
    text = f"{axis_value(axis_range.low)} to {axis_value(axis_range.high)} of {axis_value(low)} to {axis_value(high)}"
    return text, "Double click, or Home, shows all."


def bar(bars: HistogramRow, reading: BarInfo, names: Sequence[str], *, integer: bool) -> tuple[str, str]:
    """Return two lines on a bar: its values and count, and its class."""
    kind = names[bars.channel] if bars.channel is not None and len(names) > 1 else "value"
    if bars.is_luminance:
        kind = "luminance"
    label = f"{kind} {bar_values(reading.low, reading.high, integer=integer)}"
    short = [
        name[0].upper() if name in RGB_NAMES else name.replace("channel ", "ch\N{NO-BREAK SPACE}") for name in names
    ]
    channels = [f"{name} {count:,}" for name, count in zip(short, reading.channels, strict=False)]
    if bars.is_luminance:
        return f"{label}: {format_count(reading.count, 'pixel')}", " · ".join(channels)
    if channels:
        return f"{label}: {' · '.join(channels)}", _class(reading, integer=integer)
    return f"{label}: {format_count(reading.count, 'pixel')}", _class(reading, integer=integer)


def border(index: int, value: float, *, integer: bool) -> tuple[str, str]:
    """Return two lines on a border that is being dragged; `index` counts from 0."""
    text = f"{math.floor(value):,}" if integer else axis_value(value)
    return f"class {index + 1} up to {text}", "Let go: each level becomes the mean of its class."


def colour(
    index: int, palette: np.ndarray, *, rgb: bool, white: float, count: int | None = None, is_exact: bool = True
) -> str:
    """Return the name of a colour of a palette, and how many pixels take it, or about how many, if that is known."""
    name = f"colour {index + 1} of {len(palette)}"
    about = "" if is_exact else "about "
    pixels = "" if count is None else f" · {about}{format_count(count, 'pixel')}"
    if not rgb:
        return name + pixels
    [code] = screen_colors(palette[[index]], rgb=True, white=white)
    return f"{name}, {code}{pixels}"


def _class(reading: BarInfo, *, integer: bool) -> str:
    if not reading.n_classes:
        return ""
    share = f"{reading.share:.2%}" if reading.share < _FINE else f"{reading.share:.1%}"
    # The level is the value that the pixels get: in integer images the center, rounded as the look-up rounds it.
    level = f"{round(reading.center):,}" if integer else axis_value(reading.center)
    return f"class {reading.number} · level {level} · {share.replace('%', ' %')}"
