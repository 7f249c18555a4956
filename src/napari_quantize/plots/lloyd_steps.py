"""Draw one step of Lloyd's algorithm with matplotlib: the centers, and the curve of the error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from napari_quantize.core.analysis.histogram import histogram_rows
from napari_quantize.plots.histogram import ORANGE, RowPlot, apply_theme, fractions, trim
from napari_quantize.plots.legend import Legend
from napari_quantize.plots.lloyd_data import ColorsData, LevelsData, LloydData

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_quantize.plots.theme import PlotTheme

_STRIP = 600  # pixels of the strip that shows the shares of colours
_LEGEND = 0.15  # inches of the line of names above the curve
_GREEN = "#4fae5b"
_BLUE = "#5b8def"
_TOP = 0.93  # height of the centers' marks, as a fraction of the histogram's
_PAPER = "#7f7f7f"  # background of colours: both dark and bright ones stand out


class StepsPlot:
    """Plot of the centers of one step over the values or colours, above the error after each step.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn into.
    """

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._view: _LevelsView | _ColorsView | None = None
        figure.canvas.mpl_connect("resize_event", lambda _: self._fit())

    def show(self, data: LloydData, step: int, theme: PlotTheme, *, title: str = "", log: bool = True) -> None:
        """Draw a step."""
        if self._view is None or not isinstance(data, self._view.takes):
            self._figure.clear()
            kind = _LevelsView if isinstance(data, LevelsData) else _ColorsView
            self._view = kind(self._figure.add_subplot(2, 1, 1))
            self._curve = _Curve(self._figure.add_subplot(2, 1, 2))
            self._title = self._figure.text(0.02, 0.97, "", ha="left", va="top", size=8, parse_math=False)
        self._figure.set_facecolor(theme.background)
        self._title.set_text(title)
        self._title.set_color(theme.text)
        self._view.show(cast("Any", data), step, theme, log=log)
        self._curve.show(data, step, theme)
        self._fit()

    def _fit(self) -> None:
        if self._view is None:
            return
        # Margins in inches: a layout engine costs several times the drawing itself.
        width, height = self._figure.get_size_inches()
        left, right = min(0.4, 0.42 / width), 1 - 0.2 / width
        bottom, top = 0.22 / height, 1 - (0.25 if self._title.get_text() else 0.06) / height
        gap = self._view.gap / height
        above = _LEGEND + self._curve.legend.wrap(right * width)
        room = max(0.1, top - bottom - gap - above / height)
        self._curve.axes.set_position((left, bottom, right - left, 0.38 * room))
        self._view.set_position(left, top - 0.62 * room, right - left, 0.62 * room)


class _LevelsView:
    """Histogram with borders and levels, and the last move of each level."""

    takes = LevelsData
    gap = 0.16

    def __init__(self, axes: Axes) -> None:
        self._row = RowPlot(axes)
        whole = axes.get_xaxis_transform()
        self._moves = LineCollection([], transform=whole, colors=ORANGE, linewidths=1.2)
        axes.add_collection(self._moves, autolim=False)
        (self._marks,) = axes.plot([], [], "v", transform=whole, color=ORANGE, markersize=5, clip_on=False)

    def show(self, data: LevelsData, step: int, theme: PlotTheme, *, log: bool) -> None:
        centers = data.trace.centers
        bars = histogram_rows(data.facts, (centers[step],))[0]
        self._row.show(bars, log=log, hue=data.color, limits=data.limits)
        low, high = self._row.axes.get_ylim()
        self._row.axes.set_ylim(low, high * (4 if log else 1.15))  # room for the marks
        self._moves.set_segments(
            [[(a, _TOP), (b, _TOP)] for a, b in zip(centers[max(step - 1, 0)], centers[step], strict=True)]
        )
        self._marks.set_markersize(_size(5, centers.shape[1]))
        self._marks.set_data(centers[step], np.full(centers.shape[1], _TOP))
        self._row.apply(theme)

    def set_position(self, left: float, bottom: float, width: float, height: float) -> None:
        self._row.axes.set_position((left, bottom, width, height))


class _ColorsView:
    """Scatter plot of colours, each in the colour of its center; centers as discs, and their shares as a strip."""

    takes = ColorsData
    gap = 0.08

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        axes.set_facecolor(_PAPER)
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)
        self._dots = axes.scatter([], [], s=3, linewidths=0)
        self._moves = LineCollection([], linewidths=1.2, colors="white")
        axes.add_collection(self._moves, autolim=False)
        self._discs = axes.scatter([], [], s=45, linewidths=1.2, edgecolors="white", zorder=3)
        strip = axes.figure.add_axes((0, 0, 1, 1))
        strip.set_axis_off()
        self._strip = strip.imshow(np.zeros((1, _STRIP, 3)), aspect="auto", interpolation="nearest")
        self._data: ColorsData | None = None

    def show(self, data: ColorsData, step: int, theme: PlotTheme, *, log: bool) -> None:
        trace = data.trace
        centers, colors = trace.centers[step], _displayed(data, step)
        if data is not self._data:
            self._show_dots(data)
        distances = ((data.dots[:, np.newaxis] - centers) ** 2).sum(axis=2)
        self._dots.set_facecolor(colors[distances.argmin(axis=1)])
        before = trace.centers[max(step - 1, 0)] @ data.plane
        positions = centers @ data.plane
        self._moves.set_segments(list(np.stack((before, positions), axis=1)))
        self._discs.set_offsets(positions)
        self._discs.set_sizes([_size(6.7, len(positions)) ** 2])
        self._discs.set_linewidth(_size(1.2, len(positions)))
        self._discs.set_facecolor(cast("Any", colors))
        ends = np.cumsum(trace.shares[step])[:-1]
        parts = np.searchsorted(ends, (np.arange(_STRIP) + 0.5) / _STRIP)
        self._strip.set_data(colors[np.newaxis, parts])

    def _show_dots(self, data: ColorsData) -> None:
        self._data = data
        positions = data.dots @ data.plane
        self._dots.set_offsets(positions)
        low, high = positions.min(axis=0), positions.max(axis=0)
        room = 0.08 * np.where(high > low, high - low, 1.0)  # for half a disc
        (left, bottom), (right, top) = low - room, high + room
        self._axes.set_xlim(left, right)
        self._axes.set_ylim(bottom, top)

    def set_position(self, left: float, bottom: float, width: float, height: float) -> None:
        strip = 0.12 * height
        self._axes.set_position((0.02, bottom, 0.96, height - 1.3 * strip))
        self._strip.axes.set_position((0.02, bottom + height - strip, 0.96, strip))


def _displayed(data: ColorsData, step: int) -> np.ndarray:
    """Return a colour to draw each center with, shape (k, 3 or 4)."""
    centers = data.trace.centers[step]
    if data.white is None:
        colors: np.ndarray = colormaps["viridis"](np.linspace(0, 1, len(centers)))
        return colors
    return fractions(centers, data.white)


def _size(full: float, n_centers: int) -> float:
    """Return the size of a mark: smaller if there are many, but at least half of `full`."""
    return full * float(np.clip(16 / n_centers, 0.5, 1))


class _Curve:
    """Curve of the error after each step, with the current step and two errors to compare with."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        (self._line,) = axes.plot([], [], linewidth=1.2)
        (self._mark,) = axes.plot([], [], "o", color=ORANGE, markersize=5, clip_on=False)
        self._best = axes.axhline(0, color=_GREEN, linewidth=1.2, linestyle="--")
        self._own = axes.axhline(0, color=_BLUE, linewidth=1.2, linestyle=":")
        self.legend = Legend(axes, "right")
        trim(axes)
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(2))

    def show(self, data: LloydData, step: int, theme: PlotTheme) -> None:
        errors = data.trace.errors
        self._line.set_data(np.arange(len(errors)), errors)
        self._line.set_color(theme.text)
        self._mark.set_data([step], [errors[step]])
        names = [("error", "")]
        for line, error, name, color in (
            (self._best, data.best, "– – best", _GREEN),
            (self._own, data.own, "··· this result", _BLUE),
        ):
            line.set_visible(error is not None)
            if error is not None:
                line.set_ydata([error, error])
                names.append((name, color))
        self.legend.show(names, theme)
        known = [error for error in (*errors, data.best, data.own) if error is not None]
        low = min(known)
        high = max(*known, 1.25 * low) or 1.0  # small differences look small
        room = high - low
        self.axes.set_ylim(low - 0.12 * room, high + 0.12 * room)
        last = max(1, len(errors) - 1)
        self.axes.set_xlim(-0.02 * last, 1.02 * last)
        apply_theme(self.axes, theme)
