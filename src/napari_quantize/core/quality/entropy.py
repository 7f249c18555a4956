"""Entropy of the indices of levels: each channel has its own, even if all channels share their levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.request.request import MAX_CHANNELS
from napari_quantize.core.samples.samples import count_channels

if TYPE_CHECKING:
    from napari_quantize.core.lookup.levels import LevelLookup
    from napari_quantize.core.pixels.pixels import Group, Index, Pixels
    from napari_quantize.core.request.request import Mode, Tick

ChannelValues = list[tuple[np.ndarray, np.ndarray]]
"""Distinct values of each channel, and their counts."""


def entropy(counts: np.ndarray) -> float:
    """Return the entropy of counted indices in bits: ``−Σ p log2 p``, where p are the shares of the counts."""
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log2(p)).sum()) + 0.0  # one value: 0.0, not -0.0


def count_shared_channels(pixels: Pixels, mode: Mode, tick: Tick) -> ChannelValues:
    """Count the values of each channel, once for all K, if `entropy_of_channels` needs them.

    Return an empty list if channels do not share their levels, or values have more than 16 bits: counting these takes
    longer than looking them up for each K.
    """
    if mode != "global" or pixels.n_channels == 1 or pixels.array.dtype.itemsize > 2:
        return []
    return count_channels(pixels, tick)


def entropy_of_channels(pixels: Pixels, channels: ChannelValues, level: LevelLookup, tick: Tick) -> float:
    """Return the sum over the channels of the entropy of their indices, in bits.

    Parameters
    ----------
    pixels : Pixels
        The image, whose channels share their levels.
    channels : list of (ndarray, ndarray)
        Its values, as `count_shared_channels` returns them.
    level : LevelLookup
        The look-up of the levels.
    tick : callable
        Called between blocks of pixels.
    """
    n = len(level.outputs)
    if channels:
        return sum(entropy(np.bincount(level.indices(values), counts, minlength=n)) for values, counts in channels)
    groups = pixels.groups("per_channel")
    total = 0.0
    for start in range(0, len(groups), MAX_CHANNELS):  # counts of hundreds of channels would fill the memory
        total += sum(map(entropy, _count_indices(pixels, groups[start : start + MAX_CHANNELS], level, tick)))
    return total


def _count_indices(pixels: Pixels, groups: list[Group], level: LevelLookup, tick: Tick) -> np.ndarray:
    """Count the indices of each group of channels, among the values that take part: shape (groups, levels)."""
    n = len(level.outputs)

    def count(index: Index) -> np.ndarray:
        return np.stack([np.bincount(level.indices(pixels.taking_part(index, group)), minlength=n) for group in groups])

    totals = np.zeros((len(groups), n), dtype=np.int64)
    for part in pixels.map(count, tick):
        totals += part
    return totals
