"""Plot error against K with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from napari_quantize.plots.histogram import ORANGE, apply_theme
from napari_quantize.plots.legend import SIZE, Legend
from napari_quantize.plots.nice_numbers import nice_numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_quantize.core.analysis.error_curve import ErrorCurve
    from napari_quantize.plots.theme import PlotTheme

_BLUE, _GREEN, _GREY = "#5b8def", "#4fae5b", "#8a8a8a"
_PINK = "#e0609f"  # stands out where the line lies on the blue one


class CurvePlot:
    """Plot of the results' errors, with the least possible error, the image's own noise, and a line of 6 dB a bit.

    For colour differences: of their ΔE, with the difference that is just visible.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn into.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.axes = axes = figure.subplots()
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.tick_params(labelsize=SIZE, width=0.6, length=2, pad=1)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_linewidth(0.6)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_locator(NullLocator())
        self._lines = LineCollection([], linestyles=["-", ":", "--"], linewidths=[1.4, 1.4, 0.9])
        axes.add_collection(self._lines, autolim=False)
        self._points = axes.scatter([], [], zorder=3, clip_on=False)
        self._limit = axes.annotate(
            "",
            (0.0, 1.0),
            (2, 2),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            size=SIZE,
            color=_GREEN,
        )
        self._legend = Legend(axes)
        figure.canvas.mpl_connect("resize_event", lambda _: self._fit())

    def show(self, model: ErrorCurve, theme: PlotTheme) -> None:
        """Draw the curve."""
        self.figure.set_facecolor(theme.background)
        low, high = model.limits
        self.axes.set_xlim(2**-0.2, model.last_k * 2**0.2)
        self.axes.set_ylim(low, high)
        self._tick(model.last_k, low, high)
        self._draw_lines(model, high)
        self._draw_points(model, theme)
        names = [("error ±" if model.quantity == "rmse" else "ΔE", ""), ("results", ORANGE)]
        if len(model.least):
            names += [("best possible", _BLUE), ("6 dB a bit", _PINK)]
        if not all(point.comparable for point in model.points):
            names.append(("other results", _GREY))
        self._legend.show(names, theme)
        apply_theme(self.axes, theme)
        self._fit()

    def _draw_lines(self, model: ErrorCurve, high: float) -> None:
        ks = np.arange(1, len(model.least) + 1)
        seen = model.least > 0
        ends = [(k, model.halving(k) or high) for k in (1, model.last_k)] if len(model.least) else []
        flat = [(0.5, model.limit), (2 * model.last_k, model.limit)] if model.limit is not None else []
        # Keep a line without points in the collection: colours and styles go by position.
        nothing = np.empty((0, 2))
        curve = np.column_stack((ks[seen], model.least[seen]))
        self._lines.set_segments([np.array(line) if len(line) else nothing for line in (curve, ends, flat)])
        name = "own noise" if model.quantity == "rmse" else "just visible"
        self._limit.set_text("" if model.limit is None else name)
        self._limit.xy = (0.0, model.limit or 1.0)
        self._lines.set_color([_BLUE, _PINK, _GREEN])

    def _draw_points(self, model: ErrorCurve, theme: PlotTheme) -> None:
        points = sorted(model.known, key=lambda point: (point.current, point.comparable))
        low = model.limits[0]
        # A logarithmic axis has no 0: draw results without loss at its lower end.
        self._points.set_offsets(np.array([(point.k, max(low, point.error)) for point in points]).reshape(-1, 2))
        self._points.set_sizes([49 if point.current else 20 for point in points])
        colors = [to_rgba(ORANGE) if point.comparable else to_rgba(_GREY, 0.6) for point in points]
        self._points.set_facecolor(colors)
        self._points.set_edgecolor([to_rgba(theme.text) if point.current else (0, 0, 0, 0) for point in points])
        self._points.set_linewidth([1.2 if point.current else 0 for point in points])

    def _tick(self, last_k: int, low: float, high: float) -> None:
        ks = [2**power for power in range(last_k.bit_length())]
        ks = ks[:: -(-len(ks) // 9)]  # at most 9 labels fit
        errors = nice_numbers(low, high)
        labels: dict[Any, tuple[list[Any], list[str]]] = {
            self.axes.xaxis: (ks, [f"K={k}" if k == 1 else f"{k}" for k in ks]),
            self.axes.yaxis: (errors, [f"{error:g}" for error in errors]),
        }
        for axis, (ticks, texts) in labels.items():
            axis.set_major_locator(FixedLocator(ticks))
            axis.set_major_formatter(FixedFormatter(texts))

    def _fit(self) -> None:
        # Fixed margins in inches, as for histograms.
        width, height = self.figure.get_size_inches()
        left = min(0.4, 0.42 / width)
        above = 0.22 + self._legend.wrap((1 - left) * width)
        self.figure.subplots_adjust(
            left=left, right=1 - 0.1 / width, bottom=min(0.4, 0.22 / height), top=1 - above / height
        )
