"""Plot histograms with matplotlib, for the dock and for saved figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.ticker import Formatter, NullLocator

from napari_quantize.core.analysis.histogram import channel_name, palette_values
from napari_quantize.plots.legend import Legend
from napari_quantize.text.numbers import format_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpecBase

    from napari_quantize.core.analysis.histogram import HistogramRow
    from napari_quantize.plots.theme import PlotTheme

ORANGE = "#f0a030"
RGB_COLORS = ("#e4574e", "#4fae5b", "#5b8def")
# The first three are those of red, green and blue; all can be told apart on dark and light paper.
_LINE_COLORS = (*RGB_COLORS, "#c77dd8", "#b08a3e")
# Widths in points: of a tick, the most for a palette's colour, and the total for all colours of a palette.
_TICK, _SWATCH, _SWATCHES = 2.0, 4.5, 90.0
_GAP = 0.11  # between rows, in inches
_GREY = "#8a8a8a80"


class HistogramPlot:
    """Plot of the source's histogram, coloured by class, with borders as lines and levels as stems.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn into.
    theme : PlotTheme
        Colours of text, axes and background.
    """

    def __init__(self, figure: Figure, theme: PlotTheme) -> None:
        self.figure = figure
        self.theme = theme
        self._sets: dict[int, list[RowPlot]] = {}
        self._n_rows = 0
        figure.canvas.mpl_connect("resize_event", lambda _: self._fit())

    def show(
        self,
        rows: Sequence[HistogramRow],
        *,
        palette: np.ndarray | None = None,
        white: float = 255.0,
        members: np.ndarray | None = None,
        log: bool = True,
        rgb: bool = False,
        limits: tuple[float, float] | None = None,
    ) -> None:
        """Draw an image's histogram.

        Parameters
        ----------
        rows : sequence of HistogramRow
            One for all channels, or one for each.
        palette : ndarray, shape (n, c), optional
            Colours of a result, shown at their luminance, or at their value in each channel's row.
        white : float
            Value of a full channel of these colours, if the channels are red, green and blue.
        members : ndarray of int64, shape (n,), optional
            How many pixels take each colour: the colours are stems of this height. Without it they are ticks.
        log : bool
            Draw counts on a logarithmic axis.
        rgb : bool
            True if channels are red, green and blue.
        limits : tuple of float, optional
            Visible range of values; by default all.
        """
        self.prepare(len(rows))
        self.figure.set_facecolor(self.theme.background)
        plots = self._sets[self._n_rows]
        show_rows(
            plots, rows, self.theme, palette=palette, white=white, members=members, log=log, rgb=rgb, limits=limits
        )
        self._fit()

    def prepare(self, n_rows: int) -> None:
        """Show `n_rows` rows of axes. Reuse those from an earlier call."""
        if n_rows == self._n_rows:
            return
        for row in self._sets.get(self._n_rows, []):
            row.axes.set_visible(False)
        if n_rows not in self._sets:
            self._sets[n_rows] = stack_rows(self.figure.add_gridspec(n_rows, 1))
        for row in self._sets[n_rows]:
            row.axes.set_visible(True)
        self._n_rows = n_rows

    def row_of_axes(self, axes: object) -> int | None:
        """Return the index of the row with these axes; None if there is none."""
        rows = self._sets.get(self._n_rows, [])
        return next((index for index, row in enumerate(rows) if row.axes is axes), None)

    def axes_of(self, index: int) -> Axes:
        """Return a row's axes."""
        return self._sets[self._n_rows][index].axes

    def _fit(self) -> None:
        # Fixed margins in inches: a layout engine costs several times the drawing itself.
        width, height = self.figure.get_size_inches()
        # Room for a number: the lowest tick label of one row is next to the highest of the row below.
        gap = _GAP * self._n_rows / height
        left = min(0.4, 0.42 / width)
        legends = [row.legend for row in self._sets.get(self._n_rows, [])]
        above = [0.2 + legend.wrap((1 - left) * width) for legend in legends if legend.is_above]
        self.figure.subplots_adjust(
            left=left,
            right=1 - 0.2 / width,  # the last number under the axis reaches beyond it
            bottom=min(0.4, 0.25 / height),
            top=1 - max(above, default=0.06) / height,
            hspace=gap,
        )


def stack_rows(grid: GridSpecBase) -> list[RowPlot]:
    """Add the rows of a histogram to a figure, one in each cell of `grid`; only the lowest has numbers below it."""
    rows = [RowPlot(axes) for axes in grid.subplots(sharex=True, squeeze=False)[:, 0]]
    for row in rows[:-1]:
        row.axes.tick_params(labelbottom=False)
    return rows


