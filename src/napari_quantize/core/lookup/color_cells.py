"""Look-up of the nearest center among the few centers that can be nearest in the cell of a colour."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from napari_quantize.core.cached_property import cached_property
from napari_quantize.core.lookup.color_grids import ColorGrid
from napari_quantize.core.lookup.color_spaces import Space
from napari_quantize.core.lookup.nearest_center import BLOCK, DistanceEstimates, NearestCenter, ScaledCenters
from napari_quantize.core.lookup.value_tables import run_starts

_MAX_CENTERS = 1024  # centers up to which the spans of all pairs are tabulated: 4 MB
# Candidates of a cell, and cells with several candidates: 4 MB, or 8 MB from 257 centers on.
_MAX_CANDIDATES = 32
_MAX_LISTS = 2**17
_MIN_UNIT, _MAX_UNIT = 1e-130, 1e150  # units between which squares of distances keep their precision
# Where estimates find a lead above their error bound, distances have to find the same center. As `nearest_center._FAR`
# says, that holds up to these |x| for estimates in float64 and float32.
_MAX_REACH, _MAX_REACH_SINGLE = 4.4, 1e6

G = TypeVar("G", bound=ColorGrid)


class ColorCells(Generic[G]):
    """Nearest centers by the cells of a grid, in which candidates are found when a cell first occurs.

    Most cells lie nearer to one center than to all others, wherever a colour lies in them. Other cells keep a list of
    the centers that can be nearest, and only their distances are computed.

    Parameters
    ----------
    grid : ColorGrid
        The cells.
    search : NearestCenter
        Search among all centers, for the colours of unbounded cells, and of cells with too many candidates.
    """

    def __init__(self, grid: G, search: NearestCenter) -> None:
        self.grid, self._search = grid, search
        self._n = n = len(search.centers)
        self._columns = np.ascontiguousarray(search.centers.T)
        # 24 bits are enough for candidates: rounding errors are far smaller than cells.
        self._estimates = DistanceEstimates(search.scaled, np.float32)
        # States of the cells: 0 is unknown, 1 … n the only candidate plus 1, n + 1 stands for all centers, and higher
        # numbers for lists of candidates. The operating system provides memory only when it is written to, so cells and
        # lists that do not occur cost nothing.
        self._states = np.zeros(grid.n_cells, dtype=np.int32)
        self._all, self._first_list = n + 1, n + 2
        self._lists = np.empty((_MAX_LISTS, _MAX_CANDIDATES), dtype=np.min_scalar_type(n - 1))
        self._lengths = np.empty(_MAX_LISTS, dtype=np.uint8)
        self._n_lists = 0
        self._lock = threading.Lock()

    def nearest(self, cells: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the index of the exactly nearest center for colours of shape (m, C) that lie in `cells`."""
        found: np.ndarray = self._states.take(cells)
        found -= 1
        left = np.flatnonzero(found.view(np.uint32) >= self._n)  # the unknown -1 becomes the largest number
        if len(left):
            found[left] = self._compare(self._known_states(cells.take(left)), rows.take(left, axis=0))
        return found

    def owners(self, cells: np.ndarray) -> np.ndarray:
        """Return the center that is nearest to all of a cell; n where there are several candidates."""
        owners: np.ndarray = np.minimum(self._known_states(cells) - 1, self._n)
        return owners

    def _compare(self, states: np.ndarray, rows: np.ndarray) -> np.ndarray:
        found = states - 1
        listed = np.flatnonzero(states >= self._first_list)
        if len(listed):
            points = self._search.space.coordinates(rows.take(listed, axis=0).astype(np.float64))
            found[listed] = self._nearest_listed(states.take(listed) - self._first_list, points)
        others = np.flatnonzero(states == self._all)
        if len(others):
            found[others] = self._search.nearest(rows.take(others, axis=0))
        return found

    def _nearest_listed(self, lists: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Return the nearest candidate of a list for each point: distances are exact, and the first wins a tie."""
        lengths = self._lengths.take(lists)
        # By descending length, so that those with a further candidate are always the first ones.
        order = np.argsort(~lengths, kind="stable")
        columns = [np.take(column, order) for column in points.T]
        starts = lists.take(order) * _MAX_CANDIDATES
        nearest = self._lists.take(starts)
        least = self._distances(columns, nearest)
        longer = len(order) - np.cumsum(np.bincount(lengths))
        for rank, m in enumerate(longer[1:-1].tolist(), start=1):
            candidates = self._lists.take(starts[:m] + rank)
            distances = self._distances(columns, candidates)
            closer = distances < least[:m]
            np.copyto(nearest[:m], candidates, where=closer)
            np.copyto(least[:m], distances, where=closer)
        found = np.empty_like(nearest)
        found[order] = nearest
        return found

    def _distances(self, columns: list[np.ndarray], candidates: np.ndarray) -> np.ndarray:
        """Return the squared distance of each of the first points from its candidate."""
        indices = candidates.astype(np.intp)
        total = np.zeros(len(indices))
        for points, centers in zip(columns, self._columns, strict=True):
            differences = centers.take(indices)
            np.subtract(points[: len(indices)], differences, out=differences)
            differences *= differences
            total += differences
        return total

    def _known_states(self, cells: np.ndarray) -> np.ndarray:
        """Return the states of cells, and find out those that are unknown."""
        states = self._states.take(cells)
        unknown = states == 0
        if unknown.any():
            self._add(distinct(cells[unknown]))
            states = self._states.take(cells)
        return states

    def _add(self, cells: np.ndarray) -> None:
        bounded = self.grid.are_bounded(cells)
        self._states[cells[~bounded]] = self._all
        cells = cells[bounded]
        step = max(1, BLOCK // self._n)
        for start in range(0, len(cells), step):
            part = cells[start : start + step]
            self._store(part, *self._candidates(self.grid.middles(part)))

    def _store(self, cells: np.ndarray, rows: np.ndarray, candidates: np.ndarray) -> None:
        """Store the candidates of cells: ``candidates[i]`` is one of ``cells[rows[i]]``, in ascending order of both."""
        lengths = np.bincount(rows, minlength=len(cells))
        starts = np.cumsum(lengths) - lengths
        with self._lock:
            new = np.flatnonzero(self._states[cells] == 0)  # other threads can have stored some cells meanwhile
            cells, lengths, starts = cells[new], lengths[new], starts[new]
            states = np.where(lengths == 1, candidates[starts] + 1, self._all)
            listed = np.flatnonzero((lengths > 1) & (lengths <= _MAX_CANDIDATES))[: _MAX_LISTS - self._n_lists]
            lists = np.arange(self._n_lists, self._n_lists + len(listed))
            ranks = np.minimum(np.arange(_MAX_CANDIDATES), lengths[listed, np.newaxis] - 1)
            self._lists[lists] = candidates[starts[listed, np.newaxis] + ranks]
            self._lengths[lists] = lengths[listed]
            states[listed] = lists + self._first_list
            self._states[cells] = states  # last: from now on, other threads read the lists
            self._n_lists += len(listed)

    def _candidates(self, middles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs of cells, given by their middles, and centers that can be nearest to a point of the cell."""
        # Within the cell, the lead of the center nearest to its middle over another one shrinks by at most the span of
        # the two. If it stays above the rounding error, the other one is nearest to no point of the cell.
        scores, error_bound = self._estimates.scores(middles)
        nearest = scores.argmin(axis=1)
        limits = scores[np.arange(len(scores)), nearest] + error_bound
        scores -= self._spans.take(nearest, axis=0)
        # Flags are searched eight at a time, as few are true: one at a time would take longer than all of the rest.
        flags = np.zeros((len(scores), -(-self._n // 8) * 8), dtype=bool)
        np.less_equal(scores, limits[:, np.newaxis], out=flags[:, : self._n])
        eights = flags.view(np.uint64).reshape(-1)
        places = np.flatnonzero(eights != 0)
        ones = np.flatnonzero(eights.take(places).view(bool))
        rows, candidates = np.divmod(8 * places.take(ones >> 3) + (ones & 7), flags.shape[1])
        return rows, candidates

    @cached_property
    def _spans(self) -> np.ndarray:
        """Largest change of the difference of two centers' distances from a cell's middle to its border: (n, n)."""
        # |x - a|² - |x - b|² = 2 (b - a)·x + constant: a step h along each axis changes it by at most 2 Σ |b - a| h.
        spans = np.zeros((self._n, self._n), dtype=np.float32)
        for column, half in zip(self._search.scaled.points.T, self.grid.halves.tolist(), strict=True):
            spans += np.abs(np.subtract.outer(column, column)) * (2 * half)
        return spans


def color_cells(search: NearestCenter, make_grid: Callable[[ScaledCenters, Space], G | None]) -> ColorCells[G] | None:
    """Return the look-up by the cells of a grid, or None where it could differ from `search` or would not be faster."""
    linear = search.space.steps is not None  # cells are boxes
    precise = _MIN_UNIT <= search.scaled.unit <= _MAX_UNIT
    if not linear or not precise or len(search.centers) > _MAX_CENTERS:
        return None
    grid = make_grid(search.scaled, search.space)
    reach = _MAX_REACH_SINGLE if search.single else _MAX_REACH
    return None if grid is None or grid.reach > reach else ColorCells(grid, search)


def distinct(codes: np.ndarray) -> np.ndarray:
    """Return the distinct codes in order, several times as fast as `numpy.unique`."""
    ordered = np.sort(codes)
    found: np.ndarray = ordered[run_starts(ordered)]
    return found
