"""Tables of all values of 8 and 16 bits: as numpy's own indexing and unique, whatever the layout."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import images, layouts, same_bytes

from napari_quantize.core.lookup import value_tables as keys_module
from napari_quantize.core.lookup.value_tables import KeyCounts, KeyTable, keys_of, run_starts, table_of

NARROW = [np.dtype(code) for code in ("?", "i1", "u1", "<i2", ">i2", "<u2", ">u2", "<f2", ">f2")]


@pytest.mark.parametrize("dtype", NARROW, ids=str)
def test_tables_hold_each_value_at_its_bits(dtype: np.dtype) -> None:
    table = table_of(dtype)
    if dtype.kind == "b":
        assert table.tolist() == [0] + 255 * [1]
        return
    bits = np.arange(len(table), dtype=f"u{dtype.itemsize}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = bits.view(dtype).astype(np.float64)
    assert same_bytes(table, expected)
    assert same_bytes(keys_of(bits.view(dtype)), bits)


@given(images(NARROW), st.integers(1, 3))
def test_counts_are_those_of_unique(image: np.ndarray, times: int) -> None:
    counts = KeyCounts(image.dtype)
    for _ in range(times):
        counts.add(image)
    keys, expected = np.unique(keys_of(image), return_counts=True)
    totals = counts.totals()
    assert totals.dtype == np.int64
    assert len(totals) == 256**image.itemsize
    assert totals[keys].tolist() == (expected * times).tolist()
    assert totals.sum() == image.size * times


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    """Draw keys of 8 or 16 bits in any layout, among them single rows that begin at odd addresses."""
    dtype = draw(st.sampled_from([np.dtype("u1"), np.dtype("u2")]))
    keys = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 256**dtype.itemsize, 400).astype(dtype)
    if draw(st.booleans()):
        start = draw(st.integers(0, 3))
        return keys.view("u1")[start : start + draw(st.integers(1, 40)) * dtype.itemsize].view(dtype)
    shape = draw(st.lists(st.integers(1, 4), max_size=4).map(tuple))
    return draw(layouts(keys[: np.prod(shape, dtype=int)].reshape(shape)))


@pytest.fixture(autouse=True, scope="module")
def _pairs_of_few_bytes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys_module, "_MIN_FOR_PAIRS", 0)
        yield


@given(arrays(), st.sampled_from(["u1", "u2", "i8", ">u2"]), st.data())
def test_look_ups_are_those_of_indexing(keys: np.ndarray, dtype: str, data: st.DataObject) -> None:
    results = np.random.default_rng(0).integers(0, 256, 256**keys.itemsize).astype(dtype)
    table = KeyTable(results)
    expected = results[keys.reshape(-1)].reshape(keys.shape)
    assert same_bytes(table.look_up(keys), expected)
    out = data.draw(layouts(np.zeros(keys.shape, dtype)))
    out.flags.writeable = True
    table.look_up(keys, out)
    assert same_bytes(np.ascontiguousarray(out).reshape(keys.shape), expected)
    odd = np.zeros(keys.nbytes + expected.nbytes + 1, "u1")[1 : 1 + expected.nbytes].view(dtype).reshape(keys.shape)
    table.look_up(keys, odd)
    assert same_bytes(odd, expected)


@pytest.mark.parametrize("orders", ["CC", "CF", "FC", "FF"])
def test_results_are_written_in_any_layout(orders: str) -> None:
    keys = np.arange(12, dtype=np.uint8).reshape(3, 4)
    out = np.zeros(keys.shape, np.uint8, orders[1])
    KeyTable(np.arange(255, -1, -1, dtype=np.uint8)).look_up(keys.copy(orders[0]), out)
    assert out.tolist() == (255 - keys).tolist()


def test_nothing_beside_the_result_is_written() -> None:
    table = KeyTable(np.full(256, 7, dtype=np.uint8))
    for start in range(4):
        for stop in range(start, 9):
            room = np.zeros(9, dtype=np.uint8)
            table.look_up(np.zeros(stop - start, dtype=np.uint8), room[start:stop])
            assert np.flatnonzero(room).tolist() == list(range(start, stop))


@pytest.mark.parametrize(
    ("ordered", "expected"),
    [
        ([], []),
        ([3], [True]),
        ([1, 1, 2, 2, 2, 5], [True, False, True, False, False, True]),
        ([[1, 2], [1, 2], [1, 3], [2, 3], [2, 3], [4, 5]], [True, False, True, True, False, True]),
    ],
)
def test_runs_start_where_numbers_or_rows_change(ordered: list, expected: list[bool]) -> None:
    starts = run_starts(np.array(ordered))
    assert (starts.dtype, starts.tolist()) == (np.dtype(bool), expected)
