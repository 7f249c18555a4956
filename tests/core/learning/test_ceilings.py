"""How far what is learnt may lie above the optimum, and what scikit-learn is told on the way there."""

import numpy as np
import pytest
import skimage.data
import skimage.filters
from sklearn.cluster import KMeans, MiniBatchKMeans

from napari_quantize import fit, sweep

# In percent of the optimal cost, for each K. A little more than the worst of several seeds.
CEILINGS = {"camera": {4: 0.5, 8: 3.0}, "coins": {4: 0.5, 8: 3.0}}


@pytest.mark.parametrize("name", CEILINGS)
def test_costs_of_lloyd_stay_below_their_ceilings(name: str) -> None:
    image, ceilings = getattr(skimage.data, name)(), CEILINGS[name]
    for seed in range(3):
        results = list(sweep(image[::2, ::2], ceilings, method="lloyd", random_state=seed))
        found = {result.k: 100 * (result.quality.excess or 0) for result in results}
        assert {k: excess for k, excess in found.items() if excess > ceilings[k]} == {}


@pytest.mark.parametrize("name", ["camera", "coins", "page", "moon", "cell", "brick", "text", "retina"])
def test_the_default_ends_at_the_best_levels(name: str) -> None:
    image = getattr(skimage.data, name)()[::2, ::2]
    for k in (2, 3, 4, 5, 6, 7, 8, 16, 32, 40):
        best = fit(image, k, method="exact").centers
        for seed in (0, 1):
            np.testing.assert_allclose(fit(image, k, random_state=seed).centers, best, rtol=1e-12)


@pytest.mark.parametrize("k", [3, 5, 16, 32])
def test_the_default_ends_at_the_best_levels_of_wide_images(k: int) -> None:
    photons = np.random.default_rng(0).poisson(skimage.data.cell()[::4, ::4].astype(float) ** 1.5 + 90)
    for image in (photons.astype(np.uint16), skimage.filters.gaussian(photons.astype(np.float32), 1.5)):
        for result in sweep(image, [k]):
            assert result.quality.excess == pytest.approx(0, abs=1e-9)


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
    grey, colors = skimage.data.camera()[::4, ::4], skimage.data.astronaut()[::9, ::9]
    in_color = {"mode": "color", "channel_axis": -1}
    ways = {"levels": (grey, {"method": "lloyd"}), "colours": (colors, in_color)}
    ways["colours, lloyd"] = colors, in_color | {"method": "lloyd"}
    for name, (image, options) in ways.items():
        found = {fit(image, 24, random_state=seed, **options).levels[0].tobytes() for seed in range(6)}
        assert len(found) > 1, name


def test_counts_decide_where_centers_lie() -> None:
    image = np.repeat(np.array([0, 10, 100, 110], np.uint8), [1000, 1, 1, 1000])
    for method in ("minibatch", "lloyd", "exact"):
        np.testing.assert_allclose(fit(image, 2, method=method).centers, [10 / 1001, 110 - 10 / 1001], rtol=1e-12)
