"""A whole image looked up in a codebook, block by block."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.arguments import check_image, check_n_jobs
from napari_quantize.core.lookup import Levels, index_dtype
from napari_quantize.core.pixels import Batch, Pixels, arranged
from napari_quantize.core.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import SupportsIndex

    from napari_quantize.core.arguments import Tick
    from napari_quantize.core.codebook import Codebook


def encode(codebook: Codebook, image: np.ndarray, tick: Tick, n_jobs: SupportsIndex | None) -> np.ndarray:
    """Return indices: see `Codebook.encode`."""
    image = check_image(image, codebook.request)
    axis = codebook.channel_axis
    most = max(map(len, codebook.levels))
    colors = codebook.mode == "color"
    one = image.swapaxes(0, axis or 0)[:1].swapaxes(0, axis or 0) if colors else image
    encoded = np.empty_like(one, dtype=index_dtype(most), subok=False)

    def look_up(level: Levels, values: np.ndarray, out: np.ndarray) -> None:
        indices = level.indices(values).reshape(out.shape)
        out[...] = indices
        if len(level.outputs) < most:
            out[indices == len(level.outputs)] = most

    def hide(block: np.ndarray, out: np.ndarray) -> None:
        if not colors:
            out[..., -1] = most
        out[block[..., -1] == 0] = most

    _fill(codebook, encoded, image, look_up, hide, tick, n_jobs)
    return encoded.squeeze(axis) if colors else encoded


def apply(codebook: Codebook, image: np.ndarray, tick: Tick, n_jobs: SupportsIndex | None) -> np.ndarray:
    """Return quantized pixels: see `Codebook.apply`."""
    image = check_image(image, codebook.request)
    quantized = np.empty_like(image, subok=False)

    def keep(block: np.ndarray, out: np.ndarray) -> None:
        out[..., -1] = block[..., -1]
        hidden = block[..., -1] == 0
        out[hidden] = block[hidden]

    _fill(codebook, quantized, image, lambda level, values, out: level.apply(values, out), keep, tick, n_jobs)
    return quantized


def _fill(
    codebook: Codebook,
    result: np.ndarray,
    image: np.ndarray,
    look_up: Callable[[Levels, np.ndarray, np.ndarray], None],
    mend: Callable[[np.ndarray, np.ndarray], None],
    tick: Tick,
    n_jobs: SupportsIndex | None,
) -> None:
    """Fill `result` block by block: `look_up` for each group of channels, and `mend` where there is alpha."""
    pixels, levels = codebook.prepare(image, check_n_jobs(n_jobs))
    together = codebook.mode == "global"
    axis = None if together and not codebook.alpha else codebook.channel_axis
    source, target = arranged((image, result), axis)
    groups = levels
    if together:
        # Interleaved alpha is looked up along with the colours, because leaving gaps is slower, and mended later.
        whole = not codebook.alpha or abs(source.strides[-1]) == source.itemsize
        parts = [slice(None)] if whole else pixels.groups("per_channel")
        groups = [(part, levels[0][1]) for part in parts]

    def fill(batch: Batch) -> None:
        for index in batch:
            block, out = source[index], target[index]
            for group, level in groups:
                look_up(level, block[..., group], out[..., group])
            if codebook.alpha:
                mend(block, out)

    with one_thread("blas") if codebook.mode == "color" else nullcontext():
        for _ in Pixels(source, n_jobs=pixels.n_jobs).map_batches(fill, tick):
            pass
