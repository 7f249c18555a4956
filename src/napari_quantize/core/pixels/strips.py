"""A plane cut into strips that overlap, so that what is seen through windows needs little memory."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from napari_quantize.core.pixels import pixels
from napari_quantize.core.pixels.pixels import Index


def strips(height: int, width: int, size: int) -> list[Index]:
    """Cut a plane into strips of rows.

    Parameters
    ----------
    height, width : int
        Size of the plane.
    size : int
        Rows of a window, at most `height`.

    Returns
    -------
    list of tuple of slice
        Each window of `size` rows lies in exactly one strip, in the order of the plane's rows.
    """
    n_windows = height - size + 1
    # Neighbours share size - 1 rows, which are worked on twice: thin strips of a wide plane would cost more than twice.
    step = max(pixels.BLOCK // width, 4 * size)
    return [(slice(start, min(start + step, n_windows) + size - 1),) for start in range(0, n_windows, step)]


def whole_windows(visible: np.ndarray, size: int) -> np.ndarray:
    """Return which windows of `size` × `size` pixels hold visible ones only: one row and column for each window."""
    in_rows = np.all(sliding_window_view(visible, size, axis=1), axis=-1)
    whole: np.ndarray = np.all(sliding_window_view(in_rows, size, axis=0), axis=-1)
    return whole
