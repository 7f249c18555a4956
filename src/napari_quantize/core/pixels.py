"""An image seen as pixels with their channels last, cut into cache-sized blocks that threads share."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from napari_quantize.core.arguments import Mode, Tick

T = TypeVar("T")
Index = tuple[slice, ...]
Group = slice

# Values a block: numpy turns each into an 8-byte index on the way, and those must stay in the L2 cache.
BLOCK = 2**17


@dataclass(frozen=True)
class Pixels:
    """A view of an image as pixels.

    Attributes
    ----------
    array : ndarray, shape (..., C)
        View with the channels last (C = 1 where the image has no channel axis), alpha included.
    alpha : bool
        Whether the last channel is alpha.
    """

    array: np.ndarray
    alpha: bool = False

    @classmethod
    def of(cls, image: np.ndarray, channel_axis: int | None, alpha: bool = False) -> Pixels:
        """See `image` as pixels; nothing is copied."""
        view = image[..., np.newaxis] if channel_axis is None else np.moveaxis(image, channel_axis, -1)
        return cls(view, alpha)

    @property
    def n_channels(self) -> int:
        """Channels that hold colour: all but alpha."""
        return int(self.array.shape[-1]) - self.alpha

    def groups(self, mode: Mode) -> list[Group]:
        """Return which channels share one set of centers: all of them, or each on its own."""
        if mode == "global":
            return [slice(0, self.n_channels)]
        return [slice(c, c + 1) for c in range(self.n_channels)]

    def blocks(self) -> list[Index]:
        """Cut into blocks of whole pixels, in the order in which they lie in memory."""
        axes = sorted(range(self.array.ndim - 1), key=lambda axis: -abs(self.array.strides[axis]))
        return list(_cut(self.array.shape, axes, (slice(None),) * self.array.ndim))

    def learnable(self, index: Index, group: Group) -> np.ndarray:
        """Return the values of a block and a group that may be learnt from, but for NaN and infinities."""
        block: np.ndarray = self.array[index]
        if self.alpha:
            block = block[block[..., -1] != 0]
        values: np.ndarray = block[..., group]
        return values


def _cut(shape: tuple[int, ...], axes: list[int], index: Index) -> Iterator[Index]:
    if not axes or math.prod(shape) <= BLOCK:
        yield index
        return
    axis, *rest = axes
    step = max(1, BLOCK * shape[axis] // math.prod(shape))
    for start in range(0, shape[axis], step):
        stop = min(start + step, shape[axis])
        piece = (*shape[:axis], stop - start, *shape[axis + 1 :])
        yield from _cut(piece, rest, (*index[:axis], slice(start, stop), *index[axis + 1 :]))


def count_threads() -> int:
    """Return how many threads the pixel work uses: the processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_blocks(work: Callable[[Index], T], blocks: Iterable[Index], tick: Tick) -> Iterator[T]:
    """Yield ``work(block)`` for each block in order, computed by threads, calling `tick` between blocks.

    Only a few blocks are under way at a time, so results do not pile up and an exception
    raised by `tick` ends the work within a few blocks.
    """
    n_threads = count_threads()
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
