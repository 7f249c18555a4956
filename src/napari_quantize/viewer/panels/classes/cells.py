"""Cells of the tables of classes: numbers as texts, and the colour of a class."""

from __future__ import annotations

from qtpy.QtGui import QColor, QPixmap

from napari_quantize.text.numbers import format_number

CHIP_SIZE = 10


def cell_text(value: object) -> str:
    """Format a value for a cell: integers with all digits, floats with some; None is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return format_number(value) if isinstance(value, float) else str(value)


def color_chip(color: str) -> QPixmap:
    """Return a small square of a colour, as Qt reads it."""
    chip = QPixmap(CHIP_SIZE, CHIP_SIZE)
    chip.fill(QColor(color))
    return chip
