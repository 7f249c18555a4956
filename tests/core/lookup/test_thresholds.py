"""Ranges: as many borders below each value as Python counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import DTYPES, layouts, values_of

from napari_quantize.core.lookup import thresholds
from napari_quantize.core.lookup.thresholds import ThresholdLookup

WIDE = [dtype for dtype in DTYPES if dtype.itemsize > 2]


def below(borders: np.ndarray, values: np.ndarray) -> list[int]:
    return [sum(border < value for border in borders.tolist()) for value in values.ravel().tolist()]


def looked_up(borders: np.ndarray, values: np.ndarray, out: np.ndarray) -> list[int]:
    results = np.arange(len(borders) + 1, dtype=out.dtype)
    among = ThresholdLookup(borders)
    among.look_up(values, results, among.table_of(results), out)
    return out.ravel().tolist()


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw borders and values of one dtype, of which many lie at or right beside a border."""
    dtype = draw(st.sampled_from(WIDE))
    found = np.concatenate(draw(st.lists(values_of(dtype), min_size=1, max_size=8)))
    found = found[np.isfinite(found)]
    borders = np.sort(found.astype(dtype.newbyteorder("=")))
    if dtype.kind == "f":
        beside = [np.nextafter(borders, -np.inf), np.nextafter(borders, np.inf)]
    else:
        limits = np.iinfo(dtype)
        borders = borders[borders < limits.max]  # a border lies below the center that follows it
        beside = [borders[borders > limits.min] - 1, borders + 1]
    values = np.concatenate([found, *beside, np.ones(1, dtype), *draw(st.lists(values_of(dtype), max_size=8))])
    values = values[np.isfinite(values)].astype(dtype)
    if draw(st.booleans()):
        borders = borders[: draw(st.integers(0, len(borders)))]
    return borders, draw(layouts(values.reshape(-1, 1, *(1 for _ in range(draw(st.integers(0, 2)))))))


@given(cases(), st.sampled_from([0, 1, 3, 16]), st.data())
def test_as_many_borders_below_as_python_counts(
    case: tuple[np.ndarray, np.ndarray], bits: int, data: st.DataObject
) -> None:
    borders, values = case
    out = data.draw(layouts(np.zeros(values.shape, "u2")))
    out.flags.writeable = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thresholds, "_RANGE_BITS", bits)
        assert looked_up(borders, values, out) == below(borders, values)


@pytest.mark.parametrize("order", ["C", "F"])
def test_results_are_written_in_any_layout(order: str) -> None:
    borders = np.arange(0, 10**7, 10**6, dtype=np.int32)
    values = np.concatenate([borders - 1, borders, borders + 1]).reshape(5, 6)
    assert looked_up(borders, values, np.zeros(values.shape, "u1", order)) == below(borders, values)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "u8"])
def test_tables_are_small(dtype: str) -> None:
    for borders in ([1, 2], [1, 2**30], [2**30, 2**30 + 2**17], [0, 2**30], []):
        assert len(ThresholdLookup(np.array(borders, dtype)).table_of(np.arange(3))) <= 2**16 + 2


@pytest.mark.parametrize("dtype", WIDE, ids=str)
def test_the_ends_of_each_dtype(dtype: np.dtype) -> None:
    native = dtype.newbyteorder("=")
    limits = np.finfo(native) if dtype.kind == "f" else np.iinfo(native)
    ends = np.array([limits.min, 0, limits.max - (dtype.kind != "f")], native)
    values = np.array([limits.min, 0, 1, limits.max], native).astype(dtype)
    assert looked_up(ends, values, np.zeros(4, "u1")) == below(ends, values)


def test_zeros_of_either_sign_are_one_value() -> None:
    for zero in (0.0, -0.0):
        borders = np.array([-1.0, zero, 1.0], "f4")
        assert looked_up(borders, np.array([-0.0, 0.0], "f4"), np.zeros(2, "u1")) == [1, 1]


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "u8"])
@pytest.mark.parametrize("n", [1, 2, 30, 3000, 70_000])
def test_many_values_among_many_borders(dtype: str, n: int) -> None:
    rng = np.random.default_rng(n)
    borders = np.unique((rng.normal(1e6, 1e5, n)).astype(dtype))
    values = np.concatenate([rng.normal(1e6, 2e5, 20_000).astype(dtype), borders])
    found = looked_up(borders, values, np.zeros(len(values), "u4"))
    np.testing.assert_array_equal(found, np.searchsorted(borders, values))
