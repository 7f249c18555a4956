"""An image seen as pixels with their channels last, cut into cache-sized blocks that threads share."""

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

from napari_quantize.core.pixels.masks import Ignored
from napari_quantize.core.request.ignore import IgnoredRange
from napari_quantize.core.request.request import Mode, Tick

B = TypeVar("B")
T = TypeVar("T")
Index = tuple[slice, ...]
Batch = list[Index]
Group = slice

# Bytes a block. What is computed from it on the way, such as 8 bytes of index for each value or pair of bytes, must
# stay in the cache, and be so small that the memory allocator keeps it: fresh pages cost as much as the work.
BLOCK = 2**18
# Blocks a task: a look-up of one block takes no longer than handing a task to a thread.
BATCH = 8
# Blocks start at multiples of this where they can, so that pairs of bytes lie as the processor wants them.
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
        How many threads work on it; None for one a processor.
    mask : ndarray of bool, shape (..., C) or (..., 1), or None
        Which values, or whole pixels, may be learnt from; None for all.
    ignored : Ignored or None
        Which of these are not learnt from nevertheless.
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
        """See `image`, and a `mask` of its shape, as pixels; nothing is copied."""
        ignored = Ignored(ignore, image.dtype) if ignore else None
        if mask is None:
            return cls(pixel_views((image,), channel_axis)[0], alpha, n_jobs, None, ignored)
        array, part = pixel_views((image, mask), channel_axis)
        # Whole pixels are picked faster than values one by one.
        return cls(array, alpha, n_jobs, part[..., :1] if part.strides[-1] == 0 else part, ignored)

    @property
    def n_channels(self) -> int:
        """Channels that hold colour: all but alpha."""
        return int(self.array.shape[-1]) - self.alpha

    def pooled(self, mode: Mode) -> Pixels:
        """See all values as one channel where `mode`, alpha and mask leave no difference between the channels."""
        if self.alpha or self.mask is not None or mode != "global":
            return self
        return replace(self, array=pixel_views((self.array,), None)[0])

    def groups(self, mode: Mode) -> list[Group]:
        """Return which channels share one set of centers: all of them, or each on its own."""
        if mode != "per_channel":
            return [slice(0, self.n_channels)]
        return [slice(c, c + 1) for c in range(self.n_channels)]

    def blocks(self) -> list[Index]:
        """Cut into blocks of whole pixels, in the order in which they lie in memory."""
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
        """Return the values of a block and a group that alpha and mask let be learnt from, NaN and ignored ones too."""
        values: np.ndarray = self.array[index][..., group]
        allowed = self._allowed(index)
        if allowed is None:
            return values
        return _picked(values, allowed if allowed.shape[-1] == 1 else allowed[..., group])

    def taking_part(self, index: Index, group: Group) -> np.ndarray:
        """Return the values of a block and a group that are learnt from, in one row."""
        values = self.learnable(index, group)
        values = values[np.isfinite(values)] if values.dtype.kind == "f" else values.reshape(-1)
        return values if self.ignored is None else values.compress(~self.ignored.among(values))

    def colors(self, index: Index) -> np.ndarray:
        """Return a block's pixels that are learnt from in all channels, and NaN and infinities: one a row, no alpha."""
        block: np.ndarray = self.array[index][..., : self.n_channels]
        allowed = self._allowed(index)
        if allowed is not None:
            block = _picked(block, np.all(allowed[..., : self.n_channels], axis=-1, keepdims=True))
        rows = block.reshape(-1, self.n_channels)
        return rows if self.ignored is None else rows[~self.ignored.among(rows).any(axis=1)]

    def vectors(self, index: Index) -> np.ndarray:
        """Return a block's pixels that are learnt from as colours: finite, and not ignored in all of their channels."""
        rows = replace(self, ignored=None).colors(index)
        if rows.dtype.kind == "f":
            rows = rows[np.isfinite(rows).all(axis=1)]
        return rows if self.ignored is None else rows[~self.ignored.among(rows).all(axis=1)]

    def _allowed(self, index: Index) -> np.ndarray | None:
        """Return which values (..., C) or whole pixels (..., 1) of a block alpha and mask allow; None for all."""
        allowed = None if self.mask is None else self.mask[index]
        if self.alpha:
            shown = self.array[index][..., -1:] != 0
            allowed = shown if allowed is None else shown & allowed
        return None if allowed is None or allowed.all() else allowed


def _picked(values: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return allowed pixels as rows, or allowed values as rows of one where `allowed` is as large as `values`."""
    # Several times as fast as an index of flags.
    return values.reshape(allowed.size, -1).compress(allowed.reshape(-1), axis=0)


def channels_last(image: np.ndarray, channel_axis: int | None) -> np.ndarray:
    """See an image with its channels last, the other axes in their order; one channel where there is no such axis."""
    return image[..., np.newaxis] if channel_axis is None else np.moveaxis(image, channel_axis, -1)


def pixel_views(images: tuple[np.ndarray, ...], channel_axis: int | None) -> list[np.ndarray]:
    """See images of one shape as pixels: channels last, the other axes as they lie in the first image's memory.

    Axes that lie in memory without a gap become one, if they do so in all images.
    """
    views = [channels_last(image, channel_axis) for image in images]
    strides = views[0].strides
    last = len(strides) - 1
    axes = sorted(range(last), key=lambda axis: -abs(strides[axis]))
    views = [view.transpose(*axes, last) for view in views]
    if all(map(_gapless, views)):
        return [view.reshape(-1, view.shape[-1]) for view in views]
    return views


def _gapless(view: np.ndarray) -> bool:
    """Whether all axes but the last can become one without a copy."""
    axes = [axis for axis in zip(view.shape[:-1], view.strides[:-1], strict=True) if axis[0] != 1]
    return all(outer == length * inner for (_, outer), (length, inner) in pairwise(axes))


def _cut(shape: tuple[int, ...], index: Index, block: int) -> Iterator[Index]:
    """Cut the axes after those of `index` into blocks of at most `block` values; the last axis stays whole."""
    axis = len(index)
    size = math.prod(shape[axis:])
    if axis == len(shape) - 1 or size <= block:
        yield index + (slice(None),) * (len(shape) - axis)
        return
    step = max(1, block * shape[axis] // size)
    step -= step % _ALIGNED if step > _ALIGNED else 0
    for start in range(0, shape[axis], step):
        part = slice(start, min(start + step, shape[axis]))
        if step > 1:
            yield (*index, part, *(slice(None),) * (len(shape) - axis - 1))
        else:
            yield from _cut(shape, (*index, part), block)


def count_threads() -> int:
    """Return how many threads the pixel work uses: the processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_blocks(work: Callable[[B], T], blocks: Iterable[B], tick: Tick, n_jobs: int | None = None) -> Iterator[T]:
    """Yield ``work(block)`` for each block in order, computed by threads, calling `tick` between blocks.

    Only a few blocks are under way at a time, so results do not pile up and an exception
    raised by `tick` ends the work within a few blocks.
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
    finally:
        executor.shutdown(cancel_futures=True)


def check_photo(pixels: Pixels) -> None:
    """Raise a ValueError if float pixels that take part lie outside 0 … 1, where Lab is not defined."""
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
