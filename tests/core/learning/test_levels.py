"""Centers: never worse than scientific Python's own, at rest under Lloyd's steps, none without a value."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oracles import cost_of, counted, encode_one, learnt, optimal_cost
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_info, threadpool_limits

from napari_quantize.core.request.request import METHODS
from napari_quantize.core.samples.samples import CountedSamples

TINY = 5e-324


def exact_cost(samples: CountedSamples, centers: np.ndarray) -> Fraction:
    exact = [Fraction(center) for center in centers.tolist()]
    return sum(
        count * min((Fraction(value) - center) ** 2 for center in exact)
        for value, count in zip(samples.values.tolist(), samples.counts.tolist(), strict=True)
    )


def assert_sound(samples: CountedSamples, centers: np.ndarray, k: int) -> None:
    """As many as asked for, ascending, each with a value, and each the mean of its values."""
    assert len(centers) == min(k, len(samples.values))
    assert centers.dtype == np.float64
    assert (np.diff(centers) > 0).all()
    codes = encode_one(samples.values, centers, -1)
    assert np.bincount(codes, minlength=len(centers)).all()
    for index, center in enumerate(centers.tolist()):
        own = codes == index
        pairs = list(zip(samples.values[own].tolist(), samples.counts[own].tolist(), strict=True))
        mean = sum(Fraction(v) * c for v, c in pairs) / sum(c for _, c in pairs)
        width = pairs[-1][0] - pairs[0][0]
        assert abs(Fraction(center) - mean) <= max(Fraction(np.spacing(abs(center))), Fraction(1e-15) * Fraction(width))


def summaries(numbers: st.SearchStrategy[float], most: int = 12) -> st.SearchStrategy[CountedSamples]:
    pairs = st.tuples(numbers, st.integers(1, 10) | st.sampled_from([10**6, 10**12, 2**52]))
    return st.lists(pairs, min_size=1, max_size=most).map(lambda p: counted(*map(list, zip(*p, strict=True))))


smooth = st.integers(-50, 50).map(float) | st.floats(-100, 100, width=16)
anything = st.floats(-1e150, 1e150) | st.floats(-1, 1) | st.integers(0, 12).map(lambda steps: steps * TINY)
adjacent = st.integers(-6, 12).map(lambda steps: 1.0 + steps * 2.0**-53)  # below 1 floats lie half as far apart


@example(counted([0, 1e-20, 2e-20, 1e10, 1e10 + 1, 1e10 + 2]), 5)
@example(counted([-1, 0, 1e-200, 2e-200]), 3)
@example(counted([0, 3 * TINY, 4 * TINY, 9 * TINY]), 3)
@example(counted([-1e150, 0, 1e150], [2**52, 1, 2**52]), 2)
@example(counted([0, 255, 128], [10**6, 1, 1]), 2)
@given(summaries(smooth) | summaries(anything) | summaries(adjacent), st.integers(1, 12))
def test_centers_are_sound(samples: CountedSamples, k: int) -> None:
    for method in METHODS:
        assert_sound(samples, learnt(samples, k, method=method), k)


@given(summaries(smooth, 8), st.integers(1, 5))
def test_costs_are_the_least_possible(samples: CountedSamples, k: int) -> None:
    k = min(k, len(samples.values))
    cost, least = exact_cost(samples, learnt(samples, k)), optimal_cost(samples, k)
    slack = Fraction(1 + 1e-9)
    # Cumulative sums resolve costs to about 1e-15 of the cost of a single center.
    scale = Fraction(float(samples.counts.sum())) * Fraction(max(abs(samples.low), abs(samples.high), 1)) ** 2
    assert least <= cost * slack + Fraction(1e-20)
    assert cost <= least * slack + scale * Fraction(1e-13)


@pytest.mark.parametrize("k", [3, 40])
@pytest.mark.parametrize("shape", ["even", "bell", "two peaks", "long tail", "spikes"])
def test_costs_of_larger_summaries(shape: str, k: int) -> None:
    x = np.arange(1000)
    counts = {
        "even": np.ones(1000),
        "bell": 1e5 * np.exp(-(((x - 450) / 120) ** 2)) + 1,
        "two peaks": 1e5 * np.exp(-(((x - 300) / 60) ** 2)) + 1e3 * np.exp(-(((x - 750) / 90) ** 2)) + 1,
        "long tail": 1e7 / (1 + x) ** 2 + 1,
        "spikes": np.where(x % 200 == 0, 1e6, 1),
    }[shape].astype(int)
    samples = counted(x.tolist(), counts.tolist())
    centers = learnt(samples, k)
    assert_sound(samples, centers, k)
    plain = MiniBatchKMeans(k, random_state=0, n_init=1).fit(samples.values[:, None], sample_weight=samples.counts)
    assert cost_of(samples, centers) <= cost_of(samples, np.unique(plain.cluster_centers_)) * (1 + 1e-9)


@given(summaries(smooth), st.integers(1, 6), st.integers(-30, 30), st.integers(-20, 20))
def test_units_do_not_matter(samples: CountedSamples, k: int, exponent: int, shift: int) -> None:
    whole = counted(np.rint(samples.values).tolist(), samples.counts.tolist())
    moved = CountedSamples.from_counts((whole.values + shift) * 2.0**exponent, whole.counts)
    one, other = cost_of(whole, learnt(whole, k)), cost_of(moved, learnt(moved, k)) * 4.0**-exponent
    assert other == pytest.approx(one, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("counts", [[10**6, 1], [1, 10**15], [1, 1]])
def test_two_values_are_their_own_centers(counts: list[int]) -> None:
    samples = counted([0, 255], counts)
    for k in (2, 3, 65_536):
        assert learnt(samples, k).tolist() == [0, 255]
    assert learnt(samples, 1).tolist() == [255 * counts[1] / sum(counts)]


def test_given_values_are_copied() -> None:
    samples = counted([1, 2])
    assert not np.shares_memory(learnt(samples, 2), samples.values)
    assert samples.values.tolist() == [1, 2]


@pytest.mark.parametrize("k", [1, 2, 7, 60])
def test_the_seed_decides(k: int) -> None:
    samples = counted(np.random.default_rng(0).normal(size=500).tolist())
    for seed in (0, 1, 2**32 - 1):
        assert learnt(samples, k, seed).tobytes() == learnt(samples, k, seed).tobytes()


def test_scikit_learn_works_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    pools: list[int] = []
    fit = MiniBatchKMeans.fit

    def spy(self: MiniBatchKMeans, *args: object, **kwargs: object) -> MiniBatchKMeans:
        pools.extend(pool["num_threads"] for pool in threadpool_info())
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(MiniBatchKMeans, "fit", spy)
    with threadpool_limits(3):
        learnt(counted(list(range(50))), 4)
    assert set(pools) == {1}


@pytest.mark.parametrize("offset", [0, -200, 1e6])
@pytest.mark.parametrize("values", [[0, 1, 2, 100], [0, 98, 99, 100]])
@pytest.mark.parametrize("estimator", [KMeans, MiniBatchKMeans])
def test_scikit_learn_is_given_values_between_minus_1_and_1(
    estimator: type, values: list[int], offset: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[np.ndarray] = []
    fit = estimator.fit

    def spy(self: KMeans | MiniBatchKMeans, points: np.ndarray, **kwargs: object) -> KMeans | MiniBatchKMeans:
        given.append(points)
        return fit(self, points, **kwargs)

    monkeypatch.setattr(estimator, "fit", spy)
    method = "lloyd" if estimator is KMeans else "minibatch"
    learnt(counted(np.add(values, offset).tolist()), 2, method=method)
    [points] = given
    assert np.abs(points).max() == 1
    assert 0 in points


def test_only_the_warning_of_too_few_clusters_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = KMeans.fit

    def warn(self: KMeans, *args: object, **kwargs: object) -> KMeans:
        warnings.warn("fewer clusters", ConvergenceWarning, stacklevel=1)
        warnings.warn("something else", UserWarning, stacklevel=1)
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(KMeans, "fit", warn)
    with pytest.warns(UserWarning, match="something else") as caught:
        learnt(counted(list(range(50))), 4, method="lloyd")
    assert len(caught) == 1
