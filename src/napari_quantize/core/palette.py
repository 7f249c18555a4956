"""Counted colours and k to centers, by scikit-learn's k-means and Lloyd's algorithm."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from napari_quantize.core.arguments import Tick
from napari_quantize.core.cloud import Cloud
from napari_quantize.core.cluster import one_thread
from napari_quantize.core.color_samples import coarser
from napari_quantize.core.samples import CountedSamples

LUMINANCE = (0.2126, 0.7152, 0.0722)  # Rec. 709
# Entries of the summaries that most steps work on, for each center at least so many.
_FINE, _COARSE, _PER_CENTER = 2**15, 6_000, 20
_STEPS, _FEW_STEPS, _LAST_STEPS = 8, 3, 2
_BATCH = 4096
_TRIALS, _TRIED = 10, 255  # moves, and moves times centers: of many centers each matters less, and costs more


class Colors:
    """Learns palettes of several k from the same counted colours.

    Parameters
    ----------
    samples : CountedSamples
        Values of shape (n, C).
    dtype : numpy.dtype
        Of the image.
    tick : callable
        Called between steps.
    """

    def __init__(self, samples: CountedSamples, dtype: np.dtype, tick: Tick) -> None:
        self._samples, self._dtype, self._tick = samples, dtype, tick

    def __len__(self) -> int:
        return len(self._samples.values)

    @property
    def values(self) -> np.ndarray:
        """All colours, by luminance."""
        return by_luminance(self._samples.values)

    @cached_property
    def _clouds(self) -> list[Cloud]:
        """The colours, fine cells of them, and coarse ones."""
        fewer = coarser(self._samples, self._dtype, (_FINE, _COARSE), self._tick)
        single = self._dtype.itemsize == 1
        return [Cloud(samples, single=single, tick=self._tick) for samples in (self._samples, *fewer)]

    def minibatch(self, k: int, random_state: int) -> np.ndarray:
        """Find `k` centers, fewer than there are colours.

        MiniBatchKMeans learns on cells of the colours with their true means and counts. It begins with parts that are
        cut across their longest axes, where random beginnings miss the long dark tails of some images. Moves of centers
        to where they are needed more, and Lloyd's steps, on cells and at last on all colours, follow.

        Returns
        -------
        ndarray of float64, shape (k, C)
            By luminance, unrounded.

        References
        ----------
        D. Sculley, "Web-scale k-means clustering", WWW 2010.
        """
        from sklearn.cluster import MiniBatchKMeans

        every, fine, coarse = self._clouds
        fine = fine if len(fine) >= _PER_CENTER * k else every
        coarse = coarse if len(coarse) >= _PER_CENTER * k else fine
        n_trials = min(_TRIALS, _TRIED // k)
        with one_thread():
            start = coarse.values_of(coarse.cut(k))
            model = MiniBatchKMeans(
                k,
                init=fine.placed(start),
                n_init=1,
                max_iter=1,
                init_size=k,
                batch_size=min(_BATCH, len(fine) // 2),  # of fewer than two batches scikit-learn makes an error
                random_state=random_state,
                compute_labels=False,
            )
            model.fit(fine.points, sample_weight=fine.weights)
            centers = fine.values_of(model.cluster_centers_.astype(np.float64))
            centers = coarse.settle(coarse.placed(centers), _STEPS)
            centers = coarse.values_of(coarse.improve(centers, n_trials, _FEW_STEPS))
            centers = fine.values_of(fine.settle(fine.placed(centers), _STEPS))
            return by_luminance(every.values_of(every.settle(every.placed(centers), _LAST_STEPS)))

    def lloyd(self, k: int, random_state: int) -> np.ndarray:
        """Find `k` centers by scikit-learn's KMeans on all colours, weighted by their counts."""
        from sklearn.cluster import KMeans

        every = self._clouds[0]
        with one_thread():
            model = KMeans(k, random_state=random_state, n_init=1).fit(every.points, sample_weight=every.weights)
            return by_luminance(every.values_of(every.settle(model.cluster_centers_, _LAST_STEPS)))


def by_luminance(colors: np.ndarray) -> np.ndarray:
    """Return colours from dark to bright: by Rec. 709 luminance where there are three channels, else by their mean.

    Where that is the same, in lexicographic order.
    """
    bright = colors @ np.array(LUMINANCE) if colors.shape[1] == 3 else colors.mean(axis=1)
    ordered: np.ndarray = colors[np.lexsort((*colors.T[::-1], bright))]
    return ordered
