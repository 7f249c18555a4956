"""Texts of the table of results: cells, tooltips and notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.text.results import MARKED_EXCESS, format_k, is_measured_on_part

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.measure.slow_figures import MeasuredFigure

PENDING = "…"
STAY_TIP = "Tick it, and it stays among the tiles after the next run"
NOTICE_TIP = (
    "Old: quantize again, and the results are those of the image as it is now.\n"
    "Above best: by how much the squared error lies above the least that so many levels can have."
)
USE_BEST = "Make this number of levels once more by the method Best possible (exact), as a result of its own"
USE_BEST_FOR_ALL = "Do so for all results that are not the best, and choose that method for the next run, too"
OTHER_REGION = (
    "This result was learnt from a region that is no longer the chosen one: choose it under Options → Learn from first."
)


def larger_than_file(file_kb: float) -> str:
    """Return the note that a PNG is larger than the file that the image was read from."""
    return f"larger than the file that the image came from: {file_kb:,.1f} KB"


def measured(title: str, text: str, figure: MeasuredFigure) -> str:
    """Return a measured figure with its title and note, for a tooltip."""
    return f"{title} {text}" + (f" ({figure.note})" if figure.note else "")


def notice(current: Provenance | None, *, any_stale: bool, any_part: bool, any_above_best: bool) -> str:
    """Return the line under the table: on the current result, else on the marks in the rows of others.

    Parameters
    ----------
    current : Provenance or None
        Provenance of the current result; None if no result is current.
    any_stale : bool
        Whether any result is marked as old.
    any_part : bool
        Whether the errors of any result are over a part of the image.
    any_above_best : bool
        Whether any result is marked with ⚠.
    """
    if any_stale:
        return "“old”: the image has changed since"
    about = _about(current) if current is not None else []
    if current is not None and about:
        return f"K={format_k(current)}: {' · '.join(about)}"
    if any_part:
        return "errors of rows that name a part are over that part only"
    return "⚠ more than 1 % above the best possible" if any_above_best else ""


def _about(current: Provenance) -> list[str]:
    """Return the notes on the current result; an empty list if there is nothing to note."""
    excess, about = _notable_excess(current), []
    if current.k == 1:
        about.append("every pixel gets the mean, ± is the standard deviation")
    if is_measured_on_part(current):
        about.append("errors are over that part only")
    if current.together:
        about.append(f"errors are over all {len(current.together)} layers together")
    if excess is not None:
        about.append(f"{100 * excess:.1f} % above best")
    return about


def is_above_best(provenance: Provenance) -> bool:
    """Return whether the error of a result's levels is noticeably above the least possible one."""
    return _notable_excess(provenance) is not None


def _notable_excess(provenance: Provenance) -> float | None:
    excess = provenance.quality.excess
    return excess if excess is not None and excess > MARKED_EXCESS else None
