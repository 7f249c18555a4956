"""Sentences about the curve of error against K."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.core.analysis.error_curve import CLOSE, JUST_VISIBLE
from napari_quantize.text.numbers import format_number

if TYPE_CHECKING:
    from napari_quantize.core.analysis.error_curve import ErrorCurve
    from napari_quantize.core.quality.noise import NoiseProblem

_NOISE_UNKNOWN = "The noise of this image cannot be estimated"
_REASONS: dict[NoiseProblem, str] = {
    "few values": "the image has few different values",
    "below steps": "it is below half a step between values, as in flat or clipped images",
    "no windows": "it takes planes in which 3 × 3 pixels are visible and finite",
    "several layers": "these results belong to several layers",
    "part": "these results were learnt from a part of the image",
}


def unknown_noise(problem: NoiseProblem | None) -> str:
    """Say that the noise cannot be estimated, and why; without a full stop."""
    return f"{_NOISE_UNKNOWN}: {_REASONS[problem]}" if problem else _NOISE_UNKNOWN


def noise_sentence(model: ErrorCurve) -> str:
    """Return the sentence that names the K from which on the loss is below the image's own noise.

    If the noise is unknown, say why, and from which K on further K gain little.
    """
    if model.noise is None:
        unknown = f"{unknown_noise(model.baseline.noise_problem)}."
        return " ".join(filter(None, (unknown, _gain_sentence(model))))
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
    """Return the sentence that names the smallest K with a small colour difference, and what further K gain."""
    visible, close = (model.first_up_to(limit) for limit in (JUST_VISIBLE, CLOSE))
    last = model.comparable[-1]
    if visible is not None and close == visible:
        text = f"From K={visible} on, the mean ΔE is at most 1 (just visible)."
    elif visible is not None:
        text = f"From K={close} on, the mean ΔE is at most 2, and from K={visible} on at most 1 (just visible)."
    elif close is not None:
        text = f"From K={close} on, the mean ΔE is at most 2 (1 is just visible)."
    else:
        text = f"At K={last.k} the mean ΔE is still {format_number(last.error)} (1 is just visible)."
    return " ".join(filter(None, (text, _gain_sentence(model))))


def _gain_sentence(model: ErrorCurve) -> str:
    """Return the sentence on what further K gain; empty if there are fewer than two K."""
    k = model.small_gains_from
    if len(model.least):
        if model.least[-1] == 0:
            return f"K={len(model.least)} loses nothing."
        return f"From K={k} on, each further level lowers the least error by less than 5 %." if k is not None else ""
    loss = "the error" if model.quantity == "rmse" else "ΔE"
    if k is not None:
        return f"From K={k} on, each further result lowers {loss} by less than 5 %."
    if model.last_step is None:
        return ""
    before, last = model.last_step
    return f"From K={before.k} to {last.k}, {loss} falls by {100 * (1 - last.error / before.error):.0f} %."
