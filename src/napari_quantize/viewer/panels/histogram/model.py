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
    histogram_rows,
    palette_values,
)
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.layers.cache import cached_samples
from napari_quantize.viewer.panels.histogram import messages as histogram_messages
from napari_quantize.viewer.panels.histogram.zoom import Window

if TYPE_CHECKING:
    from napari_quantize.core.samples.samples import CountedSamples

_FEWEST_BARS = 8
# How many times finer than all bars of an image of floats those are that are seen at last.
_FINEST = 32
# In widths of the plot: so near to a palette's tick, the tick is meant.
_NEAR = 0.012


class HistogramModel:
    """Follows a family, and what the user does.

    Attributes
    ----------
    shown : FamilySnapshot
        The family.
    window : Window or None
        The part of the values' axis that is seen; None while there is no image.
    rows : list of HistogramRow
        What is drawn.
    at : (int, float) or None
        Row and value that are pointed at.
    """

    def __init__(self) -> None:
        self.shown = FamilySnapshot()
        self.window: Window | None = None
        self.rows: list[HistogramRow] = []
        self.at: tuple[int, float] | None = None
        self._zoomed_id = ""
        self._bright: tuple[object, object, np.ndarray] | None = None

    def show(self, shown: FamilySnapshot) -> bool:
        """Show a family, and return whether the plot changes. The zoom stays if the image is the same."""
        before, self.shown = self.shown, shown
        if _look_the_same(before, shown):
            return False
        if shown.facts is None:
            self.window = self.at = None
            return True
        edges = shown.facts.edges
        bounds = float(edges[0]), float(edges[-1])
        source_id = str(shown.source.unique_id) if shown.source is not None else ""
        if source_id != self._zoomed_id or self.window is None or self.window.bounds != bounds:
            finest = 1.0 if self._holds_integers else float(edges[1] - edges[0]) / _FINEST
            self.window = Window.of(*bounds, least=_FEWEST_BARS * finest)
            self.at = None
        self._zoomed_id = source_id
        return True

    def forget(self) -> None:
        """Release the layers; keep the visible range in case that the same image is shown again."""
        self.shown = replace(self.shown, source=None, results=(), current=None)

    @property
    def _holds_integers(self) -> bool:
        source = self.shown.source
        return source is None or np.dtype(source.dtype).kind in "iub"

    @property
    def limits(self) -> tuple[float, float] | None:
        """Lowest and highest visible value."""
        return (self.window.low, self.window.high) if self.window is not None else None

    def count(self) -> list[HistogramRow]:
        """Count the visible range and return its rows of bars."""
        shown, made, window = self.shown, self.shown.provenance, self.window
        if shown.facts is None or window is None:
            self.rows = []
            return self.rows
        samples: tuple[CountedSamples, ...] = ()
        if made is not None and not made.together:
            samples = cached_samples(shown.source, made.request) or ()
        bright = None
        if shown.palette is not None:
            bright, samples = self._luminance(samples), ()
        self.rows = histogram_rows(
            shown.facts,
            shown.levels,
            samples,
            luminance_counts=bright,
            separate=shown.palette is not None and not shown.rgb,
            limits=None if window.is_whole else (window.low, window.high),
        )
        return self.rows

    def _luminance(self, colours: tuple[CountedSamples, ...]) -> np.ndarray | None:
        """Return counts of luminance, cached as long as the colours are the same, since counting is slow."""
        facts = self.shown.facts
        if not (self.shown.rgb and colours) or facts is None:
            return None
        if self._bright is None or self._bright[0] is not colours or self._bright[1] is not facts:
            self._bright = (colours, facts, count_luminance(colours[0], facts.edges))
        return self._bright[2]

    def zoom(self, factor: float, place: float | None = None) -> None:
        """Show a range `factor` times as wide around a value; by default around the pointed value, or the middle."""
        if self.window is not None:
            middle = (self.window.low + self.window.high) / 2
            if place is None:
                place = self.at[1] if self.at is not None else middle
            self.window = self.window.zoomed(place, factor)

    def move(self, parts: float) -> None:
        """Move the visible range to the right by `parts` of its width."""
        if self.window is not None:
            self.at = None
            self.window = self.window.moved(parts)

    def reset(self) -> None:
        """Show the whole range."""
        if self.window is not None:
            self.window = self.window.whole()

    def point(self, row: int | None, place: float) -> None:
        """Point at a value in a row; at nothing without a row."""
        self.at = None if row is None else (row, place)

    def step(self, steps: int) -> None:
        """Point at a bar further to the right, at first from the middle; move the range if the bar is not visible."""
        if self.window is None or not self.rows:
            return
        row, place = self.at or (0, (self.window.low + self.window.high) / 2)
        edges = self.rows[row].edges
        lowest, highest = self.window.bounds
        place = min(max(place + steps * float(edges[1] - edges[0]), lowest), highest)
        if not self.window.low <= place <= self.window.high:
            self.window = self.window.moved(math.copysign(0.5, steps))
        self.at = row, place

    def told(self) -> tuple[str, str]:
        """Return two lines on the pointed value, or else on the visible range."""
        if self.window is None or not self.rows:
            return "", ""
        if self.at is None or self.at[0] >= len(self.rows):
            return histogram_messages.seen_part(self.window)
        row, place = self.at
        bars, palette, rgb = self.rows[row], self.shown.palette, self.shown.rgb
        n_channels = len(self.shown.facts.counts) if self.shown.facts is not None else 1
        names = [channel_name(channel, rgb=rgb) for channel in range(n_channels)]
        first, second = histogram_messages.bar(bars, bars.at(place), names, integer=self._holds_integers)
        if palette is not None:
            apart = np.abs(palette_values(bars, palette, rgb=rgb) - place)
            nearest = int(apart.argmin())
            if apart[nearest] <= _NEAR * (self.window.high - self.window.low):
                second = histogram_messages.colour(nearest, palette, rgb=rgb)
        return first, second


def _look_the_same(one: FamilySnapshot, other: FamilySnapshot) -> bool:
    if one.facts is not other.facts or one.rgb != other.rgb:
        return False
    pairs = [[*shown.levels, *([] if shown.palette is None else [shown.palette])] for shown in (one, other)]
    kinds = [(len(shown.levels), shown.palette is None) for shown in (one, other)]
    return kinds[0] == kinds[1] and all(map(np.array_equal, *pairs))
