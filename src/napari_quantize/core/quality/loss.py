"""Errors of quantized values and colours; those of pixels are summed as integers, in any order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.lookup.levels import LevelLookup
from napari_quantize.core.pixels.pixels import Group, Pixels
from napari_quantize.core.quality.quality import unit_for
from napari_quantize.core.samples.samples import CountedSamples

_SQUARE_STEPS = 2**58  # of the largest square of one channel: 64 bits hold the sum of 16 channels


@dataclass(frozen=True)
class Loss:
    """Errors of levels or colours in one group of channels.

    Attributes
    ----------
    counts : ndarray of int64
        Number of values or pixels with each index.
    squares : float
        Sum of the squared errors, for colours over all channels.
    max_error : float
        Largest error of a value, in data units.
    """

    counts: np.ndarray
    squares: float
    max_error: float

    @property
    def n_samples(self) -> int:
        """Number of values or pixels."""
        return int(self.counts.sum())


def samples_rmse(codebook: Codebook, samples: tuple[CountedSamples, ...]) -> float:
    """Return the root mean squared error of counted samples: `Quality.rmse`, where the samples are exact.

    Where they are means of bins or cells, which are rounded for integer images, it lacks what varies within these.

    Parameters
    ----------
    codebook : Codebook
        Codebook of an image with these samples.
    samples : tuple of CountedSamples
        Counted samples, one for each group of channels.
    """
    dtype = codebook.dtype
    unit = unit_for(max(c.high for c in samples) - min(c.low for c in samples))
    squares = [
        loss_of_samples(codebook.lookup(index, dtype), unit, counted, dtype).squares
        for index, counted in enumerate(samples)
    ]
    n_values = sum(counted.total * math.prod(counted.values.shape[1:]) for counted in samples)
    return math.sqrt(math.fsum(squares) / n_values) * unit


def loss_of_samples(level: LevelLookup, unit: float, samples: CountedSamples, dtype: np.dtype) -> Loss:
    """Return the loss of counted samples, with squares in `unit`²."""
    indices, errors = _errors(level, samples.values_in(dtype), unit)
    return Loss(
        counts=np.bincount(indices, samples.counts, minlength=len(level.outputs)).astype(np.int64),
        # Not `np.dot`: BLAS adds long vectors up in as many parts as it has threads.
        squares=float((_squares(errors) * samples.counts).sum()),
        max_error=_largest(errors) * unit,
    )


def _errors(level: LevelLookup, values: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the index of finite values or colours of the image's dtype, and their errors in units of `unit`."""
    indices = level.indices(values)
    errors = values.astype(np.float64)
    errors -= np.take(level.outputs.astype(np.float64), indices, axis=0)
    errors /= unit
    return indices, errors


def _squares(errors: np.ndarray) -> np.ndarray:
    """Return the square of each error, for colours summed over the channels."""
    squares: np.ndarray = errors * errors
    if squares.ndim == 1:
        return squares
    # One channel after the other: numpy's own sums round in an order that depends on the memory layout.
    total: np.ndarray = squares[:, 0].copy()
    for column in squares.T[1:]:
        total += column
    return total


def _largest(errors: np.ndarray) -> float:
    return float(max(errors.max(initial=0.0), -errors.min(initial=0.0)))


class LossTally:
    """Tally of what levels or colours lose.

    Squares are added as integers, so that the sum is the same however the pixels are divided.

    Parameters
    ----------
    group : slice
        Group of channels.
    level : LevelLookup
        The look-up of its levels or colours.
    samples : CountedSamples
        Its samples, for the range of the values.
    """

    def __init__(self, group: Group, level: LevelLookup, samples: CountedSamples) -> None:
        self._group, self._level = group, level
        outputs = level.outputs.astype(np.float64)
        # No error is larger than this power of two.
        self._unit = unit_for(max(samples.high - float(outputs.min()), float(outputs.max()) - samples.low))
        self._counts = np.zeros(len(outputs), dtype=np.int64)
        self._squares = 0
        self._max_error = 0.0

    def add(self, pixels: Pixels) -> None:
        """Add the pixels of a block that are learnt from."""
        colors = self._level.outputs.ndim > 1
        values = pixels.learnt_colors() if colors else pixels.taking_part(self._group)
        indices, errors = _errors(self._level, values, self._unit)
        self._counts += np.bincount(indices, minlength=len(self._counts))
        squares = np.rint(_squares(errors) * _SQUARE_STEPS).astype(np.int64)
        # In two parts, because 64 bits hold one square, not the sum.
        self._squares += (int((squares >> 32).sum()) << 32) + int((squares & 2**32 - 1).sum())
        self._max_error = max(self._max_error, _largest(errors))

    def merge(self, other: LossTally) -> None:
        """Add the loss of other pixels."""
        self._counts += other._counts
        self._squares += other._squares
        self._max_error = max(self._max_error, other._max_error)

    def loss(self, unit: float) -> Loss:
        """Return the loss, with squares in `unit`²."""
        squares = self._squares / _SQUARE_STEPS * (self._unit / unit) ** 2
        return Loss(self._counts, squares, self._max_error * self._unit)