def show_rows(
    plots: Sequence[RowPlot],
    rows: Sequence[HistogramRow],
    theme: PlotTheme,
    *,
    palette: np.ndarray | None = None,
    white: float = 255.0,
    members: np.ndarray | None = None,
    log: bool = True,
    rgb: bool = False,
    limits: tuple[float, float] | None = None,
) -> None:
    """Draw the rows of a histogram into `plots`, one in each. The other arguments are those of `HistogramPlot.show`."""
    for plot, bars in zip(plots, rows, strict=True):
        hue = RGB_COLORS[bars.channel or 0] if rgb and bars.channel is not None else None
        plot.show(bars, log=log, hue=hue, limits=limits)
        if palette is not None:
            values = palette_values(bars, palette, rgb=rgb)
            plot.mark(values, list(map(tuple, fractions(palette, white).tolist())) if rgb else ORANGE, members)
        plot.legend.show(_names(bars, len(rows), rgb=rgb), theme)
        plot.apply(theme)


class RowPlot:
    """One row of axes. Its artists get new data for each drawing, which is much faster than new artists."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        whole = axes.get_xaxis_transform()
        grey: dict[str, Any] = {"linewidths": 0.6, "colors": "#8a8a8a", "alpha": 0.8}
        self._bars = PathCollection([], linewidths=0)
        self._bars.set_transform(axes.transData)
        self._outlines = LineCollection([], linewidths=0.9)
        self._borders = LineCollection([], transform=whole, **grey)
        self._stems = LineCollection([], linewidths=1.2, colors=ORANGE)
        self._rims = LineCollection([], transform=whole)
        self._ticks = LineCollection([], transform=whole)
        self._cut = Line2D([], [], linestyle="none", marker="^", markersize=4, transform=whole)
        parts = {
            "bars": self._bars,
            "outlines": self._outlines,
            "borders": self._borders,
            "stems": self._stems,
            "rims": self._rims,
            "ticks": self._ticks,
        }
        for name, artist in parts.items():
            artist.set_gid(name)  # the artist's id in a saved SVG
            axes.add_collection(artist, autolim=False)
        self._cut.set_gid("cut")
        axes.add_artist(self._cut)
        self.legend = Legend(axes)
        self._floor = 0.0
        trim(axes)

    def show(
        self, bars: HistogramRow, *, log: bool, hue: str | None = None, limits: tuple[float, float] | None = None
    ) -> None:
        """Draw counts, and the levels that a result gives them; `hue` is the channel's own colour, if it has one."""
        edges, counts, own = bars.edges, bars.counts, bars.centers
        low, high = limits or (edges[0], edges[-1])
        seen = counts[(edges[1:] > low) & (edges[:-1] < high)]
        # Stems over classes are higher than any bar: a logarithmic scale has room for them.
        stems = bars.members[(own >= low) & (own <= high)] if log else ()
        highest = float(max([1, *seen, *stems]))
        # Logarithmic bars need a floor: one below a single pixel shows that one, too.
        self._floor = floor = 0.5 if log else 0.0
        if self.axes.get_yscale() != ("log" if log else "linear"):
            self.axes.set_yscale("log" if log else "linear")
            trim(self.axes)
        self.axes.set_ylim(floor, highest * (2.0 if log else 1.08))
        self.axes.set_xlim(low, high)
        plain = bars.is_luminance or (bars.channels.size > 0 and len(own) == 0)
        colors = np.array([to_rgba(_GREY)]) if plain else bar_colors(max(1, len(own)), hue)
        self._fill(edges, counts, np.zeros(len(counts), dtype=int) if plain else bars.classes, colors)
        self._outline(edges, bars.channels)
        self._borders.set_segments([[(b, 0), (b, 1)] for b in bars.borders])
        self._stems.set_segments([[(c, floor), (c, max(floor, n))] for c, n in zip(own, bars.members, strict=True)])
        self._ticks.set_transform(self.axes.get_xaxis_transform())
        self._ticks.set_segments([[(c, 0), (c, 0.06)] for c in own])
        self._ticks.set_color(ORANGE)
        self._ticks.set_linewidth(_TICK)
        self._rims.set_segments([])
        self._mark_cut(own, bars.members)

    def mark(
        self, values: np.ndarray, colors: list[tuple[float, ...]] | str, members: np.ndarray | None = None
    ) -> None:
        """Mark a palette's values in this channel in the palette's colours, as high as their pixels are many."""
        # A rim keeps black visible on a dark background, and white on a bright one.
        n_rims = 0 if isinstance(colors, str) else len(values)
        if members is None:
            tall, floor, transform = np.full(len(values), 0.3), 0.0, self.axes.get_xaxis_transform()
        else:
            tall, floor, transform = np.maximum(members, self._floor), self._floor, self.axes.transData
            self._make_room(values, members)
            self._mark_cut(values, members)
        # The highest first, so that a lower one at the same value is seen in front of it.
        order = np.argsort(-tall, kind="stable")
        self._ticks.set_segments([[(values[i], floor), (values[i], tall[i])] for i in order])
        self._ticks.set_color(colors if isinstance(colors, str) else [colors[i] for i in order])
        self._rims.set_segments([[(values[i], floor), (values[i], tall[i])] for i in order[:n_rims]])
        for lines in (self._ticks, self._rims):
            lines.set_transform(transform)
        width = _TICK if isinstance(colors, str) else min(_SWATCH, max(_TICK, _SWATCHES / len(values)))
        self._ticks.set_linewidth(width)
        self._rims.set_linewidth(width + 1)

    def _make_room(self, values: np.ndarray, members: np.ndarray) -> None:
        """Raise a logarithmic axis to the highest visible stem; a linear one would flatten the bars."""
        low, high = self.axes.get_xlim()
        if self.axes.get_yscale() == "log":
            seen = members[(values >= low) & (values <= high)]
            self.axes.set_ylim(top=max(self.axes.get_ylim()[1], 2.0 * float(max([1, *seen]))))

    def _mark_cut(self, values: np.ndarray, members: np.ndarray) -> None:
        """Mark the stems that are higher than the plot with a triangle at its upper edge."""
        cut = values[members > self.axes.get_ylim()[1]]
        self._cut.set_data(cut, np.full(len(cut), 0.95))

    def _fill(self, edges: np.ndarray, counts: np.ndarray, classes: np.ndarray, colors: np.ndarray) -> None:
        """Draw the bars of each class as one path, which is faster than one patch for each bar."""
        full = counts > 0
        low, high, tall, classes = edges[:-1][full], edges[1:][full], counts[full], classes[full]
        floors = np.full(len(tall), self._floor)
        corners = [(low, floors), (low, tall), (high, tall), (high, floors)]
        bars = np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)
        present = np.unique(classes)
        self._bars.set_paths([Path.make_compound_path_from_polys(bars[classes == c]) for c in present])
        self._bars.set_facecolor(colors[present])

    def _outline(self, edges: np.ndarray, channels: np.ndarray) -> None:
        """Draw the counts of each channel as a line over the bars."""
        across = np.repeat(edges, 2)[1:-1]
        tall = np.maximum(np.repeat(channels, 2, axis=1), self._floor)
        self._outlines.set_segments([np.column_stack((across, heights)) for heights in tall])
        self._outlines.set_color(_line_colors(len(channels)))

    def apply(self, theme: PlotTheme) -> None:
        """Apply a theme's colours to the axes and the rims."""
        apply_theme(self.axes, theme)
        self._rims.set_color(theme.text)
        self._cut.set_color(theme.text)


