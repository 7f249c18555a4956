"""Texts of *Make labels*."""

from __future__ import annotations

from napari_quantize.text.numbers import format_bytes

OWN_LEVELS = "Each channel has levels of its own, so a pixel has several classes: reduce to Colours to make labels."
LEVELS_OF_COLOURS = "Each channel of a pixel has its own class: reduce to Colours to make labels."
MAKE = "Make labels"
STOP = "Stop labels"
TIP = (
    "Make a Labels layer of the current result: a label for each class, or each object (▾), "
    "with a table of areas and means. Press again to replace them; labels that you have painted on are kept."
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
REACH_TIP = "Whether objects extend from one plane to the next; they never extend to another time point"
IN_PLANES = "within a plane"
THROUGH = "from plane to plane"
LABELLING = "Making labels: sorting pixels into classes…"
CONNECTING = "Making labels: connecting objects…"
MEASURING = "Making labels: measuring…"
GONE = "The image or the result has been removed: no labels were made."


def missing_channel(name: str) -> str:
    """Return the sentence for a removed layer of several that were quantized together."""
    return f"“{name}”, one of the channels of this result, has been removed: there is nothing to measure."


def out_of_memory(needed: int, free: int) -> str:
    """Return the sentence for too little memory to find objects."""
    sizes = f"{format_bytes(needed)} of memory, and {format_bytes(free)} are free"
    return f"Finding objects needs {sizes}: make labels of classes."
