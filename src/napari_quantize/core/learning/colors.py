"""Counted colours and k to centers, by scikit-learn's k-means and Lloyd's algorithm."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from napari_quantize.core.learning.weighted_vectors import WeightedVectors
from napari_quantize.core.lookup.color_spaces import Space, by_luminance
from napari_quantize.core.pixels.blas_threads import one_thread
from napari_quantize.core.request.color_options import Color
from napari_quantize.core.request.request import Method, Tick
from napari_quantize.core.samples.colors import coarsen
from napari_quantize.core.samples.samples import CountedSamples

# Entries of the summaries that most steps work on, for each center at least so many.
_FINE, _COARSE, _PER_CENTER = 2**15, 6_000, 20
_STEPS, _FEW_STEPS, _LAST_STEPS = 8, 3, 2
_MANY_STEPS = 100  # from centers that scikit-learn has found without regard to the kept ones
_BATCH = 4096
_TRIALS, _TRIED = 10, 255  # moves, and moves times centers: of many centers each matters less, and costs more


class PaletteLearner:
    """Learns palettes of several k from the same counted colours.

    Parameters
    ----------
    samples : CountedSamples
        Values of shape (n, C).
    dtype : numpy.dtype
        Of the image.
    space : Space
        Where distances are measured.
    keep : tuple of tuple of float
        Colours that are centers as they are.
    tick : callable
        Called between steps.
    """

    def __init__(
        self, samples: CountedSamples, dtype: np.dtype, space: Space, keep: tuple[Color, ...], tick: Tick
    ) -> None:
        self._samples, self._dtype, self._space, self._tick = samples, dtype, space, tick
        self._keep = np.array(keep, dtype=np.float64).reshape(-1, samples.values.shape[1])

    def palette(self, k: int, method: Method, random_state: int) -> np.ndarray:
        """Find at most `k` centers: all colours where these are no more, else such as `method` finds.

        Returns
        -------
        ndarray of float64, shape (n_used, C)
            By luminance, unrounded.
        """
        others = self._others
        if k >= len(self._keep) + len(others):
            return by_luminance(np.concatenate((self._keep, others)))
        if k == len(self._keep):
            return by_luminance(self._keep)
        find = self._minibatch if method == "minibatch" else self._lloyd
        found = find(k, random_state)
        if len(self._keep):
            # On its way back from coordinates, a colour that is next to a kept one can come to be the same.
            found = np.unique(np.concatenate((self._keep, found)), axis=0)
        return by_luminance(found)

    @cached_property
    def _others(self) -> np.ndarray:
        """All colours that are not kept ones."""
        values, keep = self._samples.values, self._keep
        if not len(keep):
            return values
        # A kept 0.1 stands for what is stored for 0.1 in float32 too.
        keep = keep.astype(self._dtype).astype(np.float64) if self._dtype.kind == "f" else keep
        _, first = np.unique(np.concatenate((keep, values)), axis=0, return_index=True)
        return values[np.sort(first[first >= len(keep)]) - len(keep)]

    @cached_property
    def _summaries(self) -> list[WeightedVectors]:
        """The colours, fine cells of them, and coarse ones."""
        plain = self._space.plain
        fewer = coarsen(self._samples, self._dtype, (_FINE, _COARSE), self._tick, even=plain)
        single = plain and self._dtype.itemsize == 1
        return [
            WeightedVectors(samples, self._space, self._keep, single=single, tick=self._tick)
            for samples in (self._samples, *fewer)
        ]

    def _minibatch(self, k: int, random_state: int) -> np.ndarray:
        """Find the centers that make `k` together with the kept ones, fewer than there are colours.

        MiniBatchKMeans learns on cells of the colours with their true means and counts. It begins with parts that are
        cut across their longest axes, where random beginnings miss the long dark tails of some images. Moves of centers
        to where they are needed more, and Lloyd's steps, on cells and at last on all colours, follow.

        References
        ----------
        D. Sculley, "Web-scale k-means clustering", WWW 2010.
        """
        from sklearn.cluster import MiniBatchKMeans

        every, fine, coarse = self._summaries
        fine = fine if len(fine) >= _PER_CENTER // 2 * k else every
        coarse = coarse if len(coarse) >= _PER_CENTER * k else fine
        n_trials = min(_TRIALS, _TRIED // k)
        n = min(k, len(every) - 1)  # less than k only where many kept colours do not occur
        with one_thread():
            start = coarse.to_values(coarse.cut(n))
            model = MiniBatchKMeans(
                n,
                init=fine.to_points(start),
                n_init=1,
                max_iter=1,
                init_size=n,
                batch_size=min(_BATCH, len(fine) // 2),  # of fewer than two batches scikit-learn makes an error
                random_state=random_state,
                compute_labels=False,
            )
            model.fit(fine.points, sample_weight=fine.weights)
            free = fine.free_values(fine.insert_kept(model.cluster_centers_.astype(np.float64), k))
            centers = coarse.settle(coarse.prepend_kept(free), _STEPS)
            free = coarse.free_values(coarse.improve(centers, n_trials, _FEW_STEPS))
            free = fine.free_values(fine.settle(fine.prepend_kept(free), _STEPS))
            return every.free_values(every.settle(every.prepend_kept(free), _LAST_STEPS))

    def _lloyd(self, k: int, random_state: int) -> np.ndarray:
        """Find the centers that make `k` together with the kept ones by scikit-learn's KMeans on all colours."""
        from sklearn.cluster import KMeans

        every = self._summaries[0]
        n = min(k, len(every) - 1)
        with one_thread():
            model = KMeans(n, random_state=random_state, n_init=1).fit(every.points, sample_weight=every.weights)
            centers = every.insert_kept(model.cluster_centers_, k)
            return every.free_values(every.settle(centers, _MANY_STEPS if len(self._keep) else _LAST_STEPS))
