"""Look-up of a whole image in a codebook, block by block."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.lookup.levels import LevelLookup, index_dtype
from napari_quantize.core.pixels.blas_threads import one_thread
from napari_quantize.core.pixels.pixels import Batch, Pixels, pixel_views

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_quantize.core.request.request import Request, Tick


Lookups = list[tuple[slice, LevelLookup]]
"""Slice and look-up of each group of channels."""


def encode_pixels(image: np.ndarray, pixels: Pixels, lookups: Lookups, request: Request, tick: Tick) -> np.ndarray:
    """Return the indices of an image's pixels: see `Codebook.encode`."""
    axis = request.channel_axis
    no_center = max(len(level.outputs) for _, level in lookups)
    colors = request.mode == "color"
    # A view of one channel, so that `empty_like` gives indices of colours the memory layout of the image.
    one = image.swapaxes(0, axis or 0)[:1].swapaxes(0, axis or 0) if colors else image
    encoded = np.empty_like(one, dtype=index_dtype(no_center), subok=False)

    def look_up(level: LevelLookup, values: np.ndarray, out: np.ndarray) -> None:
        indices = level.indices(values).reshape(out.shape)
        out[...] = indices
        # In `per_channel`, channels can have different numbers of centers, but pixels without a center get one index.
        if len(level.outputs) < no_center:
            out[indices == len(level.outputs)] = no_center

    def mark_hidden(block: np.ndarray, out: np.ndarray) -> None:
        if not colors:
            out[..., -1] = no_center
        out[block[..., -1] == 0] = no_center

    _fill(encoded, image, pixels, lookups, request, look_up, mark_hidden, tick)
    return encoded.squeeze(axis) if colors else encoded


def apply_to_pixels(image: np.ndarray, pixels: Pixels, lookups: Lookups, request: Request, tick: Tick) -> np.ndarray:
    """Return the quantized image: see `Codebook.apply`."""
    quantized = np.empty_like(image, subok=False)

    def copy_alpha(block: np.ndarray, out: np.ndarray) -> None:
        out[..., -1] = block[..., -1]
        hidden = block[..., -1] == 0
        out[hidden] = block[hidden]

    def look_up(level: LevelLookup, values: np.ndarray, out: np.ndarray) -> None:
        level.apply(values, out)

    _fill(quantized, image, pixels, lookups, request, look_up, copy_alpha, tick)
    return quantized


def _fill(
    result: np.ndarray,
    image: np.ndarray,
    pixels: Pixels,
    lookups: Lookups,
    request: Request,
    look_up: Callable[[LevelLookup, np.ndarray, np.ndarray], None],
    finish_alpha: Callable[[np.ndarray, np.ndarray], None],
    tick: Tick,
) -> None:
    """Fill `result` block by block: call `look_up` for each group of channels, and `finish_alpha` if there is alpha."""
    is_global = request.mode == "global"
    axis = None if is_global and not request.alpha else request.channel_axis
    source, target = pixel_views((image, result), axis)
    groups = lookups
    if is_global:
        # Interleaved alpha is looked up along with the colours and restored by `finish_alpha`: skipping it would leave
        # gaps in memory, which is slower.
        whole = not request.alpha or abs(source.strides[-1]) == source.itemsize
        parts = [slice(None)] if whole else pixels.groups("per_channel")
        groups = [(part, lookups[0][1]) for part in parts]

    def fill(batch: Batch) -> None:
        for index in batch:
            block, out = source[index], target[index]
            for group, level in groups:
                look_up(level, block[..., group], out[..., group])
            if request.alpha:
                finish_alpha(block, out)

    with one_thread("blas") if request.mode == "color" else nullcontext():
        for _ in Pixels(source, n_jobs=pixels.n_jobs).map_batches(fill, tick):
            pass
