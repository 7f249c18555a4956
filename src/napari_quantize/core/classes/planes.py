"""The planes or volumes of arrays, which are labelled, filled and smoothed one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_quantize.core.request.request import Tick


def iterate_planes(axes: Sequence[int], tick: Tick, *arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield the views of arrays at each plane or volume.

    Parameters
    ----------
    axes : sequence of int
        Axes of a plane or volume. The views have them in ascending order.
    tick : callable
        Called before each plane or volume.
    *arrays : ndarray
        Arrays of one shape.

    Yields
    ------
    tuple of ndarray
        One view of each array.
    """
    n_axes = arrays[0].ndim
    others = [axis for axis in range(n_axes) if axis not in axes]
    ordered = [array.transpose(*others, *sorted(axes)) for array in arrays]
    for index in np.ndindex(ordered[0].shape[: len(others)]):
        tick()
        yield tuple(array[index] for array in ordered)
