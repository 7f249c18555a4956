"""The look-up: nearest to the unrounded centers, exactly."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oracles import DTYPES, FLOATS, apply_one, encode_one, outputs_of, same_bytes, values_of

from napari_quantize.core.lookup.levels import borders, index_dtype, level_lookup

TINY = 5e-324
several = st.lists(st.floats(-1e150, 1e150), min_size=2, max_size=8)
centers_anywhere = several.map(lambda numbers: np.unique(np.array(numbers) + 0.0))


@example(np.array([3 * TINY, 4 * TINY]))
@example(np.array([2 * TINY, 3 * TINY]))
@example(np.array([-TINY, 1.0]))
@example(np.array([1.0, np.nextafter(1.0, 2.0)]))
@given(centers_anywhere)
def test_borders_are_the_last_numbers_no_nearer_to_the_next(centers: np.ndarray) -> None:
    found = borders(centers)
    assert found.shape == (len(centers) - 1,)
    for border, low, high in zip(found.tolist(), centers[:-1].tolist(), centers[1:].tolist(), strict=True):
        middle = (Fraction(low) + Fraction(high)) / 2
        assert Fraction(border) <= middle < Fraction(np.nextafter(border, np.inf).item())


def _fitting(centers: list[float], dtype: np.dtype) -> np.ndarray:
    limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype) if dtype.kind != "b" else None
    low, high = (0.0, 1.0) if limits is None else (float(limits.min), float(limits.max))
    # Steps towards zero, because the ends of 64 bits are rounded up as floats.
    low, high = (low, high) if dtype.kind == "f" else (np.nextafter(low, 0), np.nextafter(high, 0))
    return np.unique(np.clip(np.array(centers), max(low, -1e150), min(high, 1e150)) + 0.0)


@st.composite
def lookups(draw: st.DrawFn, dtypes: list[np.dtype]) -> tuple[np.dtype, np.ndarray, np.ndarray]:
    """Draw a dtype, centers that fit into it and values, of which many lie at or beside ties."""
    dtype = draw(st.sampled_from(dtypes))
    numbers = draw(st.lists(values_of(dtype), min_size=1, max_size=6))
    near = [float(value.item()) for value in numbers if np.isfinite(value).all()]
    offsets = st.sampled_from([0.0, 0.25, 0.5, -0.5, 1.5]) | st.floats(-2, 2)
    centers = _fitting([value + draw(offsets) for value in near] or [0.0], dtype)
    values = np.concatenate([*numbers, *draw(st.lists(values_of(dtype), max_size=6))])
    if dtype.kind != "b":
        ties = borders(centers).clip(-(2.0**53), 2.0**53)
        limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
        ties = ties[(ties > float(limits.min)) & (ties < float(limits.max))].astype(dtype)
        values = np.concatenate([values, ties, np.nextafter(ties, dtype.type(np.inf)) if dtype.kind == "f" else ties])
    return dtype, centers, values.astype(dtype)


@given(lookups(DTYPES))
def test_indices_and_outputs_are_those_of_exact_arithmetic(case: tuple[np.dtype, np.ndarray, np.ndarray]) -> None:
    dtype, centers, values = case
    levels = level_lookup(centers, dtype)
    result = np.empty_like(values)
    levels.apply(values, result)
    np.testing.assert_array_equal(levels.indices(values), encode_one(values, centers, len(centers)))
    assert same_bytes(levels.outputs, outputs_of(centers, dtype))
    assert same_bytes(result, apply_one(values, centers))


@given(lookups(DTYPES))
def test_applying_twice_changes_nothing(case: tuple[np.dtype, np.ndarray, np.ndarray]) -> None:
    dtype, centers, values = case
    levels = level_lookup(centers, dtype)
    once, twice = np.empty_like(values), np.empty_like(values)
    levels.apply(values, once)
    levels.apply(once, twice)
    assert same_bytes(once, twice)


@example([-3, 4], 0, np.dtype("f2"))
@example([-3, 4], 0, np.dtype("f4"))
@given(st.lists(st.integers(-40, 40), min_size=1, max_size=8), st.integers(-12, 12), st.sampled_from(FLOATS[:4]))
def test_twice_changes_nothing_where_centers_lie_denser_than_the_dtype(
    steps: list[int], exponent: int, dtype: np.dtype
) -> None:
    # Around a power of two, where the spacing changes, rounded centers can lie nearer to others.
    unit = 2.0**exponent * float(np.finfo(dtype).eps) / 8
    centers = np.unique(2.0**exponent + unit * np.array(steps))
    levels = level_lookup(centers, dtype)
    values = np.unique((2.0**exponent + unit * np.arange(-60, 61, 4)).astype(dtype))
    once, twice = np.empty_like(values), np.empty_like(values)
    levels.apply(values, once)
    levels.apply(once, twice)
    assert same_bytes(once, twice)
    np.testing.assert_array_equal(levels.indices(values), encode_one(values, centers, -1))


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype.kind != "b"], ids=str)
def test_ties_that_rounding_would_feign(dtype: np.dtype) -> None:
    # The middle of each pair is 2 as float64 computes it, and a little less or more in truth.
    value = np.array([2], dtype)
    for low, expected in [(np.nextafter(1, 0), 1), (1, 0), (np.nextafter(1, 2), 0)]:
        assert level_lookup(np.array([low, 3.0]), dtype).indices(value).tolist() == [expected]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_every_kind_of_nan_keeps_its_bytes(dtype: str) -> None:
    bits = np.dtype(dtype).itemsize * 8
    infinity = np.array(np.inf, dtype).view(f"u{bits // 8}").item()
    patterns = [infinity, infinity + 1, infinity + 7, 2**bits - 1, 2 ** (bits - 1) + infinity, 2 ** (bits - 1) - 1]
    values = np.array(patterns, f"u{bits // 8}").view(dtype)
    levels = level_lookup(np.array([1.0, 2.0]), values.dtype)
    result = np.zeros_like(values)
    levels.apply(values, result)
    assert same_bytes(result, values)
    assert set(levels.indices(values).tolist()) == {2}


@pytest.mark.parametrize(
    ("n_used", "dtype"),
    [(1, "u1"), (255, "u1"), (256, "u2"), (65_535, "u2"), (65_536, "u4")],
)
def test_indices_are_as_small_as_they_can_be(n_used: int, dtype: str) -> None:
    assert index_dtype(n_used) == np.dtype(dtype)


@pytest.mark.parametrize("dtype", ["u4", "f4", "u2", "f2"])
@pytest.mark.parametrize("n_used", [255, 256, 2000])
def test_the_dtype_of_indices_grows_with_the_centers(dtype: str, n_used: int) -> None:
    centers = np.arange(n_used) * 3.0
    values = np.arange(6500).astype(dtype)
    expected = (values.astype(int) + 1) // 3
    indices = level_lookup(centers, values.dtype).indices(values)
    np.testing.assert_array_equal(indices, np.minimum(expected, n_used - 1))
    assert indices.dtype == index_dtype(n_used)
