"""The exact method is optimal: against all partitions, against ckwrap, against Otsu's thresholds."""

import ckwrap
import numpy as np
import pytest
import skimage.data
from hypothesis import example, given
from hypothesis import strategies as st
from oracles import cost_of, counted, optimal_cost
from skimage.filters import threshold_multiotsu, threshold_otsu

from napari_quantize import fit, sweep
from napari_quantize.core.learning.optimal_levels import OptimalPartitions
from napari_quantize.core.learning.weighted_values import WeightedValues
from napari_quantize.core.request.request import no_tick
from napari_quantize.core.samples.samples import CountedSamples


def optimum(samples: CountedSamples) -> OptimalPartitions:
    return OptimalPartitions(WeightedValues(samples, no_tick), no_tick)


def spread(n: int, kind: str) -> CountedSamples:
    rng = np.random.default_rng(n)
    values = {
        "every value": np.arange(n),
        "16 bit with an offset": 60_000 + np.arange(n),
        "gaps": np.unique(rng.integers(0, 20 * n, 3 * n))[:n],
        "floats": np.unique(rng.normal(size=n)),
    }[kind]
    return counted(values.tolist(), rng.integers(1, 10_000, len(values)).tolist())


summaries = st.lists(
    st.tuples(st.integers(-50, 50).map(float) | st.floats(-100, 100, width=16), st.integers(1, 10**6)),
    min_size=1,
    max_size=9,
).map(lambda pairs: counted(*map(list, zip(*pairs, strict=True))))


@example(counted([0, 1, 2, 3]), 2)  # two cuts are equally good
@example(counted([0, 1, 3, 4], [1, 1, 1, 1]), 3)
@given(summaries, st.integers(1, 9))
def test_no_partition_costs_less(samples: CountedSamples, k: int) -> None:
    k = min(k, len(samples.values))
    cost = cost_of(samples, optimum(samples).centers(k))
    assert cost == pytest.approx(float(optimal_cost(samples, k)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("kind", ["every value", "16 bit with an offset", "gaps", "floats"])
@pytest.mark.parametrize(("n", "ks"), [(3, (2, 3)), (256, (2, 5, 32, 200)), (401, (3, 64)), (5_000, (2, 16, 100))])
def test_costs_are_those_of_ckwrap(n: int, ks: tuple[int, ...], kind: str) -> None:
    samples = spread(n, kind)
    best = optimum(samples)
    weights = samples.counts.astype(np.float64)
    for k in ks:
        if k <= len(samples.values):
            theirs = ckwrap.ckmeans(samples.values - samples.values.mean(), k, weights=weights).withinss.sum()
            assert cost_of(samples, best.centers(k)) == pytest.approx(theirs, rel=1e-9, abs=1e-9 * weights.sum())


def test_the_two_ways_to_search_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(2, 40):
        samples = spread(n, "gaps")
        wide = optimum(samples)
        monkeypatch.setattr("napari_quantize.core.learning.optimal_levels._DENSE", 0)
        narrow = optimum(samples)
        monkeypatch.undo()
        for k in range(1, n + 1):
            assert cost_of(samples, wide.centers(k)) == pytest.approx(cost_of(samples, narrow.centers(k)), rel=1e-9)


def test_the_order_of_asking_does_not_matter() -> None:
    samples = spread(300, "gaps")
    rising, falling = optimum(samples), optimum(samples)
    one = [rising.centers(k).tobytes() for k in range(1, 40)]
    other = [falling.centers(k).tobytes() for k in range(39, 0, -1)][::-1]
    assert one == other


@pytest.mark.parametrize("name", ["camera", "coins", "moon", "cell"])
def test_borders_are_those_of_otsu(name: str) -> None:
    """Otsu's method maximises the variance between classes: the least variance within them, which is k-means' cost.

    Thresholds of other programs can differ by a bin: ImageJ and scikit-image cut after the threshold (class 0 is
    ``value <= threshold``), others before it; both put 256 bins over the range of what is not 8 bit, where this
    method takes the values themselves; and where no pixel has the values between two classes, every cut in between is
    equally good. So classes are compared, not thresholds.
    """
    image = getattr(skimage.data, name)()
    for k in (2, 3, 4):
        codes = fit(image, k, method="exact").encode(image)
        thresholds = [threshold_otsu(image)] if k == 2 else threshold_multiotsu(image, k)
        assert np.array_equal(codes, np.digitize(image, thresholds, right=True))


def test_a_sweep_gives_what_fit_gives_and_no_other_method_less() -> None:
    image = skimage.data.coins()
    for result in sweep(image, (1, 2, 7, 32, 300), method="exact"):
        assert result.codebook == fit(image, result.k, method="exact")
        assert result.quality.excess == (None if result.k == 300 else 0.0)
        for method in ("minibatch", "lloyd"):
            [other] = sweep(image, [result.k], method=method)
            assert other.quality.excess is None or other.quality.excess >= 0.0


def test_the_seed_does_not_matter() -> None:
    image = skimage.data.moon()
    assert fit(image, 9, method="exact", random_state=1).levels[0].tobytes() == (
        fit(image, 9, method="exact", random_state=2).levels[0].tobytes()
    )


def test_excess_over_all_channels_together() -> None:
    image = skimage.data.astronaut()[::4, ::4]
    [found] = sweep(image, [6], mode="per_channel", channel_axis=-1)
    costs = [
        sum(cost_of(counted_, centers) for counted_, centers in zip(found.samples, book.levels, strict=True))
        for book in (found.codebook, fit(image, 6, mode="per_channel", channel_axis=-1, method="exact"))
    ]
    assert found.quality.excess == pytest.approx(costs[0] / costs[1] - 1, abs=1e-9)


def test_what_is_out_of_reach_is_said_first() -> None:
    image = np.arange(65_536, dtype=np.uint16)
    message = "k=3000 is out of reach of method='exact' for 65,536 distinct values: at most 2,048 is possible"
    with pytest.raises(ValueError, match=message):
        fit(image, 3000, method="exact")
    with pytest.raises(ValueError, match=message):
        next(sweep(image, (2, 3000), method="exact"))
    assert fit(image, 65_536, method="exact").n_used == 65_536
    [result] = sweep(image, [100])
    assert result.quality.excess is None


@pytest.mark.parametrize("n", [300, 1200])  # both ways to search
@pytest.mark.parametrize("outlier", [-3.4e38, 3.4e38, -1e10, 1e10, -1e8])
def test_an_outlier_takes_a_level_of_its_own_and_leaves_the_others_the_best(n: int, outlier: float) -> None:
    rng = np.random.default_rng(n)
    values = np.concatenate([rng.normal(mean, width, n // 3) for mean, width in ((0, 0.02), (0.3, 0.05), (1, 0.1))])
    [plain] = sweep(values, [6], method="exact")
    [found] = sweep(np.append(values, outlier), [7], method="exact")
    np.testing.assert_allclose(found.image[:-1], plain.image, rtol=1e-6, atol=1e-9)
    assert found.image[-1] == outlier
    assert plain.quality.excess == 0
    assert found.quality.excess is None  # the least cost is within the rounding errors of the outlier's square
    for method in ("minibatch", "lloyd"):
        [other] = sweep(np.append(values, outlier), [7], method=method)
        assert other.quality.excess is None
