"""Colours of classes on the screen, the same in histogram, table and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.plots.loading import load_matplotlib

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook

# Colours of two channels on a screen: magenta and green, which colour-blind eyes can tell apart.
_TWO_CHANNEL_COLORS = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def class_colors(
    codebook: Codebook, channel: int, *, rgb: bool, white: float, channel_colors: np.ndarray | None = None
) -> tuple[str, ...]:
    """Return the colours of a codebook's classes, as ``#rrggbb``, or ``#aarrggbb`` as Qt reads them.

    Parameters
    ----------
    codebook : Codebook
        The codebook.
    channel : int
        Channel whose levels are meant; 0 if all have the same, or if classes are colours.
    rgb : bool
        Whether the channels are red, green and blue.
    white : float
        Value of a full channel of red, green and blue.
    channel_colors : ndarray, shape (C, 3), optional
        Colour of each channel of colours, from 0 to 1, if each is a layer of its own.
    """
    if codebook.mode == "color":
        return screen_colors(codebook.outputs[0], rgb=rgb, white=white, channel_colors=channel_colors)
    load_matplotlib()
    from napari_quantize.plots.histogram import RGB_COLORS, bar_colors

    levels = codebook.levels[min(channel, len(codebook.levels) - 1)]
    has_own_levels = rgb and len(codebook.levels) > 1
    colors = bar_colors(len(levels), RGB_COLORS[channel % 3] if has_own_levels else None)
    parts = np.rint(255 * np.asarray(colors)).astype(int).tolist()
    return tuple(f"#{alpha:02x}{red:02x}{green:02x}{blue:02x}" for red, green, blue, alpha in parts)


def screen_colors(
    palette: np.ndarray, *, rgb: bool, white: float, channel_colors: np.ndarray | None = None
) -> tuple[str, ...]:
    """Return the colours of a palette on the screen, as ``#rrggbb``.

    Channels other than red, green and blue are stretched to their full range and mixed from `channel_colors`.

    Parameters
    ----------
    palette : ndarray, shape (n, C)
        Colours in data units.
    rgb : bool
        Whether the channels are red, green and blue.
    white : float
        Value of a full channel of red, green and blue.
    channel_colors : ndarray, shape (C, 3), optional
        Colour of each other channel, from 0 to 1.
    """
    if rgb:
        mixed = palette / white
    else:
        low, high = palette.min(axis=0), palette.max(axis=0)
        scaled = (palette - low.astype(float)) / np.maximum(high.astype(float) - low, np.finfo(float).tiny)
        n_channels = palette.shape[1]
        if channel_colors is None:
            channel_colors = {2: _TWO_CHANNEL_COLORS, 3: np.eye(3)}.get(
                n_channels, np.full((n_channels, 3), 1 / n_channels)
            )
        mixed = scaled @ channel_colors
    parts = np.rint(255 * np.clip(mixed, 0, 1)).astype(int)
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in parts.tolist())
