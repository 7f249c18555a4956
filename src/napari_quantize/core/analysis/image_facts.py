"""Facts of an image before it is quantized: number of values, range, histogram."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from napari_quantize.core.analysis.saturation import Saturation, saturation_of
from napari_quantize.core.cached_property import cached_property
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.quality.entropy import entropy
from napari_quantize.core.request.request import Request, Tick, check_in_memory, no_tick
from napari_quantize.core.samples.merge import MergedSamples
from napari_quantize.core.samples.samples import CountedSamples, count_samples

MAX_BINS = 256
# In a histogram more rows are too low to be read, and more lines too many to be told apart.
MAX_ROWS = 5


@dataclass(frozen=True)
class ImageFacts:
    """Facts of an image, over its finite values whose alpha is not 0.

    Attributes
    ----------
    n_values : int or None
        Number of distinct values, all channels together; None if a channel has more than 65,536.
    low, high : float
        Smallest and largest value.
    saturation : Saturation or None
        Saturated values; None for floats and bool.
    bits_per_pixel : float or None
        Entropy of each channel's values, summed over the channels; None where `n_values` is.
    edges : ndarray of float64, shape (bins + 1,)
        Edges of the histogram's bins; one bin for each integer if the range holds at most 256.
    counts : ndarray of int64, shape (channels, bins)
        Counts of the histogram of each channel.
    samples : tuple of CountedSamples
        What `counts` count: the values of each channel, or of all channels together if there are more than 5.
    """

    n_values: int | None
    low: float
    high: float
    saturation: Saturation | None
    bits_per_pixel: float | None
    edges: np.ndarray
    counts: np.ndarray
    samples: tuple[CountedSamples, ...]

    @cached_property
    def pooled(self) -> CountedSamples:
        """The values of all channels together."""
        return _pooled(self.samples, no_tick)

    def of_part(self, samples: CountedSamples) -> ImageFacts:
        """Return these facts with the histogram of a part of the image, such as a slice, along the same axis."""
        counts = bar_counts(samples.values, samples.counts, self.edges)
        return replace(self, counts=counts[np.newaxis], samples=(samples,))

    @property
    def saturated(self) -> float:
        """Share of saturated values, 0 … 1; 0 for floats and bool."""
        return 0.0 if self.saturation is None else self.saturation.share


def image_facts(
    image: np.ndarray, *, channel_axis: int | None = None, alpha: bool = False, tick: Tick | None = None
) -> ImageFacts:
    """Return the facts of an image.

    Parameters
    ----------
    image : ndarray
        The image, in memory.
    channel_axis, alpha, tick
        As in `napari_quantize.fit`.

    Returns
    -------
    ImageFacts
        Number of values, range, saturated values, entropy and histogram.

    Raises
    ------
    ValueError, TypeError
        As in `napari_quantize.fit`.
    """
    request = Request("per_channel", channel_axis, alpha)
    array = check_in_memory(image, request)
    pixels = Pixels.of(array, request.channel_axis, request.alpha)
    tick = tick or no_tick
    channels = count_samples(pixels, "per_channel", tick)
    exact = all(channel.exact for channel in channels)
    values = np.unique(np.concatenate([channel.values for channel in channels]))
    low, high = min(c.low for c in channels), max(c.high for c in channels)
    edges = _edges(low, high, integer=array.dtype.kind in "iub")
    return ImageFacts(
        n_values=len(values) if exact else None,
        low=low,
        high=high,
        saturation=saturation_of(channels, array.dtype) if array.dtype.kind in "iu" else None,
        bits_per_pixel=sum(entropy(channel.counts) for channel in channels) if exact else None,
        edges=edges,
        counts=np.stack([bar_counts(channel.values, channel.counts, edges) for channel in channels]),
        samples=channels if len(channels) <= MAX_ROWS else (_pooled(channels, tick),),
    )


def bar_counts(values: np.ndarray, counts: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return how many counted values lie between each two edges; one on the last edge belongs to the last bar."""
    return np.histogram(values, edges, weights=counts)[0].astype(np.int64)


def _pooled(channels: tuple[CountedSamples, ...], tick: Tick) -> CountedSamples:
    merged = MergedSamples(np.dtype(np.float64), tick)
    for samples in channels:
        merged.add(samples)
    return merged.total()


def _edges(low: float, high: float, *, integer: bool) -> np.ndarray:
    if integer:
        # Bins of whole numbers of integers: in others, unequal numbers of values would show as stripes.
        step = max(1, int(np.ceil((high - low + 1) / MAX_BINS)))
        n_bins = int((high - low) // step) + 1
        edges: np.ndarray = low - 0.5 + step * np.arange(n_bins + 1)
        return edges
    if high == low:
        return np.array([low - 0.5, high + 0.5])
    return np.linspace(low, high, MAX_BINS + 1)
