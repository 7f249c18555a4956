"""Distances in Lab and between channels in balance: against plain formulas on all pixels."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from color_oracles import (
    BALANCE,
    COLOR,
    LAB,
    PHOTO,
    RNG,
    assert_exact,
    plain_ranges,
    vectors,
)
from hypothesis import assume, given
from oracles import channel_images, same_bytes, small_blocks
from skimage.color import lab2rgb, rgb2lab
from slow_cases import slow_except

from napari_quantize import fit, quantize
from napari_quantize.core.lookup.color_spaces import LabSpace, white_of
from napari_quantize.core.samples import colors as color_samples


def images_of(kind: str) -> np.ndarray:
    return {
        "photo": PHOTO,
        "16 bit": PHOTO.astype(np.uint16) * 257 + RNG.integers(0, 99, PHOTO.shape).astype(np.uint16) // 2,
        "float": (PHOTO / 255).astype(np.float32),
        "double": PHOTO[..., ::-1] / 255,
        "dark": RNG.integers(0, 9, (70, 60, 3)).astype(np.uint8),
    }[kind]


@pytest.mark.parametrize("method", ["minibatch", "lloyd"])
@pytest.mark.parametrize("k", slow_except([2, 17, 256], 17))
@pytest.mark.parametrize("kind", ["photo", "16 bit", "float", "double", "dark"])
def test_lab_against_brute_force(kind: str, k: int, method: str) -> None:
    image = images_of(kind)
    codebook = fit(image, k, **COLOR, **LAB, method=method)
    assert codebook.n_used == k
    assert np.bincount(codebook.encode(image).ravel(), minlength=k).all()
    assert_exact(image, codebook)


def test_lab_values_do_not_depend_on_the_block_they_stand_in() -> None:
    colors = RNG.integers(0, 256, (5000, 3)).astype(np.float64)
    space = LabSpace(255.0)
    lab = space.coordinates(colors)
    assert np.allclose(lab, rgb2lab(colors / 255), rtol=0, atol=1e-11)
    assert np.allclose(space.colors(lab), 255 * lab2rgb(lab))
    for n in (1, 2, 3, 7, 100, 777):
        assert same_bytes(
            np.concatenate([space.coordinates(part) for part in np.split(colors, range(n, 5000, n))]), lab
        )


@pytest.mark.parametrize("k", [2, 9, 300])
@pytest.mark.parametrize("dtype", ["?", "u1", "i1", "u2", ">i4", "f4", "f8"])
def test_balance_against_brute_force(dtype: str, k: int) -> None:
    strengths = np.array([2, 30, 110]) * (1 if np.dtype(dtype).kind != "b" else 0.01)
    image = (RNG.random((60, 70, 3)) ** 3 * strengths).astype(dtype)
    codebook = fit(image, k, **COLOR, **BALANCE)
    assert np.allclose(codebook.scales, plain_ranges(vectors(image)))
    assert_exact(image, codebook)
    assert_exact(image[::-1, :9], codebook)
    assert_exact(RNG.permuted(image.reshape(-1), axis=0).reshape(image.shape), codebook)


@given(channel_images(), st.integers(1, 9), st.booleans(), st.integers(1, 3))
def test_balance_of_any_image(case: tuple[np.ndarray, int], k: int, binned: bool, n_threads: int) -> None:
    image, axis = np.array(case[0]), case[1]
    if image.dtype.kind != "b":
        with np.errstate(invalid="ignore"):
            image[(np.abs(image.astype(np.float64)) > 1e6) & np.isfinite(image.astype(np.float64))] = 7
            image[np.abs(image.astype(np.float64)) < 1e-6] = 0
    assume(np.isfinite(vectors(image, axis)).all(axis=1).any())
    with small_blocks(n_threads), pytest.MonkeyPatch.context() as patch:
        if binned:
            patch.setattr(color_samples, "MAX_COLORS", 16)
        codebook = fit(image, k, mode="color", channel_axis=axis, balance=True)
    assert 1 <= codebook.n_used <= k
    assert_exact(image, codebook, axis)


@pytest.mark.parametrize("dtype", ["u1", "i1"])
@pytest.mark.parametrize("strengths", [(1, 1), (1, 100), (100, 3)], ids=str)
def test_balance_of_all_colours_of_two_channels(strengths: tuple[int, int], dtype: str) -> None:
    codebook = fit((RNG.random((50, 60, 2)) * strengths).astype(dtype), 20, **COLOR, **BALANCE)
    every = np.stack(np.meshgrid(*[np.arange(256, dtype=np.uint8)] * 2), axis=-1).view(dtype)
    assert_exact(every, codebook)  # cells that one center owns among them


def test_balance_lets_weak_channels_count() -> None:
    strong = RNG.integers(0, 60_000, (80, 80))
    weak = np.where(np.arange(80) < 40, 10, 200) + RNG.integers(0, 9, (80, 80))
    image = np.stack([strong, weak], axis=-1).astype(np.uint16)
    balanced, plain = (quantize(image, 4, **COLOR, balance=balance) for balance in (True, False))
    assert np.abs(balanced[..., 1].astype(int) - weak).max() < 20
    assert np.abs(plain[..., 1].astype(int) - weak).max() > 50


def test_channels_without_a_robust_range() -> None:
    image = np.zeros((100, 100, 4), np.float64)
    image[..., 0] = RNG.random((100, 100))
    image[0, 0, 1] = 50  # one outlier: from the smallest to the largest value
    image[..., 2] = 1e-9 * RNG.random((100, 100))
    codebook = fit(image, 5, **COLOR, **BALANCE)
    assert np.allclose(codebook.scales, plain_ranges(vectors(image)), rtol=1e-12, atol=0)
    assert codebook.scales[1::2] == (50, 1)
    assert_exact(image, codebook)
    tiny = fit(np.array([[[0, 1e150], [5e-324, -1e150], [0, 0]]]), 2, **COLOR, **BALANCE)
    assert np.isfinite(tiny.centers).all()


def test_the_next_image_is_mapped_with_the_same_scales() -> None:
    codebook = fit(PHOTO, 9, **COLOR, **BALANCE)
    other = (PHOTO * np.array([1, 0.1, 0.5])).astype(np.uint8)
    assert_exact(other, codebook)
    assert_exact(other.astype(np.int64), codebook)
    assert np.array_equal(codebook.encode(other[:5]), codebook.encode(other)[:5])


def test_lab_leaves_out_what_takes_no_part() -> None:
    image = (PHOTO / 255).astype(np.float32)
    image[0, 0] = (np.nan, 7, 7)
    image = np.concatenate([image, np.ones((*image.shape[:2], 1), np.float32)], axis=-1)
    image[1, 1] = (9, -9, 9, 0)
    codebook = fit(image, 5, **COLOR, **LAB, alpha=True)
    result = codebook.apply(image)
    assert same_bytes(result[0, 0], image[0, 0])
    assert same_bytes(result[1, 1], image[1, 1])
    image[2, 2, 0] = 1.5
    mask = np.ones(image.shape[:2], bool)
    mask[2, 2] = False
    assert fit(image, 5, **COLOR, **LAB, alpha=True, mask=mask).n_used == 5
    with pytest.raises(ValueError, match=r"color_space='lab' takes floats from 0 to 1, but the image holds 0 to 1\.5"):
        codebook.apply(image)


def test_lab_codebooks_are_for_images_with_the_same_white() -> None:
    codebook = fit(PHOTO, 4, **COLOR, **LAB)
    with pytest.raises(ValueError, match="learnt in Lab from uint8, where white is another number than in uint16"):
        codebook.apply(PHOTO.astype(np.uint16))
    of_floats = fit(PHOTO / 255, 4, **COLOR, **LAB)
    assert_exact((PHOTO / 255).astype(np.float32), of_floats)


@pytest.mark.parametrize(
    ("dtype", "high", "white"),
    [
        ("u1", 3, 255),
        ("u2", None, 65535),
        ("u2", 0, 255),
        ("u2", 255, 255),
        ("u2", 256, 1023),
        (">u2", 1024, 4095),
        ("u2", 4095, 4095),
        ("u2", 4096, 16383),
        ("u2", 16384, 65535),
        ("u2", 65535, 65535),
        ("i2", 9, 32767),
        ("u4", 4095, 2**32 - 1),
        ("f4", 0.2, 1),
        ("f8", None, 1),
        ("?", 1, 1),
    ],
)
def test_white_is_the_full_value_of_the_fewest_bits_of_a_camera(dtype: str, high: float | None, white: float) -> None:
    assert white_of(np.dtype(dtype), high) == white
