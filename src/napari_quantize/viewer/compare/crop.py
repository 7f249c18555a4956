"""Crop an image along one axis without reading or copying it; find where a line cuts a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Cut:
    """Position of a line that cuts an image.

    Attributes
    ----------
    axis : int
        The axis that is cut.
    index : int
        The first pixel on the far side.
    length : int
        Number of pixels along the axis.
    flipped : bool
        True if the axis runs to the left or upwards on the screen: the far side is then the left or upper one.
    """

    axis: int
    index: int
    length: int
    flipped: bool = False

    @classmethod
    def at(cls, position: float, axis: int, length: int, *, flipped: bool) -> Cut:
        """Return the cut at `position`, from 0 (left or upper end) to 1, between two pixels."""
        index = round(position * length)
        return cls(axis, length - index if flipped else index, length, flipped)

    @property
    def first(self) -> tuple[int, int]:
        """Start and stop of the left or upper side."""
        return (self.index, self.length) if self.flipped else (0, self.index)

    @property
    def second(self) -> tuple[int, int]:
        """Start and stop of the right or lower side."""
        return (0, self.index) if self.flipped else (self.index, self.length)


def cut_axis(vectors: np.ndarray, *, horizontal: bool) -> tuple[int, bool]:
    """Return the index of the axis that a line cuts, and whether this axis runs backwards on the screen.

    Parameters
    ----------
    vectors : (2, 2) ndarray
        One step along each axis on the screen: (downwards, to the right).
    horizontal : bool
        True for a horizontal line, which cuts the axis that runs downwards; False for a vertical one.
    """
    lengths = np.hypot(*vectors.T)
    rightwards = vectors[:, 1] / np.where(lengths > 0, lengths, 1)
    crossed = 0 if abs(rightwards[0]) > abs(rightwards[1]) else 1
    axis = 1 - crossed if horizontal else crossed
    return axis, bool(vectors[axis, 0 if horizontal else 1] < 0)


def crop(data: Any, axis: int, start: int, stop: int) -> Any:
    """Return a view of an image from `start` to `stop` along `axis`, without reading or copying data."""
    if isinstance(data, np.ndarray):
        return data[(slice(None),) * axis + (slice(start, stop),)]
    return LazyPart(data, axis, start, stop)


def crop_levels(levels: list[Any], axis: int, start: int, stop: int) -> list[Any]:
    """Return the same part of each level of a multiscale image; of coarse levels at least one pixel."""
    parts = []
    for data in levels:
        low, high = (round(end * data.shape[axis] / levels[0].shape[axis]) for end in (start, stop))
        low = min(low, data.shape[axis] - 1)
        parts.append(crop(data, axis, low, max(high, low + 1)))
    return parts


class LazyPart:
    """Part of a lazy array along one axis: reads data only when indexed, as napari does for each slice.

    Parameters
    ----------
    data : array-like
        The whole array.
    axis, start, stop : int
        The axis, and the range of the part along it.
    """

    def __init__(self, data: Any, axis: int, start: int, stop: int) -> None:
        self._data = data
        self._axis = axis
        self._range = range(start, stop)
        self.shape = (*data.shape[:axis], stop - start, *data.shape[axis + 1 :])
        self.ndim = len(self.shape)
        self.dtype = data.dtype
        self.size = int(np.prod(self.shape))

    def __getitem__(self, key: Any) -> Any:
        """Read the data at `key`, which may hold integers, slices and an ellipsis."""
        keys = list(key if isinstance(key, tuple) else (key,))
        if Ellipsis in keys:
            position = keys.index(Ellipsis)
            keys[position : position + 1] = [slice(None)] * (self.ndim - len(keys) + 1)
        keys += [slice(None)] * (self.ndim - len(keys))
        own = keys[self._axis]
        if isinstance(own, slice):
            inside = self._range[own]
            # A range that runs backwards to the start has stop −1; in a slice this would mean the last entry.
            keys[self._axis] = slice(inside.start, inside.stop if inside.stop >= 0 else None, inside.step)
        else:
            keys[self._axis] = self._range[own]
        return self._data[tuple(keys)]

    def __len__(self) -> int:
        return int(self.shape[0])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Read the whole part."""
        return np.asarray(self[...], dtype=dtype)
