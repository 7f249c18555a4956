"""Histograms in matplotlib: the same code draws in the dock and for a saved file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, NullLocator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_quantize.core.facts import ImageFacts
    from napari_quantize.files.ink import Ink

RGB_NAMES = ("red", "green", "blue")
ORANGE = "#f0a030"
RGB_COLORS = ("#e4574e", "#4fae5b", "#5b8def")


class HistogramPlot:
    """The source's histogram, filled by class, with borders as lines and the result's levels over it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn into; one row of axes a channel.
    ink : Ink
        Colours.
    """

    def __init__(self, figure: Figure, ink: Ink) -> None:
        self.figure = figure
        self.ink = ink
        self._rows: list[Row] = []
        figure.canvas.mpl_connect("resize_event", lambda _: self._fit())

    def show(
        self,
        facts: ImageFacts,
        levels: tuple[np.ndarray, ...] = (),
        *,
        palette: np.ndarray | None = None,
        log: bool = True,
        rgb: bool = False,
    ) -> None:
        """Draw an image's histogram, and the levels or the colours (a row each) of one result if there are any."""
        n_channels = len(facts.counts)
        self.prepare(n_channels)
        self.figure.set_facecolor(self.ink.paper)
        for channel, row in enumerate(self._rows):
            own = levels[min(channel, len(levels) - 1)] if levels else None
            row.show(facts, channel, own, log=log, color=RGB_COLORS[channel % 3] if rgb else None)
            if palette is not None and palette.shape[1] == n_channels:
                row.mark(palette[:, channel], list(map(tuple, fractions(palette).tolist())) if rgb else ORANGE)
            if n_channels > 1:
                row.name.set_text(RGB_NAMES[channel] if rgb else f"channel {channel}")
            row.apply(self.ink)
        self._fit()

    def prepare(self, n_channels: int) -> None:
        """Make a row of axes for each channel, if they are not there."""
        if len(self._rows) == n_channels:
            return
        self.figure.clear()
        grid = self.figure.subplots(n_channels, 1, sharex=True, squeeze=False)
        self._rows = [Row(axes) for axes in grid[:, 0]]
        for row in self._rows[:-1]:
            row.axes.tick_params(labelbottom=False)

    def _fit(self) -> None:
        # Fixed margins in inches: a layout engine costs several times the drawing itself.
        width, height = self.figure.get_size_inches()
        self.figure.subplots_adjust(
            left=min(0.4, 0.42 / width),
            right=1 - 0.2 / width,  # the last number under the axis reaches beyond it
            bottom=min(0.4, 0.25 / height),
            top=1 - 0.06 / height,
            hspace=0.12,
        )


class Row:
    """One channel's histogram: its artists stay and get new data, which costs a fraction of new ones."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        whole = axes.get_xaxis_transform()
        grey: dict[str, Any] = {"linewidths": 0.6, "colors": "#8a8a8a", "alpha": 0.8}
        self._bars = PathCollection([], linewidths=0)
        self._bars.set_transform(axes.transData)
        self._borders = LineCollection([], transform=whole, **grey)
        self._stems = LineCollection([], linewidths=1.2, colors=ORANGE)
        self._ticks = LineCollection([], transform=whole, linewidths=2, colors=ORANGE)
        for artist in (self._bars, self._borders, self._stems, self._ticks):
            axes.add_collection(artist, autolim=False)
        self.name = axes.text(0.99, 0.92, "", transform=axes.transAxes, ha="right", va="top", size=7)
        trim(axes)

    def show(
        self, facts: ImageFacts, channel: int, centers: np.ndarray | None, *, log: bool, color: str | None
    ) -> None:
        """Draw one channel's counts, and the levels that a result gives it."""
        edges, counts = facts.edges, facts.counts[channel]
        own = np.empty(0) if centers is None else centers
        borders = (own[1:] + own[:-1]) / 2
        classes = np.searchsorted(borders, (edges[:-1] + edges[1:]) / 2)
        members = np.bincount(classes, weights=counts, minlength=len(own))
        # Logarithmic bars need a floor: one below a single pixel shows that one, too.
        floor = 0.5 if log else 0.0
        # Stems over classes are higher than any bar: a logarithmic scale has room for them.
        highest = max(1.0, counts.max(), members.max() if log and len(own) else 0.0)
        if self.axes.get_yscale() != ("log" if log else "linear"):
            self.axes.set_yscale("log" if log else "linear")
            trim(self.axes)
        self.axes.set_ylim(floor, highest * (2.0 if log else 1.08))
        self.axes.set_xlim(edges[0], edges[-1])
        self._fill(edges, counts, classes, class_colors(len(borders) + 1, color), floor)
        self._borders.set_segments([[(b, 0), (b, 1)] for b in borders])
        self._stems.set_segments([[(c, floor), (c, max(floor, n))] for c, n in zip(own, members, strict=False)])
        self._ticks.set_segments([[(c, 0), (c, 0.06)] for c in own])
        self._ticks.set_color(ORANGE)

    def mark(self, values: np.ndarray, colors: list[tuple[float, ...]] | str) -> None:
        """Show what a palette's colours have of this channel: ticks in these colours."""
        self._ticks.set_segments([[(value, 0), (value, 0.3)] for value in values])
        self._ticks.set_color(cast("Any", colors))

    def _fill(
        self, edges: np.ndarray, counts: np.ndarray, classes: np.ndarray, colors: np.ndarray, floor: float
    ) -> None:
        """Draw the bars, all of a class as one path."""
        full = counts > 0
        low, high, tall, classes = edges[:-1][full], edges[1:][full], counts[full], classes[full]
        floors = np.full(len(tall), floor)
        corners = [(low, floors), (low, tall), (high, tall), (high, floors)]
        bars = np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)
        present = np.unique(classes)
        self._bars.set_paths([Path.make_compound_path_from_polys(bars[classes == c]) for c in present])
        self._bars.set_facecolor(colors[present])

    def apply(self, ink: Ink) -> None:
        """Take on a theme's colours."""
        apply_ink(self.axes, ink)
        self.name.set_color(ink.text)


def fractions(colors: np.ndarray) -> np.ndarray:
    """Turn colours of any dtype into numbers from 0 to 1."""
    return np.clip(colors / np.iinfo(colors.dtype).max if colors.dtype.kind in "iu" else colors, 0, 1)


def class_colors(n_classes: int, color: str | None) -> np.ndarray:
    """Return one colour a class: of a perceptual scale, or two shades of a channel's own colour in turn."""
    if color is None:
        return colormaps["viridis"](np.linspace(0.25, 0.95, n_classes) if n_classes > 1 else [0.55])
    shades = np.array([to_rgba(color, 0.95), to_rgba(color, 0.55)])
    return shades[np.arange(n_classes) % 2]


def trim(axes: Axes) -> None:
    """Leave of an axis what a small plot has room for."""
    axes.tick_params(labelsize=7, width=0.6, length=2, pad=1)
    axes.locator_params(axis="x", nbins=5)
    # Each number in full: an offset would be written beside the axis, where there is no room.
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    # Also where they are not to be seen, ticks cost more than all the rest of the drawing.
    axes.yaxis.set_minor_locator(NullLocator())
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_linewidth(0.6)


def apply_ink(axes: Axes, ink: Ink) -> None:
    """Take on the colours of a theme."""
    axes.set_facecolor(ink.paper)
    axes.tick_params(colors=ink.text)
    for spine in axes.spines.values():
        spine.set_color(ink.faint)
