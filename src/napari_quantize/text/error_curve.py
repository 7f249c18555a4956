"""Sentences about the curve of error against K."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.core.analysis.error_curve import JUST_VISIBLE
from napari_quantize.text.numbers import format_number

if TYPE_CHECKING:
    from napari_quantize.core.analysis.error_curve import ErrorCurve

NOISE_UNKNOWN = "The noise of this image cannot be estimated."


def noise_sentence(model: ErrorCurve) -> str:
    """Return the sentence that names the K from which on the loss is below the image's own noise."""
    if model.noise is None:
        return NOISE_UNKNOWN
    own = f"the image's own noise, ± {format_number(model.noise)}."
    first = model.first_below
    if len(model.least):
        if first is None:
            return f"No K up to {len(model.least)} brings the loss below {own}"
        return f"From K={first} on, the least possible loss is below {own}"
    if first is None:
        return f"None of these results loses less than {own}"
    return f"From K={first} on, these results lose less than {own}"


def color_difference_sentence(model: ErrorCurve) -> str:
    """Return the sentence that names the K from which on the colour difference is below the visible one."""
    if model.first_below is not None:
        return f"From K={model.first_below} on, the mean colour difference is below 1, which is just visible."
    comparable = [point for point in model.known if point.comparable]
    last = max(comparable, key=lambda point: (point.k, point.error))
    small = [point.k for point in comparable if point.error < JUST_VISIBLE]
    if small:
        return (
            f"The mean colour difference is {format_number(last.error)} at K={last.k}, but below 1 at K={max(small)}."
        )
    none = f"No result up to K={last.k} has a mean colour difference below 1, which is just visible"
    return f"{none}; it is {format_number(last.error)} at K={last.k}."
