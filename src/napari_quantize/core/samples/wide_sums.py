"""Sums of integers that 64 bits do not hold: of the steps of more than 2**31 pixels."""

from __future__ import annotations

import numpy as np

_LOWER_BITS = 32


class WideSums:
    """Sums of integers in two parts. Add numbers to `recent`, and call `carry` before their sum exceeds 64 bits.

    Parameters
    ----------
    shape : int or tuple of int
        Shape of the sums.

    Attributes
    ----------
    recent : ndarray of int64
        Numbers that were added since the last `carry`, and the lower part of the sums.
    """

    def __init__(self, shape: int | tuple[int, ...]) -> None:
        self.recent, self._upper = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)

    def carry(self) -> None:
        """Move what exceeds the lower part to the upper one."""
        lower, upper = split(self.recent)
        self._upper += upper
        self.recent[...] = lower

    def merge(self, other: WideSums) -> None:
        """Add other sums."""
        self.carry()
        other.carry()
        self.recent += other.recent
        self._upper += other._upper

    def total(self) -> np.ndarray:
        """Return the sums as float64."""
        self.carry()
        return joined(self.recent, self._upper)


def split(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper part of integers."""
    return sums & 2**_LOWER_BITS - 1, sums >> _LOWER_BITS


def joined(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return ``upper * 2**32 + lower`` as float64, rounded once if both are below 2**53."""
    total: np.ndarray = upper * 2.0**_LOWER_BITS + lower
    return total
