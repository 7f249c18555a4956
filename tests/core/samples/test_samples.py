"""Counting: what numpy's own unique says of the finite, visible values."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import channel_images, counted, finite_values, images, same_bytes, small_blocks, visible

from napari_quantize import fit
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.samples.samples import CountedSamples, _WideValues, count_samples

NO_VALUE = r"^the image has no finite, visible value to learn from$"


def count(image: np.ndarray, mode: str = "global", axis: int | None = None, *, alpha: bool = False) -> tuple:
    return count_samples(Pixels.of(image, axis, alpha), mode, lambda: None)


def assert_counts(samples: CountedSamples, values: np.ndarray) -> None:
    expected, counts = np.unique(finite_values(values).astype(np.float64) + 0.0, return_counts=True)
    assert same_bytes(samples.values, expected)
    np.testing.assert_array_equal(samples.counts, counts)
    assert samples.exact
    assert (samples.low, samples.high) == (expected[0], expected[-1])
    assert samples.total == counts.sum()


@given(images(), st.integers(1, 3), st.integers(1, 50))
def test_counts_are_those_of_unique(image: np.ndarray, n_threads: int, block: int) -> None:
    with small_blocks(n_threads, block):
        (samples,) = count(image)
    assert_counts(samples, image)


@given(channel_images(), st.booleans())
def test_channels_are_counted_together_or_each_on_its_own(case: tuple[np.ndarray, int], alpha: bool) -> None:
    image, axis = case
    shown = visible(image, axis, alpha=alpha)
    channels = [channel[shown] for channel in np.moveaxis(image, axis, 0)][: -1 if alpha else None]
    if not all(np.isfinite(channel).any() for channel in channels):
        with pytest.raises(ValueError, match=NO_VALUE):
            count(image, "per_channel", axis, alpha=alpha)
        return
    with small_blocks(2):
        assert_counts(count(image, "global", axis, alpha=alpha)[0], np.concatenate(channels))
        for samples, channel in zip(count(image, "per_channel", axis, alpha=alpha), channels, strict=True):
            assert_counts(samples, channel)


@pytest.mark.parametrize("dtype", ["?", "u1", "f2", "u2", "i4", "f4", "f8", ">f4"])
def test_many_blocks_are_merged(dtype: str) -> None:
    image = np.random.default_rng(0).integers(0, 200, (300, 700)).astype(dtype)
    assert_counts(count(image)[0], image)


@pytest.mark.parametrize("dtype", ["f4", "i8"])
def test_exactly_as_many_values_as_are_kept_one_by_one(dtype: str) -> None:
    image = np.random.default_rng(0).permutation(np.arange(65_536)).astype(dtype).repeat(20)
    assert_counts(count(image)[0], image)
    assert not count(np.append(image, image.dtype.type(-1)))[0].exact


NOTHING = [
    (np.full((2, 2), np.nan), {}),
    (np.full((2, 2), np.inf, dtype="f4"), {}),
    (np.full((2, 2), -np.inf, dtype="f2"), {}),
    (np.array([[1, 2, 3, 0]], dtype="u1"), {"channel_axis": 1, "alpha": True}),
    (np.array([[1.0, 2.0, -0.0]]), {"channel_axis": 1, "alpha": True}),
    (np.array([[1.0, np.nan], [2.0, np.nan]]), {"channel_axis": 1, "mode": "per_channel"}),
]


@pytest.mark.parametrize(("image", "arguments"), NOTHING)
def test_nothing_to_learn_from(image: np.ndarray, arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=NO_VALUE):
        fit(image, 2, **arguments)


TOO_LARGE = [
    (np.array([2**53 + 1, 0]), "the image holds 9007199254740993: integers beyond 2**53 cannot be told apart"),
    (np.array([-(2**63), 0]), "the image holds -9223372036854775808: integers beyond 2**53"),
    (np.array([2**64 - 1, 0], "u8"), "the image holds 18446744073709551615: integers beyond 2**53"),
    (np.append(np.arange(70_000), 2**60), "the image holds 1152921504606846976: integers beyond 2**53"),
    (np.array([1.1e150]), "the image holds 1.1e+150: values beyond 1e150 cannot be squared, as k-means does"),
    (np.array([0, -1e300, np.nan]), "the image holds -1e+300: values beyond 1e150"),
    (np.append(np.linspace(0, 1, 70_000), 1e200), "the image holds 1e+200: values beyond 1e150"),
]


@pytest.mark.parametrize(("image", "sentence"), TOO_LARGE)
def test_values_too_large_to_work_with(image: np.ndarray, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        fit(image, 2)


@pytest.mark.parametrize("image", [np.array([2**53, -(2**53)]), np.array([1e150, -1e150])])
def test_the_largest_values_there_may_be(image: np.ndarray) -> None:
    assert_counts(count(image)[0], image)


def test_large_values_that_take_no_part_do_no_harm() -> None:
    image = np.array([[1, 2**60, 0], [2, 3, 1]])
    assert fit(image, 5, channel_axis=1, alpha=True).centers.tolist() == [2, 3]


def test_masks_of_0_and_255_declared_bool() -> None:
    image = np.array([0, 255, 3, 0, 0], dtype=np.uint8).view(bool)
    (samples,) = count(image)
    assert (samples.values.tolist(), samples.counts.tolist()) == ([0, 1], [3, 2])


def test_zeros_of_either_sign_are_one_value() -> None:
    for dtype in ("f2", "f4", "f8"):
        (samples,) = count(np.array([-0.0, 0.0, -0.0], dtype))
        assert same_bytes(samples.values, np.array([0.0]))


@given(st.lists(st.floats(-10, 10), min_size=1), st.randoms())
def test_the_digest_does_not_depend_on_order(values: list[float], random: object) -> None:
    mixed = random.sample(values, len(values))
    assert counted(values).digest() == counted(mixed).digest()
    assert counted(values).digest() != counted([*values, 11.0]).digest()
    assert counted(values).digest() != counted([*values, values[0]]).digest()


@pytest.mark.parametrize("order", [1, -1])
def test_too_many_values_in_one_of_two_tallies_are_too_many(order: int) -> None:
    few, many = _WideValues([slice(0, 1)]), _WideValues([slice(0, 1)])
    few.add(Pixels.of(np.arange(5.0), None))
    many.add(Pixels.of(np.arange(140_000.0), None))
    one, other = (few, many)[::order]
    one.merge(other)
    ((_, counted),) = one.groups
    assert counted.exact_samples() is None
