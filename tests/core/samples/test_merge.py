"""Counted samples of several images add up to those of all their pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_quantize.core.learning.learner import prepare, summarize
from napari_quantize.core.request.request import Request, no_tick
from napari_quantize.core.samples import merge
from napari_quantize.core.samples.merge import MergedSamples
from napari_quantize.core.samples.samples import CountedSamples


def count(image: np.ndarray, mode: str = "global", axis: int | None = None) -> CountedSamples:
    request = Request(mode, axis)
    _, pixels = prepare(image, None, 1, request, 1)
    return summarize(pixels, request, no_tick)[0]


def add_up(images: list[np.ndarray], mode: str = "global", axis: int | None = None) -> CountedSamples:
    total = MergedSamples(images[0].dtype, no_tick)
    for image in images:
        total.add(count(image, mode, axis))
    return total.total()


def assert_same(one: CountedSamples, other: CountedSamples) -> None:
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.counts, other.counts)
    assert (one.exact, one.low, one.high) == (other.exact, other.low, other.high)


@given(
    dtype=st.sampled_from([np.uint8, np.uint16, np.int16, np.float32, bool]),
    lengths=st.lists(st.integers(1, 50), min_size=1, max_size=5),
    seed=st.integers(0, 2**16),
)
def test_values_and_colours_are_those_of_all_pixels(dtype: type, lengths: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    images = [random.integers(0, 5, (length, 3)).astype(dtype) for length in lengths]
    assert_same(add_up(images), count(np.concatenate(images)))
    assert_same(add_up(images, "color", -1), count(np.concatenate(images), "color", -1))


@pytest.mark.parametrize("mode", ["global", "color"])
def test_few_wait_at_a_time(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setattr(merge, "MAX_DISTINCT", 30)
    monkeypatch.setattr(merge, "MAX_COLORS", 30)
    random = np.random.default_rng(0)
    total = MergedSamples(np.dtype(np.uint8), no_tick)
    images = [random.integers(0, 256, (10, 3)).astype(np.uint8) for _ in range(60)]
    for image in images:
        total.add(count(image, mode, -1))
        assert sum(len(one.values) for one in total._unmerged) <= 4 * 30
    found = total.total()
    assert not found.exact
    assert len(found.values) <= 30
    assert found.total == 60 * 10 * (3 if mode == "global" else 1)
    pixels = np.concatenate(images).astype(float)
    mean = pixels.mean(axis=0) if mode == "color" else pixels.mean()
    np.testing.assert_allclose(np.average(found.values, axis=0, weights=found.counts), mean, rtol=1e-12)


def test_summaries_of_many_values_add_up() -> None:
    random = np.random.default_rng(0)
    images = [random.normal(loc, 1, 90_000) for loc in (0, 50)]
    found = add_up(images)
    assert not found.exact
    assert len(found.values) <= 65_536
    assert found.total == 180_000
    assert (np.diff(found.values) > 0).all()
    assert (found.low, found.high) == (min(map(np.min, images)), max(map(np.max, images)))
    assert np.average(found.values, weights=found.counts) == pytest.approx(np.mean(images))
