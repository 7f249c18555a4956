"""Classes as intervals of values, with which other programs find the same classes, and numbers of their pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_quantize.core.lookup.levels import borders, level_lookup, rounded_down
from napari_quantize.core.request.request import Tick, dtype_limits

_CHUNK = 2**20


@dataclass(frozen=True)
class Intervals:
    """Intervals of the classes of one set of levels, in images of one dtype. Arrays have one entry for each class.

    Attributes
    ----------
    centers : ndarray of float64, shape (n,)
        Ascending, unrounded.
    outputs : ndarray of the image's dtype, shape (n,)
        Value of the quantized pixels of a class.
    borders : ndarray of float64, shape (n - 1,)
        Largest number that belongs to a class and not to the next one.
    lower, upper : ndarray, shape (n,)
        Smallest and largest value of a class, both inclusive, in the image's dtype (uint8 for bool). In float images,
        the first class begins at -inf and the last ends at inf. If `lower` is larger than `upper`, no value of this
        dtype lies in the class.
    """

    centers: np.ndarray
    outputs: np.ndarray
    borders: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def intervals(centers: np.ndarray, dtype: np.dtype, limits: np.ndarray | None = None) -> Intervals:
    """Return the interval of values that belongs to each center, exactly as the look-up assigns values.

    Parameters
    ----------
    centers : ndarray of float64, shape (n,)
        Ascending centers.
    dtype : numpy.dtype
        Dtype of the image.
    limits : ndarray of float64, shape (n - 1,), optional
        Borders between the centers; by default, a value belongs to the nearest center.

    Returns
    -------
    Intervals
        Borders and both ends of each class.
    """
    outputs = level_lookup(centers, dtype, limits).outputs
    limits = borders(centers) if limits is None else limits
    if dtype.kind == "f":
        native = dtype.newbyteorder("=")
        last = rounded_down(limits, native)
        ends = np.array([-np.inf, np.inf], native)
        first = np.nextafter(last, ends[1])
    else:
        native = np.dtype(np.uint8) if dtype.kind == "b" else dtype.newbyteorder("=")
        last = np.floor(limits).astype(native)
        ends = np.array(dtype_limits(dtype), native)
        first = last + native.type(1)  # no overflow: a center, and so a larger value, lies above each border
    lower, upper = np.concatenate((ends[:1], first)), np.concatenate((last, ends[1:]))
    return Intervals(centers, outputs, limits, lower, upper)


def count_indices(indices: np.ndarray, n_classes: int, tick: Tick) -> np.ndarray:
    """Count the pixels of each class in indices, as `Codebook.encode` returns them.

    Parameters
    ----------
    indices : ndarray of unsigned integers
        Indices from `n_classes` on mark pixels without a class, which are not counted.
    n_classes : int
        Number of classes.
    tick : callable
        Called between chunks.

    Returns
    -------
    ndarray of int64, shape (n_classes,)
        Number of pixels of each class.
    """
    flat = indices.reshape(-1)
    counts = np.zeros(n_classes, dtype=np.int64)
    # In chunks, because `bincount` converts its input to 8-byte integers.
    for start in range(0, len(flat), _CHUNK):
        tick()
        counts += np.bincount(flat[start : start + _CHUNK], minlength=n_classes)[:n_classes]
    return counts
