"""Colours to the exactly nearest of several centers."""

from __future__ import annotations

import threading
from functools import cached_property

import numpy as np

from napari_quantize.core.lookup.color_spaces import Space
from napari_quantize.core.lookup.value_tables import run_starts

# Distances computed at a time: what a block of them takes must stay in the cache.
_BLOCK = 2**17
_MAX_OWNERS = 1024  # centers, for which a table of pairs is made
_REACH = 1.5  # from the middle of a cell of 4 values to its outermost ones


class ColorLookup:
    """Centers of vectors, ready for values of one dtype: what `LevelLookup` is for single values.

    Parameters
    ----------
    centers : ndarray of float64, shape (n, C)
        The centers; of two that are equally near, the first counts.
    dtype : numpy.dtype
        Of the values.
    space : Space, optional
        Where distances are measured; without, in data units.

    Attributes
    ----------
    outputs : ndarray, shape (n, C)
        The centers in that dtype.
    """

    def __init__(self, centers: np.ndarray, dtype: np.dtype, space: Space | None = None) -> None:
        self._space = space or Space()
        self._values = centers
        self._centers = centers = self._space.coordinates(centers)
        self._middle = centers.mean(axis=0)
        self._unit = float(np.abs(centers - self._middle).max()) or 1.0
        # Distances of 8-bit colours are first estimated with 24 bits, all others with 53.
        self._dtype: np.dtype[np.float32 | np.float64] = np.dtype(np.float32 if dtype.itemsize == 1 else np.float64)
        scaled = (centers - self._middle) / self._unit
        lengths = (scaled**2).sum(axis=1)
        self._products = np.column_stack((-2 * scaled, lengths)).T.astype(self._dtype)
        self._longest = float(np.sqrt(lengths.max()))
        self.outputs = self._rounded(dtype)
        self._table = _Table(self, dtype) if dtype.itemsize == 1 and centers.shape[1] <= 3 else None

    def _rounded(self, dtype: np.dtype) -> np.ndarray:
        outputs = (np.rint(self._values) if dtype.kind in "biu" else self._values).astype(dtype)
        # A center that is rounded can come to lie nearer to another one. Taking that one's output instead makes
        # quantizing twice change nothing.
        for _ in range(len(outputs)):
            again = outputs[self.nearest(outputs)]
            if np.array_equal(again, outputs):
                break
            outputs = again
        return outputs

    def indices(self, values: np.ndarray) -> np.ndarray:
        """Return the index of the nearest center for each vector; n where one of its channels is not finite.

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

    def owners(self, middles: np.ndarray, reach: float) -> np.ndarray:
        """Return the center that is nearest to all of a cube around each middle; n where there may be several.

        Everywhere there may be, where a cube of values is no box in coordinates.
        """
        n = len(self._centers)
        owners = np.full(len(middles), n, dtype=np.intp)
        if n > _MAX_OWNERS or self._space.steps is None:
            return owners
        step = max(1, _BLOCK // n)
        for start in range(0, len(middles), step):
            found, behind, slack = self._estimated(self._space.coordinates(middles[start : start + step]))
            behind -= self._spans[found] * self._dtype.type(reach)
            part = owners[start : start + step]
            np.copyto(part, found, where=behind.min(axis=1) > slack)
        return owners

    @cached_property
    def _spans(self) -> np.ndarray:
        """How much further one center can come to lie than another for each step along all axes: shape (n, n)."""
        apart = (np.abs(self._centers[:, np.newaxis] - self._centers) * self._space.steps).sum(axis=2)
        spans: np.ndarray = (2 / self._unit**2 * apart).astype(self._dtype)
        return spans

    def _estimated(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the center that seems nearest, how much further the others seem, and by how much that can be wrong.

        In squared distances of scaled values; the center itself is infinitely far behind.
        """
        scaled = np.ones((len(rows), rows.shape[1] + 1), dtype=self._dtype)
        scaled[:, :-1] = (rows - self._middle) / self._unit
        behind = scaled @ self._products
        found: np.ndarray = behind.argmin(axis=1)
        every = np.arange(len(rows))
        behind -= behind[every, found, np.newaxis]
        behind[every, found] = np.inf
        # Rounding: each product and each sum is off by half a unit in its last place at most.
        reach = self._longest * (self._longest + 2 * np.sqrt(np.einsum("ij,ij->i", scaled, scaled)))
        return found, behind, 4 * (rows.shape[1] + 3) * float(np.finfo(self._dtype.type).eps) * reach

    def _nearest(self, rows: np.ndarray) -> np.ndarray:
        found, behind, slack = self._estimated(rows)
        doubtful = np.flatnonzero(behind.min(axis=1) <= slack)
        step = max(1, _BLOCK // self._centers.size)
        for start in range(0, len(doubtful), step):
            part = doubtful[start : start + step]
            distances = ((rows[part, np.newaxis] - self._centers) ** 2).sum(axis=2)
            found[part] = distances.argmin(axis=1)
        return found


class _Table:
    """The nearest center of each colour of 2 or 3 bytes, found when it first occurs.

    Colours are found by a cell, the upper 6 bits of each byte, and their place in it. Only cells that occur take room:
    a table of all colours costs more to make than all the rest.
    """

    def __init__(self, levels: ColorLookup, dtype: np.dtype) -> None:
        self._levels = levels
        self._dtype = dtype
        n, n_channels = levels.outputs.shape
        self._unknown = n
        self._lower = 2 * n_channels  # bits of the place in a cell
        self._ranks = np.zeros(64**n_channels, dtype=np.int32)
        # Memory that is never written to costs nothing. Cells that have not occurred yet share the first one.
        self._places = np.empty((len(self._ranks) + 1, 2**self._lower), dtype=np.min_scalar_type(n))
        self._places[0] = n
        byte = np.arange(256, dtype=np.int32)
        upper, lower = byte >> 2 << self._lower, byte & 3
        self._spread = [upper << 6 * p | lower << 2 * p for p in range(n_channels - 1, -1, -1)]
        self._n_cells = 1
        self._lock = threading.Lock()

    def indices(self, rows: np.ndarray) -> np.ndarray:
        codes = self._codes(rows.view(np.uint8))
        found = self._look_up(codes)
        new = found == self._unknown
        if new.any():
            self._learn(_distinct(codes[new]))
            found = self._look_up(codes)
        return found

    def _codes(self, rows: np.ndarray) -> np.ndarray:
        """Return each colour's cell, and in the lower bits its place in it."""
        codes: np.ndarray = self._spread[0].take(rows[:, 0])
        for spread, column in zip(self._spread[1:], rows.T[1:], strict=True):
            codes |= spread.take(column)
        return codes

    def _look_up(self, codes: np.ndarray) -> np.ndarray:
        places = self._ranks.take(codes >> self._lower)
        places <<= self._lower
        places |= codes & (2**self._lower - 1)
        found: np.ndarray = self._places.take(places)
        return found

    def _learn(self, codes: np.ndarray) -> None:
        cells, insides = codes >> self._lower, codes & (2**self._lower - 1)
        with self._lock:
            fresh = _distinct(cells[self._ranks[cells] == 0])
            ranks = np.arange(self._n_cells, self._n_cells + len(fresh))
            self._places[ranks] = self._unknown  # before others can look there
            self._ranks[fresh] = ranks
            self._n_cells += len(fresh)
        owners = self._levels.owners(self._colors(fresh, np.zeros_like(fresh)) + _REACH, _REACH)
        owned = owners < self._unknown
        self._places[self._ranks[fresh[owned]]] = owners[owned, np.newaxis]
        # Threads may find out about the same colours at the same time: they find the same.
        ranks = self._ranks[cells]
        left = self._places[ranks, insides] == self._unknown
        ranks, cells, insides = ranks[left], cells[left], insides[left]
        self._places[ranks, insides] = self._levels.nearest(self._colors(cells, insides))

    def _colors(self, cells: np.ndarray, insides: np.ndarray) -> np.ndarray:
        places = range(self._levels.outputs.shape[1] - 1, -1, -1)
        keys = np.stack([(cells >> 6 * p & 63) << 2 | (insides >> 2 * p & 3) for p in places], axis=1).astype(np.uint8)
        colors: np.ndarray = keys > 0 if self._dtype.kind == "b" else keys.view(self._dtype)
        return colors


def _distinct(codes: np.ndarray) -> np.ndarray:
    """Return the distinct codes in order: by sorting, which takes a fraction of what `numpy.unique` takes here."""
    ordered = np.sort(codes)
    distinct: np.ndarray = ordered[run_starts(ordered)]
    return distinct
