"""Views of an image as pixels with channels last, and their division into cache-sized blocks for threads."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np

from napari_quantize.core.lookup.color_spaces import has_fixed_white, white_of
from napari_quantize.core.pixels.masks import Ignored
from napari_quantize.core.request.ignore import IgnoredRange
from napari_quantize.core.request.request import Mode, Tick, no_tick

B = TypeVar("B")
T = TypeVar("T")
Index = tuple[slice, ...]
Batch = list[Index]
Group = slice

# Bytes of a block. Its intermediate arrays, such as 8 bytes of index for each value or pair of bytes, must stay in the
# cache. They must also be small enough that the allocator reuses their memory: new pages cost as much as the work.
BLOCK = 2**18
# Blocks in a task: handing a task to a thread takes about as long as the look-up of one block.
BATCH = 8
# Blocks start at multiples of this where possible, so that pairs of bytes are aligned.
_ALIGNED = 64


@dataclass(frozen=True)
class Pixels:
    """A view of an image as pixels.

    Attributes
    ----------
    array : ndarray, shape (..., C)
        View with the channels last (C = 1 where the image has no channel axis), alpha included.
    alpha : bool
        Whether the last channel is alpha.
    n_jobs : int or None
        Number of threads; None for one thread per processor.
    mask : ndarray of bool, shape (..., C) or (..., 1), or None
        Values, or whole pixels, that may be learnt from; None for all.
    ignored : Ignored or None
        Values among these that are ignored.
    """

    array: np.ndarray
    alpha: bool = False
    n_jobs: int | None = None
    mask: np.ndarray | None = None
    ignored: Ignored | None = None

    @classmethod
    def of(
        cls,
        image: np.ndarray,
        channel_axis: int | None,
        alpha: bool = False,
        n_jobs: int | None = None,
        mask: np.ndarray | None = None,
        ignore: tuple[IgnoredRange, ...] = (),
    ) -> Pixels:
        """View `image`, and a `mask` of its shape, as pixels, without a copy."""
        ignored = Ignored(ignore, image.dtype) if ignore else None
        if mask is None:
            return cls(pixel_views((image,), channel_axis)[0], alpha, n_jobs, None, ignored)
        array, part = pixel_views((image, mask), channel_axis)
        # Selecting whole pixels is faster than selecting single values. Stride 0 marks a mask of whole pixels.
        return cls(array, alpha, n_jobs, part[..., :1] if part.strides[-1] == 0 else part, ignored)

    @property
    def n_channels(self) -> int:
        """Number of channels without alpha."""
        return int(self.array.shape[-1]) - self.alpha

    def white(self, tick: Tick = no_tick) -> float:
        """Return the value of a full channel, from all visible pixels, also those not learnt from: see `white_of`."""
        dtype = self.array.dtype
        if has_fixed_white(dtype):
            return white_of(dtype)
        visible = replace(self, mask=None, ignored=None)
        highs = visible.map(lambda index: int(visible.colors(index).max(initial=0)), tick)
        return white_of(dtype, max(highs))

    def pooled(self, mode: Mode) -> Pixels:
        """Return all values as one channel if `mode`, alpha and mask treat all channels alike, else these pixels."""
        if self.alpha or self.mask is not None or mode != "global":
            return self
        return replace(self, array=pixel_views((self.array,), None)[0])

    def groups(self, mode: Mode) -> list[Group]:
        """Return the groups of channels that share one set of centers: all channels, or each one alone."""
        if mode != "per_channel":
            return [slice(0, self.n_channels)]
        return [slice(c, c + 1) for c in range(self.n_channels)]

    def blocks(self) -> list[Index]:
        """Divide the pixels into blocks of whole pixels, in the order of memory."""
        return list(_cut(self.array.shape, (), max(1, BLOCK // self.array.itemsize)))

    def map(self, work: Callable[[Index], T], tick: Tick) -> Iterator[T]:
        """Yield ``work(block)`` for each block in order, as `map_blocks` does."""
        return map_blocks(work, self.blocks(), tick, self.n_jobs)

    def map_batches(self, work: Callable[[Batch], T], tick: Tick) -> Iterator[T]:
        """Yield ``work(batch)`` for each batch of blocks in order, as `map_blocks` does."""
        blocks = self.blocks()
        batches = (blocks[start : start + BATCH] for start in range(0, len(blocks), BATCH))
        return map_blocks(work, batches, tick, self.n_jobs)

    def learnable(self, index: Index, group: Group) -> np.ndarray:
        """Return the values of a block and a group that alpha and mask allow, including NaN and ignored values."""
        values: np.ndarray = self.array[index][..., group]
        allowed = self._allowed(index)
        if allowed is None:
            return values
        return _picked(values, allowed if allowed.shape[-1] == 1 else allowed[..., group])

    def taking_part(self, index: Index, group: Group) -> np.ndarray:
        """Return the values of a block and a group that are learnt from, as a 1-D array."""
        values = self.learnable(index, group)
        values = values[np.isfinite(values)] if values.dtype.kind == "f" else values.reshape(-1)
        return values if self.ignored is None else values.compress(~self.ignored.among(values))

    def colors(self, index: Index) -> np.ndarray:
        """Return the pixels of a block that are allowed in all channels, NaN included: one a row, without alpha."""
        block: np.ndarray = self.array[index][..., : self.n_channels]
        allowed = self._allowed(index)
        if allowed is not None:
            block = _picked(block, np.all(allowed[..., : self.n_channels], axis=-1, keepdims=True))
        rows = block.reshape(-1, self.n_channels)
        return rows if self.ignored is None else rows[~self.ignored.among(rows).any(axis=1)]

    def vectors(self, index: Index) -> np.ndarray:
        """Return the pixels of a block that are learnt from as colours: finite, and not ignored in all channels."""
        rows = replace(self, ignored=None).colors(index)
        if rows.dtype.kind == "f":
            rows = rows[np.isfinite(rows).all(axis=1)]
        return rows if self.ignored is None else rows[~self.ignored.among(rows).all(axis=1)]

    def _allowed(self, index: Index) -> np.ndarray | None:
        """Return flags of the values (..., C) or pixels (..., 1) that alpha and mask allow; None if they allow all."""
        allowed = None if self.mask is None else self.mask[index]
        if self.alpha:
            shown = self.array[index][..., -1:] != 0
            allowed = shown if allowed is None else shown & allowed
        return None if allowed is None or allowed.all() else allowed


def _picked(values: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return allowed pixels as rows, or allowed values as rows of one where `allowed` is as large as `values`."""
    # `compress` is several times as fast as boolean indexing.
    return values.reshape(allowed.size, -1).compress(allowed.reshape(-1), axis=0)


