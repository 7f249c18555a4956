"""The colours that figures are drawn with; apart from the figures, so that naming them loads no matplotlib."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ink:
    """Colours, as names or ``#rrggbb``.

    Attributes
    ----------
    paper, text, faint : str
        Background, writing, and lines that stay back.
    """

    paper: str = "white"
    text: str = "black"
    faint: str = "#b0b0b0"
