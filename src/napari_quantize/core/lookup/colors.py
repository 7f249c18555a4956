"""Look-up of the exactly nearest center for colours.

A matrix product estimates all distances at once, with a bound on its rounding error. Distances are computed exactly
only where the bound leaves several candidates. For 8-bit colours, results are cached in a table of cells.
"""

from __future__ import annotations

import threading

import numpy as np

from napari_quantize.core.cached_property import cached_property
from napari_quantize.core.lookup.color_spaces import Space
from napari_quantize.core.lookup.value_tables import run_starts

# Distances computed at a time: a block of them must stay in the processor's cache.
_BLOCK = 2**17
_MAX_PAIRED = 1024  # centers up to which the spans of all pairs are tabulated: 4 MB
_HALF_CELL = 1.5  # from the middle of a cell of 4 values to its outermost values


class ColorLookup:
    """Look-up of the nearest of several colours, for values of one dtype: `LevelLookup` for vectors.

    Parameters
    ----------
    centers : ndarray of float64, shape (n, C)
        The centers; on a tie, the first is nearest.
    dtype : numpy.dtype
        Of the values.
    space : Space, optional
        Space in which distances are measured; data units if omitted.

    Attributes
    ----------
    outputs : ndarray, shape (n, C)
        The centers rounded to that dtype.
    """

    def __init__(self, centers: np.ndarray, dtype: np.dtype, space: Space | None = None) -> None:
        self._arguments = centers, dtype, space
        self._space = space or Space()
        self._values = centers
        self._centers = centers = self._space.coordinates(centers)
        # Relative to the mean of the centers and their largest deviation: rounding errors grow with the size of the
        # numbers, and a common offset would make them larger than the distances.
        self._middle = centers.mean(axis=0)
        self._unit = float(np.abs(centers - self._middle).max()) or 1.0
        # 24 bits tell most distances of 8-bit colours apart, in half the memory; the error bound finds the others.
        self._dtype: np.dtype[np.float32 | np.float64] = np.dtype(np.float32 if dtype.itemsize == 1 else np.float64)
        scaled = (centers - self._middle) / self._unit
        lengths = (scaled**2).sum(axis=1)
        self._products = np.column_stack((-2 * scaled, lengths)).T.astype(self._dtype)
        self._longest = float(np.sqrt(lengths.max()))
        self.outputs = self._rounded(dtype)
        self._table = _Table(self, dtype) if dtype.itemsize == 1 and centers.shape[1] <= 3 else None

    def __reduce__(self) -> tuple[object, ...]:
        return ColorLookup, self._arguments  # a process fills its own table

    def _rounded(self, dtype: np.dtype) -> np.ndarray:
        outputs = (np.rint(self._values) if dtype.kind in "biu" else self._values).astype(dtype)
        # A rounded center can lie nearer to another center, since each channel is rounded on its own. Taking the output
        # of that other center keeps `apply` idempotent; that can repeat, so until nothing changes.
        for _ in range(len(outputs)):
            again = outputs[self.nearest(outputs)]
            if np.array_equal(again, outputs):
                break
            outputs = again
        return outputs

    def indices(self, values: np.ndarray) -> np.ndarray:
        """Return the index of the nearest center for each vector; n where a channel is not finite.

        Parameters
        ----------
        values : ndarray, shape (..., C)
            Vectors.

        Returns
        -------
        ndarray of integers, shape (...)
        """
        rows = values.reshape(-1, values.shape[-1])
        if self._table is not None:
            return self._table.indices(rows).reshape(values.shape[:-1])
        if rows.dtype.kind != "f":
            return self.nearest(rows).reshape(values.shape[:-1])
        finite = np.isfinite(rows).all(axis=1)
        found = np.full(len(rows), len(self.outputs), dtype=np.intp)
        found[finite] = self.nearest(rows[finite])
        return found.reshape(values.shape[:-1])

    def apply(self, values: np.ndarray, out: np.ndarray) -> None:
        """Write the nearest center for each vector into `out`; vectors that are not finite keep their bytes."""
        indices = self.indices(values)
        for c in range(values.shape[-1]):
            # A channel at a time: whole rows at once cost several times as much.
            out[..., c] = self.outputs[:, c].take(indices, mode="clip")
        if values.dtype.kind == "f":
            kept = indices == len(self.outputs)
            out[kept] = values[kept]

    def nearest(self, rows: np.ndarray) -> np.ndarray:
        """Return the index of the exactly nearest center for finite vectors of shape (m, C)."""
        step = max(1, _BLOCK // len(self._centers))
        found = np.empty(len(rows), dtype=np.intp)
        for start in range(0, len(rows), step):
            part = self._space.coordinates(rows[start : start + step].astype(np.float64))
            found[start : start + step] = self._nearest(part)
        return found

    def nearest_in_cubes(self, middles: np.ndarray, reach: float) -> np.ndarray:
        """Return the center nearest to every point of a cube around each middle; n where there may be several.

        In non-linear spaces (Lab) every entry is n, because a cube of values is not a box in coordinates there.
        """
        n = len(self._centers)
        nearest = np.full(len(middles), n, dtype=np.intp)
        if n > _MAX_PAIRED or self._space.steps is None:
            return nearest
        step = max(1, _BLOCK // n)
        for start in range(0, len(middles), step):
            # Within the cube, the lead of the nearest center over another one shrinks by at most the span of the two
            # times the reach. If all leads stay above the rounding error, the whole cube belongs to that center.
            found, gaps, error_bound = self._estimated(self._space.coordinates(middles[start : start + step]))
            gaps -= self._spans[found] * self._dtype.type(reach)
            part = nearest[start : start + step]
            np.copyto(part, found, where=gaps.min(axis=1) > error_bound)
        return nearest

    @cached_property
    def _spans(self) -> np.ndarray:
        """Largest change of the difference of two centers' distances per step of 1 along all axes: shape (n, n)."""
        # |x - a|² - |x - b|² = 2 (b - a)·x + constant: a step of 1 along every axis changes it by at most 2 Σ|b - a|.
        differences = (np.abs(self._centers[:, np.newaxis] - self._centers) * self._space.steps).sum(axis=2)
        spans: np.ndarray = (2 / self._unit**2 * differences).astype(self._dtype)
        return spans

    def _estimated(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the estimated nearest center, how much further the others are (gaps), and the error bound of the gaps.

        All in squared distances of scaled values; the gap of the nearest center itself is infinite.
        """
        # |x - c|² = |x|² - 2 x·c + |c|². The first term is the same for all centers and is left out; the others are one
        # matrix product, with a column of ones for |c|².
        scaled = np.ones((len(rows), rows.shape[1] + 1), dtype=self._dtype)
        scaled[:, :-1] = (rows - self._middle) / self._unit
        gaps = scaled @ self._products
        found: np.ndarray = gaps.argmin(axis=1)
        indices = np.arange(len(rows))
        gaps -= gaps[indices, found, np.newaxis]
        gaps[indices, found] = np.inf
        # Error bound: each product and each sum is off by at most half a unit in its last place, relative to the
        # largest terms |c|² and 2 |x| |c|. The factor 4 covers the difference of two such sums with room to spare.
        reach = self._longest * (self._longest + 2 * np.sqrt(np.einsum("ij,ij->i", scaled, scaled)))
        return found, gaps, 4 * (rows.shape[1] + 3) * float(np.finfo(self._dtype.type).eps) * reach

    def _nearest(self, rows: np.ndarray) -> np.ndarray:
        found, gaps, error_bound = self._estimated(rows)
        # Ties are doubtful too, so they are decided by the distances, of which argmin takes the first.
        doubtful = np.flatnonzero(gaps.min(axis=1) <= error_bound)
        step = max(1, _BLOCK // self._centers.size)
        for start in range(0, len(doubtful), step):
            part = doubtful[start : start + step]
            distances = ((rows[part, np.newaxis] - self._centers) ** 2).sum(axis=2)
            found[part] = distances.argmin(axis=1)
        return found


class _Table:
    """Table of the nearest center of each colour of 2 or 3 bytes, filled when a colour first occurs.

    The upper 6 bits of each byte select a cell, the lower 2 bits a position in the cell. Only cells that occur are
    filled, because filling a table of all colours would take longer than all other work.
    """

    def __init__(self, lookup: ColorLookup, dtype: np.dtype) -> None:
        self._lookup = lookup
        self._dtype = dtype
        n, n_channels = lookup.outputs.shape
        self._unknown = n
        self._offset_bits = 2 * n_channels  # bits of the position in a cell
        self._cell_rows = np.zeros(64**n_channels, dtype=np.int32)
        # The operating system provides memory only when it is written to, so unused cells cost nothing. All cells that
        # have not occurred yet share the first one, in which every entry is unknown.
        self._entries = np.empty((len(self._cell_rows) + 1, 2**self._offset_bits), dtype=np.min_scalar_type(n))
        self._entries[0] = n
        byte = np.arange(256, dtype=np.int32)
        upper, lower = byte >> 2 << self._offset_bits, byte & 3
        self._byte_codes = [upper << 6 * p | lower << 2 * p for p in range(n_channels - 1, -1, -1)]
        self._n_cells = 1
        self._lock = threading.Lock()

    def indices(self, rows: np.ndarray) -> np.ndarray:
        codes = self._codes(rows.view(np.uint8))
        found = self._look_up(codes)
        new = found == self._unknown
        if new.any():
            self._add_cells(_distinct(codes[new]))
            found = self._look_up(codes)
        return found

    def _codes(self, rows: np.ndarray) -> np.ndarray:
        """Return the cell of each colour, with the position in the cell in the lower bits."""
        codes: np.ndarray = self._byte_codes[0].take(rows[:, 0])
        for spread, column in zip(self._byte_codes[1:], rows.T[1:], strict=True):
            codes |= spread.take(column)
        return codes

    def _look_up(self, codes: np.ndarray) -> np.ndarray:
        positions = self._cell_rows.take(codes >> self._offset_bits)
        positions <<= self._offset_bits
        positions |= codes & (2**self._offset_bits - 1)
        found: np.ndarray = self._entries.take(positions)
        return found

    def _add_cells(self, codes: np.ndarray) -> None:
        cells, offsets = codes >> self._offset_bits, codes & (2**self._offset_bits - 1)
        # Only the assignment of rows to cells is locked. Entries need no lock: whatever thread writes an entry, it
        # writes the same value, and readers look up unknown entries again.
        with self._lock:
            new_cells = _distinct(cells[self._cell_rows[cells] == 0])
            ranks = np.arange(self._n_cells, self._n_cells + len(new_cells))
            self._entries[ranks] = self._unknown  # before other threads can find the cell
            self._cell_rows[new_cells] = ranks
            self._n_cells += len(new_cells)
        found = self._lookup.nearest_in_cubes(
            self._colors(new_cells, np.zeros_like(new_cells)) + _HALF_CELL, _HALF_CELL
        )
        decided = found < self._unknown
        self._entries[self._cell_rows[new_cells[decided]]] = found[decided, np.newaxis]
        ranks = self._cell_rows[cells]
        left = self._entries[ranks, offsets] == self._unknown
        ranks, cells, offsets = ranks[left], cells[left], offsets[left]
        self._entries[ranks, offsets] = self._lookup.nearest(self._colors(cells, offsets))

    def _colors(self, cells: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        powers = range(self._lookup.outputs.shape[1] - 1, -1, -1)
        keys = np.stack([(cells >> 6 * p & 63) << 2 | (offsets >> 2 * p & 3) for p in powers], axis=1).astype(np.uint8)
        colors: np.ndarray = keys > 0 if self._dtype.kind == "b" else keys.view(self._dtype)
        return colors


def _distinct(codes: np.ndarray) -> np.ndarray:
    """Return the distinct codes in order, several times as fast as `numpy.unique`."""
    ordered = np.sort(codes)
    distinct: np.ndarray = ordered[run_starts(ordered)]
    return distinct
