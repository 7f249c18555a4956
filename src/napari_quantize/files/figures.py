"""Figures of histograms and results, in matplotlib: the same code draws in the dock and for a saved file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import ListedColormap, PowerNorm, to_rgba
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, NullLocator

from napari_quantize.files.ink import Ink

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from napari_quantize.core.facts import ImageFacts

RGB_NAMES = ("red", "green", "blue")
_ORANGE = "#f0a030"
_RGB_COLORS = ("#e4574e", "#4fae5b", "#5b8def")


@dataclass(frozen=True)
class Picture:
    """One cell of a comparison.

    Attributes
    ----------
    plane : ndarray, shape (M, N) or (M, N, 3 or 4)
        What is shown.
    caption : str
        What stands over it.
    levels : tuple of ndarray
        Centers of each group of channels; empty for the source.
    """

    plane: np.ndarray
    caption: str
    levels: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True)
class Look:
    """How planes are shown.

    Attributes
    ----------
    colors : ndarray, shape (n, 4), or None
        Colour table of scalar planes; None for colour planes, which limits and gamma leave alone.
    limits : tuple of float
        Values of its two ends.
    gamma : float
        Exponent.
    pixel_aspect : float
        Height of a pixel over its width.
    """

    colors: np.ndarray | None
    limits: tuple[float, float] = (0.0, 1.0)
    gamma: float = 1.0
    pixel_aspect: float = 1.0


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
        self._rows: list[_Row] = []
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
            row.show(facts, channel, own, log=log, color=_RGB_COLORS[channel % 3] if rgb else None)
            if palette is not None and palette.shape[1] == n_channels:
                row.mark(palette[:, channel], list(map(tuple, _fractions(palette).tolist())) if rgb else _ORANGE)
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
        self._rows = [_Row(axes) for axes in grid[:, 0]]
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


class _Row:
    """One channel's histogram: its artists stay and get new data, which costs a fraction of new ones."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        whole = axes.get_xaxis_transform()
        grey: dict[str, Any] = {"linewidths": 0.6, "colors": "#8a8a8a", "alpha": 0.8}
        self._bars = PathCollection([], linewidths=0)
        self._bars.set_transform(axes.transData)
        self._borders = LineCollection([], transform=whole, **grey)
        self._stems = LineCollection([], linewidths=1.2, colors=_ORANGE)
        self._ticks = LineCollection([], transform=whole, linewidths=2, colors=_ORANGE)
        for artist in (self._bars, self._borders, self._stems, self._ticks):
            axes.add_collection(artist, autolim=False)
        self.name = axes.text(0.99, 0.92, "", transform=axes.transAxes, ha="right", va="top", size=7)
        _trim(axes)

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
            _trim(self.axes)
        self.axes.set_ylim(floor, highest * (2.0 if log else 1.08))
        self.axes.set_xlim(edges[0], edges[-1])
        self._fill(edges, counts, classes, _class_colors(len(borders) + 1, color), floor)
        self._borders.set_segments([[(b, 0), (b, 1)] for b in borders])
        self._stems.set_segments([[(c, floor), (c, max(floor, n))] for c, n in zip(own, members, strict=False)])
        self._ticks.set_segments([[(c, 0), (c, 0.06)] for c in own])
        self._ticks.set_color(_ORANGE)

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
        _apply_ink(self.axes, ink)
        self.name.set_color(ink.text)


