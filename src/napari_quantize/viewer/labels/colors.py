"""Colours of labels: those of the classes, or hues that repeat for any number of objects."""

from __future__ import annotations

from collections.abc import Sequence
from colorsys import hls_to_rgb

import numpy as np

# napari takes long for more colours of their own, and nobody can tell them apart.
MAX_COLORS = 256
_N_REPEATED = 60  # colours until they repeat: more than are visible next to each other
_GOLDEN = 0.6180339887498949  # golden ratio, in turns of hue: consecutive colours differ much
_LIGHTNESSES, _SATURATION = (0.7, 0.4, 0.55), 0.75


def label_colors(class_colors: Sequence[str]) -> dict[int | None, np.ndarray] | None:
    """Return a colour for each label, whose number is that of its class.

    Parameters
    ----------
    class_colors : sequence of str
        Colours of class 1, 2, …, which end with ``rrggbb``.

    Returns
    -------
    dict of int or None to ndarray of shape (4,), or None
        Colours by label, 0 transparent, with the colour of labels beyond the classes under None. None if there are
        too many classes.
    """
    if len(class_colors) > MAX_COLORS:
        return None
    colors: dict[int | None, np.ndarray] = {0: np.zeros(4), None: np.ones(4)}
    shown = [np.array([*bytes.fromhex(color[-6:]), 255]) / 255 for color in class_colors]
    return colors | dict(enumerate(shown, 1))


def repeated_colors() -> np.ndarray:
    """Return colours from 0 to 1, shape (n, 4), to cycle through for any number of labels; the first is transparent."""
    hues = _GOLDEN * np.arange(_N_REPEATED) % 1
    lightnesses = np.resize(_LIGHTNESSES, _N_REPEATED)
    colors = [hls_to_rgb(hue, lightness, _SATURATION) for hue, lightness in zip(hues, lightnesses, strict=True)]
    return np.vstack([np.zeros((1, 4)), np.insert(np.array(colors), 3, 1.0, axis=1)])
