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
from napari_quantize.plots.histogram import ORANGE, RGB_COLORS, RowPlot, apply_theme, fractions, trim
from napari_quantize.plots.nice_numbers import nice_numbers
from napari_quantize.plots.theme import PlotTheme

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from napari_quantize.core.analysis.image_facts import ImageFacts

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
    """

    plane: np.ndarray
    caption: str
    levels: tuple[np.ndarray, ...] = ()
    palette: np.ndarray | None = None
    borders: tuple[np.ndarray, ...] | None = None


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
    rows = -(-len(panels) // columns)
    height, width = panels[0].plane.shape[:2]
    white = white_of(panels[0].plane.dtype, facts.high)
    # Bounded, because a row of pixels would get no height, and a column of pixels would fill pages.
    cell_height = min(6.0, max(1.0, 3.0 * height / width * display.pixel_aspect))
    figure = Figure(
        figsize=(3.2 * columns, (cell_height + 1.5) * rows + 0.5), facecolor=theme.background, layout="constrained"
    )
    # A layer's name can hold dollar signs, which would be read as formulas.
    figure.suptitle(title, color=theme.text, parse_math=False)
    ratios = [cell_height, 0.9] * rows
    grid = figure.subplots(2 * rows, columns, squeeze=False, gridspec_kw={"height_ratios": ratios})
    for axes in grid.flat:
        axes.set_visible(False)
    for index, panel in enumerate(panels):
        row, column = divmod(index, columns)
        _draw_panel(grid[2 * row, column], panel, display, white, theme)
        _draw_summary(grid[2 * row + 1, column], facts, panel, white, theme)
    if display.pixel_width is not None:
        _draw_scale_bar(grid[0, 0], width, display.pixel_width, display.unit)
    return figure


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure to a file, at 200 dots per inch. An error leaves no partial file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        As `comparison_figure` returns it.
    path : str or os.PathLike
        The file. Its ending chooses PNG, SVG or PDF. An existing file is replaced.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with atomic_write(path, overwrite=True) as stream:
        figure.savefig(stream, format=Path(path).suffix[1:] or None, dpi=200, facecolor=figure.get_facecolor())


def _draw_panel(axes: Axes, panel: ComparisonPanel, display: DisplaySettings, white: float, theme: PlotTheme) -> None:
    axes.set_visible(True)
    axes.set_axis_off()
    axes.set_title(panel.caption, color=theme.text, size=9)
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


def _draw_summary(axes: Axes, facts: ImageFacts, panel: ComparisonPanel, white: float, theme: PlotTheme) -> None:
    """Draw all channels in one small histogram."""
    axes.set_visible(True)
    levels, palette = panel.levels, panel.palette
    if len(facts.counts) == 1:
        row = RowPlot(axes)
        row.show(histogram_rows(facts, levels, borders=panel.borders)[0], log=True)
        if palette is not None:
            row.mark(palette.mean(axis=1), ORANGE)
    else:
        for channel, counts in enumerate(facts.counts):
            axes.stairs(counts, facts.edges, color=RGB_COLORS[channel % 3], linewidth=0.8)
        axes.set_yscale("log")
        trim(axes)
        for own, color in zip(levels, RGB_COLORS if len(levels) > 1 else (theme.text,), strict=False):
            axes.vlines(own, 0, 0.12, transform=axes.get_xaxis_transform(), color=color, linewidth=1)
        if palette is not None and palette.shape[1] == len(RGB_COLORS):
            # Each colour at the mean of its channels.
            transform = axes.get_xaxis_transform()
            axes.vlines(
                palette.mean(axis=1),
                0,
                0.3,
                transform=transform,
                colors=list(map(tuple, fractions(palette, white))),
                linewidth=1.5,
            )
        axes.set_xlim(facts.edges[0], facts.edges[-1])
    apply_theme(axes, theme)
