"""Texts of the panel *Levels & areas*, or *Palette*."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.text.numbers import format_count
from napari_quantize.text.results import format_k

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.pixel_size import PixelSize
    from napari_quantize.viewer.layers.provenance import Provenance

WAITING = "Counting pixels…"
LAYERS_REMOVED = "A layer of those that were quantized together has been removed, so the pixels cannot be counted."
LAYERS_CHANGED = (
    "A layer of those that were quantized together has changed, and a result of them has been removed, so the pixels "
    "cannot be counted."
)
CLICK = "Click a colour to find it"
TABLE_TIP = (
    "One row a class, from dark to bright. Click a row, or press Space, to highlight its pixels; Escape ends it.\n"
    "Ctrl+C copies all rows with more columns: lower and upper bounds, exact centers, pixels, areas."
)
PALETTE_TIP = (
    "Click a colour, or press Space, to highlight its pixels; the arrow keys go on, Escape ends it.\n"
    "The right mouse button offers to lock it, or to copy it."
)
COLUMN_TIPS = (
    "Number of the class, in the histogram's colour",
    "What the pixels of this class get",
    "The largest value that belongs to this class; what is above belongs to the next.\n"
    "max: the last class takes all larger values.\n"
    "Copy has the lower and the upper bound of each class, as one types them into ImageJ's Threshold.",
    "Share of all pixels that take part: all of the result that can be seen, also what was not learnt from.\n"
    "NaN, infinities and invisible pixels (alpha 0) take no part.",
)
PIXELS_TIP = "How many pixels get this value"
SCOPE_TIP = "Count the pixels of all slices, of what the sliders point at, or of each time point or plane"
UP_TO_MAXIMUM = "max"
ALL_SLICES, THIS_SLICE = "All slices", "This slice"
AREAS_TIP = (
    "The area of each class in each time point or plane, in the colour of the class; the dotted line is what is shown"
)
AREAS_TABLE_TIP = "One row a time point or plane; click a row to go there. Copy and Save… take the whole table"
CHANNEL_TIP = "Which channel's classes are shown; it follows the slider of the channels"
COMPARISON = "Shares and areas by class and image"
COMPARISON_HINT = "The same levels in each image: the share of each class in an image, and its area."
COMPARISON_COPY_TIP = "Copy the whole table for a spreadsheet (Ctrl+C)"
COMPARISON_SAVE_TIP = "Save the table as CSV: one row for each class of each image"
SORT_TIP = "In which order the colours stand"
COPY_TIP = "Copy the classes for a spreadsheet, or the colours as a list"
SAVE_TIP = "Save number, value, bounds, pixels, share and area of each class as CSV"
LOCK_TIP = "Lock this colour: it stays as it is when you quantize again, and the others find their places around it"
AGAIN_TIP = "Make one more result of as many colours, among them the locked ones exactly as they are"
LOCK_TOGETHER = "Colours of several layers together cannot be locked"
ALL_LOCKED = "All colours are locked: unlock at least one of them first"


def panel_title(provenance: Provenance | None) -> str:
    """Return the title of the panel: for colours or for levels, with K."""
    name = "Palette" if provenance is not None and provenance.codebook.mode == "color" else "Levels & areas"
    return f"{name} · K={format_k(provenance)}" if provenance is not None else name


def pixel_value(number: np.generic, n_digits: int = 5) -> str:
    """Format a pixel's value: integers with all digits, floats with some."""
    if number.dtype.kind != "f":
        return f"{int(number):,}"
    if np.isinf(number):
        return "∞" if float(number) > 0 else "–∞"
    return f"{number:.{n_digits}g}"


def share(part: float) -> str:
    """Format a share of all pixels as percent."""
    percent = 100 * part
    if 0 < percent < 0.01:
        return "< 0.01"
    return f"{percent:.2f}" if percent < 10 else f"{percent:.1f}"


def again(n_locked: int) -> str:
    """Return the text of the button that quantizes again."""
    return f"Quantize again with {format_count(n_locked, 'locked colour')}"


def highlight_name(name: str, provenance: Provenance) -> str:
    """Return the name of the layer that highlights a class."""
    return f"{name} · K={format_k(provenance)}"


def measure_tip(pixel_size: PixelSize | None, *, whole: bool) -> str:
    """Return the tooltip of the column of areas, volumes or pixels."""
    if pixel_size is None:
        return PIXELS_TIP
    unit = "in the layer's units" if pixel_size.unit else "in the units of the layer's scale, which has no name"
    where = "the whole image" if whole else "the slice that is shown"
    if pixel_size.name.startswith("mean"):
        where = "all time points or planes"
    return (
        f"The {pixel_size.name} of the class {unit}, of {where}: pixels times the layer's scale along its axes of\n"
        "space. Those are the axes with a unit of length; without units, the two of the displayed plane, and one\n"
        "before them if that is named z, or shown in 3-D. Time and channels have no length."
    )


def one(name: str) -> str:
    """Return the choice of one time point or plane."""
    return f"One {name}"


def over(name: str) -> str:
    """Return the choice of areas over all time points or planes."""
    return f"Over {name}"
