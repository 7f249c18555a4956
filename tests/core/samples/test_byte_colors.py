"""Counted 8-bit colours: as numpy's unique counts rows, however tallies grow, overflow, are merged and pickled."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import same_bytes

from napari_quantize.core.pixels.pixels import Pixels, merge
from napari_quantize.core.samples import byte_colors as module
from napari_quantize.core.samples.byte_colors import ByteColors
from napari_quantize.core.samples.samples import CountedSamples


def tally(*parts: np.ndarray) -> ByteColors:
    """One tally for each part, merged; each second one travels to another process."""
    tallies = []
    for number, part in enumerate(parts):
        one = ByteColors(part.dtype, part.shape[-1])
        for block in np.array_split(part, 3):
            one.add(Pixels(block))
        tallies.append(pickle.loads(pickle.dumps(one)) if number % 2 else one)
    return merge(tallies)


def expected(rows: np.ndarray) -> CountedSamples:
    """The distinct rows in the order of their bytes."""
    keys, counts = np.unique(rows.view(np.uint8), axis=0, return_counts=True)
    values = keys.view(rows.dtype).astype(np.float64)
    return CountedSamples(values, counts, True, float(rows.min()), float(rows.max()))


def expected_cells(rows: np.ndarray) -> CountedSamples:
    """The means of cells of 4 × 4 × 4 colours, in the order of their values."""
    offset = 128 if rows.dtype.kind == "i" else 0
    values = rows.astype(np.int64)
    cells, inverse, counts = np.unique((values + offset) // 4, axis=0, return_inverse=True, return_counts=True)
    sums = np.zeros(cells.shape, dtype=np.int64)
    np.add.at(sums, inverse.reshape(-1), values)
    return CountedSamples(sums / counts[:, np.newaxis], counts, False, float(rows.min()), float(rows.max()))


def assert_equal(one: CountedSamples | None, other: CountedSamples) -> None:
    assert one is not None
    assert same_bytes(one.values, other.values)
    assert one.counts.tolist() == other.counts.tolist()
    assert (one.exact, one.low, one.high) == (other.exact, other.low, other.high)


@given(
    st.integers(1, 400),
    st.integers(1, 256),
    st.sampled_from(["u1", "i1", "?"]),
    st.integers(2, 3),
    st.lists(st.integers(0, 400), max_size=3),
    st.integers(0, 2**32),
)
def test_colors_are_counted_however_tallies_are_bounded(
    n: int, most: int, dtype: str, n_channels: int, cuts: list[int], seed: int
) -> None:
    rows = np.random.default_rng(seed).integers(0, most, (n, n_channels))
    rows = (rows > most // 2) if dtype == "?" else (rows - 128 * (dtype == "i1")).astype(dtype)
    for limits in ({}, {"_FIRST_ROWS": 2, "_MAX_ROWS": 4, "_MAX_COUNT": 9}, {"MAX_COLORS": 40, "_CHECK_EVERY": 9}):
        with pytest.MonkeyPatch.context() as patch:
            for name, value in limits.items():
                patch.setattr(module, name, value)
            counted = tally(*(part for part in np.split(rows, sorted(cut % n for cut in cuts)) if len(part)))
            found, without_cells = counted.samples(cells=True), counted.samples(cells=False)
        exact = expected(rows)
        if len(exact.values) <= limits.get("MAX_COLORS", 2**18):
            assert_equal(found, exact)
            assert_equal(without_cells, exact)
        elif n_channels == 3:
            assert_equal(found, expected_cells(rows))
            assert without_cells is None


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["u1", "i1"])
def test_noise_of_too_many_colors_becomes_cells(dtype: str) -> None:
    rows = np.random.default_rng(0).integers(0, 256, (600_000, 3), dtype="u1").view(dtype)
    assert_equal(tally(rows).samples(cells=True), expected_cells(rows))
    assert_equal(tally(rows[:400_000], rows[400_000:]).samples(cells=True), expected_cells(rows))


def test_cells_hold_more_pixels_than_32_bits_count(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).integers(0, 256, (3000, 3), dtype="u1")
    monkeypatch.setattr(module, "MAX_COLORS", 100)
    total = tally(rows)
    for _ in range(40):
        total.merge(pickle.loads(pickle.dumps(total)))
    found, once = total.samples(cells=True), expected_cells(rows)
    assert found is not None
    assert found.counts.tolist() == (once.counts * 2**40).tolist()
    np.testing.assert_allclose(found.values, once.values, rtol=1e-15)
