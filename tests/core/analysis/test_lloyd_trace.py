"""Lloyd's algorithm step by step: as textbooks have it, and as scikit-learn does it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import counted, learnt
from sklearn.cluster import KMeans

from napari_quantize.core.analysis.lloyd_trace import MAX_STEPS, Lloyd
from napari_quantize.core.learning.learner import Learner
from napari_quantize.core.request.request import Request
from napari_quantize.core.samples.samples import CountedSamples

LIMIT = 1e-12  # of the values' range: rounding

numbers = st.integers(-50, 50).map(float) | st.floats(-100, 100, width=16)


def weighted(rows):
    values, counts = zip(*rows.items(), strict=True)
    values = np.array(values, dtype=float)
    order = np.lexsort(values.T[::-1]) if values.ndim > 1 else np.argsort(values)
    counts = np.array(counts, dtype=np.int64)
    return CountedSamples(values[order], counts[order], True, float(values.min()), float(values.max()))


levels = st.dictionaries(numbers.map(lambda x: x + 0.0), st.integers(1, 1000), min_size=1, max_size=30).map(weighted)
colours = st.dictionaries(st.tuples(*[st.integers(0, 40)] * 3), st.integers(1, 1000), min_size=1, max_size=40)
anything = levels | colours.map(weighted)


def nearest(samples: CountedSamples, centers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each sample's smallest squared distance, and to which centers it is that near."""
    apart = samples.values[:, np.newaxis] - centers
    squares = (apart**2).reshape(len(samples.values), len(centers), -1).sum(axis=2)
    least = squares.min(axis=1)
    return least, squares <= least[:, np.newaxis] + 1e-9


def range_of(samples: CountedSamples) -> float:
    return float(np.ptp(samples.values)) or 1.0


