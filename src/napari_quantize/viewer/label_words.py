"""What the dock says about labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.viewer.words import memory

if TYPE_CHECKING:
    from napari_quantize.viewer.labelling import LabelOptions, Made

OWN_LEVELS = "Each channel has levels of its own, so a pixel has several classes: reduce to Colours to make labels."
LEVELS_OF_COLOURS = "Each channel of a pixel has its own class: reduce to Colours to make labels."
MAKE = "Make labels"
STOP = "Stop labels"
TIP = (
    "Make a Labels layer of the current result: a label for each class, or each object (▾), "
    "with a table of areas and means. Pressed again, it replaces what it has made, unless you have painted there."
)
STOP_TIP = "Stop: no labels are made"
OPTIONS_TIP = "How labels are made"
BACKGROUND = "Darkest class is background"
BACKGROUND_TIP = "The darkest class becomes label 0, which napari shows as nothing; else the classes begin at 1"
SPLIT = "Split into connected objects"
SPLIT_TIP = (
    "Give each connected region of one class a label of its own. Pixels that touch at a corner are connected; "
    "objects of different classes stay apart, and so do time points and channels"
)
SMALLEST = "Smallest object"
SMALLEST_TIP = "Smaller objects become background, 0; counted in pixels (voxels)"
REACH = "Objects reach"
REACH_TIP = "Whether an object goes on from one plane to the next; never from one time point to the next"
IN_PLANES = "within a plane"
THROUGH = "from plane to plane"
LABELLING = "Making labels: sorting pixels into classes…"
CONNECTING = "Making labels: connecting objects…"
MEASURING = "Making labels: measuring…"
GONE = "The image or the result has been removed: no labels were made."


def done(name: str, made: Made, options: LabelOptions, painted: str) -> str:
    """Say what was made; `painted` is the name of an earlier labels layer that the user has changed."""
    one, several = ("object", "objects") if options.split else ("class", "classes")
    dark = ", the darkest is background" if options.background and not options.split else ""
    parts = [f"“{name}”: {made.n:,} {one if made.n == 1 else several}{dark}."]
    if made.n and not made.features:
        parts.append("That is too many for a table of areas: a larger smallest object (▾) leaves fewer.")
    if made.n_without:
        parts.append(f"Pixels without a value, or transparent, are 0: {made.n_without:,}.")
    if painted:
        parts.append(f"“{painted}” was changed by hand and stays.")
    return " ".join(parts)


def lost_channel(name: str) -> str:
    """Say that one of several layers that make up an image is no longer there."""
    return f"“{name}”, one of the channels of this result, has been removed: there is nothing to measure."


def too_large(needed: int, free: int) -> str:
    """Say that objects cannot be found for want of memory."""
    return f"Finding objects needs {memory(needed)} of memory, and {memory(free)} are free: make labels of classes."
