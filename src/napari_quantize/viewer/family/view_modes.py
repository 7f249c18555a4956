"""The view modes of a family, and which of them are possible: plain data, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# More tiles are too small to compare, and napari redraws all of them whenever one changes.
MAX_TILES = 36


class ViewMode(Enum):
    """How the viewer shows a family."""

    NONE = ""
    """As the user has arranged it."""
    ONE = "One"
    """One member alone."""
    TILE = "Tile"
    """The source and the results of the last run side by side."""
    SWIPE = "Swipe"
    """The source and a result on either side of a line."""
    DIFFERENCE = "Difference"
    """The difference of a result from its source."""
    FLIP = "Flip"
    """The source and a result in turn."""

    @property
    def compares_two(self) -> bool:
        """True if it shows only the source and the current result."""
        return self in (ViewMode.SWIPE, ViewMode.DIFFERENCE, ViewMode.FLIP)

    @property
    def has_own_view(self) -> bool:
        """True if it sets grid and camera, which are restored afterwards."""
        return self is ViewMode.TILE or self.compares_two


@dataclass(frozen=True)
class ViewConditions:
    """The facts that decide which view modes are possible.

    Attributes
    ----------
    n_members : int
        Number of layers: the source, if it is still there, and its results.
    shapes : tuple of two shapes, or None
        Shapes of the source's and the current result's data; None unless both are there.
    ndisplay : int
        Number of displayed dimensions, 2 or 3.
    n_tiles : int
        Number of layers that would be shown side by side.
    """

    n_members: int = 0
    shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    ndisplay: int = 2
    n_tiles: int = 0


def view_mode_problem(mode: ViewMode, conditions: ViewConditions) -> str | None:
    """Return why a mode is not possible, in one sentence; None if it is."""
    if mode is ViewMode.TILE and conditions.n_tiles > MAX_TILES:
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
    source_shape, result_shape = conditions.shapes
    if source_shape != result_shape:
        now, before = (" × ".join(map(str, shape)) for shape in (source_shape, result_shape))
        return f"The image has changed since: it is {now} now, the result {before}. Quantize it again."
    return None


def mode_after_press(present: ViewMode, requested: ViewMode, conditions: ViewConditions) -> tuple[ViewMode, str]:
    """Return the mode after its button was pressed, and the reason if the requested mode is not possible.

    The button of the present mode leaves it. *One* is an exception: it shows the current row again.

    Parameters
    ----------
    present : ViewMode
        The mode before.
    requested : ViewMode
        The mode of the button.
    conditions : ViewConditions
        The conditions now.
    """
    if requested is present and present is not ViewMode.ONE:
        return ViewMode.NONE, ""
    reason = view_mode_problem(requested, conditions)
    return (requested, "") if reason is None else (present, reason)


def mode_after_change(present: ViewMode, conditions: ViewConditions, *, results_expected: bool) -> tuple[ViewMode, str]:
    """Return the mode after any other change, and the reason if the change ends the present mode.

    Parameters
    ----------
    present : ViewMode
        The mode before.
    conditions : ViewConditions
        The conditions after the change.
    results_expected : bool
        True during a run, which will add members: fewer than two are then no reason to leave.
    """
    if results_expected and not present.compares_two:
        return present, ""
    reason = view_mode_problem(present, conditions)
    if reason is None:
        return present, ""
    # Without shapes, the user has removed a layer of the pair, and needs no explanation.
    return ViewMode.NONE, "" if conditions.shapes is None else reason
