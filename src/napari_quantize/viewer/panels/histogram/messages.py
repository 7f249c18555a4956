"""Texts under the histogram."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.histogram import RGB_NAMES
from napari_quantize.text.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.analysis.histogram import BarInfo, HistogramRow
    from napari_quantize.viewer.panels.histogram.zoom import Window

NOTHING_COUNTED = "Quantize an image to see how its values are distributed."
COUNTED_NO_MORE = "Which values the image holds now is not known: quantize it again to see them."
POINT_AT_A_BAR = ("Point at a bar, or use ← and →, to read it.", "Wheel or + − zooms, dragging moves.")
_FINE = 0.1


def axis_value(place: float) -> str:
    """Write a value of an axis, which may hold more digits than a figure that was measured."""
    return f"{place:,.1f}" if abs(place) >= 1000 else f"{place:.4g}"


def span(low: float, high: float, *, integer: bool) -> str:
    """Write the values of a bar: ``120``, ``120–123``, ``0.12–0.13``."""
    if not integer:
        return f"{axis_value(low)}–{axis_value(high)}"
    first, last = math.ceil(low), math.ceil(high) - 1
    return f"{first:,}" if first >= last else f"{first:,}–{last:,}"


def seen_part(window: Window) -> tuple[str, str]:
    """Say which part of a histogram is seen while nothing is pointed at."""
    if window.is_whole:
        return POINT_AT_A_BAR
    low, high = window.bounds
    part = f"{axis_value(window.low)} to {axis_value(window.high)} of {axis_value(low)} to {axis_value(high)}"
    return part, "Double click, or Home, shows all."


def bar(bars: HistogramRow, reading: BarInfo, names: Sequence[str], *, integer: bool) -> tuple[str, str]:
    """Tell a bar's value and count, and the class it lies in."""
    what = names[bars.channel] if bars.channel is not None and len(names) > 1 else "value"
    if bars.is_luminance:
        what = "luminance"
    place = f"{what} {span(reading.low, reading.high, integer=integer)}"
    short = [
        name[0].upper() if name in RGB_NAMES else name.replace("channel ", "ch\N{NO-BREAK SPACE}") for name in names
    ]
    channels = [f"{name} {count:,}" for name, count in zip(short, reading.channels, strict=False)]
    if bars.is_luminance:
        return f"{place}: {format_count(reading.count, 'pixel')}", " · ".join(channels)
    if channels:
        return f"{place}: {' · '.join(channels)}", _class(reading)
    return f"{place}: {format_count(reading.count, 'pixel')}", _class(reading)


def colour(place: int, palette: np.ndarray, *, rgb: bool) -> str:
    """Name a colour of a palette."""
    what = f"colour {place + 1} of {len(palette)}"
    if not rgb:
        return what
    top = np.iinfo(palette.dtype).max if palette.dtype.kind in "iu" else 1
    parts = np.rint(np.clip(palette[place] / top, 0, 1) * 255).astype(int)
    return f"{what}, #{''.join(f'{part:02x}' for part in parts)}"


def _class(reading: BarInfo) -> str:
    if not reading.n_classes:
        return ""
    share = f"{reading.share:.2%}" if reading.share < _FINE else f"{reading.share:.1%}"
    part = share.replace("%", " %")
    return f"class {reading.number} of {reading.n_classes} · level {axis_value(reading.center)} · {part}"
