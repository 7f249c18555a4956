"""Classes as intervals of values and as numbers of pixels: what other programs need to find the same classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_quantize.core.lookup.levels import borders, level_lookup, rounded_down
from napari_quantize.core.request.request import Tick, dtype_limits

_CHUNK = 2**20


@dataclass(frozen=True)
class Intervals:
    """The classes of one set of levels, in images of one dtype. All arrays have one entry a class.

    Attributes
    ----------
    centers : ndarray of float64, shape (n,)
        Ascending, unrounded.
    outputs : ndarray of the image's dtype, shape (n,)
        What the pixels of a class get.
    borders : ndarray of float64, shape (n - 1,)
        The largest number that belongs to a class and not to the next one.
    lower, upper : ndarray, shape (n,)
        The smallest and the largest value that a pixel of the class can have, both inclusive. Of the image's dtype
        (bool as uint8); in float images the first begins at -inf and the last ends at inf. Where `lower` is larger
        than `upper`, no value of this dtype lies in the class.
    """

    centers: np.ndarray
    outputs: np.ndarray
    borders: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def intervals(centers: np.ndarray, dtype: np.dtype) -> Intervals:
    """Return which values of `dtype` belong to which of these ascending centers, as the look-up decides."""
    limits = borders(centers)
    outputs = level_lookup(centers, dtype).outputs
    if dtype.kind == "f":
        own = dtype.newbyteorder("=")
        last = rounded_down(limits, own)
        ends = np.array([-np.inf, np.inf], own)
        first = np.nextafter(last, ends[1])
    else:
        own = np.dtype(np.uint8) if dtype.kind == "b" else dtype.newbyteorder("=")
        last = np.floor(limits).astype(own)
        ends = np.array(dtype_limits(dtype), own)
        first = last + own.type(1)
    lower, upper = np.concatenate((ends[:1], first)), np.concatenate((last, ends[1:]))
    return Intervals(centers, outputs, limits, lower, upper)


def count_indices(indices: np.ndarray, n_classes: int, tick: Tick) -> np.ndarray:
    """Return how often each class occurs among indices as `Codebook.encode` returns them.

    Parameters
    ----------
    indices : ndarray of unsigned integers
        Those from `n_classes` on stand for what takes no part, and are not counted.
    n_classes : int
        How many classes there are.
    tick : callable
        Called between chunks.

    Returns
    -------
    ndarray of int64, shape (n_classes,)
    """
    flat = indices.reshape(-1)
    counts = np.zeros(n_classes, dtype=np.int64)
    # In chunks, because numpy makes 8-byte integers of all that it counts.
    for start in range(0, len(flat), _CHUNK):
        tick()
        counts += np.bincount(flat[start : start + _CHUNK], minlength=n_classes)[:n_classes]
    return counts