def comparison(
    pictures: Sequence[Picture], facts: ImageFacts, look: Look, title: str, ink: Ink | None = None
) -> Figure:
    """Draw the source and its results side by side, each over its histogram.

    Parameters
    ----------
    pictures : sequence of Picture
        The source first.
    facts : ImageFacts
        Of the source.
    look : Look
        How they are shown.
    title : str
        Stands over all.
    ink : Ink, optional
        Black on white if left out.

    Returns
    -------
    matplotlib.figure.Figure
    """
    ink = ink or Ink()
    columns = min(4, len(pictures))
    rows = -(-len(pictures) // columns)
    height, width = pictures[0].plane.shape[:2]
    cell_height = 3.0 * height / width * look.pixel_aspect
    cell_height = min(6.0, max(1.0, cell_height))
    figure = Figure(
        figsize=(3.2 * columns, (cell_height + 1.5) * rows + 0.5), facecolor=ink.paper, layout="constrained"
    )
    # A layer's name can hold dollar signs, which would be read as formulas.
    figure.suptitle(title, color=ink.text, parse_math=False)
    ratios = [cell_height, 0.9] * rows
    grid = figure.subplots(2 * rows, columns, squeeze=False, gridspec_kw={"height_ratios": ratios})
    for axes in grid.flat:
        axes.set_visible(False)
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        _draw_picture(grid[2 * row, column], picture, look, ink)
        _draw_summary(grid[2 * row + 1, column], facts, picture.levels, ink)
    return figure


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure as PNG, SVG or PDF, by the suffix of `path`."""
    figure.savefig(path, dpi=200, facecolor=figure.get_facecolor())


def _draw_picture(axes: Axes, picture: Picture, look: Look, ink: Ink) -> None:
    axes.set_visible(True)
    axes.set_axis_off()
    axes.set_title(picture.caption, color=ink.text, size=9)
    options: dict[str, Any] = {"interpolation": "nearest", "aspect": look.pixel_aspect}
    if look.colors is not None:
        low, high = look.limits
        options |= {"cmap": ListedColormap(look.colors), "norm": PowerNorm(look.gamma, low, high)}
        axes.imshow(picture.plane, **options)
    else:
        axes.imshow(_displayable(picture.plane), **options)


def _fractions(colors: np.ndarray) -> np.ndarray:
    """Turn colours of any dtype into numbers from 0 to 1."""
    return np.clip(colors / np.iinfo(colors.dtype).max if colors.dtype.kind in "iu" else colors, 0, 1)


def _displayable(plane: np.ndarray) -> np.ndarray:
    """Turn colours of any dtype into what matplotlib shows as napari does."""
    if plane.dtype.kind in "iu" and plane.dtype != np.uint8:
        plane = plane / np.iinfo(plane.dtype).max
    return np.clip(plane, 0, 1) if plane.dtype.kind == "f" else plane


def _draw_summary(axes: Axes, facts: ImageFacts, levels: tuple[np.ndarray, ...], ink: Ink) -> None:
    """Draw all channels in one small histogram."""
    axes.set_visible(True)
    n_channels = len(facts.counts)
    if n_channels == 1:
        _Row(axes).show(facts, 0, levels[0] if levels else None, log=True, color=None)
    else:
        for channel, counts in enumerate(facts.counts):
            axes.stairs(counts, facts.edges, color=_RGB_COLORS[channel % 3], linewidth=0.8)
        axes.set_yscale("log")
        _trim(axes)
        for own, color in zip(levels, _RGB_COLORS if len(levels) > 1 else (ink.text,), strict=False):
            axes.vlines(own, 0, 0.12, transform=axes.get_xaxis_transform(), color=color, linewidth=1)
        axes.set_xlim(facts.edges[0], facts.edges[-1])
    _apply_ink(axes, ink)


def _class_colors(n_classes: int, color: str | None) -> np.ndarray:
    """Return one colour a class: of a perceptual scale, or two shades of a channel's own colour in turn."""
    if color is None:
        return colormaps["viridis"](np.linspace(0.25, 0.95, n_classes) if n_classes > 1 else [0.55])
    shades = np.array([to_rgba(color, 0.95), to_rgba(color, 0.55)])
    return shades[np.arange(n_classes) % 2]


def _trim(axes: Axes) -> None:
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


def _apply_ink(axes: Axes, ink: Ink) -> None:
    axes.set_facecolor(ink.paper)
    axes.tick_params(colors=ink.text)
    for spine in axes.spines.values():
        spine.set_color(ink.faint)
