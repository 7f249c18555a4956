"""Texts of the panel *How many are enough?*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.text.numbers import format_number
from napari_quantize.text.results import MODE_WORDS, format_excess, format_k

if TYPE_CHECKING:
    from napari_quantize.core.analysis.error_curve import ErrorCurve
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.measure.slow_figures import MeasuredFigure

POINT_AT_A_K = "Point at a K, or use ← and →, to read it."
MEASURING = "Looking for the least that can be lost …"
COMPARING = "Measuring colour differences …"
OF_PLANE = "Measured in the plane that is shown."
CHANGED = "The image has changed since this result was made."
_NOTHING_ABOVE = "0.0 %"


def result(made: Provenance, model: ErrorCurve, *, comparable: bool, current: bool) -> tuple[str, str]:
    """Tell what a point of the curve stands for, and what a click does."""
    error, least = made.quality.rmse, model.least_at(made.k) if comparable else None
    what = f"K={format_k(made)}: "
    if not error:
        what += "nothing is lost"
    else:
        what += f"± {format_number(error)}"
        if least and format_excess(made.quality.excess) == _NOTHING_ABOVE:
            # The least error knows no rounding to the image's values: beside the best levels it would look like better.
            what += ", the best possible"
        elif least:
            what += f", at best ± {format_number(least)}"
    return what, _click(made, comparable=comparable, current=current)


def moved(made: Provenance, figure: MeasuredFigure | None, *, comparable: bool, current: bool) -> tuple[str, str]:
    """Tell how far a result's colours have moved, and what a click does."""
    if figure is None:
        what = "measuring …"
    elif figure.value is None:
        what = figure.note
    else:
        what = f"ΔE {format_number(figure.value)}"
    return f"K={format_k(made)}: {what}", _click(made, comparable=comparable, current=current)


def _click(made: Provenance, *, comparable: bool, current: bool) -> str:
    how = "" if comparable else f"{MODE_WORDS[made.codebook.mode].capitalize()}. "
    return "This is the current result." if current else f"{how}Click to look at it."


def missing(k: int, model: ErrorCurve) -> tuple[str, str]:
    """Tell what is known of a K without a result, and what a click does."""
    least = model.least_at(k)
    if least is None:
        return f"K={k}: not made yet", "Click to make it."
    return f"K={k}: {f'at best ± {format_number(least)}' if least else 'nothing would be lost'}", "Click to make it."