@given(anything, st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_each_step_is_a_textbook_step(samples: CountedSamples, k: int, seed: int) -> None:
    trace = Lloyd(samples).trace(k, seed)
    n, total = min(k, len(samples.values)), samples.total
    n_channels = samples.values.reshape(len(samples.values), -1).shape[1]
    assert trace.centers.shape[:2] == trace.shares.shape == (trace.n_steps + 1, n)
    assert (np.diff(trace.errors) <= LIMIT * range_of(samples)).all()
    np.testing.assert_allclose(trace.shares.sum(axis=1), 1)
    for centers, error, shares in zip(trace.centers, trace.errors, trace.shares, strict=True):
        least, near = nearest(samples, centers)
        mean = (samples.counts * least).sum() / (total * n_channels)
        np.testing.assert_allclose(error, np.sqrt(mean), rtol=1e-9, atol=1e-9)
        # Ties may go either way: each center takes what only it is nearest to, and at most all that it is as near to.
        only = samples.counts @ (near & (near.sum(axis=1) == 1)[:, np.newaxis]) / total
        assert (only - 1e-12 <= shares).all()
        assert (shares <= samples.counts @ near / total + 1e-12).all()


@given(anything, st.integers(1, 12), st.integers(0, 99))
def test_start_is_of_different_samples_and_the_end_is_stable(samples: CountedSamples, k: int, seed: int) -> None:
    trace = Lloyd(samples).trace(k, seed)
    least, near = nearest(samples, trace.centers[0])
    assert np.count_nonzero(least <= 1e-18) == trace.centers.shape[1]
    assert trace.settled
    least, near = nearest(samples, trace.centers[-1])
    if (near.sum(axis=1) == 1).all():
        for center, own in zip(trace.centers[-1], near.T, strict=True):
            if own.any():
                mean = np.average(samples.values[own], axis=0, weights=samples.counts[own])
                np.testing.assert_allclose(center, mean, atol=1e-9 * range_of(samples))


@given(anything, st.integers(1, 12), st.integers(0, 99))
def test_same_seed_same_trace(samples: CountedSamples, k: int, seed: int) -> None:
    one, other = Lloyd(samples).trace(k, seed), Lloyd(samples).trace(k, seed)
    np.testing.assert_array_equal(one.centers, other.centers)
    np.testing.assert_array_equal(one.errors, other.errors)


@given(levels, st.integers(1, 8), st.integers(0, 99))
def test_error_is_never_below_the_least(samples: CountedSamples, k: int, seed: int) -> None:
    lloyd = Lloyd(samples)
    least = lloyd.least_error(k)
    learner = Learner((samples,), Request(), np.dtype(float), lambda: None)
    assert least == pytest.approx(np.sqrt(learner.least_mse(k)))
    trace = lloyd.trace(k, seed)
    assert trace.errors[-1] >= least - LIMIT * range_of(samples)
    best = learnt(samples, k, method="exact")
    assert lloyd.error(best) == pytest.approx(least, abs=1e-9 * range_of(samples))
    assert (np.diff(trace.centers, axis=1) > 0).all()
    step = trace.n_steps // 2
    np.testing.assert_array_equal(trace.borders(step), (trace.centers[step][1:] + trace.centers[step][:-1]) / 2)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n_channels", [1, 2, 3])
def test_it_ends_where_scikit_learn_ends(n_channels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.unique(rng.normal(100, 40, (700, n_channels)), axis=0)
    counts = rng.integers(1, 50, len(values))
    shape = (-1,) if n_channels == 1 else (-1, n_channels)
    samples = CountedSamples(values.reshape(shape), counts, True, float(values.min()), float(values.max()))
    trace = Lloyd(samples).trace(6, seed)
    assert trace.settled
    assert trace.shares.all()
    start = trace.centers[0].reshape(6, -1)
    model = KMeans(6, init=start, n_init=1, algorithm="lloyd", tol=0, max_iter=MAX_STEPS)
    model.fit(values, sample_weight=counts)
    np.testing.assert_allclose(trace.centers[-1].reshape(6, -1), model.cluster_centers_, rtol=1e-9)
    rmse = np.sqrt(model.inertia_ / counts.sum() / n_channels)
    assert trace.errors[-1] == pytest.approx(rmse)


def test_a_center_without_values_stays_where_it_is(monkeypatch) -> None:
    places = {(2, 9): 20, (4, 3): 1, (6, 6): 20, (7, 9): 20, (9, 9): 300, (9, 10): 1, (11, 1): 300, (11, 4): 300}
    samples = weighted(places)
    monkeypatch.setattr("napari_quantize.core.analysis.lloyd_trace._drawn", lambda *_: np.array([2, 3, 4]))
    trace = Lloyd(samples).trace(3, 0)
    [[step, center]] = np.argwhere(trace.shares == 0)
    assert 0 < step < trace.n_steps
    np.testing.assert_array_equal(trace.centers[step + 1, center], trace.centers[step, center])
    assert trace.settled


def test_frequent_values_are_drawn_more_readily() -> None:
    samples = counted([0, 1, 2, 3], [1, 1, 1, 97])
    starts = [Lloyd(samples).trace(1, seed).centers[0, 0] for seed in range(200)]
    assert 180 <= np.count_nonzero(np.equal(starts, 3)) < 200


def test_all_values_are_kept_where_there_are_no_more() -> None:
    samples = counted([3, 5, 9], [1, 2, 3])
    trace = Lloyd(samples).trace(8, 0)
    np.testing.assert_allclose(trace.centers[-1], [3, 5, 9])
    assert trace.errors[-1] == pytest.approx(0, abs=1e-12)
    assert Lloyd(samples).least_error(8) == 0


def test_colours_have_no_least_error_and_lie_by_luminance() -> None:
    rng = np.random.default_rng(0)
    samples = weighted({tuple(row): 1 for row in rng.integers(0, 255, (200, 3)).tolist()})
    lloyd = Lloyd(samples)
    assert lloyd.least_error(4) is None
    trace = lloyd.trace(4, 0)
    assert (np.diff(trace.centers[-1] @ (0.2126, 0.7152, 0.0722)) > 0).all()
    assert lloyd.error(trace.centers[-1]) == pytest.approx(trace.errors[-1])


def test_a_long_run_is_stopped(monkeypatch) -> None:
    monkeypatch.setattr("napari_quantize.core.analysis.lloyd_trace.MAX_STEPS", 3)
    samples = counted(list(range(500)), list(range(1, 501)))
    trace = Lloyd(samples).trace(9, 0)
    assert trace.n_steps == 3
    assert not trace.settled
