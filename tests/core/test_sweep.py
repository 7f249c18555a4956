"""Sweeps: as if each k were asked for on its own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import LEVEL_MODES, channel_images, images, same_bytes

from napari_quantize import fit, sweep
from napari_quantize.core.codebook import codebook
from napari_quantize.core.learning import learner
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.samples.samples import count_samples

some_ks = st.lists(st.integers(1, 12), min_size=1, max_size=5)


@given(images(), some_ks)
def test_each_result_is_that_of_its_k_alone(image: np.ndarray, ks: list[int]) -> None:
    before = image.tobytes()
    results = list(sweep(image, ks))
    assert [result.k for result in results] == sorted(set(ks))
    for result in results:
        alone = fit(image, result.k)
        assert result.codebook == alone
        assert same_bytes(result.image, alone.apply(image))
        assert result.samples[0].digest() == results[0].samples[0].digest()
    assert image.tobytes() == before


@given(channel_images(), some_ks, st.sampled_from(LEVEL_MODES), st.integers(0, 5))
def test_arguments_reach_the_codebook(case: tuple[np.ndarray, int], ks: list[int], mode: str, seed: int) -> None:
    image, axis = case
    for result in sweep(image, ks, mode=mode, channel_axis=axis, random_state=seed):
        alone = fit(image, result.k, mode=mode, channel_axis=axis, random_state=seed)
        assert result.codebook == alone
        assert same_bytes(result.image, alone.apply(image))


def test_results_come_one_by_one() -> None:
    ticks: list[int] = []
    results = sweep(np.arange(100), (2, 4, 8), tick=lambda: ticks.append(1))
    assert not ticks
    next(results)
    after_first = len(ticks)
    assert after_first
    next(results)
    assert len(ticks) > after_first


def test_the_counted_samples_come_along() -> None:
    image = np.random.default_rng(0).integers(0, 50, (30, 40), dtype=np.uint8)
    (expected,) = count_samples(Pixels.of(image, None), "global", lambda: None)
    for result in sweep(image):
        assert result.samples[0].digest() == expected.digest()


def test_six_ks_are_tried_unless_told() -> None:
    assert [result.k for result in sweep(np.arange(100))] == [1, 2, 4, 8, 16, 32]


def test_a_loss_too_small_for_float64_has_no_excess() -> None:
    (result,) = sweep(np.array([5e-324, 0, 1, 1]), [2])
    assert result.codebook.n_used == 2
    assert result.quality.excess is None


def test_an_image_is_checked_and_a_mask_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: calls.append(name) or function(*args)

    for module in (learner, codebook):
        monkeypatch.setattr(module, "check_image", counting("image", module.check_image))
    monkeypatch.setattr(learner, "mask_digest", counting("mask", learner.mask_digest))
    assert len(list(sweep(np.arange(100), (2, 4, 8), mask=np.arange(100) > 3))) == 3
    assert sorted(calls) == ["image", "mask"]


def test_what_is_not_learnt_from_must_fit_the_color_space_too() -> None:
    image = np.random.default_rng(0).random((4, 5, 3))
    image[0, 0] = 2.0
    learnable = image[..., 0] <= 1
    with pytest.raises(ValueError, match="color_space='lab' takes floats from 0 to 1, but the image holds"):
        list(sweep(image, (2,), mode="color", channel_axis=-1, color_space="lab", mask=learnable))
