"""Entropy of the indices of levels: each channel has its own, even if all channels share their levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.samples.samples import count_channels

if TYPE_CHECKING:
    from napari_quantize.core.lookup.levels import LevelLookup
    from napari_quantize.core.pixels.pixels import Group, Pixels
    from napari_quantize.core.request.request import Mode, Tick

ChannelValues = list[tuple[np.ndarray, np.ndarray]]
"""Distinct values of each channel, and their counts."""


def entropy(counts: np.ndarray) -> float:
    """Return the entropy of counted indices in bits: ``−Σ p log2 p``, where p are the shares of the counts."""
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log2(p)).sum()) + 0.0  # one value: 0.0, not -0.0


def count_shared_channels(pixels: Pixels, mode: Mode, tick: Tick) -> ChannelValues:
    """Count the values of each channel, once for all K, if their entropy needs them.

    Return an empty list if channels do not share their levels, or values have more than 16 bits: counting these takes
    longer than looking them up for each K.
    """
    if mode != "global" or pixels.n_channels == 1 or pixels.array.dtype.itemsize > 2:
        return []
    return count_channels(pixels, tick)


class IndexCounts:
    """Tally of the indices of levels in each group of channels, among the values that take part.

    Parameters
    ----------
    groups : list of slice
        Groups of channels.
    level : LevelLookup
        The look-up of the levels.
    """

    def __init__(self, groups: list[Group], level: LevelLookup) -> None:
        self._groups, self._level = groups, level
        self.counts = np.zeros((len(groups), len(level.outputs)), dtype=np.int64)

    def add(self, pixels: Pixels) -> None:
        """Add the pixels of a block."""
        for counts, group in zip(self.counts, self._groups, strict=True):
            counts += np.bincount(self._level.indices(pixels.taking_part(group)), minlength=len(counts))

    def merge(self, other: IndexCounts) -> None:
        """Add the indices of other pixels."""
        self.counts += other.counts
