"""The look-up of colours by cells: the same nearest centers as a search among all, in bounded memory."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import hypothesis.strategies as st
import numpy as np
import pytest
from color_oracles import assert_nearest_to
from hypothesis import example, given

from napari_quantize.core.lookup import color_cells, colors
from napari_quantize.core.lookup.color_cells import ColorCells
from napari_quantize.core.lookup.color_grids import RangeGrid, range_grid
from napari_quantize.core.lookup.color_spaces import LabSpace, ScaledSpace, Space
from napari_quantize.core.lookup.colors import ColorLookup
from napari_quantize.core.lookup.nearest_center import NearestCenter, ScaledCenters

CODES = ("u1", "i1", "<u2", ">u2", "<i2", "<u4", ">i4", "i8", "u8", "f2", "<f4", ">f4", "f8")
KINDS = ("spread", "clustered", "lattice", "alike")


@pytest.fixture(autouse=True)
def _cells_for_few_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colors, "_MIN_FOR_CELLS", 1)


def centers_of(kind: str, n: int, n_channels: int, rng: np.random.Generator) -> np.ndarray:
    """Different centers between 0 and 100: far apart, most close together, at integers, or all close together."""
    found = {
        "spread": rng.random((n, n_channels)) * 100,
        "clustered": np.concatenate((rng.normal(50, 0.5, (n - n // 4, n_channels)), rng.random((n // 4, n_channels)))),
        "lattice": rng.integers(0, 12, (n, n_channels)) * 8.0,
        "alike": 50 + rng.integers(0, 64, (n, n_channels)) / 128,
    }[kind]
    return np.unique(np.clip(found, 0, 100), axis=0)


def colors_near(centers: np.ndarray, dtype: np.dtype, rng: np.random.Generator) -> np.ndarray:
    """Colours at centers, at and beside the middles between two, and around them."""
    one, other = centers[rng.integers(len(centers), size=(2, 400))]
    around = centers.mean(axis=0) + rng.normal(0, 1, (600, centers.shape[1])) * (np.ptp(centers, axis=0).max() + 1)
    rows = np.concatenate((one, (one + other) / 2, (one + other) / 2 + rng.normal(0, 1e-3, one.shape), around))
    return rows if dtype.kind == "f" else np.rint(rows)


def assert_nearest(centers: np.ndarray, rows: np.ndarray, space: Space | None = None) -> ColorLookup:
    """Compare a look-up with the search among all centers, when it is fresh and when it knows the colours."""
    space = space or Space()
    lookup = ColorLookup(centers, rows.dtype, space)
    expected = NearestCenter(centers, space, single=rows.dtype.itemsize == 1).nearest(rows)
    for _ in range(2):
        np.testing.assert_array_equal(lookup.indices(rows), expected)
    return lookup


@given(
    st.sampled_from(CODES),
    st.integers(2, 5),
    st.sampled_from([2, 3, 16, 70, 300]),
    st.sampled_from(KINDS),
    st.sampled_from([None, 0.0, 0.7]),
    st.integers(0, 2**32),
)
@example(">f4", 3, 300, "lattice", None, 0)
@example("<u2", 4, 70, "lattice", 0.7, 0)
def test_each_colour_gets_the_nearest_center(
    code: str, n_channels: int, n: int, kind: str, scale: float | None, seed: int
) -> None:
    rng, dtype = np.random.default_rng(seed), np.dtype(code)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(colors, "_MIN_FOR_CELLS", 1)
        centers = centers_of(kind, n, n_channels, rng)
        limits = (0, 100) if dtype.kind == "f" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        rows = np.clip(colors_near(centers, dtype, rng), max(limits[0], -1000), min(limits[1], 1000)).astype(dtype)
        space = None if scale is None else ScaledSpace(tuple(scale + 0.1 + np.arange(n_channels)))
        assert_nearest(centers, rows, space)
        plain = space or Space()
        points = plain.coordinates(rows.astype(np.float64))
        assert_nearest_to(points, plain.coordinates(centers), ColorLookup(centers, dtype, space).indices(rows))


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e15, -1e12])
@pytest.mark.parametrize("unit", [1e-300, 1e-140, 1e-30, 1.0, 1e100, 1e148])
@pytest.mark.parametrize("n_channels", [2, 3, 4])
def test_numbers_of_any_size(offset: float, unit: float, n_channels: int) -> None:
    rng = np.random.default_rng(0)
    centers = np.unique((centers_of("spread", 40, n_channels, rng) + offset) * unit, axis=0)
    assert_nearest(centers, colors_near(centers, np.dtype("f8"), rng))


def test_colours_far_beyond_all_centers() -> None:
    rng = np.random.default_rng(0)
    centers = centers_of("spread", 40, 3, rng)
    rows = colors_near(centers, np.dtype("f8"), rng) * 10.0 ** rng.integers(-150, 148, (1800, 1))
    assert_nearest(centers, rows)


@pytest.mark.parametrize("code", ["f2", "<f4", ">f8"])
def test_colours_that_are_not_finite_have_no_center(code: str) -> None:
    rng = np.random.default_rng(0)
    centers = centers_of("spread", 20, 3, rng)
    rows = (rng.random((500, 3)) * 100).astype(code)
    rows[::3, 0], rows[::5, 1], rows[1::5, 2], rows[2::7] = np.nan, np.inf, -np.inf, np.nan
    finite = np.isfinite(rows).all(axis=1)
    lookup = assert_nearest(centers, rows)
    assert np.array_equal(lookup.indices(rows) == 20, ~finite)
    result = np.zeros_like(rows)
    lookup.apply(rows, result)
    assert result[~finite].tobytes() == rows[~finite].tobytes()


def test_the_whole_range_of_a_dtype() -> None:
    rng = np.random.default_rng(0)
    for code in ("u1", "u2", "i2", "u4", "i8", "u8"):
        limits = np.iinfo(code)
        rows = rng.integers(limits.min, limits.max, (3000, 3), dtype=code, endpoint=True)
        rows[:8], rows[8:16, 1] = limits.min, limits.max
        centers = np.unique(rows[:40].astype(np.float64), axis=0)
        assert_nearest(np.nextafter(centers, 0), rows)


def test_more_candidates_in_a_cell_than_a_list_holds() -> None:
    rng = np.random.default_rng(0)
    dense = 1000 + rng.random((200, 3))
    centers = np.concatenate((dense, [[0.0, 0, 0], [2000, 2000, 2000]]))
    assert_nearest(centers, (1000 + rng.random((2000, 3)) * 2).astype(np.float32))


def test_more_centers_than_cells_are_made_for() -> None:
    rng = np.random.default_rng(0)
    assert_nearest(centers_of("spread", 1500, 3, rng), (rng.random((2000, 3)) * 100).astype(np.uint16))


def test_no_cells_where_colours_are_no_boxes() -> None:
    scaled = NearestCenter(np.array([[0.0, 0, 0], [200, 100, 50]]), LabSpace(255), single=False)
    assert color_cells.color_cells(scaled, lambda centers, space: pytest.fail("no grid is needed")) is None


@pytest.mark.parametrize("code", ["u2", "i2", "f2", "u4", "f4", "f8", "i8"])
@pytest.mark.parametrize("n_channels", [2, 3, 4])
@pytest.mark.parametrize("offset", [0, 1000])
def test_colours_lie_in_their_cells(code: str, n_channels: int, offset: int) -> None:
    rng, space = np.random.default_rng(0), ScaledSpace(tuple(np.linspace(0.3, 3, n_channels)))
    points = space.coordinates(offset + rng.random((9, n_channels)) * 700)
    centers = ScaledCenters(points)
    rows = (offset + rng.random((5000, n_channels)) * 2000 - 700).clip(0).astype(code)
    grid = range_grid(centers, rows.dtype, space)
    assert grid is not None
    cells = grid.cells(rows)
    assert cells.min() >= 0
    assert cells.max() < grid.n_cells
    bounded = grid.are_bounded(cells)
    assert 0.1 < bounded.mean() < 1
    inside = centers.scale(space.coordinates(rows[bounded].astype(np.float64)))
    assert (np.abs(inside - grid.middles(cells[bounded])) <= grid.halves).all()
    assert (np.linalg.norm(inside, axis=1) <= grid.reach).all()


def cells_of(lookup: ColorLookup) -> ColorCells[RangeGrid]:
    cells = lookup._cells
    assert cells is not None
    return cells


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 2**16, (20_000, 3)).astype(np.uint16)
    for n in (256, 1000):
        cells = cells_of(ColorLookup(rng.random((n, 3)) * 2**16, rows.dtype))
        arrays = [value for value in vars(cells).values() if isinstance(value, np.ndarray)]
        assert sum(array.nbytes for array in arrays) <= 17 * 2**20
    # Beyond that, cells are as if they had too many candidates.
    monkeypatch.setattr(color_cells, "_MAX_LISTS", 50)
    lookup = assert_nearest(rng.random((256, 3)) * 2**16, rows)
    assert cells_of(lookup)._n_lists == 50


@pytest.mark.parametrize("code", ["u1", "u2", "f4"])
def test_threads_fill_the_same_cells(code: str) -> None:
    rng, n_threads = np.random.default_rng(0), 8
    centers = rng.random((60, 3)) * 250
    rows = (rng.random((30_000, 3)) * 250).astype(code)
    alone = assert_nearest(centers, rows)
    for _ in range(5):
        lookup, barrier = ColorLookup(centers, rows.dtype), Barrier(n_threads)
        lookup._cells  # noqa: B018 - all threads share these cells

        def look_up(start: int, lookup: ColorLookup = lookup, barrier: Barrier = barrier) -> np.ndarray:
            barrier.wait()
            return np.roll(lookup.indices(np.roll(rows, -start, axis=0)), start)

        with ThreadPoolExecutor(n_threads) as executor:
            for found in executor.map(look_up, range(0, 8 * 500, 500)):
                np.testing.assert_array_equal(found, alone.indices(rows))
        if code != "u1":
            assert cells_of(lookup)._n_lists == cells_of(alone)._n_lists
