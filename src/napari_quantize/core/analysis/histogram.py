"""What a histogram draws, and what it tells at a place: bars, their classes, and the classes' members."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from napari_quantize.core.analysis.image_facts import MAX_BINS, ImageFacts
from napari_quantize.core.lookup.color_spaces import LUMINANCE
from napari_quantize.core.lookup.levels import borders
from napari_quantize.core.samples.samples import CountedSamples

RGB_NAMES = ("red", "green", "blue")
# More rows are too low to be read, and more lines too many to be told apart.
MAX_ROWS = 5


@dataclass(frozen=True)
class Reading:
    """What a histogram tells at one place.

    Attributes
    ----------
    low, high : float
        The bar's edges.
    count : int
        How many values lie between.
    channels : tuple of int
        How many of each channel, where `count` puts channels together; else empty.
    number, n_classes : int
        The class's number, from 1, and how many there are; 0 where there are no levels.
    center : float
        The class's level.
    share : float
        Which part of all values is in the class, 0 … 1.
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
class Bars:
    """One row of a histogram.

    Attributes
    ----------
    edges : ndarray of float64, shape (n + 1,)
        Where bars begin and end.
    counts : ndarray of int64, shape (n,)
        Their heights.
    centers : ndarray of float64, shape (k,)
        Levels, ascending; empty if there are none.
    members : ndarray of int64, shape (k,)
        How many values take each level.
    channels : ndarray of int64, shape (c, n)
        Counts of each channel, where one row shows several; else empty.
    place : int or None
        Which channel's row it is; None where one row shows all.
    is_luminance : bool
        Whether `counts` are those of the pixels' luminance; else of all values.
    """

    edges: np.ndarray
    counts: np.ndarray
    centers: np.ndarray = field(default_factory=lambda: np.empty(0))
    members: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    channels: np.ndarray = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))
    place: int | None = None
    is_luminance: bool = False

    @property
    def classes(self) -> np.ndarray:
        """Index of each bar's class, by the bar's middle."""
        found: np.ndarray = np.searchsorted(borders(self.centers), (self.edges[:-1] + self.edges[1:]) / 2)
        return found

    def at(self, value: float) -> Reading:
        """Tell what is seen at a value; that beside all bars belongs to the nearest."""
        bar = int(np.clip(np.searchsorted(self.edges, value, side="right") - 1, 0, len(self.counts) - 1))
        found = Reading(
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
    """Return the luminance of colours, a row each: Rec. 709 weights on the values as they are."""
    bright: np.ndarray = colors @ np.array(LUMINANCE)
    return bright


def palette_values(bars: Bars, palette: np.ndarray, *, rgb: bool) -> np.ndarray:
    """Return where a palette's colours lie on a row's axis: by the row's channel, else by how bright they are."""
    if bars.place is not None:
        values: np.ndarray = palette[:, min(bars.place, palette.shape[1] - 1)]
        return values
    return luminance(palette) if rgb else palette.mean(axis=1)


def channel_name(place: int, *, rgb: bool) -> str:
    """Name a channel."""
    return RGB_NAMES[place] if rgb else f"channel {place}"


def count_luminance(colors: CountedSamples, edges: np.ndarray) -> np.ndarray:
    """Return how many pixels have a luminance between each two edges."""
    return _count(luminance(colors.values), colors.counts, edges)


def rows_of_bars(
    facts: ImageFacts,
    levels: tuple[np.ndarray, ...] = (),
    samples: tuple[CountedSamples, ...] = (),
    *,
    bright: np.ndarray | None = None,
    apart: bool = False,
    limits: tuple[float, float] | None = None,
) -> list[Bars]:
    """Return the rows of an image's histogram.

    Parameters
    ----------
    facts : ImageFacts
        The image's.
    levels : tuple of ndarray
        Centers, one set for all channels or one for each; the latter make a row for each channel.
    samples : tuple of CountedSamples
        What the levels were learnt from: it makes bars finer where few are seen.
    bright : ndarray of int64, optional
        How many pixels have a luminance within each bar: shown in place of the counts of all channels' values.
    apart : bool
        Whether channels have a row each in any case.
    limits : tuple of float, optional
        The part that is looked at; all if left out.

    Returns
    -------
    list of Bars
        One, or one for each channel, if there are no more than 5.
    """
    n_channels = len(facts.counts)
    if 1 < n_channels <= MAX_ROWS and (apart or len(levels) == n_channels):
        return [_row(facts, levels, samples, place, limits) for place in range(n_channels)]
    if len(levels) > 1:  # too many rows to show whose levels they are
        levels, samples = (), ()
    row = _row(facts, levels, samples, None if n_channels > 1 else 0, limits)
    return [row if bright is None else replace(row, counts=bright, is_luminance=True)]


def _row(
    facts: ImageFacts,
    levels: tuple[np.ndarray, ...],
    samples: tuple[CountedSamples, ...],
    place: int | None,
    limits: tuple[float, float] | None,
) -> Bars:
    edges = facts.edges
    counts = facts.counts.sum(axis=0) if place is None else facts.counts[place]
    own = samples[0 if len(samples) == 1 else place or 0] if samples else None
    # What was learnt from a part of the image does not tell how its bars look when they are finer.
    if own is not None and not (own.exact and own.total == counts.sum()):
        own = None
    centers = levels[0 if len(levels) == 1 else place or 0] if levels else np.empty(0)
    members = _members(centers, edges, counts, own)
    finer = None if own is None or limits is None else _finer(edges, *limits)
    if own is not None and finer is not None:
        return Bars(finer, _count(own.values, own.counts, finer), centers, members, place=place)
    bars = Bars(edges, counts, centers, members, place=place)
    return replace(bars, channels=facts.counts) if place is None and len(facts.counts) <= MAX_ROWS else bars


def _finer(edges: np.ndarray, low: float, high: float) -> np.ndarray | None:
    """Return edges from `low` to `high` that divide the bars there are; None where these are fine enough."""
    step = float(edges[1] - edges[0])
    times = 2 ** max(0, int(math.log2(max(1.0, MAX_BINS * step / (high - low)))))
    # Bars of integers lie around these: a step of theirs holds whole ones.
    new = max(1.0, step // times) if _is_integer(edges) else step / times
    if new >= step:
        return None
    first = math.floor((low - edges[0]) / new)
    last = math.ceil((min(high, edges[-1]) - edges[0]) / new)
    finer: np.ndarray = edges[0] + new * np.arange(first, last + 1)
    return finer


def _is_integer(edges: np.ndarray) -> bool:
    """Whether bars lie around integers, as `image_facts` lays them for integers."""
    return len(edges) < MAX_BINS + 2 and bool((edges[:2] % 1 == 0.5).all())


def _count(values: np.ndarray, counts: np.ndarray, edges: np.ndarray) -> np.ndarray:
    # What lies on the last edge belongs to the last bar, as numpy has it.
    return np.histogram(values, edges, weights=counts)[0].astype(np.int64)


def _members(centers: np.ndarray, edges: np.ndarray, counts: np.ndarray, own: CountedSamples | None) -> np.ndarray:
    """Return how many values take each level: exactly where these were counted, else by the bars' middles."""
    if not len(centers):
        return np.empty(0, dtype=np.int64)
    values, weights = ((edges[:-1] + edges[1:]) / 2, counts) if own is None else (own.values, own.counts)
    classes = np.searchsorted(borders(centers), values)
    members: np.ndarray = np.bincount(classes, weights=weights, minlength=len(centers)).astype(np.int64)
    return members
