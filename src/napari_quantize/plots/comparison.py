"""Draw a figure of an image and its results, each over its histogram."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import ListedColormap, PowerNorm
from matplotlib.figure import Figure
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

from napari_quantize.core.analysis.histogram import histogram_rows
from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.plots.histogram import fractions, show_rows, stack_rows
from napari_quantize.plots.nice_numbers import nice_numbers
from napari_quantize.plots.theme import PlotTheme

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from napari_quantize.core.analysis.histogram import HistogramRow
    from napari_quantize.core.analysis.image_facts import ImageFacts

# Height of a histogram of one row, and of each row of several, in inches.
_ONE_ROW, _ROW = 0.9, 0.6
# Of the picture's width.
_MAX_BAR_SHARE = 0.3


@dataclass(frozen=True)
class ComparisonPanel:
    """One panel of a comparison figure.

    Attributes
    ----------
    plane : ndarray, shape (M, N) or (M, N, 3 or 4)
        The plane to show.
    caption : str
        Text above it.
    levels : tuple of ndarray
        Levels of each group of channels; empty for the source and for colours.
    palette : ndarray, shape (n, C), or None
        Colours of a result, in the plane's dtype.
    borders : tuple of ndarray or None
        Borders between the levels; midpoints by default.
    members : ndarray of int64, shape (n,), or None
        How many pixels take each colour of the palette: the heights of its swatches in the histogram. Without it all
        are equally high.
    luminance_counts : ndarray of int64, shape (bins,), or None
        Number of the source's pixels with a luminance in each bin of its facts. With it the histogram's bars count
        luminance instead of the values of all channels.
    facts : ImageFacts or None
        Facts whose histogram is drawn, for example with other channels; those of the figure by default.
    """

    plane: np.ndarray
    caption: str
    levels: tuple[np.ndarray, ...] = ()
    palette: np.ndarray | None = None
    borders: tuple[np.ndarray, ...] | None = None
    members: np.ndarray | None = None
    luminance_counts: np.ndarray | None = None
    facts: ImageFacts | None = None


@dataclass(frozen=True)
class DisplaySettings:
    """Colour table and limits that all panels share.

    Attributes
    ----------
    colors : ndarray, shape (n, 4), or None
        Colour table for scalar planes; None for planes of colours, to which limits and gamma do not apply.
    limits : tuple of float
        Values of the first and the last colour.
    gamma : float
        Exponent of the scaling between the limits.
    pixel_aspect : float
        Height of a pixel divided by its width.
    pixel_width : float or None
        Width of a pixel in ``unit``, for a scale bar; None draws none.
    unit : str
        Unit of length.
    """

    colors: np.ndarray | None
    limits: tuple[float, float] = (0.0, 1.0)
    gamma: float = 1.0
    pixel_aspect: float = 1.0
    pixel_width: float | None = None
    unit: str = ""


def comparison_figure(
    panels: Sequence[ComparisonPanel],
    facts: ImageFacts,
    display: DisplaySettings,
    title: str,
    theme: PlotTheme | None = None,
) -> Figure:
    """Draw the source and its results side by side, each over its histogram.

    Parameters
    ----------
    panels : sequence of ComparisonPanel
        The source first.
    facts : ImageFacts
        Facts of the source, for example from `image_facts`.
    display : DisplaySettings
        How to show the planes.
    title : str
        Title of the figure.
    theme : PlotTheme, optional
        Black on white if left out.

    Returns
    -------
    matplotlib.figure.Figure
    """
    theme = theme or PlotTheme()
    columns = min(4, len(panels))
    n_lines = -(-len(panels) // columns)
    height, width = panels[0].plane.shape[:2]
    white = white_of(panels[0].plane.dtype, facts.high)
    rgb = display.colors is None
    histograms = [_rows(panel, facts, rgb=rgb) for panel in panels]
    # Bounded, because a row of pixels would get no height, and a column of pixels would fill pages.
    cell_height = min(6.0, max(1.0, 3.0 * height / width * display.pixel_aspect))
    summary_height = max(_ONE_ROW, _ROW * max(map(len, histograms)))
    figure = Figure(
        figsize=(3.2 * columns, (cell_height + summary_height + 0.6) * n_lines + 0.5),
        facecolor=theme.background,
        layout="constrained",
    )
    # Names of layers can hold dollar signs, in captions too, which would be read as formulas.
    figure.suptitle(title, color=theme.text, parse_math=False)
    grid = figure.add_gridspec(2 * n_lines, columns, height_ratios=[cell_height, summary_height] * n_lines)
    for index, (panel, rows) in enumerate(zip(panels, histograms, strict=True)):
        line, column = divmod(index, columns)
        _draw_panel(figure.add_subplot(grid[2 * line, column]), panel, display, white, theme)
        plots = stack_rows(grid[2 * line + 1, column].subgridspec(len(rows), 1))
        show_rows(plots, rows, theme, palette=panel.palette, white=white, members=panel.members, rgb=rgb)
    if display.pixel_width is not None:
        _draw_scale_bar(figure.axes[0], width, display.pixel_width, display.unit)
    return figure


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure to a file, at 200 dots per inch. An error leaves no partial file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        As `comparison_figure` returns it.
    path : str or os.PathLike
        The file. Its ending chooses PNG, SVG or PDF (PNG without an ending). An existing file is replaced.

    Raises
    ------
    ValueError
        If matplotlib does not know the ending.
    OSError
        If the file cannot be written.
    """
    with atomic_write(path, overwrite=True) as stream:
        figure.savefig(stream, format=Path(path).suffix[1:] or None, dpi=200, facecolor=figure.get_facecolor())


