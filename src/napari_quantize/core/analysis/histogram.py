"""The rows of a histogram: bars, the class of each bar, and the number of values in each class."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from napari_quantize.core.analysis.image_facts import MAX_BINS, MAX_ROWS, ImageFacts, bar_counts
from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.lookup.color_spaces import LUMINANCE
from napari_quantize.core.lookup.levels import borders as midpoints
from napari_quantize.core.request.request import dtype_limits
from napari_quantize.core.samples.samples import CountedSamples

T = TypeVar("T")

RGB_NAMES = ("red", "green", "blue")


@dataclass(frozen=True)
class BarInfo:
    """One bar, and the class it belongs to.

    Attributes
    ----------
    low, high : float
        The bar's edges.
    count : int
        Number of values in the bar.
    channels : tuple of int
        Count of each channel where `count` sums several; else empty.
    number, n_classes : int
        Number of the class, from 1, and how many classes there are; 0 without levels.
    center : float
        Center of the class, unrounded.
    share : float
        Share of all values that lie in the class, 0 … 1.
    """

    low: float
    high: float
    count: int
    channels: tuple[int, ...] = ()
    number: int = 0
    n_classes: int = 0
    center: float = math.nan
    share: float = math.nan


@dataclass(frozen=True, eq=False)
class HistogramRow:
    """One row of a histogram.

    Attributes
    ----------
    edges : ndarray of float64, shape (n + 1,)
        Edges of the bars.
    counts : ndarray of int64, shape (n,)
        Heights of the bars.
    centers : ndarray of float64, shape (k,)
        Levels, ascending; empty if there are none.
    members : ndarray of int64, shape (k,)
        How many values take each level.
    borders : ndarray of float64, shape (k - 1,)
        Borders between the levels' classes.
    channels : ndarray of int64, shape (c, n)
        Counts of each channel where the row shows several; else empty.
    channel : int or None
        Channel of the row; None where one row shows all channels.
    is_luminance : bool
        Whether `counts` count the pixels' luminance instead of all values.
    """

    edges: np.ndarray
    counts: np.ndarray
    centers: np.ndarray = field(default_factory=lambda: np.empty(0))
    members: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    borders: np.ndarray = field(default_factory=lambda: np.empty(0))
    channels: np.ndarray = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))
    channel: int | None = None
    is_luminance: bool = False

    @property
    def classes(self) -> np.ndarray:
        """Index of the class of each bar, by the middle of the bar."""
        found: np.ndarray = np.searchsorted(self.borders, (self.edges[:-1] + self.edges[1:]) / 2)
        return found

    def at(self, value: float) -> BarInfo:
        """Return the bar at a value; a value beside all bars belongs to the nearest."""
        bar = int(np.clip(np.searchsorted(self.edges, value, side="right") - 1, 0, len(self.counts) - 1))
        found = BarInfo(
            float(self.edges[bar]),
            float(self.edges[bar + 1]),
            int(self.counts[bar]),
            tuple(map(int, self.channels[:, bar])) if self.channels.size else (),
        )
        if not len(self.centers):
            return found
        number = int(self.classes[bar])
        return replace(
            found,
            number=number + 1,
            n_classes=len(self.centers),
            center=float(self.centers[number]),
            share=float(self.members[number] / max(1, self.members.sum())),
        )


def luminance(colors: np.ndarray) -> np.ndarray:
    """Return the luminance of colours, one a row: Rec. 709 weights on the encoded values."""
    bright: np.ndarray = colors @ np.array(LUMINANCE)
    return bright


def palette_values(bars: HistogramRow, palette: np.ndarray, *, rgb: bool) -> np.ndarray:
    """Return the positions of a palette's colours on the axis of a row: in its channel, or else by brightness.

    Parameters
    ----------
    bars : HistogramRow
        The row.
    palette : ndarray, shape (n, C)
        Colours, in data units.
    rgb : bool
        Whether channels are red, green and blue, so that brightness is luminance; else it is the mean.

    Returns
    -------
    ndarray, shape (n,)
        Positions, in data units.
    """
    if bars.channel is not None:
        values: np.ndarray = palette[:, min(bars.channel, palette.shape[1] - 1)]
        return values
    return luminance(palette) if rgb else palette.mean(axis=1)


def channel_name(channel: int, *, rgb: bool) -> str:
    """Return the name of a channel."""
    return RGB_NAMES[channel] if rgb else f"channel {channel}"


def count_luminance(colors: CountedSamples, edges: np.ndarray) -> np.ndarray:
    """Count the pixels with a luminance between each two edges.

    Parameters
    ----------
    colors : CountedSamples
        Colours, shape (n, 3).
    edges : ndarray of float64, shape (bins + 1,)
        Edges of the bins, ascending.

    Returns
    -------
    ndarray of int64, shape (bins,)
        Number of pixels in each bin.
    """
    # Rounding puts the luminance of a grey at either end just outside.
    return bar_counts(np.clip(luminance(colors.values), edges[0], edges[-1]), colors.counts, edges)


def count_palette(codebook: Codebook, colors: CountedSamples) -> np.ndarray:
    """Count the pixels that take each colour of a codebook.

    Parameters
    ----------
    codebook : Codebook
        Colours, shape (n, C).
    colors : CountedSamples
        The pixels' colours, shape (m, C), also of an image of another dtype than the codebook's. Means of cells are
        rounded to integers if it holds integers.

    Returns
    -------
    ndarray of int64, shape (n,)
        Number of pixels of each colour; about, where `colors` are means of cells.
    """
    dtype = codebook.dtype
    least, most = dtype_limits(dtype)
    if colors.low < least or colors.high > most:  # of an image of a wider dtype than that which was learnt from
        dtype = np.dtype(np.float64 if dtype.kind == "f" else np.int64)
    indices = codebook.lookup(0, dtype).indices(colors.values_in(dtype))
    found: np.ndarray = np.bincount(indices, colors.counts, minlength=len(codebook.levels[0])).astype(np.int64)
    return found


def histogram_rows(
    facts: ImageFacts,
    levels: tuple[np.ndarray, ...] = (),
    *,
    borders: tuple[np.ndarray, ...] | None = None,
    luminance_counts: np.ndarray | None = None,
    separate: bool = False,
    limits: tuple[float, float] | None = None,
) -> list[HistogramRow]:
    """Return the rows of an image's histogram.

    Parameters
    ----------
    facts : ImageFacts
        Facts of the image.
    levels : tuple of ndarray
        Centers: one set for all channels, or one for each channel; the latter give a row for each channel.
    borders : tuple of ndarray, optional
        Borders between the levels, one array for each set of them; midpoints by default.
    luminance_counts : ndarray of int64, optional
        Number of pixels with a luminance in each bar: replaces the counts of all channels' values.
    separate : bool
        Whether each channel has its own row in any case.
    limits : tuple of float, optional
        Visible part of the axis; all if omitted. Where it covers few bars, they are finer if all values are known.

    Returns
    -------
    list of HistogramRow
        One row, or one for each channel if there are at most 5.
    """
    n_channels = len(facts.counts)
    if 1 < n_channels <= MAX_ROWS and (separate or len(levels) == n_channels):
        return [_row(facts, levels, borders, channel, limits) for channel in range(n_channels)]
    if len(levels) > 1:  # too many channels for a row each, and one row cannot show levels of several
        levels = ()
    channel = None if n_channels > 1 else 0
    if luminance_counts is None:
        return [_row(facts, levels, borders, channel, limits)]
    # These counts are of the bars of the facts: there are no finer ones.
    row = _row(facts, levels, borders, channel, None)
    return [replace(row, counts=luminance_counts, is_luminance=True)]


def _row(
    facts: ImageFacts,
    levels: tuple[np.ndarray, ...],
    borders: tuple[np.ndarray, ...] | None,
    channel: int | None,
    limits: tuple[float, float] | None,
) -> HistogramRow:
    """Return the row of a channel, or of all channels together for None."""
    edges = facts.edges
    counts = facts.counts.sum(axis=0) if channel is None else facts.counts[channel]
    bars = HistogramRow(edges, counts, channel=channel)
    if levels:
        centers = _of_channel(levels, channel)
        between = midpoints(centers) if borders is None else _of_channel(borders, channel)
        bars = replace(bars, centers=centers, borders=between, members=_members(between, _samples_of(facts, channel)))
    finer = None if limits is None else _finer(edges, *limits)
    if finer is not None and (samples := _samples_of(facts, channel)).exact:
        return replace(bars, edges=finer, counts=bar_counts(samples.values, samples.counts, finer))
    return replace(bars, channels=facts.counts) if channel is None and len(facts.counts) <= MAX_ROWS else bars


def _of_channel(groups: tuple[T, ...], channel: int | None) -> T:
    """Return the entry for a channel: its own, or that of all channels if there is only one."""
    return groups[channel or 0] if len(groups) > 1 else groups[0]


def _samples_of(facts: ImageFacts, channel: int | None) -> CountedSamples:
    """Return the values of a channel, or of all channels together for None."""
    return facts.pooled if channel is None else facts.samples[channel]


def _finer(edges: np.ndarray, low: float, high: float) -> np.ndarray | None:
    """Return edges from `low` to `high` that divide the existing bars; None where these are fine enough."""
    step = float(edges[1] - edges[0])
    # A power of two, so that bars of one zoom divide those of the last instead of shifting them.
    times = 2 ** max(0, int(math.log2(max(1.0, MAX_BINS * step / (high - low)))))
    # Bars of integers begin and end at halves, so a finer step must still be a whole number of at least 1.
    new = max(1.0, step // times) if _is_integer(edges) else step / times
    if new >= step:
        return None
    first = math.floor((low - edges[0]) / new)
    last = math.ceil((min(high, edges[-1]) - edges[0]) / new)
    finer: np.ndarray = edges[0] + new * np.arange(first, last + 1)
    return finer


def _is_integer(edges: np.ndarray) -> bool:
    """Return whether bars lie around integers, as `image_facts` lays them for integer images."""
    return len(edges) < MAX_BINS + 2 and bool((edges[:2] % 1 == 0.5).all())


def _members(borders: np.ndarray, samples: CountedSamples) -> np.ndarray:
    """Count the values of each class."""
    classes = np.searchsorted(borders, samples.values)
    members: np.ndarray = np.bincount(classes, weights=samples.counts, minlength=len(borders) + 1).astype(np.int64)
    return members
