"""The table of labels: class, size, position and means of each label; and the same as rows of a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.analysis.histogram import RGB_NAMES
from napari_quantize.core.classes.objects import measure_objects
from napari_quantize.text.names import free_name
from napari_quantize.viewer.layers.pixel_size import unit_symbol, with_unit

if TYPE_CHECKING:
    from napari_quantize.core.request.request import Tick
    from napari_quantize.viewer.layers.axes import Axes
    from napari_quantize.viewer.layers.pixel_size import PixelSize
    from napari_quantize.viewer.layers.sources import Source

Features = dict[str, np.ndarray]

LABEL = "label"
"""Title in spreadsheets of the column that napari calls ``index``."""


@dataclass(frozen=True)
class World:
    """Positions in the world of a layer's pixels: ``matrix @ index + offset``."""

    matrix: np.ndarray
    offset: np.ndarray

    def positions(self, indices: np.ndarray) -> np.ndarray:
        """Return the positions of indices, shape (n, ndim)."""
        return np.asarray(indices @ self.matrix.T + self.offset)


def size_columns(pixels: np.ndarray, pixel_size: PixelSize | None) -> Features:
    """Return the numbers of pixels, and the areas or volumes if a pixel has a size."""
    sizes = {"pixels": pixels}
    return sizes if pixel_size is None else sizes | {pixel_size.column: pixels * pixel_size.size}


def plane_columns(centers: np.ndarray, axes: Axes, reach: Sequence[int], shape: Sequence[int]) -> Features:
    """Return the index of each object along the axes that objects do not extend along, such as time.

    Parameters
    ----------
    centers : ndarray, shape (n, ndim)
        Centroids in pixels.
    axes : Axes
        Axes of the labels.
    reach : sequence of int
        Axes that objects extend along.
    shape : sequence of int
        Shape of the labels.
    """
    others = [axis for axis in range(len(shape)) if axis not in reach and shape[axis] > 1]
    fallback = "slice" if len(others) == 1 else "axis {}"
    return {axes.title(axis) or fallback.format(axis): np.rint(centers[:, axis]).astype(int) for axis in others}


def position_columns(
    centers: np.ndarray, axes: Axes, reach: Sequence[int], shape: Sequence[int], world: World
) -> Features:
    """Return the centroids in the layer's units, and the time of objects in a film."""
    columns: Features = {}
    places = world.positions(centers)
    for axis in range(len(shape)):
        unit = unit_symbol(axes.units[axis])
        if axis in reach or (axis in axes.spatial and shape[axis] > 1):
            columns[with_unit(f"centroid_{axes.title(axis) or axis}", unit)] = places[:, axis]
        elif unit and axis != axes.channel and shape[axis] > 1:
            columns[with_unit(axes.title(axis) or "time", unit)] = places[:, axis]
    return columns


def mean_columns(labels: np.ndarray, n: int, others: Iterable[Source], tick: Tick) -> Features:
    """Return the means of further images, under their names."""
    columns: Features = {}
    for other in others:
        image = np.asarray(other.data)
        axis = -1 if other.rgb else None
        means = measure_objects(labels, n, image, channel_axis=axis, alpha=other.alpha, tick=tick).means
        names = [f"{other.name}_{name[0].upper()}" for name in RGB_NAMES] if other.rgb else [other.name]
        for name, column in zip(names, means.T, strict=True):
            columns[free_name(f"mean_{name}", columns.__contains__, "_")] = column
    return columns


def joined(*parts: Features) -> Features:
    """Return the columns of all parts; a name that is taken gets a number."""
    columns: Features = {}
    for part in parts:
        for name, column in part.items():
            columns[free_name(name, columns.__contains__, "_")] = column
    return columns


@dataclass(frozen=True)
class SavedTable:
    """The table of one Labels layer, to be saved.

    Attributes
    ----------
    file, channel : str
        Name of the image's file, or of its layer, and of the channel.
    columns : dict of sequence
        The layer's features.
    """

    file: str
    channel: str
    columns: Mapping[str, Sequence[Any]]


def spreadsheet_rows(tables: Sequence[SavedTable]) -> Iterator[list[object]]:
    """Return titles, and one row for each label of all tables: file, channel, and what was measured."""
    titles = list(dict.fromkeys(title for table in tables for title in table.columns))
    has_channels = any(table.channel for table in tables)
    yield ["file", *(["channel"] if has_channels else []), *(LABEL if title == "index" else title for title in titles)]
    for table in tables:
        columns = [table.columns.get(title) for title in titles]
        for row in range(max(map(len, table.columns.values()), default=0)):
            cells = ("" if column is None else _plain(column[row]) for column in columns)
            yield [table.file, *([table.channel] if has_channels else []), *cells]


def _plain(cell: object) -> object:
    """Return a cell as a plain number or text; NaN is empty."""
    value = cell.item() if isinstance(cell, np.generic) else cell
    return "" if isinstance(value, float) and np.isnan(value) else value
