"""Texts of the panel *How many are enough?*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.text.numbers import format_number
from napari_quantize.text.results import MODE_WORDS, exceeds_best, format_k, format_number_kept, is_measured_on_part

if TYPE_CHECKING:
    from napari_quantize.core.analysis.error_curve import ErrorCurve
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.measure.slow_figures import MeasuredFigure

POINT_AT_A_K = "Point at a K to read it."
MEASURING = "Looking for the least that can be lost …"
COMPARING = "Measuring colour differences …"
EMPTY_PLOT = "measuring …"
OF_PLANE = "Measured in the plane that is shown."
CHANGED = "The image has changed since this result was made."


def result(provenance: Provenance, model: ErrorCurve, *, comparable: bool, current: bool) -> tuple[str, str]:
    """Return two lines on a result: its error, and what a click does."""
    error, least = provenance.quality.rmse, model.least_at(provenance.k) if comparable else None
    text = f"K={format_number_kept(provenance)}: "
    if not error:
        text += "nothing is lost"
    else:
        text += f"± {format_number(error)}{' there' if is_measured_on_part(provenance) else ''}"
        excess = provenance.quality.excess
        if least and excess is not None and not exceeds_best(excess):
            # The least error is that of unrounded levels. Beside the best levels, which are rounded to the image's
            # values, it would look as if something better were possible.
            text += ", the best"
        elif least:
            text += f", at best ± {format_number(least)}"
    return text, _click(provenance, comparable=comparable, current=current)


def color_difference(
    provenance: Provenance, figure: MeasuredFigure | None, *, comparable: bool, current: bool
) -> tuple[str, str]:
    """Return two lines on a result: its mean colour difference, and what a click does."""
    if figure is None:
        text = "measuring …"
    elif figure.value is None:
        text = figure.note
    else:
        text = f"ΔE {format_number(figure.value)}"
    return f"K={format_number_kept(provenance)}: {text}", _click(provenance, comparable=comparable, current=current)


def _click(provenance: Provenance, *, comparable: bool, current: bool) -> str:
    # Long names of parts have the second line, so that they push no figure out of the first.
    words = format_k(provenance)
    name = f"K={words}. " if words != format_number_kept(provenance) else ""
    mode = "" if comparable else f" {MODE_WORDS[provenance.codebook.mode].capitalize()}."
    return f"{name}This is the current result." if current else f"{name}Click to look at it.{mode}"


def missing(k: int, model: ErrorCurve) -> tuple[str, str]:
    """Return two lines on a K without a result: the least error, and what a click does."""
    least = model.least_at(k)
    if least is None:
        return f"K={k}: not made yet", "Click to make it."
    return f"K={k}: {f'at best ± {format_number(least)}' if least else 'nothing would be lost'}", "Click to make it."
