"""The ways in which a family is seen, and which of them can be entered: plain data, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# More are too small to compare, and every one is painted with every change of the others.
MAX_TILES = 36


class ViewMode(Enum):
    """How a family is seen."""

    NONE = ""
    """As the user has arranged it."""
    ONE = "One"
    """One member alone."""
    TILE = "Tile"
    """All members side by side."""
    SWIPE = "Swipe"
    """The source and a result on either side of a line."""
    DIFFERENCE = "Difference"
    """What a result changed."""
    FLIP = "Flip"
    """The source and a result in turn."""

    @property
    def compares_two(self) -> bool:
        """Whether it shows the source and the current result, and nothing else."""
        return self in (ViewMode.SWIPE, ViewMode.DIFFERENCE, ViewMode.FLIP)

    @property
    def has_own_view(self) -> bool:
        """Whether grid and camera are not the user's meanwhile."""
        return self is ViewMode.TILE or self.compares_two


@dataclass(frozen=True)
class ViewConditions:
    """What there is to see.

    Attributes
    ----------
    n_members : int
        The source, if it is still there, and its results.
    shapes : tuple of two shapes, or None
        Of the source's and the current result's data; None while there are not both.
    ndisplay : int
        2 or 3 dimensions are displayed.
    """

    n_members: int = 0
    shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    ndisplay: int = 2


def problem(mode: ViewMode, conditions: ViewConditions) -> str | None:
    """Return why a mode cannot be entered, in one sentence; None if it can."""
    if mode is ViewMode.TILE and conditions.n_members > MAX_TILES:
        return f"More than {MAX_TILES} images are too small to compare side by side: go through them with One."
    if conditions.n_members < 2 and mode is not ViewMode.NONE:
        return "There is nothing to compare yet: quantize an image first."
    if not mode.compares_two:
        return None
    if conditions.shapes is None:
        return f"{mode.value} compares a result with its image, which has been removed."
    if mode is ViewMode.FLIP:
        return None
    if conditions.ndisplay != 2:
        return f"{mode.value} needs the 2-D display: press napari's button “Toggle 2D/3D” first."
    before, now = conditions.shapes[1], conditions.shapes[0]
    if before != now:
        was, now_is = (" × ".join(map(str, shape)) for shape in (before, now))
        return f"The image has changed since: it is {now_is} now, the result {was}. Quantize it again."
    return None


def mode_after_press(now: ViewMode, asked: ViewMode, conditions: ViewConditions) -> tuple[ViewMode, str]:
    """Return the mode that is seen after a button was pressed, and a sentence where that is not the one asked for.

    The button of the present mode leaves it; not so One: it shows the current row again, whatever was seen.
    """
    if asked is now and now is not ViewMode.ONE:
        return ViewMode.NONE, ""
    why_not = problem(asked, conditions)
    return (asked, "") if why_not is None else (now, why_not)


def mode_after_change(now: ViewMode, conditions: ViewConditions, *, coming: bool) -> tuple[ViewMode, str]:
    """Return the mode that is seen after something else has happened, and a sentence where that ends it.

    Parameters
    ----------
    now : ViewMode
        The present one.
    conditions : ViewConditions
        What there is.
    coming : bool
        Whether a run is going to bring members: fewer than two are no reason to leave then.
    """
    if coming and not now.compares_two:
        return now, ""
    why_not = problem(now, conditions)
    if why_not is None:
        return now, ""
    # Where nothing is left to compare, the user knows: by doing so.
    return ViewMode.NONE, "" if conditions.shapes is None else why_not
