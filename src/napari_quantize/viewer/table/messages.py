"""Texts of the table of results: cells, tooltips and notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.text.results import MARKED_EXCESS, format_k

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.measure.slow_figures import Figure

COMING = "…"
NOTICE_TIP = (
    "Old: quantize again, and the results are those of the image as it is now.\n"
    "Above best: by how much the squared error lies above the least that so many levels can have."
)
USE_BEST = "Make this number of levels once more by the method Best possible (exact), as a result of its own"
OTHER_REGION = (
    "This result was learnt from a region that is no longer the chosen one: choose it under Options → Learn from first."
)


def larger_than_file(file_kb: float) -> str:
    """Say that a PNG is larger than the file that the image was read from."""
    return f"larger than the file that the image came from: {file_kb:,.1f} KB"


def measured(title: str, text: str, figure: Figure) -> str:
    """Say a figure that was measured, for a tooltip."""
    return f"{title} {text}" + (f" ({figure.note})" if figure.note else "")


def notice(current: Provenance | None, *, old: bool, above: bool) -> str:
    """Return the line under the table: on the current row, or on the marks of others (`old` and `above` tell which)."""
    if old:
        return "“old”: the image has changed since"
    excess = _notable_excess(current) if current is not None else None
    if current is not None and excess is not None:
        return f"K={format_k(current)}: {100 * excess:.1f} % above best"
    return "⚠ more than 1 % above the best possible" if above else ""


def is_above(made: Provenance) -> bool:
    """Return whether the levels are noticeably above the best possible ones."""
    return _notable_excess(made) is not None


def _notable_excess(made: Provenance) -> float | None:
    excess = made.quality.excess
    return excess if excess is not None and excess > MARKED_EXCESS else None
