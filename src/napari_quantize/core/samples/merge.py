"""Counted samples of several images together, to learn one codebook for all of them."""

from __future__ import annotations

import numpy as np

from napari_quantize.core.request.request import Tick
from napari_quantize.core.samples.colors import coarsen
from napari_quantize.core.samples.distinct_rows import group_rows, pack_digits, unpack_digits
from napari_quantize.core.samples.samples import MAX_COLORS, MAX_DISTINCT, CountedSamples

# Samples are merged when this many times the kept samples are waiting: each merge costs a sort.
_MAX_UNMERGED = 4


class MergedSamples:
    """Adds up counted samples, in memory that does not grow with the number of images.

    Parameters
    ----------
    dtype : numpy.dtype
        Dtype of the images.
    tick : callable
        Called between steps.
    """

    def __init__(self, dtype: np.dtype, tick: Tick) -> None:
        self._dtype, self._tick = dtype, tick
        self._unmerged: list[CountedSamples] = []

    def add(self, samples: CountedSamples) -> None:
        """Add the samples of one image, or of one group of its channels."""
        self._unmerged.append(samples)
        limit = MAX_DISTINCT if samples.values.ndim == 1 else MAX_COLORS
        if sum(len(one.values) for one in self._unmerged) > _MAX_UNMERGED * limit:
            self.total()

    def total(self) -> CountedSamples:
        """Return the samples of all images together.

        Returns
        -------
        CountedSamples
            Exact if all summaries were exact and together do not exceed the limit for one image. Otherwise pairs of
            neighbouring values, or colours of one cell, are replaced by their means.
        """
        if len(self._unmerged) > 1:
            values = np.concatenate([one.values for one in self._unmerged])
            counts = np.concatenate([one.counts for one in self._unmerged])
            merge = self._of_values if values.ndim == 1 else self._of_colors
            self._unmerged = [merge(values, counts)]
        return self._unmerged[0]

    def _with_common_limits(self, values: np.ndarray, counts: np.ndarray, *, all_kept: bool = True) -> CountedSamples:
        low, high = min(one.low for one in self._unmerged), max(one.high for one in self._unmerged)
        return CountedSamples(values, counts, all_kept and all(one.exact for one in self._unmerged), low, high)

    def _of_values(self, values: np.ndarray, counts: np.ndarray) -> CountedSamples:
        found = CountedSamples.from_counts(values, counts)
        values, counts, distinct = found.values, found.counts, len(found.values)
        # Weighted means keep the total and the mean of all values exact, up to rounding, while their number is halved.
        while len(values) > MAX_DISTINCT:
            pairs = np.arange(0, len(values), 2)
            sums, counts = np.add.reduceat(values * counts, pairs), np.add.reduceat(counts, pairs)
            values = sums / counts
        return self._with_common_limits(values, counts, all_kept=len(values) == distinct)

    def _of_colors(self, values: np.ndarray, counts: np.ndarray) -> CountedSamples:
        # As ranks in their channel, values pack into words, which sort much faster than rows of floats.
        channels = [np.unique(column, return_inverse=True) for column in values.T]
        digits = np.stack([ranks for _, ranks in channels], axis=1)
        base = max(2, *(len(distinct) for distinct, _ in channels))
        words, sums = group_rows(pack_digits(digits, base), counts[:, np.newaxis])
        digits = unpack_digits(words, base, len(channels))
        values = np.stack([distinct[digits[:, c]] for c, (distinct, _) in enumerate(channels)], axis=1)
        found = self._with_common_limits(values, sums[:, 0])
        (merged,) = coarsen(found, self._dtype, (MAX_COLORS,), self._tick)
        return merged
