"""Pixels of dask arrays: each chunk is tallied where it is loaded, and the tallies are merged in a tree."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from threading import Event
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np

from napari_quantize.core.arrays import is_lazy, whole_along
from napari_quantize.core.pixels.masks import Ignored
from napari_quantize.core.pixels.pixels import Group, Pixels, Tally, channels_last, merge
from napari_quantize.core.request.ignore import IgnoredRange
from napari_quantize.core.request.request import Mode, Tick, no_tick

T = TypeVar("T", bound=Tally)

_FAN_IN = 8  # tallies that are merged at a time
_POLL_SECONDS = 0.1


def pixels_of(
    image: Any,
    channel_axis: int | None,
    alpha: bool = False,
    n_jobs: int | None = None,
    mask: Any = None,
    ignore: tuple[IgnoredRange, ...] = (),
) -> Pixels:
    """View an image, in memory or lazy, and a `mask` of its shape as pixels."""
    if not is_lazy(image):
        return Pixels.of(image, channel_axis, alpha, n_jobs, mask if mask is None else np.asarray(mask), ignore)
    if isinstance(mask, np.ndarray) and channel_axis is not None and mask.strides[channel_axis] == 0:
        axis = channel_axis % mask.ndim
        mask = mask[(slice(None),) * axis + (slice(0, 1),)]  # whole pixels
    mask = None if mask is None else channels_last(mask, channel_axis)
    ignored = Ignored(ignore, image.dtype) if ignore else None
    return LazyPixels(channels_last(image, channel_axis), alpha, n_jobs, mask, ignored)


@dataclass(frozen=True)
class LazyPixels(Pixels):
    """Pixels of a dask array; the mask is in memory, or a dask array, too."""

    def pooled(self, mode: Mode) -> Pixels:
        """Return all values as one channel if `mode`, alpha and mask treat all channels alike, else these pixels."""
        if self.alpha or mode != "global":
            return self
        mask = self.mask
        if mask is not None:
            broadcast = _broadcast_to if is_lazy(mask) else np.broadcast_to
            mask = broadcast(mask, self.array.shape)[..., np.newaxis]
        return replace(self, array=self.array[..., np.newaxis], mask=mask)  # chunks of some channels need not be joined

    def first(self) -> Pixels:
        """Return the pixels of the first chunk."""
        array = whole_along(self.array, -1)
        if array.npartitions == 1 or any(map(math.isnan, array.shape)):
            return self
        part = tuple(slice(0, lengths[0]) for lengths in array.chunks)
        return replace(self, array=array[part], mask=None if self.mask is None else self.mask[part])

    def channel_parts(self, most: int) -> list[Group]:
        """Divide many channels into parts of `most` channels: one by one, chunks would be loaded many times."""
        return [slice(start, min(start + most, self.n_channels)) for start in range(0, self.n_channels, most)]

    def channels(self, part: Group) -> Pixels:
        """Return some of many channels as an image."""
        mask = self.mask if self.mask is None or self.mask.shape[-1] == 1 else self.mask[..., part]
        return replace(self, array=self.array[..., part], mask=mask)

    def tally(self, new: Callable[[], T], tick: Tick, *, light: bool = False) -> T:
        """Make one pass over the chunks by dask's scheduler, and return what it adds up: see `Pixels.tally`."""
        import dask
        from dask.core import flatten
        from dask.delayed import Delayed
        from dask.highlevelgraph import HighLevelGraph

        array = whole_along(self.array, -1)
        images = [array] if self.mask is None else [array, _like_chunks_of(self.mask, array.chunks)]
        images = dask.optimize(*images)  # loading and what else makes a chunk becomes one task
        name = f"tally-{uuid4().hex}"
        # One layer for all, because `delayed` copies the layers below at each call. What a tally begins with is a key
        # of its own, because it can be large, and would be sent with each task.
        start = f"start-{name}"
        layer: dict[Any, Any] = {start: new}
        keys = []
        for index, blocks in enumerate(zip(*(flatten(image.__dask_keys__()) for image in images), strict=True)):
            keys.append((name, 0, index))
            layer[keys[-1]] = (partial(_tally_chunk, alpha=self.alpha, ignored=self.ignored), start, *blocks)
        level = 0
        while len(keys) > 1:
            level += 1
            groups = [keys[begin : begin + _FAN_IN] for begin in range(0, len(keys), _FAN_IN)]
            keys = [(name, level, index) for index in range(len(groups))]
            layer.update({key: (_merged, group) for key, group in zip(keys, groups, strict=True)})
        total: T = compute(Delayed(keys[0], HighLevelGraph.from_collections(name, layer, images), layer=name), tick)
        return total


def _like_chunks_of(mask: Any, chunks: tuple[tuple[int, ...], ...]) -> Any:
    """Return a mask as a dask array in the chunks of an image."""
    import dask.array as da
    from dask.array.core import slices_from_chunks

    of_mask = (*chunks[:-1], mask.shape[-1:])
    if is_lazy(mask):
        return mask.rechunk(of_mask)
    # Axes along which the mask was broadcast are broadcast chunk by chunk: at once it could be as large as the image.
    is_broadcast = [stride == 0 for stride in mask.strides]
    part = mask[tuple(slice(0, 1) if repeated else slice(None) for repeated in is_broadcast)]
    lengths = tuple((1,) if repeated else along for repeated, along in zip(is_broadcast, of_mask, strict=True))
    # `da.from_array` would copy it whole, for each pass.
    name = f"mask-{uuid4().hex}"
    keys = product([name], *(range(len(along)) for along in lengths))
    layer = {key: part[chunk] for key, chunk in zip(keys, slices_from_chunks(lengths), strict=True)}
    return _broadcast_to(da.Array(layer, name, lengths, dtype=part.dtype), mask.shape, of_mask)


def _broadcast_to(mask: Any, shape: tuple[int, ...], chunks: Any = None) -> Any:
    import dask.array as da

    return da.broadcast_to(mask, shape, chunks)


def _tally_chunk(
    new: Callable[[], T], chunk: np.ndarray, mask: np.ndarray | None = None, *, alpha: bool, ignored: Ignored | None
) -> T:
    pixels = Pixels.of(np.asarray(chunk), -1, alpha, 1, None if mask is None else np.asarray(mask))
    return replace(pixels, ignored=ignored).tally(new, no_tick)


def _merged(tallies: list[T]) -> T:
    first, *others = tallies
    return merge([deepcopy(first), *others])  # a cluster may run a task twice on the same tallies


def compute(value: Any, tick: Tick) -> Any:
    """Compute a lazy value by dask's own rules, and call `tick` between tasks; what it raises cancels the work.

    With a client of dask.distributed the work runs on its cluster, and `tick` is called ten times a second.
    """
    from dask.base import get_scheduler

    client = getattr(get_scheduler(collections=[value]), "__self__", None)
    if client is None:
        # Given here and not registered, because registered callbacks belong to all work, also that of other threads.
        # The five are for the start, the started state, before a task, after a task, and the end.
        return value.compute(callbacks=[(None, None, lambda *_: tick(), None, None)])
    future, is_done = client.compute(value), Event()
    # Not `future.result(timeout=…)`: that call can end with neither a result nor an error.
    future.add_done_callback(lambda _: is_done.set())
    try:
        tick()
        # Callbacks of all futures wait for each other: one of the user's may have called this function.
        while not (is_done.wait(_POLL_SECONDS) or future.done()):
            tick()
        return future.result()
    except BaseException:
        future.cancel()
        raise
