"""Plot the areas of classes over time points or planes with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection

from napari_quantize.plots.histogram import apply_theme, trim
from napari_quantize.plots.legend import SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from napari_quantize.plots.theme import PlotTheme

# Fixed margins in inches: a layout engine costs several times the drawing itself.
_LEFT, _RIGHT, _BOTTOM, _TOP = 0.5, 0.06, 0.3, 0.16


class AreasPlot:
    """Plot with a line for each class.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn into.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.axes = figure.subplots()
        trim(self.axes)
        self._lines = LineCollection([], linewidths=1.4)
        self.axes.add_collection(self._lines, autolim=False)
        self._marker = self.axes.axvline(0, linewidth=0.8, linestyle=":")
        figure.canvas.mpl_connect("resize_event", lambda _: self._fit())

    def show(
        self,
        positions: Sequence[float],
        sizes: np.ndarray,
        colors: Sequence[str],
        names: tuple[str, str],
        theme: PlotTheme,
        present: float,
    ) -> None:
        """Draw the lines.

        Parameters
        ----------
        positions : sequence of float
            Positions of the time points or planes.
        sizes : ndarray, shape (number of positions, number of classes)
            Areas.
        colors : sequence of str
            Colours of the classes, which end with ``rrggbb``.
        names : (str, str)
            Names of positions and areas.
        theme : PlotTheme
            Colours of the rest.
        present : float
            Position that the viewer shows.
        """
        self.figure.set_facecolor(theme.background)
        apply_theme(self.axes, theme)
        self._lines.set_segments([np.column_stack((positions, column)) for column in sizes.T])
        self._lines.set_color([f"#{color[-6:]}" for color in colors])
        low, high = min(positions), max(positions)
        self.axes.set_xlim(low, high if high > low else low + 1)
        self.axes.set_ylim(0, max(float(sizes.max(initial=0)), np.finfo(float).tiny) * 1.05)
        self._marker.set_xdata([present, present])
        self._marker.set_color(theme.text)
        # The name of an axis can hold dollar signs, which would be read as formulas.
        self.axes.set_xlabel(names[0], size=SIZE, color=theme.text, labelpad=1, parse_math=False)
        self.axes.set_title(names[1], size=SIZE, color=theme.text, loc="left", pad=2, parse_math=False)
        self._fit()

    def _fit(self) -> None:
        width, height = self.figure.get_size_inches()
        self.figure.subplots_adjust(
            left=min(0.4, _LEFT / width),
            right=max(0.6, 1 - _RIGHT / width),
            bottom=min(0.45, _BOTTOM / height),
            top=max(0.55, 1 - _TOP / height),
        )
