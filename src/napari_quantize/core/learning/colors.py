"""Centers of counted colours, by scikit-learn's k-means and Lloyd's algorithm."""

from __future__ import annotations

import numpy as np

from napari_quantize.core.cached_property import cached_property
from napari_quantize.core.learning.convergence_warnings import no_convergence_warnings
from napari_quantize.core.learning.weighted_vectors import WeightedVectors
from napari_quantize.core.lookup.color_spaces import Space, by_luminance
from napari_quantize.core.pixels.blas_threads import one_thread
from napari_quantize.core.request.color_options import Color
from napari_quantize.core.request.request import Method, Tick
from napari_quantize.core.samples.colors import coarsen
from napari_quantize.core.samples.samples import CountedSamples

# Largest numbers of cells of the fine and the coarse summary, and the smallest number of cells for each center.
_FINE, _COARSE, _PER_CENTER = 2**15, 6_000, 20
# Lloyd's steps on cells, after a trial move, and on all colours, where a step costs most and changes least.
_SETTLE_STEPS, _TRIAL_STEPS, _FINAL_STEPS = 8, 3, 2
_MAX_STEPS_WITH_KEPT = 100  # after scikit-learn's KMeans, which knows nothing of kept colours
_BATCH = 4096
# Single moves, and moves times centers: with many centers, a move gains less and costs more.
_MAX_TRIALS, _MAX_TRIALS_TIMES_K = 10, 255


class PaletteLearner:
    """Learns palettes for several k from the same counted colours.

    Parameters
    ----------
    samples : CountedSamples
        Values of shape (n, C).
    dtype : numpy.dtype
        Dtype of the image.
    space : Space
        Space in which distances are measured.
    keep : tuple of tuple of float
        Colours that are fixed centers.
    tick : callable
        Called between steps.
    """

    def __init__(
        self, samples: CountedSamples, dtype: np.dtype, space: Space, keep: tuple[Color, ...], tick: Tick
    ) -> None:
        self._samples, self._dtype, self._space, self._tick = samples, dtype, space, tick
        self._keep = np.array(keep, dtype=np.float64).reshape(-1, samples.values.shape[1])

    def palette(self, k: int, method: Method, random_state: int) -> np.ndarray:
        """Find at most `k` centers: all colours if there are no more than `k`, else centers found by `method`.

        Returns
        -------
        ndarray of float64, shape (n_used, C)
            Ordered by luminance, unrounded.
        """
        others = self._others
        if k >= len(self._keep) + len(others):
            return by_luminance(np.concatenate((self._keep, others)))
        if k == len(self._keep):
            return by_luminance(self._keep)
        find = self._minibatch if method == "minibatch" else self._lloyd
        return by_luminance(self._completed(np.concatenate((self._keep, find(k, random_state))), k))

    @cached_property
    def _others(self) -> np.ndarray:
        """All colours except the kept ones."""
        values, keep = self._samples.values, self._keep
        if not len(keep):
            return values
        # A kept 0.1 also matches the float32 nearest to 0.1.
        keep = keep.astype(self._dtype).astype(np.float64) if self._dtype.kind == "f" else keep
        return _rows_not_in(keep, values)

    def _completed(self, centers: np.ndarray, k: int) -> np.ndarray:
        """Return `k` different centers: in place of equal ones, frequent colours that are none of the centers.

        Rounding can make centers equal: colours that lie closer together than float64 resolves their distances from the
        mean, or the conversion from coordinates to a colour next to a kept one.
        """
        centers = np.unique(centers, axis=0)
        if len(centers) == k:
            return centers
        colors = self._samples.values[np.argsort(-self._samples.counts, kind="stable")]
        return np.concatenate((centers, _rows_not_in(centers, colors)[: k - len(centers)]))

    @cached_property
    def _summaries(self) -> list[WeightedVectors]:
        """The colours, then summaries of fine and of coarse cells."""
        plain = self._space.plain
        fewer = coarsen(self._samples, self._dtype, (_FINE, _COARSE), self._tick, even=plain)
        single = plain and self._dtype.itemsize == 1
        return [
            WeightedVectors(samples, self._space, self._keep, single=single, tick=self._tick)
            for samples in (self._samples, *fewer)
        ]

    def _minibatch(self, k: int, random_state: int) -> np.ndarray:
        """Find the centers that make `k` with the kept ones, by MiniBatchKMeans on cells of the colours.

        The start is a partition by repeated cuts across the longest axes, because random starts miss the long dark
        tails of some images. MiniBatchKMeans then learns from cells, with their true means and counts. Centers are
        moved to where they lower the cost most, and Lloyd's steps follow on coarse cells, fine cells and finally all
        colours.

        References
        ----------
        D. Sculley, "Web-scale k-means clustering", WWW 2010.
        """
        from sklearn.cluster import MiniBatchKMeans

        full, fine, coarse = self._summaries
        fine = fine if len(fine) >= _PER_CENTER // 2 * k else full
        coarse = coarse if len(coarse) >= _PER_CENTER * k else fine
        n_trials = min(_MAX_TRIALS, _MAX_TRIALS_TIMES_K // k)
        n = min(k, len(full) - 1)  # less than k only if many kept colours do not occur in the image
        with one_thread():
            start = coarse.to_values(coarse.cut(n))
            model = MiniBatchKMeans(
                len(start),
                init=fine.to_points(start),
                n_init=1,
                max_iter=1,  # one pass over the cells, as Lloyd's steps follow
                init_size=len(start),
                batch_size=min(_BATCH, len(fine) // 2),  # scikit-learn fails with fewer than two batches
                random_state=random_state,
                compute_labels=False,
            )
            model.fit(fine.points, sample_weight=fine.weights)
            free = fine.free_values(fine.insert_kept(model.cluster_centers_.astype(np.float64), k))
            centers = coarse.settle(coarse.prepend_kept(free), _SETTLE_STEPS)
            free = coarse.free_values(coarse.improve(centers, n_trials, _TRIAL_STEPS))
            free = fine.free_values(fine.settle(fine.prepend_kept(free), _SETTLE_STEPS))
            return full.free_values(full.settle(full.prepend_kept(free), _FINAL_STEPS))

    def _lloyd(self, k: int, random_state: int) -> np.ndarray:
        """Find the centers that make `k` with the kept ones, by scikit-learn's KMeans on all colours."""
        from sklearn.cluster import KMeans

        full = self._summaries[0]
        n = min(k, len(full) - 1)
        with one_thread(), no_convergence_warnings():
            model = KMeans(n, random_state=random_state, n_init=1).fit(full.points, sample_weight=full.weights)
            centers = full.insert_kept(model.cluster_centers_, k)
            return full.free_values(full.settle(centers, _MAX_STEPS_WITH_KEPT if len(self._keep) else _FINAL_STEPS))


def _rows_not_in(excluded: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the distinct rows that are not among the excluded ones, in the order of their first occurrence."""
    _, first = np.unique(np.concatenate((excluded, rows)), axis=0, return_index=True)
    found: np.ndarray = rows[np.sort(first[first >= len(excluded)]) - len(excluded)]
    return found
