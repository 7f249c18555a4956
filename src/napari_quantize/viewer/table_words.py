"""What the table of results says: cells, tooltips and notices, in users' words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.viewer import words

if TYPE_CHECKING:
    from napari_quantize.viewer.measures import Figure
    from napari_quantize.viewer.provenance import Provenance

NONE = "–"
COMING = "…"
OLD = "the image has changed since: quantize again"
OF_PLANE = "of the plane that is shown"
NO_NOISE = "the image has no noise that could be measured"
NOTICE_TIP = (
    "Old: quantize again, and the results are those of the image as it is now.\n"
    "Above best: by how much the squared error lies above the least that so many levels can have."
)
USE_BEST = "Make this number of levels once more by the method Best possible (exact), as a result of its own"
OTHER_REGION = (
    "This result was learnt from a region that is no longer the chosen one: choose it under Options → Learn from first."
)


def percent(value: float) -> str:
    """Write a share."""
    return f"{100 * value:.2f} %"


def decibels(value: float) -> str:
    """Write a ratio of powers."""
    return f"{value:.1f}".replace("inf", "∞")


def most_differ_by(p95: float) -> str:
    """Say how far nearly all pixels' colours have moved at most."""
    return f"95 % of the pixels moved by {p95:.1f} at most"


def larger_than_file(file_kb: float) -> str:
    """Say that a PNG is larger than the file that the image was read from."""
    return f"larger than the file that the image came from: {file_kb:,.1f} KB"


def measured(title: str, text: str, figure: Figure) -> str:
    """Say a figure that was measured, for a tooltip."""
    return f"{title} {text}" + (f" ({figure.note})" if figure.note else "")


def notice(current: Provenance | None, *, old: bool, above: bool) -> str:
    """Say what is to be said of the current row, or what the marks in others mean: `old` and `above` are there."""
    if old:
        return "“old”: the image has changed since"
    if current is not None and is_above(current):
        return f"K={words.kept(current)}: {100 * current.quality['excess']:.1f} % above best"
    return "⚠ more than 1 % above the best possible" if above else ""


def is_above(made: Provenance) -> bool:
    """Whether the levels are so far above the best possible that it is worth saying."""
    return (made.quality["excess"] or 0) > words.ABOVE
