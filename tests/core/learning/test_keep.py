"""Kept colours: centers to the bit, with the others learnt around them."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from color_oracles import (
    BALANCE,
    COLOR,
    KEEP,
    LAB,
    PHOTO,
    RNG,
    assert_exact,
)
from hypothesis import given
from oracles import same_bytes

from napari_quantize import fit
from napari_quantize.core.request.color_options import check_keep


@pytest.mark.parametrize("method", ["minibatch", "lloyd"])
@pytest.mark.parametrize("k", [3, 4, 20, 200])
@pytest.mark.parametrize("options", [{}, LAB, BALANCE], ids=str)
def test_kept_colours_are_centers(options: dict[str, object], k: int, method: str) -> None:
    image = PHOTO.copy()
    image[3, 4] = KEEP["keep"][2]
    codebook = fit(image, k, **COLOR, **options, **KEEP, method=method)
    assert codebook.n_used == k
    assert {tuple(color) for color in KEEP["keep"]} <= {tuple(color) for color in codebook.centers.tolist()}
    assert_exact(image, codebook)
    kept = np.array(KEEP["keep"], np.uint8)[np.newaxis]
    assert np.array_equal(codebook.apply(kept), kept)
    used = np.bincount(codebook.encode(image).ravel(), minlength=k) > 0
    assert all(used | (codebook.centers[:, np.newaxis] == kept).all(axis=2).any(axis=1))


@given(
    st.lists(st.tuples(*[st.integers(0, 6)] * 2), min_size=1, max_size=12),
    st.sets(st.tuples(*[st.integers(0, 6)] * 2), max_size=5),
    st.integers(1, 12),
    st.sampled_from(["u1", "u2", "f4"]),
    st.sampled_from(["minibatch", "lloyd"]),
)
def test_few_colours_and_many_kept_ones(
    pixels: list[tuple[int, int]], keep: set[tuple[int, int]], k: int, dtype: str, method: str
) -> None:
    image = np.array([pixels], dtype)
    if len(keep) > k:
        with pytest.raises(ValueError, match=f"keep holds {len(keep)} colours, which are more than k={k}"):
            fit(image, k, **COLOR, keep=keep)
        return
    codebook = fit(image, k, **COLOR, keep=keep, method=method)
    found = {tuple(color) for color in codebook.centers.tolist()}
    assert keep <= found
    if len(keep | set(pixels)) <= k:
        assert found == keep | set(pixels)
        assert same_bytes(codebook.apply(image), image)
    else:
        assert codebook.n_used == k
    assert_exact(image, codebook)


def test_kept_floats_are_kept_to_the_bit() -> None:
    image = np.array([[[0.1, 0.3], [0.5, 0.5], [1 / 3, 0.7]]], np.float32)
    codebook = fit(image, 3, **COLOR, keep=[(0.1, 0.3)])
    assert [0.1, 0.3] in codebook.centers.tolist()
    assert codebook.n_used == 3  # 0.1 in float32 is no further colour
    assert same_bytes(codebook.apply(image), image)


def test_colours_that_differ_from_kept_ones_by_a_rounding() -> None:
    image = RNG.integers(0, 65_536, (1, 8, 3)).astype(np.uint16)
    near = np.nextafter(image[0].astype(np.float64), 0)
    for k in range(3, 12):
        codebook = fit(image, k, **COLOR, **LAB, keep=near[:3])
        assert {tuple(color) for color in near[:3]} <= {tuple(color) for color in codebook.centers.tolist()}


def test_ties_go_to_the_lower_index() -> None:
    image = np.array([[[0, 0], [64, 2], [32, 1], [32, 0], [32, 2]]], np.uint8)
    codebook = fit(image, 2, **COLOR, **BALANCE, keep=[(64, 2), (0, 0)])
    assert codebook.scales == (64, 2)
    assert codebook.encode(image).tolist() == [[0, 1, 0, 0, 1]]


def test_all_ways_to_say_what_is_kept_are_one() -> None:
    expected = ((0.0, 0.0), (1.5, 2.0))
    for keep in (
        [[1.5, 2], (-0.0, 0)],
        np.array([[0, 0], [1.5, 2]]),
        iter([np.array([1.5, 2], np.float32), (np.int8(0), 0)]),
    ):
        assert check_keep(keep) == expected
    one, other = (
        fit(PHOTO, 5, **COLOR, keep=keep) for keep in ([(9, 9, 9), (1, 2, 3)], np.array([[1, 2, 3], [9, 9, 9]]))
    )
    assert one == other
    assert hash(one.request) == hash(other.request)
