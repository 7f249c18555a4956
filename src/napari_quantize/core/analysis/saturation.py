"""The value at which a camera was saturated, and how many values of an image have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.lookup.color_spaces import CAMERA_TOPS
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.request.request import Request, check_in_memory, no_tick
from napari_quantize.core.samples.samples import count_samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.request.request import Tick
    from napari_quantize.core.samples.samples import CountedSamples

# A pile-up is so many times as frequent as each of so many next smaller values.
_PILE_UP, _N_NEIGHBOURS = 4, 16


@dataclass(frozen=True)
class Saturation:
    """Saturated values of an image.

    Attributes
    ----------
    value : int
        Values from here on are saturated. If none is, the largest value of the dtype.
    count : int
        Number of saturated values, all channels together.
    total : int
        Number of all values that are finite and whose alpha is not 0.
    """

    value: int
    count: int
    total: int

    @property
    def share(self) -> float:
        """Share of the saturated values, 0 … 1."""
        return self.count / self.total


def find_saturation(
    images: Sequence[np.ndarray], *, channel_axis: int | None = None, alpha: bool = False, tick: Tick = no_tick
) -> Saturation:
    """Find the saturated values of images that were taken together.

    The largest value of all images is saturated if it is the largest of the dtype or of a camera (255, 1,023, 4,095,
    16,383 or 65,535), or if the values pile up there: at least 16 smaller ones occur, and each of the 16 next ones less
    than a quarter as often. Pile-ups are found among values of at most 16 bits.

    Parameters
    ----------
    images : sequence of ndarray
        Integer images of one dtype, in memory.
    channel_axis, alpha, tick
        As in `napari_quantize.fit`.

    Returns
    -------
    Saturation

    Raises
    ------
    ValueError
        If the dtype is no integer, or an image has no visible value.
    """
    dtype = images[0].dtype
    if dtype.kind not in "iu":
        raise ValueError(f"images of dtype {dtype} have no saturated value: ignore something else")
    request = Request("global", channel_axis, alpha)
    all_pixels = [Pixels.of(check_in_memory(image, request), channel_axis, alpha) for image in images]
    return saturation_of([count_samples(pixels, "global", tick)[0] for pixels in all_pixels], dtype)


def saturation_of(samples: Sequence[CountedSamples], dtype: np.dtype) -> Saturation:
    """Return the saturated values among counted samples of an integer image, or of several that were taken together."""
    if dtype.itemsize > 2:
        # They may be means of bins, of which only the largest value was counted on its own.
        high = int(max(counted.high for counted in samples))
        n_high = sum(counted.n_high or 0 for counted in samples if counted.high == high)
        return _saturation(high, n_high, sum(counted.total for counted in samples), dtype, piled_up=False)
    distinct = np.concatenate([counted.values for counted in samples])
    values, ranks = np.unique(distinct, return_inverse=True)
    counts = np.zeros(len(values), dtype=np.int64)
    np.add.at(counts, ranks, np.concatenate([counted.counts for counted in samples]))
    high, n_high, total = int(values[-1]), int(counts[-1]), int(counts.sum())
    neighbours = counts[-1 - _N_NEIGHBOURS : -1]
    piled_up = len(neighbours) == _N_NEIGHBOURS and n_high > _PILE_UP * int(neighbours.max())
    return _saturation(high, n_high, total, dtype, piled_up=piled_up)


def _saturation(high: int, n_high: int, total: int, dtype: np.dtype, *, piled_up: bool) -> Saturation:
    top = int(np.iinfo(dtype).max)
    is_saturated = piled_up or high == top or high in CAMERA_TOPS
    return Saturation(high, n_high, total) if is_saturated else Saturation(top, 0, total)