def _names(bars: HistogramRow, n_rows: int, *, rgb: bool) -> list[tuple[str, str]]:
    """Return names and colours of what a row shows; no colour for the theme's own."""
    if bars.channel is not None:
        return [(channel_name(bars.channel, rgb=rgb), "")] if n_rows > 1 else []
    names = [(channel_name(index, rgb=rgb), color) for index, color in enumerate(_line_colors(len(bars.channels)))]
    return names + ([("luminance", "")] if bars.is_luminance else [])


def _line_colors(n_lines: int) -> list[str]:
    return [_LINE_COLORS[index % len(_LINE_COLORS)] for index in range(n_lines)]


def fractions(colors: np.ndarray, white: float) -> np.ndarray:
    """Scale colours to 0 … 1; brighter ones than white become white."""
    shares: np.ndarray = np.clip(colors / white, 0, 1)
    return shares


def bar_colors(n_classes: int, color: str | None) -> np.ndarray:
    """Return a colour for each class: from a perceptual scale, or alternating shades of the channel's colour."""
    if color is None:
        return colormaps["viridis"](np.linspace(0.25, 0.95, n_classes) if n_classes > 1 else [0.55])
    shades = np.array([to_rgba(color, 0.95), to_rgba(color, 0.55)])
    return shades[np.arange(n_classes) % 2]


class _InFull(Formatter):
    """Format numbers below an axis in full: there is no room for an offset beside the axis."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return format_values([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return format_values(values)


def trim(axes: Axes) -> None:
    """Reduce axes to the ticks, labels and spines that a small plot has room for."""
    axes.tick_params(labelsize=7, width=0.6, length=2, pad=1)
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(_InFull())
    # Minor ticks take more time than the rest of the drawing, even where they are invisible.
    axes.yaxis.set_minor_locator(NullLocator())
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_linewidth(0.6)
        spine.set_zorder(0)  # black and white, at either end, have stems, too


def apply_theme(axes: Axes, theme: PlotTheme) -> None:
    """Apply the colours of a theme to axes."""
    axes.set_facecolor(theme.background)
    axes.tick_params(colors=theme.text)
    for spine in axes.spines.values():
        spine.set_color(theme.faint)
