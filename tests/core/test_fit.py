"""Fit and quantize from end to end: what holds for every image."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import (
    DTYPES,
    LEVEL_MODES,
    apply_one,
    by_channel,
    channel_images,
    distinct,
    encode_one,
    finite_values,
    images,
    same_bytes,
    small_blocks,
    visible,
)

from napari_quantize import Codebook, fit, quantize

ks = st.integers(1, 9) | st.sampled_from([200, 65_536])


@given(images(), ks)
def test_shape_and_dtype_stay_and_the_source_too(image: np.ndarray, k: int) -> None:
    before = image.tobytes()
    result = quantize(image, k)
    assert result.shape == image.shape
    assert result.dtype == image.dtype
    assert result.dtype.byteorder == image.dtype.byteorder
    assert result.flags.writeable
    assert not np.shares_memory(result, image)
    assert image.tobytes() == before


@given(images(), ks)
def test_at_most_k_values_are_left(image: np.ndarray, k: int) -> None:
    codebook = fit(image, k)
    assert len(np.unique(finite_values(codebook.apply(image)))) <= codebook.n_used == len(codebook.centers) <= k


@given(images(), ks)
def test_quantizing_is_exactly_nearest(image: np.ndarray, k: int) -> None:
    codebook = fit(image, k)
    indices, result = codebook.encode(image), codebook.apply(image)
    np.testing.assert_array_equal(indices, encode_one(image, codebook.centers, codebook.n_used))
    assert indices.shape == image.shape
    assert indices.dtype == np.min_scalar_type(codebook.n_used)
    assert same_bytes(result, apply_one(image, codebook.centers))
    if image.dtype.kind != "f":
        np.testing.assert_array_equal(result, np.rint(codebook.centers)[indices].astype(image.dtype))


@given(images(), ks)
def test_every_center_has_a_value(image: np.ndarray, k: int) -> None:
    codebook = fit(image, k)
    assert codebook.n_used == min(k, len(distinct(image)))
    assert np.bincount(codebook.encode(image).ravel())[: codebook.n_used].all()


@given(images(), ks)
def test_twice_changes_nothing(image: np.ndarray, k: int) -> None:
    codebook = fit(image, k)
    once = codebook.apply(image)
    assert same_bytes(codebook.apply(once), once)


@given(images(max_values=5))
def test_enough_centers_lose_nothing(image: np.ndarray) -> None:
    codebook = fit(image, 5)
    assert same_bytes(codebook.centers, distinct(image))
    np.testing.assert_array_equal(codebook.apply(image), image)


def reference(image: np.ndarray, codebook: Codebook) -> tuple[np.ndarray, np.ndarray]:
    """Indices and values by the slow way, channel by channel."""
    most = max(map(len, codebook.levels))
    axis = codebook.channel_axis
    shown = visible(image, axis, alpha=codebook.alpha)
    indices, result = np.full(image.shape, most), image.copy()
    for number, (channel, centers) in enumerate(by_channel(image, codebook)):
        where = (slice(None),) * (axis % image.ndim) + (number,)
        codes = encode_one(channel, centers, most)
        indices[where] = np.where(shown, codes, most)
        np.copyto(result[where], apply_one(channel, centers), where=shown)
    return indices, result


def learnable(image: np.ndarray, axis: int, *, alpha: bool) -> bool:
    shown = visible(image, axis, alpha=alpha)
    channels = list(np.moveaxis(image, axis, 0))[: -1 if alpha else None]
    return all(np.isfinite(channel[shown]).any() for channel in channels)


@given(channel_images(), ks, st.sampled_from(LEVEL_MODES), st.booleans(), st.integers(1, 3))
def test_channels_get_the_nearest_centers_and_alpha_stays(
    case: tuple[np.ndarray, int], k: int, mode: str, alpha: bool, n_threads: int
) -> None:
    image, axis = case
    assume(learnable(image, axis, alpha=alpha))
    with small_blocks(n_threads):
        codebook = fit(image, k, mode=mode, channel_axis=axis, alpha=alpha)
        indices, result = reference(image, codebook)
        np.testing.assert_array_equal(codebook.encode(image), indices)
        assert same_bytes(codebook.apply(image), result)
    assert indices.max() <= max(map(len, codebook.levels))


@given(channel_images(), ks)
def test_per_channel_is_each_channel_on_its_own(case: tuple[np.ndarray, int], k: int) -> None:
    image, axis = case
    codebook = fit(image, k, mode="per_channel", channel_axis=axis)
    result = codebook.apply(image)
    assert len(codebook.centers) == image.shape[axis]
    for number, channel in enumerate(np.moveaxis(image, axis, 0)):
        alone = fit(channel, k)
        assert same_bytes(codebook.centers[number], alone.centers)
        assert codebook.n_used[number] == alone.n_used
        assert same_bytes(np.take(result, number, axis), alone.apply(channel))


@given(channel_images(), ks, st.sampled_from(LEVEL_MODES), st.integers(-3, 2))
def test_the_axis_of_the_channels_does_not_matter(
    case: tuple[np.ndarray, int], k: int, mode: str, position: int
) -> None:
    image, axis = case
    moved = np.moveaxis(image, axis, position)
    one = quantize(image, k, mode=mode, channel_axis=axis)
    other = quantize(moved, k, mode=mode, channel_axis=position)
    assert same_bytes(np.moveaxis(one, axis, position), other)


@given(images(), ks)
def test_per_channel_with_one_channel_is_global(image: np.ndarray, k: int) -> None:
    one = fit(image, k, mode="per_channel")
    assert len(one.centers) == 1
    assert same_bytes(one.centers[0], fit(image, k).centers)
    assert same_bytes(one.apply(image), quantize(image, k))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_photos_of_every_dtype(dtype: np.dtype) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 2 if dtype.kind == "b" else 120, (150, 170, 3)).astype(dtype)
    for mode in LEVEL_MODES:
        codebook = fit(image, 7, mode=mode, channel_axis=2)
        result = codebook.apply(image)
        for channel, (source, centers) in enumerate(by_channel(image, codebook)):
            few, places = np.unique(source, return_inverse=True)
            assert same_bytes(result[..., channel], apply_one(few.astype(dtype), centers)[places].reshape(150, 170))


def test_lists_are_images_too() -> None:
    assert same_bytes(quantize([1, 2, 9], 2), quantize(np.array([1, 2, 9]), 2))
    assert fit([1, 2, 9], 2).encode([[1], [9]]).tolist() == [[0], [1]]


def test_subclasses_give_plain_arrays(tmp_path: object) -> None:
    image = np.memmap(tmp_path / "image", dtype=np.uint8, mode="w+", shape=(4, 5))
    assert type(quantize(image, 2)) is np.ndarray
    assert type(fit(image, 2).encode(image)) is np.ndarray


def test_the_global_random_state_is_left_alone() -> None:
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    fit(np.arange(100), 7)
    assert np.random.random() == expected  # noqa: NPY002
