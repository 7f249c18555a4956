"""Texts of *Make labels*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.text.numbers import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

MAKE = "Make labels"
STOP = "Stop labels"
TIP = (
    "Make a Labels layer of the current result: a label for each class, or each object (▾), "
    "with a table of areas and means: see ▾ → Save table…, or napari's Plugins → Features table widget. "
    "Press again to replace them; labels that you have painted on stay."
)
STOP_TIP = "Stop: no labels are made"
OPTIONS_TIP = "How labels are made, what is measured, and the table as a file"
FOREGROUND = "Foreground"
FOREGROUND_TIP = (
    "Classes of the foreground, by their numbers in Levels & areas; darker classes are background, "
    "which is label 0 and shown as nothing"
)
ALL_CLASSES = "all classes"
FROM_CLASS = "classes ≥ "
SMOOTH = "Smooth first"
SMOOTH_TIP = (
    "Smooth the image by a Gaussian of this σ before its classes are found, so that noise makes no ragged edges. "
    "Means are still those of the image itself"
)
NOT_SMOOTHED = "no"
SIGMA = "σ "
CHANNEL = "Channel"
CHANNEL_TIP = "Each channel has classes of its own: make labels of one channel, or a layer for each"
EACH_CHANNEL = "each, in a layer of its own"
FILL = "Fill holes"
FILL_TIP = "Background that is enclosed gets the class around it"
SPLIT = "Split into connected objects"
SPLIT_TIP = (
    "Give each connected region a label of its own. Pixels that touch at a corner are connected; "
    "time points and channels stay apart"
)
JOIN = "Join the foreground's classes"
JOIN_TIP = "An object can hold several classes, as a nucleus with bright spots; else each class has objects of its own"
SEPARATE = "Separate touching objects"
SEPARATE_TIP = "Cut objects at their necks: a watershed of the distance to the background, for round objects"
SMALLEST = "Smallest object"
SMALLEST_TIP = "Smaller objects become background, 0"
ANY_SIZE = "any size"
REACH = "Objects reach"
REACH_TIP = "Whether objects extend from one plane to the next; they never extend to another time point"
IN_PLANES = "within a plane"
THROUGH = "from plane to plane"
OTHERS = "Also measure"
OTHERS_TIP = "The table gets the mean of each ticked image in each label; listed are images of the same size"
SAVE = "Save table…"
SAVE_TIP = "Save the table of the labels of this result as CSV: one row an object, with file, time, channel and class"
SAVE_TITLE = "Save the table of labels"
TABLE = "Table: ▾ → Save table…"
TOO_MANY = "That is too many for a table of areas: a larger smallest object (▾) leaves fewer."
NO_LABELS = "There are no labels of this result yet: press Make labels first."
OUTDATED = "The result or the scale of its image has changed: make the labels again."
NO_TABLE = "These labels have no table: there are too many of them. A larger smallest object (▾) leaves fewer."
SMOOTHING = "Making labels: smoothing…"
LABELLING = "Making labels: sorting pixels into classes…"
FILLING = "Making labels: filling holes…"
CONNECTING = "Making labels: connecting objects…"
MEASURING = "Making labels: measuring…"
GONE = "The image or the result has been removed: no labels were made."
REPLACED = "Another result has replaced this one meanwhile: make labels again."
MOVED = "The image has been moved or calibrated meanwhile: make labels again."
CHANGED = "The image has changed since this result was made: quantize it again before you make labels."
SOURCE_REMOVED = "The image of this result has been removed: there is nothing to find classes in."


def missing_channel(name: str) -> str:
    """Return the sentence for a removed layer of several that were quantized together."""
    return f"“{name}”, one of the channels of this result, has been removed: there is nothing to measure."


def out_of_memory(needed: int, free: int) -> str:
    """Return the sentence for too little memory to find objects."""
    sizes = f"{format_bytes(needed)} of memory, and {format_bytes(free)} are free"
    return f"Finding objects needs {sizes}: make labels of classes."


def shown_channel(name: str) -> str:
    """Return the entry for the channel that the sliders show."""
    return f"“{name}” (shown)"


def count(name: str, n: int, *, split: bool) -> str:
    """Return the number of labels of a layer: “name”: 4 classes."""
    singular, plural = ("object", "objects") if split else ("class", "classes")
    return f"“{name}”: {n:,} {singular if n == 1 else plural}"


def background(foreground: int) -> str:
    """Return which classes are background, after the number of classes."""
    if foreground < 2:
        return ""
    return ", class 1 is background" if foreground == 2 else f", classes 1–{foreground - 1} are background"


def painted(names: Sequence[str]) -> str:
    """Return the sentence for a table of labels that were painted on since they were measured."""
    layers = ", ".join(f"“{name}”" for name in names)
    return f"The table has {layers} as it was made: what was painted since is not in it."


def left_out(names: Sequence[str]) -> str:
    """Return the sentence for a table without labels that are outdated."""
    layers = ", ".join(f"“{name}”" for name in names)
    return f"The table lacks {layers}: the result or the scale of its image has changed. Make these labels again."
