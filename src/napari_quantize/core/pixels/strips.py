"""Overlapping strips of a plane, so that work with sliding windows needs little memory."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from napari_quantize.core.pixels import pixels
from napari_quantize.core.pixels.pixels import Index


def strips(height: int, width: int, size: int) -> list[Index]:
    """Divide a plane into overlapping strips of rows.

    Parameters
    ----------
    height, width : int
        Size of the plane.
    size : int
        Height of a window, at most `height`.

    Returns
    -------
    list of tuple of slice
        Strips from top to bottom. Each window of `size` rows lies in exactly one of them.
    """
    n_windows = height - size + 1
    # Neighbouring strips share size - 1 rows, which are processed twice. With at least 4 · size rows of its own, a
    # strip of a wide plane costs at most a quarter more.
    step = max(pixels.BLOCK // width, 4 * size)
    return [(slice(start, min(start + step, n_windows) + size - 1),) for start in range(0, n_windows, step)]


def whole_windows(visible: np.ndarray, size: int) -> np.ndarray:
    """Return which windows of `size` × `size` pixels are fully visible.

    Parameters
    ----------
    visible : ndarray of bool, shape (M, N)
        Visible pixels.
    size : int
        Height and width of a window.

    Returns
    -------
    ndarray of bool, shape (M - size + 1, N - size + 1)
        One entry for each window, at the position of its first pixel.
    """
    in_rows = np.all(sliding_window_view(visible, size, axis=1), axis=-1)
    whole: np.ndarray = np.all(sliding_window_view(in_rows, size, axis=0), axis=-1)
    return whole