def _rows(panel: ComparisonPanel, facts: ImageFacts, *, rgb: bool) -> list[HistogramRow]:
    """Return the rows of a panel's histogram. Colours of channels that are not RGB have a row for each channel."""
    return histogram_rows(
        panel.facts or facts,
        panel.levels,
        borders=panel.borders,
        luminance_counts=panel.luminance_counts,
        separate=panel.palette is not None and not rgb,
    )


def _draw_panel(axes: Axes, panel: ComparisonPanel, display: DisplaySettings, white: float, theme: PlotTheme) -> None:
    axes.set_axis_off()
    axes.set_title(panel.caption, color=theme.text, size=9, parse_math=False)
    options: dict[str, Any] = {"interpolation": "nearest", "aspect": display.pixel_aspect}
    if display.colors is not None:
        low, high = display.limits
        options |= {"cmap": ListedColormap(display.colors), "norm": PowerNorm(display.gamma, low, high)}
        axes.imshow(panel.plane, **options)
    else:
        axes.imshow(_displayable(panel.plane, white), **options)


def _draw_scale_bar(axes: Axes, n_pixels: int, pixel_width: float, unit: str) -> None:
    """Draw a scale bar on a dark patch, which is legible over any image."""
    length = round_length(_MAX_BAR_SHARE * n_pixels * pixel_width)
    bar = AnchoredSizeBar(
        axes.transData, length / pixel_width, f"{length:g} {unit}", "lower right", pad=0.3, borderpad=0.3, sep=2,
        color="white", size_vertical=0, prop={"size": 7},
    )  # fmt: skip
    bar.patch.set(facecolor="black", alpha=0.6, linewidth=0)
    bar.size_bar.get_children()[0].set_linewidth(1.5)
    bar.set_gid("scale bar")
    axes.add_artist(bar)


def round_length(limit: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is at most `limit`."""
    return nice_numbers(limit / 10, limit)[-1]


def _displayable(plane: np.ndarray, white: float) -> np.ndarray:
    """Convert colours of any dtype so that matplotlib shows white where they have the value of white."""
    return plane if plane.dtype == np.uint8 else fractions(plane, white)
