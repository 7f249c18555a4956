"""Measure what codebooks lose on one image: what they share is counted once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.core.lookup.levels import LevelLookup
from napari_quantize.core.pixels.limits import find_white
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.quality.distinct_colors import OutputColors, distinct_colors
from napari_quantize.core.quality.entropy import ChannelValues, IndexCounts, count_shared_channels, entropy
from napari_quantize.core.quality.loss import Loss, LossTally, VarianceTally, loss_of_samples, variance_of_samples
from napari_quantize.core.quality.quality import Quality, peak_range, unit_for
from napari_quantize.core.request.request import MAX_CHANNELS, Mode, Tick
from napari_quantize.core.samples.samples import CountedSamples

_N_COLOR_CHANNELS = 3  # red, green and blue, without alpha


@dataclass(frozen=True)
class Assessment:
    """Facts of an image that the figures of all codebooks share, known before these are applied.

    Attributes
    ----------
    pixels : Pixels
        The image, with mask and ignored values.
    samples : tuple of CountedSamples
        Its counted samples; errors are computed from them where they are exact, from the pixels elsewhere.
    colors : Pixels
        Its colours, each once where that is quick: see `distinct_colors`.
    channels : list of (ndarray, ndarray)
        The values of its channels, if these share levels: see `count_shared_channels`.
    white : float or None
        Value of a full channel of an image of three channels; None for other images.
    """

    pixels: Pixels
    samples: tuple[CountedSamples, ...]
    colors: Pixels
    channels: ChannelValues
    white: float | None

    @classmethod
    def of(cls, pixels: Pixels, samples: tuple[CountedSamples, ...], mode: Mode, tick: Tick) -> Assessment:
        """Count what the figures of all codebooks need, except `samples`."""
        # In mode "color", the number of distinct colours follows from the counts of the palette itself.
        colors = pixels if mode == "color" else distinct_colors(pixels, tick)
        channels = count_shared_channels(pixels, mode, tick)
        return cls(pixels, samples, colors, channels, _white_of_colors(pixels, samples, tick))

    def assess(
        self, codebooks: Sequence[Codebook], excesses: Sequence[float | None], tick: Tick
    ) -> tuple[Quality, ...]:
        """Measure what applying each of several codebooks to the image loses, in at most one pass over all pixels.

        Parameters
        ----------
        codebooks : sequence of Codebook
            Codebooks that the image fits, of one mode.
        excesses : sequence of float or None
            Excess of each codebook, copied into the result.
        tick : callable
            Called between blocks of pixels.

        Returns
        -------
        tuple of Quality
        """
        tallies = partial(_Tallies, self._without_pixels(), codebooks, VarianceTally.of(self.samples))
        counted = tallies()
        if counted.are_needed:
            counted = self.pixels.tally(tallies, tick)
        found = zip(codebooks, excesses, counted.of_codebooks, strict=True)
        return tuple(
            self._quality(codebook, excess, tally, counted.variance, tick) for codebook, excess, tally in found
        )

    def _without_pixels(self) -> Assessment:
        """Return these facts without the pixels: what a tally begins with is sent to the workers of a cluster."""
        shape = (*(0,) * (self.pixels.array.ndim - 1), self.pixels.array.shape[-1])
        none, others = (Pixels(np.empty(shape, self.pixels.array.dtype), self.pixels.alpha) for _ in range(2))
        return replace(self, pixels=none, colors=none if self.colors is self.pixels else others)

    def _quality(
        self,
        codebook: Codebook,
        excess: float | None,
        counted: _CodebookTallies,
        variance: VarianceTally | None,
        tick: Tick,
    ) -> Quality:
        levels = [level for _, level in codebook.lookups(self.pixels)]
        dtype, samples, n_channels = self.pixels.array.dtype, self.samples, self.pixels.n_channels
        data_range = peak_range(dtype, min(c.low for c in samples), max(c.high for c in samples))
        unit = unit_for(data_range)
        losses = [
            loss_of_samples(level, unit, counted_samples, dtype) if tally is None else tally.loss(unit)
            for level, counted_samples, tally in zip(levels, samples, counted.losses, strict=True)
        ]
        colored = codebook.mode == "color"
        n_values = sum(loss.n_samples for loss in losses) * (n_channels if colored else 1)
        mean = math.fsum(loss.squares for loss in losses) / n_values
        bits = sum(map(entropy, self._index_counts(levels[0], losses, counted)))
        return Quality(
            mse=mean * unit * unit,
            mse_per_pixel=mean * unit * unit * n_channels,
            rmse=math.sqrt(mean) * unit,
            psnr=_decibels(data_range / unit, mean),
            data_range=data_range,
            explained=_explained(mean, samples, variance, unit),
            max_error=max(loss.max_error for loss in losses),
            n_values=len(np.unique(np.concatenate([level.outputs.ravel() for level in levels]))),
            n_colors=_count_outputs(levels[0], losses[0]) if colored else self._count_colors(codebook, counted, tick),
            bits_per_value=bits / n_channels,
            bits_per_pixel=bits,
            excess=excess,
            white=self.white,
        )

    def _index_counts(self, level: LevelLookup, losses: list[Loss], counted: _CodebookTallies) -> list[np.ndarray]:
        """Return how often each index occurs: in each channel, or among colours."""
        if counted.indices is not None:
            return list(counted.indices.counts)
        if self.channels:
            n = len(level.outputs)
            return [np.bincount(level.indices(values), counts, minlength=n) for values, counts in self.channels]
        return [loss.counts for loss in losses]

    def _count_colors(self, codebook: Codebook, counted: _CodebookTallies, tick: Tick) -> int | None:
        if not self.has_colors:
            return None
        outputs = counted.outputs
        if outputs is None:
            outputs = self.colors.tally(partial(self.output_colors, codebook), tick)
        return outputs.count()

    @property
    def has_colors(self) -> bool:
        """True if the colours of a result are counted."""
        return 1 < self.pixels.n_channels <= MAX_CHANNELS

    def output_colors(self, codebook: Codebook) -> OutputColors:
        """Return an empty tally of the colours of a result."""
        levels = [level for _, level in codebook.lookups(self.pixels)]
        return OutputColors(self.pixels.groups(codebook.mode), levels, self.pixels.n_channels)


class _CodebookTallies:
    """Tally of those figures of one codebook that need all pixels; None for the others.

    Parameters
    ----------
    image : Assessment
        What is known of the image.
    codebook : Codebook
        The codebook.
    """

    def __init__(self, image: Assessment, codebook: Codebook) -> None:
        pixels, lookups = image.pixels, codebook.lookups(image.pixels)
        self.losses = [
            None if counted.exact else LossTally(group, level, counted)
            for (group, level), counted in zip(lookups, image.samples, strict=True)
        ]
        is_shared = codebook.mode == "global" and pixels.n_channels > 1
        needs_indices = is_shared and not image.channels
        self.indices = IndexCounts(pixels.groups("per_channel"), lookups[0][1]) if needs_indices else None
        needs_colors = codebook.mode != "color" and image.has_colors and image.colors is pixels
        self.outputs = image.output_colors(codebook) if needs_colors else None

    def parts(self) -> list[LossTally | IndexCounts | OutputColors]:
        """Return those that are needed."""
        return [tally for tally in (*self.losses, self.indices, self.outputs) if tally is not None]


class _Tallies:
    """Tally of the figures of several codebooks, and of the variance that they share.

    Parameters
    ----------
    image : Assessment
        What is known of the image.
    codebooks : sequence of Codebook
        The codebooks.
    variance : VarianceTally or None
        An empty tally; None if the samples give the variance.
    """

    def __init__(self, image: Assessment, codebooks: Sequence[Codebook], variance: VarianceTally | None) -> None:
        self.of_codebooks = [_CodebookTallies(image, codebook) for codebook in codebooks]
        self.variance = None if variance is None else replace(variance)

    @property
    def are_needed(self) -> bool:
        """True if some figure needs all pixels."""
        return any(tally.parts() for tally in self.of_codebooks)

    def add(self, pixels: Pixels) -> None:
        if self.variance is not None:
            self.variance.add(pixels)
        for tally in self.of_codebooks:
            for part in tally.parts():
                part.add(pixels)

    def merge(self, other: _Tallies) -> None:
        if self.variance is not None and other.variance is not None:
            self.variance.merge(other.variance)
        for tally, others in zip(self.of_codebooks, other.of_codebooks, strict=True):
            for part, other_part in zip(tally.parts(), others.parts(), strict=True):
                part.merge(other_part)  # type: ignore[arg-type]  # of the same class, as both are made alike


def _white_of_colors(pixels: Pixels, samples: tuple[CountedSamples, ...], tick: Tick) -> float | None:
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
    return find_white(pixels, tick)


def _count_outputs(level: LevelLookup, loss: Loss) -> int:
    """Count the colours that the pixels take: centers can round to the same one."""
    return len(np.unique(level.outputs[loss.counts > 0], axis=0))


def _decibels(peak: float, mse: float) -> float:
    if not mse:
        return math.inf
    return 20 * math.log10(peak / math.sqrt(mse)) if peak else -math.inf


def _explained(mse: float, samples: tuple[CountedSamples, ...], counted: VarianceTally | None, unit: float) -> float:
    if not mse:
        return 1.0
    variance = variance_of_samples(samples, unit) if counted is None else counted.variance(unit)
    return 1 - mse / variance if variance else -math.inf
