"""Separation of touching objects: a watershed of the distance to the background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.request.request import no_tick

if TYPE_CHECKING:
    from napari_quantize.core.request.request import Tick

# Two squares of 3 × 3 pixels with a bridge of one pixel: the smallest region whose distances have two maxima.
_SMALLEST = 19


def separate_touching(regions: np.ndarray, spacing: Sequence[float], *, tick: Tick = no_tick) -> np.ndarray:
    """Cut each region at its necks, where objects touch.

    The distance of a pixel to the pixels outside of its region has a maximum in the middle of each object. A maximum
    counts if it lies more than one pixel above the neck to a higher one, so that rough edges make no objects.

    Parameters
    ----------
    regions : ndarray of integers, 2-D or 3-D
        Regions 1, 2, …, n, connected through sides, edges or corners; 0 is background.
    spacing : sequence of float
        Size of a pixel along each axis; the smallest one is the unit of distances.
    tick : callable, optional
        Called before each region. An exception that it raises stops the work.

    Returns
    -------
    ndarray, same shape and dtype
        A new array. One part of a cut region keeps its number; the other parts have numbers from n + 1 on. Parts are
        connected as regions are.

    References
    ----------
    ``skimage.segmentation.watershed``, ``skimage.morphology.reconstruction``; P. Soille, "Morphological Image
    Analysis", 2nd ed., 2003, chapters 6 and 9.
    """
    from scipy.ndimage import distance_transform_edt
    from scipy.ndimage import find_objects as bounding_boxes
    from skimage.measure import label
    from skimage.morphology import local_maxima, reconstruction
    from skimage.segmentation import watershed

    separated = regions.copy()
    sizes = np.bincount(regions.reshape(-1))
    n_regions = len(sizes) - 1
    sampling = np.asarray(spacing, float) / min(spacing)
    for number, box in enumerate(bounding_boxes(regions), 1):
        if box is None or sizes[number] < _SMALLEST:
            continue
        tick()
        # With a margin of one pixel, except at the image's edge, where objects may go on.
        box = tuple(slice(max(side.start - 1, 0), side.stop + 1) for side in box)
        inside = regions[box] == number
        if inside.all():  # no outside to measure distances to
            continue
        distance = distance_transform_edt(inside, sampling=sampling)
        # `h_maxima` would return each of several maxima of one height, whatever lies between them.
        centers = label(local_maxima(reconstruction(distance - 1, distance)) & inside)
        n_parts = int(centers.max())
        if n_parts < 2:
            continue
        tick()
        # Through corners, as regions are connected: pixels that touch only there would else be left out of the flood.
        parts = watershed(-distance, centers, connectivity=regions.ndim, mask=inside)
        further = parts > 1
        separated[box][further] = n_regions + parts[further] - 1
        n_regions += n_parts - 1
    return separated
