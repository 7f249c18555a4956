"""Colours of text, axes and background of a plot.

They have a module of their own so that importing them does not load matplotlib.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlotTheme:
    """Colours of everything in a plot that is not data, as names or ``#rrggbb``.

    Attributes
    ----------
    background, text, faint : str
        Background, text, and the lines of the axes.
    """

    background: str = "white"
    text: str = "black"
    faint: str = "#b0b0b0"
