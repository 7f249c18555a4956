"""State of the histogram: the visible range and the pointed value. Plain data, without a window."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.histogram import (
    HistogramRow,
    channel_name,
    count_luminance,
    count_palette,
    histogram_rows,
    palette_values,
)
from napari_quantize.core.classes.edited_levels import move_border
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.layers.cache import IdentityCache, cached_samples
from napari_quantize.viewer.panels.histogram import messages as histogram_messages
from napari_quantize.viewer.panels.histogram.zoom import AxisRange

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.samples.samples import CountedSamples

_MIN_BARS = 8
# How many times narrower than in the whole range the bars of floats can become by zooming; integers are never split.
_MAX_BAR_ZOOM = 32
# More stems than this cover each other, and counting their pixels would keep the window waiting.
_MAX_STEMS = 256
# Distance to a palette's tick, in widths of the plot, up to which the tick is read.
_SNAP_DISTANCE = 0.012


class HistogramModel:
    """State of the histogram: the family, the visible range and the pointed value.

    Attributes
    ----------
    shown : FamilySnapshot
        The family.
    axis_range : AxisRange or None
        The visible range of values; None while there is no image.
    rows : list of HistogramRow
        The rows of bars.
    members : ndarray of int64 or None
        How many pixels take each colour of a palette; None without a palette, or where that is not known.
    pointed : (int, float) or None
        Index of the pointed row, and the pointed value.
    grabbed : (int, int) or None
        Index of the row and of the border in it that is being dragged.
    """

    def __init__(self) -> None:
        self.shown = FamilySnapshot()
        self.axis_range: AxisRange | None = None
        self.rows: list[HistogramRow] = []
        self.members: np.ndarray | None = None
        self.pointed: tuple[int, float] | None = None
        self.grabbed: tuple[int, int] | None = None
        self._zoomed_id = ""
        self._luminance_cache: IdentityCache[np.ndarray] = IdentityCache()
        self._members_cache: IdentityCache[np.ndarray] = IdentityCache()

    def show(self, shown: FamilySnapshot) -> bool:
        """Show a family, and return whether the plot changes. The zoom stays if the image is the same."""
        before, self.shown = self.shown, shown
        if _is_same_plot(before, shown):
            return False
        self.grabbed = None
        if shown.facts is None:
            self.axis_range = self.pointed = None
            return True
        edges = shown.facts.edges
        bounds = float(edges[0]), float(edges[-1])
        source_id = str(shown.source.unique_id) if shown.source is not None else ""
        if source_id != self._zoomed_id or self.axis_range is None or self.axis_range.bounds != bounds:
            finest = 1.0 if self._holds_integers else float(edges[1] - edges[0]) / _MAX_BAR_ZOOM
            self.axis_range = AxisRange.of(*bounds, min_width=_MIN_BARS * finest)
            self.pointed = None
        self._zoomed_id = source_id
        return True

    def release_layers(self) -> None:
        """Release the layers; keep the visible range in case the same image is shown again."""
        self.shown = replace(self.shown, source=None, results=(), current=None)

    @property
    def _holds_integers(self) -> bool:
        source = self.shown.source
        return source is None or np.dtype(source.dtype).kind in "iub"

    @property
    def limits(self) -> tuple[float, float] | None:
        """Lowest and highest visible value."""
        return (self.axis_range.low, self.axis_range.high) if self.axis_range is not None else None

    def count(self) -> list[HistogramRow]:
        """Count the visible range and return its rows of bars."""
        shown, provenance, axis_range = self.shown, self.shown.provenance, self.axis_range
        self.members = None
        if shown.facts is None or axis_range is None:
            self.rows = []
            return self.rows
        luminance_counts = None
        if shown.tried_palette is not None and provenance is not None and not provenance.together:
            colours = self._samples()
            luminance_counts, self.members = self._luminance(colours), self._count_members(colours)
        self.rows = histogram_rows(
            shown.facts,
            shown.tried_levels,
            borders=shown.tried_borders or None,
            luminance_counts=luminance_counts,
            separate=shown.tried_palette is not None and not shown.rgb,
            limits=None if axis_range.is_whole else (axis_range.low, axis_range.high),
        )
        return self.rows

    def _samples(self) -> tuple[CountedSamples, ...]:
        """Return what the shown levels or colours were learnt from; empty if that is not known."""
        codebook = self.shown.tried_codebook
        return () if codebook is None else cached_samples(self.shown.source, codebook.request) or ()

    def _luminance(self, colours: tuple[CountedSamples, ...]) -> np.ndarray | None:
        """Return counts of luminance, cached since counting millions of colours is slow."""
        facts = self.shown.facts
        if not (self.shown.rgb and colours) or facts is None:
            return None
        return self._luminance_cache.get(lambda: count_luminance(colours[0], facts.edges), colours, facts)

    def _count_members(self, colours: tuple[CountedSamples, ...]) -> np.ndarray | None:
        """Return how many pixels take each colour of the palette, cached as the counts of luminance are."""
        codebook = self.shown.tried_codebook
        if not colours or codebook is None or len(codebook.levels[0]) > _MAX_STEMS:
            return None
        return self._members_cache.get(lambda: count_palette(codebook, colours[0]), colours, codebook)

    def zoom(self, factor: float, value: float | None = None) -> None:
        """Show a range `factor` times as wide around a value; by default around the pointed value, or the middle."""
        if self.axis_range is not None:
            middle = (self.axis_range.low + self.axis_range.high) / 2
            if value is None:
                value = self.pointed[1] if self.pointed is not None else middle
            self.axis_range = self.axis_range.zoomed(value, factor)

    def move(self, widths: float) -> None:
        """Move the visible range to the right by `widths` of its width."""
        if self.axis_range is not None:
            self.pointed = None
            self.axis_range = self.axis_range.panned(widths)

    def reset(self) -> None:
        """Show the whole range."""
        if self.axis_range is not None:
            self.axis_range = self.axis_range.whole()

    def point(self, row: int | None, value: float) -> None:
        """Point at a value in a row; at nothing without a row."""
        self.pointed = None if row is None else (row, value)

    def step(self, steps: int) -> None:
        """Point at a bar further to the right, at first from the middle; move the range if the bar is not visible."""
        if self.axis_range is None or not self.rows:
            return
        row, value = 0, (self.axis_range.low + self.axis_range.high) / 2
        if self.pointed is not None and self.pointed[0] < len(self.rows):  # another result can have fewer rows
            row, value = self.pointed
        edges = self.rows[row].edges
        lowest, highest = self.axis_range.bounds
        value = min(max(value + steps * float(edges[1] - edges[0]), lowest), highest)
        if not self.axis_range.low <= value <= self.axis_range.high:
            self.axis_range = self.axis_range.panned(math.copysign(0.5, steps))
        self.pointed = row, value

    # Borders that are dragged

    @property
    def group_samples(self) -> tuple[CountedSamples, ...]:
        """What the levels were learnt from, by which levels of other borders are known; empty if borders are fixed."""
        provenance = self.shown.provenance
        if provenance is None or provenance.together or not self.shown.tried_levels:
            return ()
        return self._samples()

    def border_near(self, row: int | None, value: float, distance: float) -> int | None:
        """Return the index of the border that lies within `distance` of a value in a row, if it can be moved."""
        if row is None or row >= len(self.rows) or not len(self.rows[row].borders) or not self.group_samples:
            return None
        apart = np.abs(self.rows[row].borders - value)
        nearest = int(apart.argmin())
        return nearest if apart[nearest] <= distance else None

    def grab(self, row: int | None, index: int | None) -> None:
        """Take hold of a border of a row, or let go of it."""
        self.grabbed = None if row is None or index is None else (row, index)

    def pulled_to(self, value: float) -> float | None:
        """Return where the grabbed border lies if it is pulled to a value: between its neighbours."""
        if self.grabbed is None or self.axis_range is None:
            return None
        row, index = self.grabbed
        borders = self.rows[row].borders
        low = borders[index - 1] if index else self.axis_range.bounds[0]
        high = borders[index + 1] if index + 1 < len(borders) else self.axis_range.bounds[1]
        return float(min(max(value, low), high))

    def edited(self, value: float) -> Codebook | None:
        """Return the codebook with the grabbed border at a value, and the means of the new classes as levels.

        Raises
        ------
        ValueError
            If the border cannot be moved.
        """
        codebook, samples = self.shown.tried_codebook, self.group_samples
        if self.grabbed is None or codebook is None or not samples:
            return None
        row, index = self.grabbed
        groups = self.shown.groups
        group = groups[0 if len(groups) == 1 else self.rows[row].channel or 0]
        own = samples[group if len(samples) > 1 else 0]
        return move_border(codebook, own, group, index, value)

    def readout_lines(self) -> tuple[str, str]:
        """Return two lines on the pointed value, or else on the visible range."""
        if self.axis_range is None or not self.rows:
            return "", ""
        if self.pointed is None or self.pointed[0] >= len(self.rows):
            return histogram_messages.visible_range(self.axis_range)
        row, value = self.pointed
        if self.grabbed is not None:
            return histogram_messages.border(self.grabbed[1], value, integer=self._holds_integers)
        bars, palette, rgb = self.rows[row], self.shown.tried_palette, self.shown.rgb
        n_channels = len(self.shown.facts.counts) if self.shown.facts is not None else 1
        names = [channel_name(channel, rgb=rgb) for channel in range(n_channels)]
        first, second = histogram_messages.bar(bars, bars.at(value), names, integer=self._holds_integers)
        if palette is not None:
            apart = np.abs(palette_values(bars, palette, rgb=rgb) - value)
            nearest = int(apart.argmin())
            if apart[nearest] <= _SNAP_DISTANCE * (self.axis_range.high - self.axis_range.low):
                count = None if self.members is None else int(self.members[nearest])
                is_exact = all(samples.exact for samples in self._samples())
                second = histogram_messages.colour(
                    nearest, palette, rgb=rgb, white=self.shown.white, count=count, is_exact=is_exact
                )
        return first, second


def _is_same_plot(one: FamilySnapshot, other: FamilySnapshot) -> bool:
    if one.facts is not other.facts or one.rgb != other.rgb:
        return False
    palettes = [shown.tried_palette for shown in (one, other)]
    pairs = [
        [*shown.tried_levels, *shown.tried_borders, *([] if palette is None else [palette])]
        for shown, palette in zip((one, other), palettes, strict=True)
    ]
    kinds = [(len(shown.tried_levels), shown.tried_palette is None) for shown in (one, other)]
    return kinds[0] == kinds[1] and all(map(np.array_equal, *pairs))
