"""Look-up of the exactly nearest center for colours.

For 8-bit colours, results are cached in a table. Other colours are looked up by the cells of a grid, where most cells
belong to one center. Where neither is possible, all centers are compared.
"""

from __future__ import annotations

import threading

import numpy as np

from napari_quantize.core.cached_property import cached_property
from napari_quantize.core.lookup.color_cells import ColorCells, color_cells, distinct
from napari_quantize.core.lookup.color_grids import ByteCodes, ByteGrid, RangeGrid, range_grid
from napari_quantize.core.lookup.color_spaces import Space
from napari_quantize.core.lookup.nearest_center import NearestCenter

_MIN_FOR_CELLS = 2**13  # colours; for fewer, the cells cost more than they save


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
        self._dtype = dtype
        self._search = NearestCenter(centers, space or Space(), single=dtype.itemsize == 1)
        self.outputs = self._rounded(centers)
        self._table = _Table(self._search, dtype) if dtype.itemsize == 1 and centers.shape[1] <= 3 else None

    def __reduce__(self) -> tuple[object, ...]:
        return ColorLookup, self._arguments  # a process fills its own tables

    def _rounded(self, centers: np.ndarray) -> np.ndarray:
        outputs = (np.rint(centers) if self._dtype.kind in "biu" else centers).astype(self._dtype)
        # A rounded center can lie nearer to another center, since each channel is rounded on its own. Taking the output
        # of that other center keeps `apply` idempotent; that can repeat, so until nothing changes.
        for _ in range(len(outputs)):
            again = outputs[self._search.nearest(outputs)]
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
            found = self._table.indices(rows)
        elif len(rows) >= _MIN_FOR_CELLS and self._cells is not None:
            found = self._cells.nearest(self._cells.grid.cells(rows), rows)
        else:
            found = self._search.nearest(rows)
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

    @cached_property
    def _cells(self) -> ColorCells[RangeGrid] | None:
        return color_cells(self._search, lambda centers, space: range_grid(centers, self._dtype, space))


class _Table:
    """Table of the nearest center of each colour of 2 or 3 bytes, filled when a colour first occurs.

    Only cells of `ByteCodes` that occur are filled, because filling a table of all colours would take longer than all
    other work.
    """

    def __init__(self, search: NearestCenter, dtype: np.dtype) -> None:
        n, n_channels = search.centers.shape
        self._search, self._unknown = search, n
        self._codes = codes = ByteCodes(dtype, n_channels)
        self._cells = color_cells(search, lambda centers, space: ByteGrid(centers, codes, space))
        self._cell_rows = np.zeros(codes.n_cells, dtype=np.int32)
        # The operating system provides memory only when it is written to, so unused cells cost nothing. All cells that
        # have not occurred yet share the first one, in which every entry is unknown.
        self._entries = np.empty((codes.n_cells + 1, 2**codes.offset_bits), dtype=np.min_scalar_type(n))
        self._entries[0] = n
        self._n_cells = 1
        self._lock = threading.Lock()

    def indices(self, rows: np.ndarray) -> np.ndarray:
        codes = self._codes.encode(rows)
        found = self._look_up(codes)
        new = np.flatnonzero(found == self._unknown)
        if len(new):
            found[new] = self._added(codes.take(new))
        return found

    def _look_up(self, codes: np.ndarray) -> np.ndarray:
        cells, offsets = self._codes.split(codes)
        positions = self._cell_rows.take(cells)
        positions <<= self._codes.offset_bits
        positions |= offsets
        found: np.ndarray = self._entries.take(positions)
        return found

    def _added(self, codes: np.ndarray) -> np.ndarray:
        """Fill what is unknown of some colours, and return their entries."""
        self._add_cells(self._codes.split(codes)[0])
        unknown = np.flatnonzero(self._look_up(codes) == self._unknown)
        if len(unknown):
            self._add_colors(distinct(codes.take(unknown)))
        return self._look_up(codes)

    def _add_cells(self, cells: np.ndarray) -> None:
        occurring = np.zeros(len(self._cell_rows), dtype=bool)
        occurring[cells] = True
        # Only the assignment of rows to cells is locked. Entries need no lock: whatever thread writes an entry, it
        # writes the same value, and readers look up unknown entries again.
        with self._lock:
            new = np.flatnonzero(occurring & (self._cell_rows == 0))
            ranks = np.arange(self._n_cells, self._n_cells + len(new))
            self._entries[ranks] = self._unknown  # before other threads can find the cell
            self._cell_rows[new] = ranks
            self._n_cells += len(new)
        if self._cells is not None:
            owners = self._cells.owners(new)
            decided = np.flatnonzero(owners < self._unknown)
            self._entries[ranks[decided]] = owners[decided, np.newaxis]

    def _add_colors(self, codes: np.ndarray) -> None:
        cells, offsets = self._codes.split(codes)
        colors = self._codes.decode(codes)
        found = self._search.nearest(colors) if self._cells is None else self._cells.nearest(cells, colors)
        self._entries[self._cell_rows[cells], offsets] = found
