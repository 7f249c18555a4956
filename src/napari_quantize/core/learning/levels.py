"""Centers of counted values, by scikit-learn's k-means and Lloyd's algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.learning.convergence_warnings import no_convergence_warnings
from napari_quantize.core.learning.weighted_values import WeightedValues
from napari_quantize.core.pixels.blas_threads import one_thread
from napari_quantize.core.samples.binning import spread_centers

if TYPE_CHECKING:
    from sklearn.cluster import KMeans, MiniBatchKMeans


def minibatch_centers(samples: WeightedValues, k: int, random_state: int) -> np.ndarray:
    """Find `k` centers of more than `k` values by MiniBatchKMeans, Lloyd's steps, and moves of all borders at once.

    MiniBatchKMeans learns from the distinct values, weighted by their counts. Lloyd's steps follow until no value
    changes its center; if a center loses all its values, the cluster with the highest cost is cut in two. The same
    steps run from a second start, quantiles of the cube root of the density, which are optimal in the limit of many
    centers. The result with the lower cost is kept. Then all borders are moved at once, each
    between its two neighbours, as long as that lowers the cost.

    Parameters
    ----------
    samples : WeightedValues
        n distinct values with counts.
    k : int
        Number of centers, less than n.
    random_state : int
        Seed of MiniBatchKMeans.

    Returns
    -------
    ndarray of float64, shape (k,)
        Ascending, unrounded. Each is the mean of its values.

    References
    ----------
    D. Sculley, "Web-scale k-means clustering", WWW 2010.
    P. F. Panter and W. Dite, "Quantization distortion in pulse-count modulation with nonuniform spacing of
    levels", Proc. IRE 39(1), 44-48, 1951.
    S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 129-137, 1982.
    """
    from sklearn.cluster import MiniBatchKMeans

    if k == 1:  # the mean is the optimum
        return samples.means(np.zeros(1, dtype=np.intp))
    model = MiniBatchKMeans(k, random_state=random_state, n_init=1, compute_labels=False)
    # Two starts: scikit-learn's centers, and quantiles that are good when there are many centers.
    starts = _fitted(model, samples), spread_centers(samples.values, samples.weights, k)
    partitions = [samples.settle(centers, k) for centers in starts]
    return samples.means(samples.improve(min(partitions, key=samples.cost)))


def lloyd_centers(samples: WeightedValues, k: int, random_state: int) -> np.ndarray:
    """Find `k` centers by scikit-learn's KMeans, followed by Lloyd's steps until no value changes its center.

    Parameters
    ----------
    samples, k, random_state
        As in `minibatch_centers`.

    Returns
    -------
    ndarray of float64, shape (k,)
        Ascending, unrounded. Each is the mean of its values.

    References
    ----------
    S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 129-137, 1982.
    D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
    """
    from sklearn.cluster import KMeans

    model = KMeans(k, random_state=random_state, n_init=1, algorithm="lloyd")
    with no_convergence_warnings():
        centers = _fitted(model, samples)
    return samples.means(samples.settle(centers, k))


def _fitted(model: KMeans | MiniBatchKMeans, samples: WeightedValues) -> np.ndarray:
    # scikit-learn computes distances as differences of squares. Without an offset and with a range near 1, these do not
    # cancel.
    values = samples.values
    origin = values[len(values) // 2]
    scale = max(values[-1] - origin, origin - values[0])
    # scikit-learn adds the sums of its threads in the order in which the threads end. One thread always gives the same
    # bytes.
    with one_thread():
        model.fit(((values - origin) / scale)[:, np.newaxis], sample_weight=samples.weights)
    return np.unique(origin + scale * model.cluster_centers_)
