"""Label images of a codebook's classes and of connected objects, and measurements of labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.classes.planes import iterate_planes
from napari_quantize.core.classes.watershed import separate_touching
from napari_quantize.core.pixels.pixels import Pixels, pixel_views
from napari_quantize.core.request.request import no_tick

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Tick

# Pixels processed at a time: few enough that a thread waiting for the interpreter waits only milliseconds.
_STEP = 2**18


@dataclass(frozen=True)
class ObjectMeasures:
    """Measurements of each label, from label 0 on.

    Attributes
    ----------
    pixels : ndarray of int64, shape (n,)
        Number of pixels of a label that are finite in some channel.
    means : ndarray of float64, shape (n, C)
        Mean of the finite values of the image in each channel; NaN for a label without any.
    """

    pixels: np.ndarray
    means: np.ndarray


def classify(codebook: Codebook, image: np.ndarray, *, foreground: int = 2, tick: Tick = no_tick) -> np.ndarray:
    """Return the number of each value's class, or of each pixel's class if classes are colours.

    Classes are numbered 1, 2, … from dark to bright.

    Parameters
    ----------
    codebook : Codebook
        The codebook.
    image : ndarray
        The image it was learnt from, or another image of that kind.
    foreground : int
        Number of the first class of the foreground. Darker classes are background, 0; with 1, there is none.
    tick : callable, optional
        Called between steps. An exception that it raises stops the work.

    Returns
    -------
    ndarray of unsigned integers, same shape (without the channel axis if the codebook holds colours)
        Labels in the smallest dtype that holds the number of classes. What has no class is 0: NaN, infinities, alpha,
        and pixels whose alpha is 0. If channels have levels of their own, so have their values classes of their own.

    Raises
    ------
    ValueError, TypeError
        If the image does not fit the codebook.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_quantize import classify, fit
    >>> image = np.array([[0.0, 0.1, np.nan], [5.0, 9.0, 9.1]])
    >>> classify(fit(image, 3), image)
    array([[0, 0, 0],
           [2, 3, 3]], dtype=uint8)
    """
    n_classes = max(map(len, codebook.levels))
    codes = codebook.encode(image, tick=tick)
    # The last entry is for what has no class: its index is n_classes.
    table = np.append(np.arange(1, n_classes + 1), 0).astype(np.min_scalar_type(n_classes))
    table[table < foreground] = 0
    labels = np.empty(codes.shape, table.dtype)
    for part in _parts(codes.size, tick):
        np.take(table, codes.reshape(-1)[part], out=labels.reshape(-1)[part], mode="clip")
    return labels


def find_objects(
    classes: np.ndarray,
    axes: Sequence[int],
    *,
    smallest: int = 1,
    separate: bool = False,
    spacing: Sequence[float] | None = None,
    tick: Tick = no_tick,
) -> tuple[np.ndarray, np.ndarray]:
    """Label the connected objects of each class.

    Pixels that touch at a side, an edge or a corner are connected. Objects of different classes are never connected.

    Parameters
    ----------
    classes : ndarray of unsigned integers
        0 is background.
    axes : sequence of int
        Non-negative axes along which pixels can be neighbours, at most 3.
    smallest : int
        Objects of fewer pixels become background.
    separate : bool
        Whether connected objects are cut at their necks, where round objects touch.
    spacing : sequence of float, optional
        Size of a pixel along each of `axes`, by which `separate` measures distances; 1 by default.
    tick : callable, optional
        Called between the planes or volumes along the other axes, and between the objects that are cut.

    Returns
    -------
    objects : ndarray of int32 or int64, same shape
        Labels 1, 2, … in the order of planes or volumes, and within each in the order of the objects' first pixels.
    kinds : ndarray, shape (number of objects + 1,)
        Class of each object; 0 for label 0.

    References
    ----------
    ``skimage.measure.label``: C. Fiorio and J. Gustedt, "Two linear time Union-Find strategies for image processing",
    Theoretical Computer Science 154 (1996).
    """
    from skimage.measure import label

    spacing = [1.0] * len(axes) if spacing is None else [spacing[list(axes).index(axis)] for axis in sorted(axes)]
    objects = np.zeros(classes.shape, np.int32 if classes.size < 2**31 else np.int64)  # at most one a pixel
    found = [np.zeros(1, classes.dtype)]
    n_found = 0
    for source, target in iterate_planes(axes, tick, classes, objects):
        plane = np.ascontiguousarray(source)
        # Without axes of length 1: `label` takes the pixels of a volume in another order if its last axis is one.
        regions = label(np.atleast_1d(plane.squeeze()), background=0).reshape(plane.shape)
        if separate:
            regions = _in_order_of_first_pixels(separate_touching(regions, spacing, tick=tick))
        sizes = np.bincount(regions.reshape(-1))
        large = np.flatnonzero(sizes[1:] >= smallest) + 1
        numbers = np.zeros(len(sizes), objects.dtype)
        numbers[large] = np.arange(n_found + 1, n_found + 1 + len(large))
        kinds = np.zeros(len(sizes), classes.dtype)
        flat = np.empty(plane.size, objects.dtype)
        for part in _parts(plane.size, tick):
            region = regions.reshape(-1)[part]
            # Regions hold equal values only, so whichever pixel of a region is written last gives its class.
            kinds[region] = plane.reshape(-1)[part]
            np.take(numbers, region, out=flat[part], mode="clip")
        target[...] = flat.reshape(plane.shape)
        found.append(kinds[large])
        n_found += len(large)
    return objects, np.concatenate(found)


def _in_order_of_first_pixels(regions: np.ndarray) -> np.ndarray:
    """Renumber regions 1, 2, … in the order of their first pixels."""
    flat = regions.reshape(-1)
    first = np.full(int(flat.max(initial=0)) + 1, flat.size)
    first[flat[::-1]] = np.arange(flat.size - 1, -1, -1)  # of several entries, numpy keeps the last: the first pixel
    first[0] = -1
    numbers = np.empty(len(first), regions.dtype)
    numbers[np.argsort(first)] = np.arange(len(first))
    renumbered: np.ndarray = numbers[regions]
    return renumbered


def measure_objects(
    labels: np.ndarray,
    n: int,
    image: np.ndarray,
    *,
    channel_axis: int | None = None,
    alpha: bool = False,
    tick: Tick = no_tick,
) -> ObjectMeasures:
    """Count the pixels of each label, and compute their mean in the image.

    NaN and infinities are left out of the mean of their channel, and pixels whose alpha is 0 out of all means.

    Parameters
    ----------
    labels : ndarray of integers, the image's shape without its channel axis
        Labels from 0 to n - 1.
    n : int
        Number of labels, 0 among them.
    image : ndarray
        Image whose means are computed.
    channel_axis : int or None
        Axis whose entries have separate means; None for one channel.
    alpha : bool
        Whether the last channel is alpha, which is left out.
    tick : callable, optional
        Called between blocks.

    Returns
    -------
    ObjectMeasures
        Numbers of pixels and means of each label.

    Raises
    ------
    IndexError
        If a label is n or larger.
    """
    expanded = labels if channel_axis is None else np.expand_dims(labels, channel_axis)
    values, label_view = pixel_views((image, expanded), channel_axis)
    pixels = Pixels(values, alpha)
    missing, sums = (np.zeros((pixels.n_channels, n), dtype) for dtype in (np.int64, np.float64))
    n_pixels = np.zeros(n, np.int64)
    for index in pixels.blocks():
        tick()
        ids, block = label_view[index].reshape(-1), values[index].reshape(-1, values.shape[-1])
        if alpha:
            visible = block[:, -1] != 0
            ids, block = ids[visible], block[visible]
        ids = ids.astype(np.intp)
        finite = _finite(block[:, : pixels.n_channels])
        if finite is not None:
            some = finite.any(axis=1)
            ids, block, finite = ids[some], block[some], finite[some]
        np.add.at(n_pixels, ids, 1)
        # In one thread and in the order of the blocks, so that sums of floats are the same in each run.
        for channel in range(pixels.n_channels):
            own, column = ids, block[:, channel]
            if finite is not None:
                present = finite[:, channel]
                np.add.at(missing[channel], ids[~present], 1)
                own, column = ids[present], column[present]
            np.add.at(sums[channel], own, column.astype(np.float64))
    with np.errstate(invalid="ignore"):
        return ObjectMeasures(n_pixels, (sums / (n_pixels - missing)).T)


def centroids(objects: np.ndarray, pixels: np.ndarray, tick: Tick = no_tick) -> np.ndarray:
    """Return the centroid of each label, in pixels.

    Parameters
    ----------
    objects : ndarray of integers
        Labels; 0 is background.
    pixels : ndarray of int64, shape (n,)
        Number of pixels of each label.
    tick : callable, optional
        Called between steps.

    Returns
    -------
    ndarray of float64, shape (n, objects.ndim)
        Mean indices along each axis; NaN for background and for labels without pixels.
    """
    sums = np.zeros((objects.ndim, len(pixels)))  # of integers: exact up to 2**53
    flat = objects.reshape(-1)
    for part in _parts(flat.size, tick):
        inside = np.flatnonzero(flat[part])
        labels = flat[part][inside].astype(np.intp)
        for total, along in zip(sums, np.unravel_index(inside + part.start, objects.shape), strict=True):
            np.add.at(total, labels, along.astype(np.float64))
    sums[:, 0] = np.nan
    with np.errstate(invalid="ignore"):
        return np.asarray((sums / pixels).T)


def _finite(block: np.ndarray) -> np.ndarray | None:
    """Return flags of the values of a block that are finite; None if all are, which saves taking them out."""
    flags = np.isfinite(block) if block.dtype.kind == "f" else None
    return None if flags is None or flags.all() else flags


def _parts(size: int, tick: Tick) -> Iterator[slice]:
    """Divide a row of pixels into parts, and call `tick` before each."""
    for start in range(0, size, _STEP):
        tick()
        yield slice(start, min(start + _STEP, size))
