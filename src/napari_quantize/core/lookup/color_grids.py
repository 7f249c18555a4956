"""Grids of cells over the colours of a dtype: which cell a colour lies in, and where the cells lie."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from napari_quantize.core.lookup.color_spaces import Space
from napari_quantize.core.lookup.nearest_center import ScaledCenters
from napari_quantize.core.lookup.value_tables import keys_of, table_of
from napari_quantize.core.request.request import dtype_limits

_HALF_BYTE_CELL = 1.5  # from the middle of a cell of 4 values to its outermost values
# Upper and lower bits of the bins of a `RangeGrid`, by the number of channels: at most 2 million cells.
_BITS = {2: (5, 4), 3: (4, 3), 4: (3, 2)}
_ROUNDING = 1e-6  # share of its width by which a cell is taken for larger: far more than numbers are rounded by


class ColorGrid(Protocol):
    """Cells of equal size, in scaled coordinates of colours."""

    n_cells: int
    """Number of cells."""
    halves: np.ndarray
    """Half the widths of a cell, shape (C,)."""
    reach: float
    """Distance of the outermost point of all bounded cells from the origin."""

    def middles(self, cells: np.ndarray) -> np.ndarray:
        """Return the middles of bounded cells, shape (m, C)."""

    def are_bounded(self, cells: np.ndarray) -> np.ndarray:
        """Return which cells are bounded, shape (m,)."""


class DigitCodes:
    """Codes of vectors of digits: first the upper bits of all digits, then the lower bits of all digits.

    Vectors that differ only in their lower bits get neighbouring codes, and so lie close together in memory.

    Parameters
    ----------
    n_digits : int
        Length of a vector.
    upper, lower : int
        Numbers of bits of a digit.

    Attributes
    ----------
    n_values : int
        Number of values of a digit.
    lower_bits : int
        Number of bits of a code that hold lower bits of digits.
    n_codes : int
        Number of codes.
    """

    def __init__(self, n_digits: int, upper: int, lower: int) -> None:
        self._upper, self._lower = upper, lower
        self._powers = range(n_digits - 1, -1, -1)
        self.lower_bits = n_digits * lower
        self.n_codes = 2 ** (n_digits * (upper + lower))
        self.n_values = 2 ** (upper + lower)

    def parts(self, digits: Iterable[np.ndarray]) -> list[np.ndarray]:
        """Return what the digits of each column contribute to the code: int32."""
        columns = zip(digits, self._powers, strict=True)
        return [
            column >> self._lower << self.lower_bits + self._upper * p
            | (column & 2**self._lower - 1) << self._lower * p
            for column, p in columns
        ]

    def digits(self, codes: np.ndarray) -> list[np.ndarray]:
        """Return the columns of digits of codes."""
        high = codes >> self.lower_bits
        mask_high, mask_low = 2**self._upper - 1, 2**self._lower - 1
        return [
            (high >> self._upper * p & mask_high) << self._lower | codes >> self._lower * p & mask_low
            for p in self._powers
        ]


class ByteCodes:
    """Codes of colours of 2 or 3 bytes: a cell, and in the lowest `offset_bits` bits the position in the cell.

    A cell holds 4 values of each byte.

    Parameters
    ----------
    dtype : dtype
        Dtype of one byte.
    n_channels : int
        Number of bytes.
    """

    def __init__(self, dtype: np.dtype, n_channels: int) -> None:
        self._dtype = dtype
        self._codes = DigitCodes(n_channels, 6, 2)
        self._parts = self._codes.parts([np.arange(256, dtype=np.int32)] * n_channels)
        self.offset_bits = self._codes.lower_bits
        self.n_cells = self._codes.n_codes >> self.offset_bits

    def encode(self, colors: np.ndarray) -> np.ndarray:
        """Return the codes of colours of shape (m, C): int32."""
        columns = zip(self._parts, colors.view(np.uint8).T, strict=True)
        return _joined(parts.take(keys) for parts, keys in columns)

    def split(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the cells of codes, and the positions in the cells."""
        return codes >> self.offset_bits, codes & (2**self.offset_bits - 1)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the colours of codes, shape (m, C)."""
        keys = np.stack(self._codes.digits(codes), axis=1).astype(np.uint8)
        colors: np.ndarray = keys > 0 if self._dtype.kind == "b" else keys.view(self._dtype)
        return colors


class ByteGrid:
    """The cells of `ByteCodes` as boxes in a space whose coordinates are proportional to channels.

    Parameters
    ----------
    centers : ScaledCenters
        The centers, which define scaled coordinates.
    codes : ByteCodes
        The cells.
    space : Space
        The space.
    """

    def __init__(self, centers: ScaledCenters, codes: ByteCodes, space: Space) -> None:
        self._codes, self._centers, self._space = codes, centers, space
        self.n_cells = codes.n_cells
        n_channels = centers.points.shape[1]
        corners = centers.scale(space.coordinates(np.repeat([[-128.0], [256.0]], n_channels, axis=1)))
        self.halves = (corners[1] - corners[0]) * (_HALF_BYTE_CELL / 384) * (1 + _ROUNDING)
        self.reach = _longest(corners)

    def middles(self, cells: np.ndarray) -> np.ndarray:
        """Return the middles of cells, shape (m, C)."""
        first = self._codes.decode(cells << self._codes.offset_bits)
        return self._centers.scale(self._space.coordinates(first + _HALF_BYTE_CELL))

    def are_bounded(self, cells: np.ndarray) -> np.ndarray:
        """Return which cells are bounded: all."""
        return np.ones(len(cells), dtype=bool)


class RangeGrid:
    """Cells of equal bins of each channel around the centers.

    The first bin of a channel holds all lower values, too, and the last one all higher values, so cells with such a bin
    are not bounded. All colours that are not finite lie in them.

    Parameters
    ----------
    centers : ScaledCenters
        The centers, of 2 to 4 channels, which define scaled coordinates.
    dtype : dtype
        Dtype of the colours.
    space : Space
        Space in which distances are measured, whose coordinates are proportional to channels.
    low, high : ndarray of float64, shape (C,)
        Where the bins between the first and the last one begin and end, in scaled coordinates.
    """

    def __init__(
        self, centers: ScaledCenters, dtype: np.dtype, space: Space, low: np.ndarray, high: np.ndarray
    ) -> None:
        self._space = space
        self._codes = DigitCodes(len(low), *_BITS[len(low)])
        self.n_cells = self._codes.n_codes
        self._n_bins = self._codes.n_values
        self._widths = (high - low) / (self._n_bins - 2)
        self.halves = self._widths / 2 * (1 + _ROUNDING)
        self._origin = centers.middle + (low - self._widths) * centers.unit
        self._bins_per_step = 1 / (self._widths * centers.unit)
        # A large offset of the coordinates rounds the origin, which moves all cells. Their distance from the middle of
        # the centers is computed from the rounded origin.
        self._first = centers.scale(self._origin)
        self.reach = _longest(np.stack((self._first, self._first + self._n_bins * self._widths)))
        self._parts = None
        if dtype.itemsize <= 2:
            values = np.repeat(table_of(dtype)[:, np.newaxis], len(low), axis=1)
            self._parts = self._codes.parts(self._bins(values))

    def cells(self, colors: np.ndarray) -> np.ndarray:
        """Return the cells of colours of shape (m, C): int32."""
        if self._parts is not None:
            columns = zip(self._parts, keys_of(colors).T, strict=True)
            return _joined(parts.take(keys) for parts, keys in columns)
        return _joined(self._codes.parts(self._bins(colors)))

    def middles(self, cells: np.ndarray) -> np.ndarray:
        """Return the middles of bounded cells, shape (m, C)."""
        columns = zip(self._first, self._widths, self._codes.digits(cells), strict=True)
        return np.stack([first + width * (bins + 0.5) for first, width, bins in columns], axis=1)

    def are_bounded(self, cells: np.ndarray) -> np.ndarray:
        """Return which cells are bounded, shape (m,)."""
        # Unsigned, bin 0 less 1 is the largest number.
        inner = [(bins - 1).view(np.uint32) < self._n_bins - 2 for bins in self._codes.digits(cells)]
        bounded: np.ndarray = np.logical_and.reduce(inner)
        return bounded

    def _bins(self, colors: np.ndarray) -> list[np.ndarray]:
        """Return the bins of colours of shape (m, C) in each channel: int32."""
        found = []
        # Numbers that are not finite, or overflow, are wanted in the outermost bins.
        with np.errstate(invalid="ignore", over="ignore"):
            coordinates = self._space.coordinates(colors.astype(np.float64))
            # A channel at a time: numpy is slow with rows of a few numbers.
            for column, origin, bins_per_step in zip(coordinates.T, self._origin, self._bins_per_step, strict=True):
                bins = column - origin
                bins *= bins_per_step
                np.clip(bins, 0, self._n_bins - 1, out=bins)
                undefined = np.isnan(bins)
                if undefined.any():
                    bins[undefined] = 0
                found.append(bins.astype(np.int32))
        return found


def range_grid(centers: ScaledCenters, dtype: np.dtype, space: Space) -> RangeGrid | None:
    """Return a grid around the centers, or None if it has too many channels or the centers have no range."""
    n, n_channels = centers.points.shape
    if n_channels not in _BITS:
        return None
    low, high = centers.points.min(axis=0), centers.points.max(axis=0)
    # Most colours lie no further outside of the centers than half the distance between neighbouring centers. A margin
    # of twice that leaves out few.
    margin = (high - low).max() * min(0.5, n ** (-1 / n_channels))
    low, high = low - margin, high + margin
    if dtype.kind != "f":
        least, most = dtype_limits(dtype)
        ends = np.repeat([[least - 0.5], [most + 0.5]], n_channels, axis=1)
        first, last = centers.scale(space.coordinates(ends))
        low, high = np.maximum(low, first), np.minimum(high, last)
    return RangeGrid(centers, dtype, space, low, high) if (low < high).all() else None


def _joined(parts: Iterable[np.ndarray]) -> np.ndarray:
    """Return the codes of colours, from what each channel contributes."""
    codes, *others = parts
    for other in others:
        codes |= other
    return codes


def _longest(corners: np.ndarray) -> float:
    """Return the distance from 0 to the furthest point of a box with these two opposite corners."""
    return float(np.sqrt((np.abs(corners).max(axis=0) ** 2).sum()))
