"""Figures of histograms and results, in matplotlib: the same code draws in the dock and for a saved file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import ListedColormap, PowerNorm, to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from napari_quantize.files.ink import Ink

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from napari_quantize.core.facts import ImageFacts

RGB_NAMES = ("red", "green", "blue")
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
        self._rows: list[Axes] = []
        figure.canvas.mpl_connect("resize_event", lambda _: self._fit())

    def show(
        self, facts: ImageFacts, levels: tuple[np.ndarray, ...] = (), *, log: bool = True, rgb: bool = False
    ) -> None:
        """Draw an image's histogram, and the levels of one result if there are any."""
        n_channels = len(facts.counts)
        for axes in self._rows:
            axes.cla()
        if len(self._rows) != n_channels:
            self.figure.clear()
            self._rows = list(self.figure.subplots(n_channels, 1, sharex=True, squeeze=False)[:, 0])
        self.figure.set_facecolor(self.ink.paper)
        for channel, axes in enumerate(self._rows):
            own = levels[min(channel, len(levels) - 1)] if levels else None
            _draw_channel(axes, facts, channel, own, log=log, color=_RGB_COLORS[channel % 3] if rgb else None)
            _apply_ink(axes, self.ink)
            axes.tick_params(labelbottom=channel == n_channels - 1)
            if n_channels > 1:
                name = RGB_NAMES[channel] if rgb else f"channel {channel}"
                axes.text(0.99, 0.92, name, transform=axes.transAxes, ha="right", va="top", color=self.ink.text, size=7)
        self._fit()

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
        _draw_channel(axes, facts, 0, levels[0] if levels else None, log=True, color=None)
    else:
        for channel, counts in enumerate(facts.counts):
            axes.stairs(counts, facts.edges, color=_RGB_COLORS[channel % 3], linewidth=0.8)
        axes.set_yscale("log")
        for own, color in zip(levels, _RGB_COLORS if len(levels) > 1 else (ink.text,), strict=False):
            axes.vlines(own, 0, 0.12, transform=axes.get_xaxis_transform(), color=color, linewidth=1)
        axes.set_xlim(facts.edges[0], facts.edges[-1])
    _apply_ink(axes, ink)


def _draw_channel(
    axes: Axes, facts: ImageFacts, channel: int, centers: np.ndarray | None, *, log: bool, color: str | None
) -> None:
    edges, counts = facts.edges, facts.counts[channel]
    middles = (edges[:-1] + edges[1:]) / 2
    borders = np.empty(0) if centers is None else (centers[1:] + centers[:-1]) / 2
    classes = np.searchsorted(borders, middles)
    # Logarithmic bars need a floor: one below a single pixel shows that one, too.
    floor = 0.5 if log else 0.0
    # Stems over classes are higher than any bar: a logarithmic scale has room for them.
    stems = np.zeros(1) if centers is None or not log else np.bincount(classes, weights=counts)
    top = max(1.0, counts.max(), stems.max()) * (2.0 if log else 1.08)
    full = counts > 0
    low, high, tall = edges[:-1][full], edges[1:][full], counts[full]
    floors = np.full(len(tall), floor)
    bars = np.stack(
        [
            np.stack([low, floors], -1),
            np.stack([low, tall], -1),
            np.stack([high, tall], -1),
            np.stack([high, floors], -1),
        ],
        axis=1,
    )
    axes.add_collection(
        PolyCollection(list(bars), facecolors=_class_colors(len(borders) + 1, color)[classes[full]], linewidths=0),
        autolim=False,
    )
    if log:
        axes.set_yscale("log")
    axes.set_ylim(floor, top)
    axes.set_xlim(edges[0], edges[-1])
    if centers is not None:
        _draw_levels(axes, borders, centers, classes, counts, floor)


def _draw_levels(
    axes: Axes, borders: np.ndarray, centers: np.ndarray, classes: np.ndarray, counts: np.ndarray, floor: float
) -> None:
    """Draw borders over the full height, and a stem a center, as high as its class has pixels."""
    whole = axes.get_xaxis_transform()
    line: dict[str, Any] = {"linewidths": 0.6, "colors": "#8a8a8a", "alpha": 0.8}
    axes.add_collection(LineCollection([[(b, 0), (b, 1)] for b in borders], transform=whole, **line), autolim=False)
    members = np.bincount(classes, weights=counts, minlength=len(centers))
    stems = [[(c, floor), (c, max(floor, n))] for c, n in zip(centers, members, strict=True)]
    axes.add_collection(LineCollection(stems, linewidths=1.2, colors="#f0a030"), autolim=False)
    ticks = [[(c, 0), (c, 0.06)] for c in centers]
    axes.add_collection(LineCollection(ticks, transform=whole, linewidths=2, colors="#f0a030"), autolim=False)


def _class_colors(n_classes: int, color: str | None) -> np.ndarray:
    """Return one colour a class: of a perceptual scale, or two shades of a channel's own colour in turn."""
    if color is None:
        return colormaps["viridis"](np.linspace(0.25, 0.95, n_classes) if n_classes > 1 else [0.55])
    shades = np.array([to_rgba(color, 0.95), to_rgba(color, 0.55)])
    return shades[np.arange(n_classes) % 2]


def _apply_ink(axes: Axes, ink: Ink) -> None:
    axes.set_facecolor(ink.paper)
    axes.tick_params(colors=ink.text, labelsize=7, width=0.6, length=2, pad=1)
    axes.tick_params(which="minor", length=0)
    axes.locator_params(axis="x", nbins=5)
    # Each number in full: an offset would be written beside the axis, where there is no room.
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(ink.faint)
        spine.set_linewidth(0.6)
