"""Error against K: what no levels fall below, what is an image's own noise, and what is said of both."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_quantize import fit
from napari_quantize.core.analysis import error_curve
from napari_quantize.core.analysis.error_curve import Baseline, ErrorCurve, Point, least_errors
from napari_quantize.core.learning.learner import make_learner
from napari_quantize.core.request.request import Request, no_tick
from napari_quantize.viewer.panels.error_curve.model import nearest_k

RNG = np.random.default_rng(0)


def learner(image, **request):
    return make_learner(image, Request(**request), None, no_tick)


def unrounded_mse(image, centers):
    return np.min((image.astype(float)[..., np.newaxis] - centers) ** 2, axis=-1).mean()


def test_least_errors_are_those_of_exact_fits():
    image = RNG.gamma(2, 20, (30, 40)).clip(0, 255).astype(np.uint8)
    least = least_errors(learner(image))
    assert len(least) == 64
    for k in (1, 2, 3, 7, 20, 64):
        assert least[k - 1] == pytest.approx(np.sqrt(unrounded_mse(image, fit(image, k, method="exact").centers)))
    assert (np.diff(least) < 0).all()
    assert least[0] == pytest.approx(image.std())


def test_least_errors_of_a_few_values_by_all_partitions():
    values = np.array([0, 1, 5, 6, 20], dtype=np.uint8)
    least = least_errors(learner(values))
    for k in range(1, 6):
        cuts = itertools.combinations(range(1, 5), k - 1)
        best = min(sum(part.var() * len(part) for part in np.split(values.astype(float), cut)) for cut in cuts)
        assert least[k - 1] == pytest.approx(np.sqrt(best / 5))
    assert len(least) == 5
    assert least[-1] == 0


def test_least_errors_of_each_channel_s_own_levels():
    image = RNG.integers(0, 60, (9, 9, 3), dtype=np.uint8)
    least = least_errors(learner(image, mode="per_channel", channel_axis=-1))
    codebook = fit(image, 4, mode="per_channel", channel_axis=-1, method="exact")
    mses = [unrounded_mse(image[..., channel], codebook.centers[channel]) for channel in range(3)]
    assert least[3] == pytest.approx(np.sqrt(np.mean(mses)))


def test_least_errors_end_before_they_take_long(monkeypatch):
    monkeypatch.setattr(error_curve, "_MAX_WORK", 500)
    assert len(least_errors(learner(np.arange(100, dtype=np.uint16)))) == 5


def points(errors, **options):
    return tuple(Point(str(k), k, error, **options) for k, error in errors.items())


@pytest.mark.parametrize(
    ("errors", "least", "noise", "first"),
    [
        ({2: 9.0, 8: 4.0, 32: 1.0}, [], 2.0, 32),
        ({2: 9.0, 8: 4.0, 32: 1.0}, [], 0.5, None),
        ({2: 9.0, 8: 4.0, 32: 1.0}, [], None, None),
        ({2: 1.0, 8: 4.0, 32: 1.0}, [], 2.0, 32),  # not from K=2 on
        ({2: 9.0, 32: 1.0}, [20.0, 9.0, 5.0, 1.9, 1.0], 2.0, 4),
        ({2: 9.0, 32: 1.0}, [20.0, 9.0, 5.0], 2.0, None),
        ({}, [], 2.0, None),
    ],
)
def test_the_first_k_below_the_noise_is_found(errors, least, noise, first):
    model = ErrorCurve(points(errors), Baseline(np.array(least), noise))
    assert model.first_below == first


def test_colour_differences_are_held_against_what_can_be_seen():
    def first(errors):
        return ErrorCurve(points(errors), quantity="delta_e").first_below

    assert first({2: 9.0, 8: 1.0, 32: 0.9}) == 32
    assert first({2: 9.0, 8: 0.5, 32: float("nan"), 64: 0.4}) == 8  # one that is not known says nothing
    assert first({2: 9.0, 8: 0.5, 32: 1.0}) is None
    of_one_k = (Point("a", 8, 0.5), Point("b", 8, 1.5), Point("c", 9, 0.5))
    assert {ErrorCurve(order, quantity="delta_e").first_below for order in itertools.permutations(of_one_k)} == {9}
    assert ErrorCurve(quantity="delta_e").limits[0] < 1 < ErrorCurve(quantity="delta_e").limits[1]


def test_small_gains():
    def first(least, errors=None):
        return ErrorCurve(points(errors or {}), Baseline(np.array(least))).small_gains_from

    assert first([10.0, 5.0, 4.8, 4.7]) == 2
    assert first([10.0, 9.9, 5.0, 4.9]) == 3  # not from K=1 on
    assert first([10.0, 5.0, 2.0]) is None
    assert first([10.0, 0.0]) is None
    assert first([], {2: 9.0, 4: 8.5, 8: 8.4}) == 4
    assert first([], {2: 9.0, 4: 8.5}) is None
    assert first([], {2: 0.0, 4: 0.0}) == 2
    assert first([], {2: 9.0}) is None


@pytest.mark.parametrize(
    ("errors", "visible", "close"),
    [({2: 9.0, 8: 2.0, 32: 1.0}, 32, 8), ({2: 9.0, 8: 0.5, 32: 1.5}, None, 8), ({2: 9.0}, None, None)],
)
def test_first_up_to_a_colour_difference(errors, visible, close):
    model = ErrorCurve(points(errors), quantity="delta_e")
    assert (model.first_up_to(1), model.first_up_to(2)) == (visible, close)


def test_points_made_in_another_way_do_not_count():
    model = ErrorCurve((*points({8: 4.0}), *points({32: 1.0}, comparable=False)), Baseline(noise=2.0))
    assert model.first_below is None
    assert model.point_at(32).error == 1.0
    assert model.point_at(3) is None
    both = ErrorCurve((Point("a", 8, 1.0, comparable=False), Point("b", 8, 2.0), Point("c", 8, 3.0, current=True)))
    assert both.point_at(8).key == "c"


def test_limits_show_all_that_is_not_nothing():
    low, high = ErrorCurve(points({1: 50.0, 256: 0.0}), Baseline(np.array([50.0, 20.0, 0.0]), 3.0)).limits
    assert 0 < low < 3
    assert high > 50
    assert ErrorCurve().limits[0] < ErrorCurve().limits[1]
    assert ErrorCurve(points({256: 0.0})).last_k == 256


def test_errors_halve_with_twice_as_many_levels():
    model = ErrorCurve(baseline=Baseline(np.array([40.0, 18.0])))
    assert [model.halving(k) for k in (1, 2, 8)] == [40, 20, 5]
    assert ErrorCurve().halving(2) is None


@given(st.integers(1, 300), st.integers(1, 300))
def test_each_k_is_nearest_to_its_own_place(k, last):
    k = min(k, last)
    assert nearest_k(float(np.log2(k)), last) == k


@given(st.floats(-5, 12), st.integers(1, 300))
def test_nearest_k_is_nearest(place, last):
    distances = [abs(np.log2(k) - place) for k in range(1, last + 1)]
    assert distances[nearest_k(place, last) - 1] == pytest.approx(min(distances))
