"""Lazy look-up of dask arrays: a chunk is quantized when it is needed."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from napari_quantize.core.arrays import whole_along


class _Codebook(Hashable, Protocol):
    """What is needed here of a `Codebook`, whose module imports this one."""

    @property
    def mode(self) -> str: ...
    @property
    def channel_axis(self) -> int | None: ...
    @property
    def alpha(self) -> bool: ...

    def apply(self, image: np.ndarray, *, n_jobs: Any) -> np.ndarray:
        """Return the quantized image."""

    def encode(self, image: np.ndarray, *, n_jobs: Any) -> np.ndarray:
        """Return the indices of an image."""


def apply_lazily(image: Any, codebook: _Codebook) -> Any:
    """Return the dask array of the quantized image: see `Codebook.apply`."""
    image = _with_whole_channels(image, codebook)
    return image.map_blocks(_apply, codebook, dtype=image.dtype, meta=_no_pixels(image.ndim, image.dtype))


def encode_lazily(image: Any, codebook: _Codebook, dtype: np.dtype) -> Any:
    """Return the dask array of the indices, which are of `dtype`: see `Codebook.encode`."""
    image = _with_whole_channels(image, codebook)
    dropped = [(codebook.channel_axis or 0) % image.ndim] if codebook.mode == "color" else []
    meta = _no_pixels(image.ndim - len(dropped), dtype)
    return image.map_blocks(_encode, codebook, dtype=dtype, drop_axis=dropped, meta=meta)


def _with_whole_channels(image: Any, codebook: _Codebook) -> Any:
    if codebook.channel_axis is None or (codebook.mode == "global" and not codebook.alpha):
        return image
    return whole_along(image, codebook.channel_axis)


def _no_pixels(ndim: int, dtype: np.dtype) -> np.ndarray:
    return np.empty((0,) * ndim, dtype)


def _apply(chunk: np.ndarray, codebook: _Codebook) -> np.ndarray:
    return _known(codebook).apply(np.asarray(chunk), n_jobs=1)


def _encode(chunk: np.ndarray, codebook: _Codebook) -> np.ndarray:
    return _known(codebook).encode(np.asarray(chunk), n_jobs=1)


@lru_cache(maxsize=16)
def _known(codebook: _Codebook) -> _Codebook:
    """Return the first one of equal codebooks, which has its look-ups already: each task brings a copy without them."""
    return codebook
