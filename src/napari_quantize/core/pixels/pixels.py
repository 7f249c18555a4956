"""Views of an image as pixels with channels last, and their division into cache-sized blocks for threads."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol, Self, TypeVar

import numpy as np

from napari_quantize.core.pixels.masks import Ignored
from napari_quantize.core.request.ignore import IgnoredRange
from napari_quantize.core.request.request import Mode, Tick

B = TypeVar("B")
R = TypeVar("R")
T = TypeVar("T", bound="Tally")
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


class Tally(Protocol):
    """Sum of a pass over pixels, which depends neither on their order nor on how they are divided."""

    def add(self, pixels: Pixels) -> None:
        """Add the pixels of a block."""

    def merge(self, other: Self) -> None:
        """Add the tally of other pixels."""


def merge(tallies: Sequence[T]) -> T:
    """Merge tallies into the first one, and return it."""
    first, *others = tallies
    for other in others:
        first.merge(other)
    return first


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

    def first(self) -> Pixels:
        """Return the part of the pixels that a pass works on first: all of them, where they are in memory."""
        return self

    def channel_parts(self, most: int) -> list[Group]:
        """Divide many channels, without alpha, into parts that are best counted at a time: at most `most` channels."""
        # Tables for several channels at once (512 KB each with 16 bits) would leave the cache.
        return self.groups("per_channel") if self.n_channels > most else [slice(0, self.n_channels)]

    def channels(self, part: Group) -> Pixels:
        """Return some of many channels as an image: many channels are slices of a stack, contiguous in memory."""
        array = self.array[..., part]
        if self.mask is None:
            return replace(self, array=pixel_views((array,), -1)[0])
        mask = self.mask if self.mask.shape[-1] == 1 else self.mask[..., part]
        array, mask = pixel_views((array, mask), -1)
        return replace(self, array=array, mask=mask)

    def blocks(self) -> list[Index]:
        """Divide the pixels into blocks of whole pixels, in the order of memory."""
        return list(_cut(self.array.shape, (), max(1, BLOCK // self.array.itemsize)))

    def at(self, index: Index) -> Pixels:
        """Return the pixels of one block."""
        return replace(self, array=self.array[index], mask=None if self.mask is None else self.mask[index])

    def map_batches(self, work: Callable[[Batch], R], tick: Tick) -> Iterator[R]:
        """Yield ``work(batch)`` for each batch of blocks in order, as `map_blocks` does."""
        return map_blocks(work, self._batches(BATCH), tick, self.n_jobs)

    def tally(self, new: Callable[[], T], tick: Tick, *, light: bool = False) -> T:
        """Make one pass over the pixels and return what it adds up.

        Parameters
        ----------
        new : callable
            Returns an empty tally; called about once for each thread.
        tick : callable
            Called between batches of blocks.
        light : bool
            Whether a block takes no longer than handing it to a thread: threads then take several at a time.

        Returns
        -------
        Tally
            The tallies of all threads, merged.
        """
        idle: list[T] = []  # `append` and `pop` of lists are atomic

        def add(batch: Batch) -> None:
            try:
                tally = idle.pop()
            except IndexError:
                tally = new()
            for index in batch:
                tally.add(self.at(index))
            idle.append(tally)

        for _ in map_blocks(add, self._batches(BATCH if light else 1), tick, self.n_jobs):
            pass
        return merge(idle)

    def _batches(self, size: int) -> Iterator[Batch]:
        blocks = self.blocks()
        return (blocks[start : start + size] for start in range(0, len(blocks), size))

    def allowed_values(self, group: Group) -> np.ndarray:
        """Return the values of a group that alpha and mask allow, including NaN and ignored values."""
        values: np.ndarray = self.array[..., group]
        allowed = self._allowed()
        if allowed is None:
            return values
        return _picked(values, allowed if allowed.shape[-1] == 1 else allowed[..., group])

    def taking_part(self, group: Group) -> np.ndarray:
        """Return the values of a group that are learnt from, as a 1-D array."""
        if self.ignored is not None and self.ignored.only_whole:
            return self.learnt_colors()[:, group].reshape(-1)
        values = _finite(self.allowed_values(group).reshape(-1))
        return values if self.ignored is None else values.compress(~self.ignored.among(values))

    def allowed_colors(self) -> np.ndarray:
        """Return the pixels that are allowed, and not ignored, in every channel: a row each; NaN, but no alpha."""
        block: np.ndarray = self.array[..., : self.n_channels]
        allowed = self._allowed()
        if allowed is not None:
            block = _picked(block, np.all(allowed[..., : self.n_channels], axis=-1, keepdims=True))
        rows = block.reshape(-1, self.n_channels)
        return rows if self.ignored is None else rows[~self.ignored.among(rows).any(axis=1)]

    def learnt_colors(self) -> np.ndarray:
        """Return the pixels that are learnt from as colours: finite, and not ignored in all channels."""
        rows = _finite(replace(self, ignored=None).allowed_colors())
        return rows if self.ignored is None else rows[~self.ignored.among(rows).all(axis=1)]

    def _allowed(self) -> np.ndarray | None:
        """Return flags of the values (..., C) or pixels (..., 1) that alpha and mask allow; None if they allow all."""
        allowed = self.mask
        if self.alpha:
            shown = self.array[..., -1:] != 0
            allowed = shown if allowed is None else shown & allowed
        return None if allowed is None or allowed.all() else allowed


def _finite(values: np.ndarray) -> np.ndarray:
    """Return the finite values, or the rows that are finite throughout."""
    if values.dtype.kind != "f":
        return values
    finite = np.isfinite(values)
    if finite.all():
        return values
    return values.compress(finite if values.ndim == 1 else finite.all(axis=1), axis=0)


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


def map_blocks(work: Callable[[B], R], blocks: Iterable[B], tick: Tick, n_jobs: int | None = None) -> Iterator[R]:
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
    pending: deque[Future[R]] = deque()
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
