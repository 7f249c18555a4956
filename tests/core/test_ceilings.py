"""How far what is learnt may lie above the optimum, and what scikit-learn is told on the way there."""

import numpy as np
import pytest
import skimage.data
from sklearn.cluster import KMeans, MiniBatchKMeans

from napari_quantize import fit, sweep

# In percent of the optimal cost, for each K. A little more than the worst of several seeds.
CEILINGS = {
    "minibatch": {
        "camera": {4: 0.05, 8: 0.2, 16: 0.3, 40: 2.5},
        "coins": {4: 0.05, 8: 0.05, 16: 1.0, 40: 1.2},
        "page": {4: 0.05, 8: 0.3, 16: 2.5, 40: 2.8},
    },
    "lloyd": {"camera": {4: 0.5, 8: 3.0}, "coins": {4: 0.5, 8: 3.0}},
}


@pytest.mark.parametrize(("method", "name"), [(method, name) for method in CEILINGS for name in CEILINGS[method]])
def test_costs_stay_below_their_ceilings(method: str, name: str) -> None:
    image, ceilings = getattr(skimage.data, name)(), CEILINGS[method][name]
    for seed in range(3):
        results = list(sweep(image[::2, ::2], ceilings, method=method, random_state=seed))
        found = {result.k: 100 * (result.quality.excess or 0) for result in results}
        assert {k: excess for k, excess in found.items() if excess > ceilings[k]} == {}


@pytest.mark.parametrize("method", ["minibatch", "lloyd"])
@pytest.mark.parametrize("mode", ["global", "color"])
def test_scikit_learn_is_told_the_seed_and_the_counts(method: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for estimator in (KMeans, MiniBatchKMeans):

        def spy(self, points, sample_weight=None, fit=estimator.fit):
            told.append((type(self).__name__, self.random_state, self.n_clusters, points, sample_weight))
            return fit(self, points, sample_weight=sample_weight)

        monkeypatch.setattr(estimator, "fit", spy)
    values = np.repeat(np.arange(0, 60, 2, dtype=np.uint8), np.arange(30) % 7 + 1)
    image = values if mode == "global" else np.stack([values] * 3, axis=1)
    channel_axis = None if mode == "global" else -1
    fit(image, 5, mode=mode, channel_axis=channel_axis, method=method, random_state=11)
    [(name, seed, n_clusters, points, weights)] = told
    assert (name, seed, n_clusters) == ("KMeans" if method == "lloyd" else "MiniBatchKMeans", 11, 5)
    in_order = np.argsort(points[:, 0])
    np.testing.assert_array_equal(weights[in_order], np.arange(30) % 7 + 1)
    steps = np.diff(points[in_order, 0])
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)


def test_seeds_lead_to_different_centers() -> None:
    image = skimage.data.camera()[::4, ::4]
    for method in ("minibatch", "lloyd"):
        found = {fit(image, 24, method=method, random_state=seed).centers.tobytes() for seed in range(6)}
        assert len(found) > 1, method


def test_counts_decide_where_centers_lie() -> None:
    image = np.repeat(np.array([0, 10, 100, 110], np.uint8), [1000, 1, 1, 1000])
    for method in ("minibatch", "lloyd", "exact"):
        np.testing.assert_allclose(fit(image, 2, method=method).centers, [10 / 1001, 110 - 10 / 1001], rtol=1e-12)
