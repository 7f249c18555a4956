"""Colours that tell classes apart, over an image and for colour-blind eyes."""

from __future__ import annotations

from colorsys import hls_to_rgb

import numpy as np

# M. Okabe and K. Ito, "Color Universal Design", 2008, without black; grey stands last. Ordered so that the first ones
# differ most.
_OKABE_ITO = ("e69f00", "56b4e9", "009e73", "f0e442", "0072b2", "d55e00", "cc79a7", "999999")
# Nobody can tell more classes apart.
MAX_COLORS = 256
# CIEDE2000 difference from which a palette's closest colours can be told apart over an image.
_MIN_DIFFERENCE = 10.0
_N_REPEATED = 60  # colours until they repeat: more than are visible next to each other
_GOLDEN = 0.6180339887498949  # golden ratio, in turns of hue: consecutive colours differ much
_LIGHTNESSES, _SATURATION = (0.7, 0.4, 0.55), 0.75


def label_colors(n_classes: int, first: int, palette: np.ndarray | None = None) -> dict[int | None, np.ndarray] | None:
    """Return a colour for each label.

    Parameters
    ----------
    n_classes : int
        Number of classes.
    first : int
        Label of the first class; label 0 is transparent.
    palette : ndarray, shape (n_classes, 3), optional
        The classes' own colours, from 0 to 1, used if they can be told apart.

    Returns
    -------
    dict of int or None to ndarray of shape (4,), or None
        Colours by label, with the colour of all other labels under None; None if there are too many classes.
    """
    if n_classes > MAX_COLORS:
        return None
    shown = palette[1 - first :] if palette is not None else None
    if shown is None or not _differ(shown):
        shown = qualitative(n_classes - 1 + first)
    colors: dict[int | None, np.ndarray] = {0: np.zeros(4), None: np.ones(4)}
    return colors | {label: np.append(color, 1.0) for label, color in enumerate(shown, 1)}


def qualitative(n: int) -> np.ndarray:
    """Return n clearly different colours from 0 to 1, shape (n, 3).

    Up to 8 colours are those of Okabe and Ito, which colour-blind people can tell apart. More are hues of alternating
    lightness.
    """
    if n <= len(_OKABE_ITO):
        return np.array([list(bytes.fromhex(color)) for color in _OKABE_ITO[:n]]).reshape(n, 3) / 255
    hues = _GOLDEN * np.arange(n) % 1
    colors = zip(hues, np.resize(_LIGHTNESSES, n), strict=True)
    return np.array([hls_to_rgb(hue, lightness, _SATURATION) for hue, lightness in colors])


def repeated_colors() -> np.ndarray:
    """Return colours from 0 to 1, shape (n, 4), to cycle through for any number of labels; the first is transparent."""
    return np.vstack([np.zeros((1, 4)), np.insert(qualitative(_N_REPEATED), 3, 1.0, axis=1)])


def _differ(colors: np.ndarray) -> bool:
    """Return whether each two colours can be told apart."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    lab = rgb2lab(colors)
    one, other = np.triu_indices(len(colors), 1)
    return bool(np.all(deltaE_ciede2000(lab[one], lab[other]) >= _MIN_DIFFERENCE))
