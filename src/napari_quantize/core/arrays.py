"""Kinds of images: arrays in memory, lazy arrays, arrays on disk, and levels of a pyramid.

dask, zarr and h5py are not imported here: an array of theirs exists only where they are loaded.
"""

from __future__ import annotations

import math
import mmap
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeGuard

import numpy as np

MIN_LAZY_MEMMAP = 2**31
"""Bytes from which on a memory-mapped array is lazy: its result is not made in memory."""

# Arrays on disk are read in blocks of whole chunks of about this size: many small reads cost more than few large ones.
_BLOCK_BYTES = 2**25


def is_lazy(array: object) -> bool:
    """Return whether an array is dask's."""
    dask_array = sys.modules.get("dask.array")
    return dask_array is not None and isinstance(array, dask_array.Array)


def is_pyramid(image: object) -> TypeGuard[Sequence[Any]]:
    """Return whether an image is a list of pyramid levels, like napari's multiscale data.

    Raises
    ------
    ValueError
        If it is a list of arrays that are no levels of one image.
    """
    if isinstance(image, np.ndarray | str | bytes) or not isinstance(image, Sequence) or not len(image):
        return False
    if not all(hasattr(level, "shape") and hasattr(level, "dtype") and len(level.shape) > 0 for level in image):
        return False
    shapes = [tuple(level.shape) for level in image]
    dtypes = {np.dtype(level.dtype) for level in image}
    falls = all(
        len(one) == len(other) and all(a >= b for a, b in zip(one, other, strict=True)) and one != other
        for one, other in pairwise(shapes)
    )
    if not falls or len(dtypes) > 1:
        kinds = ", ".join(f"{shape} of {np.dtype(level.dtype)}" for shape, level in zip(shapes, image, strict=True))
        raise ValueError(
            f"a list of arrays must be the levels of one image, from large to small: {kinds:.200}; "
            "join images of one shape with numpy.stack"
        )
    return True


def as_array(image: Any, whole: int | None = None) -> Any:
    """Return an image as an array of numpy or dask, without reading what is lazy or on disk.

    Parameters
    ----------
    image : array_like
        An array, what numpy makes an array of, an array on disk with `shape`, `dtype` and `chunks` (zarr, h5py), or
        levels of a pyramid, of which the first is returned.
    whole : int, optional
        Axis along which blocks of an array on disk are not divided.

    Returns
    -------
    ndarray or dask array
        A dask array for a dask array, an array on disk, and a memory-mapped array of 2 GB or more.
    """
    if is_lazy(image):
        return image
    if isinstance(image, np.memmap) and image.nbytes >= MIN_LAZY_MEMMAP:
        return _from_store(_MappedFile(image), (), whole)
    if isinstance(image, np.ndarray):
        return np.asarray(image)
    if is_pyramid(image):
        return as_array(image[0], whole)
    if all(hasattr(image, name) for name in ("shape", "dims", "data")):  # xarray's, around an array of numpy or dask
        return as_array(image.data, whole) if is_lazy(image.data) else np.asarray(image)
    if all(hasattr(image, name) for name in ("shape", "dtype", "chunks", "__getitem__")):
        # Chunks of zarr lie in larger files, shards, which are read as a whole.
        return _from_store(image, getattr(image, "shards", None) or image.chunks or (), whole)
    return np.asarray(image)


def is_masked(image: Any) -> bool:
    """Return whether an array, or one of a list, is masked; dask's are where their blocks are."""
    if isinstance(image, Sequence) and not isinstance(image, str | bytes):
        return any(isinstance(level, np.ma.MaskedArray) for level in image) or (
            is_pyramid(image) and is_masked(image[0])
        )
    return isinstance(image, np.ma.MaskedArray) or isinstance(getattr(image, "_meta", None), np.ma.MaskedArray)


class _MappedFile:
    """A memory-mapped array that is no array of numpy, because dask copies these whole.

    Pickled for another process, it opens the file there.
    """

    def __init__(self, array: np.memmap) -> None:
        self._array = array
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim

    def __getitem__(self, index: Any) -> np.ndarray:
        return np.asarray(self._array[index])

    def __reduce__(self) -> tuple[Any, ...]:
        array = self._array
        root: Any = array
        while isinstance(root.base, np.memmap):
            root = root.base
        # What was written to a map of mode "c" is in memory only.
        if array.filename is None or array.mode == "c" or not isinstance(root.base, mmap.mmap):
            return _MappedFile, (array,)
        offset = root.offset + array.ctypes.data - root.ctypes.data
        return _open_mapped, (array.filename, offset, array.shape, array.strides, array.dtype)


def _open_mapped(filename: str, offset: int, shape: Any, strides: Any, dtype: np.dtype) -> _MappedFile:
    whole = np.memmap(filename, np.uint8, mode="r")
    array = np.ndarray(shape, dtype, whole, offset, strides).view(np.memmap)
    array.filename = whole.filename  # for the next process: a scheduler passes it on
    return _MappedFile(array)


def _from_store(store: Any, chunks: Sequence[int], whole: int | None) -> Any:
    import dask.array as da

    return da.from_array(store, _block_shape(store.shape, store.dtype, chunks, whole), name=False)


def _block_shape(shape: Sequence[int], dtype: np.dtype, chunks: Sequence[int], whole: int | None) -> tuple[int, ...]:
    """Return the shape of blocks that are read at once: all along the axis `whole`, whole chunks along the others."""
    block = [min(chunk, length) for chunk, length in zip(chunks or [1] * len(shape), shape, strict=True)]
    if whole is not None and -len(shape) <= whole < len(shape):
        block[whole] = shape[whole]
    for axis in reversed(range(len(shape))):
        room = _BLOCK_BYTES // max(1, math.prod(block) * np.dtype(dtype).itemsize)
        block[axis] = min(shape[axis], block[axis] * max(1, room))
    return tuple(max(1, length) for length in block)


def whole_along(array: Any, axis: int) -> Any:
    """Return a dask array whose chunks are not divided along an axis; along the others they are not changed.

    So no chunk of a file is read twice, or written by two tasks when the result is stored in the same chunks.
    """
    return array if array.numblocks[axis] == 1 else array.rechunk({axis: -1})
