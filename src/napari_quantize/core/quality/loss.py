"""Errors of quantized values and colours, and variances; those of pixels are summed as integers, in any order."""

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


def _sum_of_steps(squares: np.ndarray) -> int:
    """Return the sum of squares as a number of steps, which is the same in any order."""
    steps = np.rint(squares * _SQUARE_STEPS).astype(np.int64)
    # In two parts, because 64 bits hold one square, not the sum.
    return (int((steps >> 32).sum()) << 32) + int((steps & 2**32 - 1).sum())


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
        self._squares += _sum_of_steps(_squares(errors))
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


def variance_of_samples(samples: tuple[CountedSamples, ...], unit: float) -> float:
    """Return the variance of all samples together, in `unit`²."""
    counts = np.concatenate([counted.counts for counted in samples])
    values = np.concatenate([counted.values for counted in samples])
    if values.ndim > 1:
        counts, values = np.repeat(counts, values.shape[1]), values.ravel()
    values = (values - values.min()) / unit  # from 0: beside a large offset the mean would be rounded
    mean = np.average(values, weights=counts)
    return float(np.average((values - mean) ** 2, weights=counts))


@dataclass
class VarianceTally:
    """Tally of the variance of colours, all channels together, in units of `unit`.

    Attributes
    ----------
    low : float
        The lowest value.
    mean : float
        The mean of all values, less `low`.
    unit : float
        A power of two: no value differs from the mean by more.
    """

    low: float
    mean: float
    unit: float
    _squares: int = 0
    _n_values: int = 0

    @classmethod
    def of(cls, samples: tuple[CountedSamples, ...]) -> VarianceTally | None:
        """Return an empty tally for colours whose samples are means of cells; None for others, which need none.

        The means of cells have the mean of the colours, but lack what varies within the cells: it can be a tenth of the
        variance. What varies within the bins of levels is next to nothing.
        """
        colors = samples[0]
        if colors.values.ndim == 1 or colors.exact:
            return None
        # From the lowest value: beside a large offset the mean would be rounded.
        means = np.average(colors.values - colors.low, axis=0, weights=colors.counts)
        return cls(colors.low, float(means.mean()), unit_for(colors.high - colors.low))

    def add(self, pixels: Pixels) -> None:
        """Add the pixels of a block that are learnt from."""
        deviations = pixels.learnt_colors().astype(np.float64)
        deviations -= self.low
        deviations -= self.mean
        deviations /= self.unit
        self._squares += _sum_of_steps(_squares(deviations))
        self._n_values += deviations.size

    def merge(self, other: VarianceTally) -> None:
        """Add the variance of other pixels."""
        self._squares += other._squares
        self._n_values += other._n_values

    def variance(self, unit: float) -> float:
        """Return the variance, in `unit`²."""
        return self._squares / self._n_values / _SQUARE_STEPS * (self.unit / unit) ** 2
