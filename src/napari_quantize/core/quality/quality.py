"""Figures of what a result has lost, and of what is left."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.core.lookup.levels import LevelLookup
from napari_quantize.core.pixels.pixels import Index, Pixels
from napari_quantize.core.quality.distinct_colors import count_distinct_colors
from napari_quantize.core.quality.entropy import ChannelValues, entropy, entropy_of_channels
from napari_quantize.core.request.request import MAX_CHANNELS, Tick
from napari_quantize.core.samples.samples import CountedSamples

_N_COLOR_CHANNELS = 3  # red, green and blue, without alpha


@dataclass(frozen=True)
class Quality:
    """Figures of one result, over all values that take part (finite, alpha not 0, within the mask, not ignored).

    Attributes
    ----------
    mse : float
        Mean squared error per value, ``mean((source − result)²)``, on the rounded result; data units squared.
    mse_per_pixel : float
        The same summed over the channels: mean squared distance between the colours of source and result.
    rmse : float
        Its square root, in data units.
    psnr : float
        Peak signal-to-noise ratio, ``10 log10(data_range² / mse)``, in dB; infinite for a lossless result, minus
        infinity where `data_range` is 0 and values have changed: a constant image in given levels.
    data_range : float
        The range used for it: 255 for uint8, else maximum − minimum of the values that take part.
    explained : float
        Share of the source's variance that the result keeps, ``1 − mse / var``, where var is
        ``mean((source − mean(source))²)`` of the counted samples, all channels together in both modes (where these are
        means of bins, var lacks what varies within bins, some 1e-9 of it). 1 for a lossless result, also of a constant
        image, and minus infinity where given levels change one. From 0 up where the result holds the means of its
        classes, a little less where rounding them to the dtype costs more than one unrounded mean would.
    max_error : float
        Largest ``|source − result|``, in data units.
    n_values : int
        Distinct values in the result, all channels together.
    n_colors : int or None
        Distinct combinations of the channels' values in the result; None where there is one channel, or more than
        the 16 that colours can have.
    bits_per_value : float
        Entropy of the indices, ``−Σ p log2 p``, in bits per value: the mean over the channels, of which each has its
        own shares p, also where all channels share their levels.
    bits_per_pixel : float
        The same summed over the channels; the entropy of the colours' indices where centers are colours. A lower bound
        for coding each value (or colour) on its own, not a file's size.
    excess : float or None
        Cost over optimal cost, less 1: by how much the sum of squared distances of the counted samples from their
        unrounded centers lies above the least that is possible. None for colours, for what was not learnt from this
        image, where the least is 0, since nothing is lost, and where finding it would take long (k times distinct
        samples over 2**21).
    white : float or None
        Value of a full channel of the whole image, which tells how bright its colours are: 1 for floats, for uint16 the
        full value of the fewest bits of 8, 10, 12, 14 and 16 that hold the image, and for other integers and bool the
        largest value of the dtype. None for images without three channels of colour, and in records of earlier
        versions.
    """

    mse: float
    mse_per_pixel: float
    rmse: float
    psnr: float
    data_range: float
    explained: float
    max_error: float
    n_values: int
    n_colors: int | None
    bits_per_value: float
    bits_per_pixel: float
    excess: float | None
    white: float | None = None


@dataclass
class _Tally:
    """Sums over one group of channels."""

    counts: np.ndarray
    squares: float = 0.0  # of errors, summed
    max_error: float = 0.0

    def add(self, other: _Tally) -> None:
        self.counts += other.counts
        self.squares += other.squares
        self.max_error = max(self.max_error, other.max_error)

    @property
    def n_indices(self) -> int:
        return int(self.counts.sum())


def assess(
    pixels: Pixels,
    samples: tuple[CountedSamples, ...],
    colors: Pixels,
    channels: ChannelValues,
    codebook: Codebook,
    excess: float | None,
    white: float | None,
    tick: Tick,
) -> Quality:
    """Measure what applying `codebook` to an image loses.

    Parameters
    ----------
    pixels : Pixels
        The image, which fits the codebook, with mask and ignored values.
    samples : tuple of CountedSamples
        Its counted samples; errors are computed from them where they are exact, from the pixels elsewhere.
    colors : Pixels
        Its colours, as `distinct_colors` returns them.
    channels : list of (ndarray, ndarray)
        The values of its channels, as `count_shared_channels` returns them.
    codebook : Codebook
        Learnt from the image.
    excess : float or None
        Excess of the codebook, copied into the result.
    white : float or None
        As `white_of_colors` returns it, copied into the result.
    tick : callable
        Called between blocks of pixels.

    Returns
    -------
    Quality
    """
    lookups, dtype = codebook.lookups(pixels), pixels.array.dtype
    data_range = peak_range(dtype, min(c.low for c in samples), max(c.high for c in samples))
    unit = unit_for(data_range)
    tallies = [
        _tally(level, unit, counted.values_in(dtype), counted.counts)
        if counted.exact
        else _tally_pixels(level, unit, pixels, group, tick)
        for (group, level), counted in zip(lookups, samples, strict=True)
    ]
    levels = [level for _, level in lookups]
    colored = codebook.mode == "color"
    n_channels = pixels.n_channels
    n_values = sum(tally.n_indices for tally in tallies) * (n_channels if colored else 1)
    mean = math.fsum(tally.squares for tally in tallies) / n_values
    n_colors: int | None
    if colored:
        bits, n_colors = entropy(tallies[0].counts), _count_outputs(levels[0], tallies[0])
    else:
        shared = codebook.mode == "global" and n_channels > 1
        bits = (
            entropy_of_channels(pixels, channels, levels[0], tick)
            if shared
            else sum(entropy(tally.counts) for tally in tallies)
        )
        n_colors = (
            count_distinct_colors(colors, levels, codebook.mode, tick) if 1 < n_channels <= MAX_CHANNELS else None
        )
    return Quality(
        mse=mean * unit * unit,
        mse_per_pixel=mean * unit * unit * n_channels,
        rmse=math.sqrt(mean) * unit,
        psnr=_decibels(data_range / unit, mean),
        data_range=data_range,
        explained=_explained(mean, samples, unit),
        max_error=max(tally.max_error for tally in tallies),
        n_values=len(np.unique(np.concatenate([level.outputs.ravel() for level in levels]))),
        n_colors=n_colors,
        bits_per_value=bits / n_channels,
        bits_per_pixel=bits,
        excess=excess,
        white=white,
    )


def white_of_colors(pixels: Pixels, samples: tuple[CountedSamples, ...], tick: Tick) -> float | None:
    """Return the value of a full channel of an image of three channels; None for other images.

    Parameters
    ----------
    pixels : Pixels
        The image, with mask and ignored values. It is read again only if these leave something of uint16 out.
    samples : tuple of CountedSamples
        Its counted samples.
    tick : callable
        Called between blocks of pixels.
    """
    if pixels.n_channels != _N_COLOR_CHANNELS:
        return None
    if pixels.mask is None and pixels.ignored is None:
        return white_of(pixels.array.dtype, max(counted.high for counted in samples))
    return pixels.white(tick)


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
        _tally(codebook.lookup(index, dtype), unit, counted.values_in(dtype), counted.counts).squares
        for index, counted in enumerate(samples)
    ]
    n_values = sum(counted.total * math.prod(counted.values.shape[1:]) for counted in samples)
    return math.sqrt(math.fsum(squares) / n_values) * unit


def _tally(level: LevelLookup, unit: float, values: np.ndarray, counts: np.ndarray | None = None) -> _Tally:
    """Tally finite values of the image's dtype, each as often as `counts` says (once without); squares in `unit`²."""
    indices = level.indices(values)
    error = values.astype(np.float64)
    error -= np.take(level.outputs.astype(np.float64), indices, axis=0)
    error /= unit
    squares = np.einsum("...i,...i->...", error, error) if error.ndim > 1 else error * error
    return _Tally(
        counts=np.bincount(indices, counts, minlength=len(level.outputs)).astype(np.int64),
        squares=float(squares.sum() if counts is None else np.dot(squares, counts)),
        max_error=float(max(error.max(initial=0.0), -error.min(initial=0.0))) * unit,
    )