def channels_last(image: np.ndarray, channel_axis: int | None) -> np.ndarray:
    """View an image with its channels last; without a channel axis, with one channel."""
    return image[..., np.newaxis] if channel_axis is None else np.moveaxis(image, channel_axis, -1)


def pixel_views(images: tuple[np.ndarray, ...], channel_axis: int | None) -> list[np.ndarray]:
    """View images of one shape as pixels: channels last, the other axes in the order of the first image's memory.

    Parameters
    ----------
    images : tuple of ndarray
        Images of one shape.
    channel_axis : int or None
        Axis of the channels; None for one channel.

    Returns
    -------
    list of ndarray, shape (..., C)
        Views. If the other axes are contiguous in all images, they are merged into one.
    """
    views = [channels_last(image, channel_axis) for image in images]
    strides = views[0].strides
    last = len(strides) - 1
    # By descending stride: images in Fortran order and transposed ones are then read in the order of memory.
    axes = sorted(range(last), key=lambda axis: -abs(strides[axis]))
    views = [view.transpose(*axes, last) for view in views]
    if all(map(_gapless, views)):
        return [view.reshape(-1, view.shape[-1]) for view in views]
    return views


def _gapless(view: np.ndarray) -> bool:
    """Return whether all axes but the last can be merged into one without a copy."""
    # Strides of axes of length 1 have no meaning: numpy may report any.
    axes = [axis for axis in zip(view.shape[:-1], view.strides[:-1], strict=True) if axis[0] != 1]
    return all(outer == length * inner for (_, outer), (length, inner) in pairwise(axes))


def _cut(shape: tuple[int, ...], index: Index, block: int) -> Iterator[Index]:
    """Divide the axes after those of `index` into blocks of at most `block` values; the last axis stays whole."""
    axis = len(index)
    size = math.prod(shape[axis:])
    if axis == len(shape) - 1 or size <= block:
        yield index + (slice(None),) * (len(shape) - axis)
        return
    # Along an outer axis first, so that blocks are contiguous in memory.
    step = max(1, block * shape[axis] // size)
    step -= step % _ALIGNED if step > _ALIGNED else 0
    for start in range(0, shape[axis], step):
        part = slice(start, min(start + step, shape[axis]))
        if step > 1:
            yield (*index, part, *(slice(None),) * (len(shape) - axis - 1))
        else:
            yield from _cut(shape, (*index, part), block)


def count_threads() -> int:
    """Return the default number of threads: the processors that this process may run on."""
    # Containers and `taskset` allow fewer processors than there are. macOS and Windows do not tell.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_blocks(work: Callable[[B], T], blocks: Iterable[B], tick: Tick, n_jobs: int | None = None) -> Iterator[T]:
    """Yield ``work(block)`` for each block in order, computed by threads, and call `tick` between blocks.

    Only a few blocks are in progress at a time, so results do not pile up, and an exception raised by `tick` stops the
    work within a few blocks.

    Parameters
    ----------
    work : callable
        Function of a block; called in several threads at once.
    blocks : iterable
        The blocks.
    tick : callable
        Called in the caller's thread, before each block.
    n_jobs : int or None
        Number of threads; None for one per processor.

    Yields
    ------
    object
        Return value of `work` for each block, in the order of the blocks.
    """
    n_threads = n_jobs or count_threads()
    blocks = list(blocks)
    if n_threads == 1 or len(blocks) == 1:
        for block in blocks:
            tick()
            yield work(block)
        return
    pending: deque[Future[T]] = deque()
    executor = ThreadPoolExecutor(n_threads, thread_name_prefix="napari-quantize")
    try:
        for block in blocks:
            tick()
            pending.append(executor.submit(work, block))
            if len(pending) > 2 * n_threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:  # also after an exception from `tick`, and if the caller stops iterating
        executor.shutdown(cancel_futures=True)


def check_photo(pixels: Pixels) -> None:
    """Raise a ValueError if float pixels that take part lie outside of 0 … 1, where Lab is undefined."""
    if pixels.array.dtype.kind != "f":
        return

    def limits(index: Index) -> tuple[float, float]:
        rows = pixels.vectors(index)
        return float(rows.min(initial=np.inf)), float(rows.max(initial=-np.inf))

    lows, highs = zip(*pixels.map(limits, lambda: None), strict=True)
    if min(lows) < 0 or max(highs) > 1:
        raise ValueError(
            f"color_space='lab' takes floats from 0 to 1, but the image holds {min(lows):g} to {max(highs):g}"
        )
