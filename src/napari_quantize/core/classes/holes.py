"""Filling of holes in labels: background that is enclosed within a plane or volume."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.classes.planes import iterate_planes
from napari_quantize.core.request.request import no_tick

if TYPE_CHECKING:
    from napari_quantize.core.request.request import Tick


def fill_holes(
    labels: np.ndarray, axes: Sequence[int], *, fillable: np.ndarray | None = None, tick: Tick = no_tick
) -> np.ndarray:
    """Fill holes in labels: background from which no path leads to the edge of its plane or volume.

    Paths go through sides only, so that a border of pixels that touch at corners encloses a hole.

    Parameters
    ----------
    labels : ndarray of integers
        0 is background.
    axes : sequence of int
        Axes of a plane or volume.
    fillable : ndarray of bool, same shape, optional
        Pixels that can be filled; all by default.
    tick : callable, optional
        Called between the planes or volumes along the other axes.

    Returns
    -------
    ndarray, same shape and dtype
        A new array, in which a hole's pixels have the label that is nearest to them.

    See Also
    --------
    scipy.ndimage.binary_fill_holes : fills the same holes of a mask.
    """
    from scipy.ndimage import distance_transform_edt

    filled = labels.copy()
    if fillable is None:
        fillable = np.broadcast_to(np.True_, labels.shape)
    for plane, allowed in iterate_planes(axes, tick, filled, fillable):
        holes = _find_holes(plane == 0) & allowed
        if not holes.any():
            continue
        tick()
        nearest = distance_transform_edt(plane == 0, return_distances=False, return_indices=True)
        plane[holes] = plane[tuple(along[holes] for along in nearest)]
    return filled


def _find_holes(background: np.ndarray) -> np.ndarray:
    """Return the pixels of regions of the background that touch no edge."""
    from skimage.measure import label

    # `binary_fill_holes` dilates step by step, which takes seconds for large planes.
    regions = label(background, connectivity=1)
    enclosed = np.ones(int(regions.max()) + 1, dtype=bool)
    enclosed[0] = False
    for axis in range(regions.ndim):
        for end in (0, -1):
            enclosed[np.take(regions, end, axis=axis)] = False
    holes: np.ndarray = enclosed[regions]
    return holes