def _tally_pixels(level: LevelLookup, unit: float, pixels: Pixels, group: slice, tick: Tick) -> _Tally:
    def tally(index: Index) -> _Tally:
        if level.outputs.ndim > 1:
            return _tally(level, unit, pixels.vectors(index))
        return _tally(level, unit, pixels.taking_part(index, group))

    total = _Tally(np.zeros(len(level.outputs), dtype=np.int64))
    # In the order of the blocks, whichever thread ends first, so that sums of floats are the same in each run.
    for part in pixels.map(tally, tick):
        total.add(part)
    return total


def _count_outputs(level: LevelLookup, tally: _Tally) -> int:
    """Count the colours that the pixels take: centers can round to the same one."""
    return len(np.unique(level.outputs[tally.counts > 0], axis=0))


def _decibels(peak: float, mse: float) -> float:
    if not mse:
        return math.inf
    return 20 * math.log10(peak / math.sqrt(mse)) if peak else -math.inf


def _explained(mse: float, samples: tuple[CountedSamples, ...], unit: float) -> float:
    if not mse:
        return 1.0
    variance = _variance(samples, unit)
    return 1 - mse / variance if variance else -math.inf


def peak_range(dtype: np.dtype, low: float, high: float) -> float:
    """Return the range that PSNR and SSIM relate errors to: 255 for uint8, else from lowest to highest value."""
    return 255.0 if dtype == np.uint8 else high - low


def unit_for(data_range: float) -> float:
    """Return a power of two above a range: division by it rounds nothing, and squares neither overflow nor vanish."""
    return math.ldexp(1.0, math.frexp(data_range)[1])


def _variance(samples: tuple[CountedSamples, ...], unit: float) -> float:
    """Return the variance of all samples together, in `unit`²."""
    counts = np.concatenate([counted.counts for counted in samples])
    values = np.concatenate([counted.values for counted in samples])
    if values.ndim > 1:
        counts, values = np.repeat(counts, values.shape[1]), values.ravel()
    values = (values - values.min()) / unit  # from 0: beside a large offset the mean would be rounded
    mean = np.average(values, weights=counts)
    return float(np.average((values - mean) ** 2, weights=counts))
