"""Lazy look-up of dask arrays: a chunk is quantized when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, partial
from itertools import pairwise, starmap
from typing import Any, Protocol

import numpy as np

from napari_quantize.core.arrays import whole_along


class _Codebook(Hashable, Protocol):
    """The part of a `Codebook` that is needed here: its module imports this one."""

    @property
    def mode(self) -> str: ...
    @property
    def channel_axis(self) -> int | None: ...
    @property
    def alpha(self) -> bool: ...
    @property
    def levels(self) -> tuple[np.ndarray, ...]: ...

    def of_channels(self, channels: slice) -> _Codebook:
        """Return the codebook of some channels."""

    def apply(self, image: np.ndarray, *, n_jobs: Any) -> np.ndarray:
        """Return the quantized image."""

    def encode(self, image: np.ndarray, *, n_jobs: Any) -> np.ndarray:
        """Return the indices of an image."""


def apply_lazily(image: Any, codebook: _Codebook) -> Any:
    """Return the dask array of the quantized image: see `Codebook.apply`."""
    return _map_blocks(_apply, image, codebook, image.dtype)


def encode_lazily(image: Any, codebook: _Codebook, dtype: np.dtype) -> Any:
    """Return the dask array of the indices, which are of `dtype`: see `Codebook.encode`."""
    work = partial(_encode, dtype=dtype, no_center=_no_center(codebook))
    return _map_blocks(work, image, codebook, dtype, drops_channels=codebook.mode == "color")


def _map_blocks(
    work: Callable[[np.ndarray, _Codebook], np.ndarray],
    image: Any,
    codebook: _Codebook,
    dtype: np.dtype,
    *,
    drops_channels: bool = False,
) -> Any:
    axis = None if codebook.channel_axis is None else codebook.channel_axis % image.ndim
    if axis is not None and (codebook.mode == "color" or codebook.alpha):
        image = whole_along(image, axis)
    if axis is not None and codebook.mode == "per_channel" and image.numblocks[axis] > 1:
        # A stack can have hundreds of channels, of which a block needs its own.
        import dask.array as da

        ends = np.cumsum((0, *image.chunks[axis])).tolist()
        before = (slice(None),) * axis
        parts = (
            _map_blocks(work, image[(*before, channels)], codebook.of_channels(channels), dtype)
            for channels in starmap(slice, pairwise(ends))
            if channels.stop > channels.start
        )
        return da.concatenate(list(parts), axis).astype(dtype)  # numpy concatenates in its own byte order
    dropped = [axis] if drops_channels else []
    meta = _no_pixels(image.ndim - len(dropped), dtype)
    return image.map_blocks(work, codebook, dtype=dtype, drop_axis=dropped, meta=meta)


def _no_pixels(ndim: int, dtype: np.dtype) -> np.ndarray:
    return np.empty((0,) * ndim, dtype)


def _apply(chunk: np.ndarray, codebook: _Codebook) -> np.ndarray:
    if not chunk.size:  # what a filter leaves of a chunk
        return chunk
    return _known(codebook).apply(np.asarray(chunk), n_jobs=1)


def _encode(chunk: np.ndarray, codebook: _Codebook, dtype: np.dtype, no_center: int) -> np.ndarray:
    if not chunk.size:
        shape = chunk.shape if codebook.mode != "color" else np.delete(chunk.shape, codebook.channel_axis or 0)
        return np.empty(shape, dtype)
    indices = _known(codebook).encode(np.asarray(chunk), n_jobs=1)
    # Channels on their own can have fewer levels, and a smaller index for values without a center.
    found = indices.astype(dtype, copy=False)
    found[indices == _no_center(codebook)] = no_center
    return found


def _no_center(codebook: _Codebook) -> int:
    return max(map(len, codebook.levels))


@lru_cache(maxsize=16)
def _known(codebook: _Codebook) -> _Codebook:
    """Return the first one of equal codebooks, which has its look-ups already: each task brings a copy without them."""
    return codebook
