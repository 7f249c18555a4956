"""Areas of classes over time points or planes: plain data, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.classes.intervals import count_indices
from napari_quantize.plots.class_colors import class_colors
from napari_quantize.text.spreadsheet import csv_text
from napari_quantize.viewer.layers.pixel_size import with_unit

if TYPE_CHECKING:
    from napari_quantize.core.request.request import Tick
    from napari_quantize.viewer.layers.pixel_size import PixelSize
    from napari_quantize.viewer.panels.classes.model import EncodedImage


@dataclass(frozen=True)
class PlaneAxis:
    """The axis of time points or planes of a layer.

    Attributes
    ----------
    axis : int
        The axis.
    name : str
        Its name, such as ``t`` or ``slice``.
    unit : str
        Unit of its positions; empty if they are only counted.
    positions : tuple of float
        Position in this unit of each time point or plane.
    """

    axis: int
    name: str
    unit: str
    positions: tuple[float, ...]


@dataclass(frozen=True)
class AreasOverPlanes:
    """The classes of a result in each time point or plane.

    Attributes
    ----------
    along : PlaneAxis
        The axis.
    counts : ndarray of int64, shape (number of planes, number of classes)
        Numbers of pixels.
    pixel_size : PixelSize or None
        Size of a pixel; None if the layer has no scale.
    colors : tuple of str
        Colours of the classes on the screen.
    """

    along: PlaneAxis
    counts: np.ndarray
    pixel_size: PixelSize | None
    colors: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def sizes(self) -> np.ndarray:
        """Areas or volumes, or numbers of pixels without a scale."""
        return self.counts if self.pixel_size is None else self.counts * self.pixel_size.size

    @property
    def quantity(self) -> str:
        """Name of `sizes` with the unit."""
        return "pixels" if self.pixel_size is None else self.pixel_size.column

    def titles(self) -> list[str]:
        """Return the titles of the columns that `rows` has."""
        along = self.along
        position = [with_unit(along.name, along.unit)] if along.unit else []
        return [
            along.name,
            *position,
            *(f"class {number + 1} {self.quantity}" for number in range(self.counts.shape[1])),
        ]

    def rows(self) -> list[list[object]]:
        """Return titles, and one row for each time point or plane."""
        rows: list[list[object]] = [list(self.titles())]
        for index, sizes in enumerate(self.sizes.tolist()):
            position = [self.along.positions[index]] if self.along.unit else []
            rows.append([index, *position, *sizes])
        return rows

    def text(self) -> str:
        """Return the table to copy, for a spreadsheet."""
        return csv_text(self.rows(), delimiter="\t")

    def csv(self) -> str:
        """Return the table as comma-separated values."""
        return csv_text(self.rows())


def areas_over_planes(
    encoded: EncodedImage,
    channel: int,
    along: PlaneAxis,
    pixel_size: PixelSize | None,
    *,
    each_slice: bool,
    rgb: bool,
    tick: Tick,
) -> AreasOverPlanes:
    """Count the pixels of each class in each time point or plane.

    Parameters
    ----------
    encoded : EncodedImage
        The class of each pixel.
    channel : int
        Index of the channel; 0 if classes are colours.
    along : PlaneAxis
        The axis.
    pixel_size : PixelSize or None
        Size of a pixel.
    each_slice : bool
        Whether the channels are these planes, each with levels of its own.
    rgb : bool
        Whether the channels are red, green and blue.
    tick : callable
        Called between steps.
    """
    encoded.compute(tick)
    n_classes = max(map(len, encoded.codebook.levels))
    planes = (
        (encoded.classes_of(index) if each_slice else np.take(encoded.classes_of(channel), index, along.axis))
        for index in range(len(along.positions))
    )
    counts = np.array([count_indices(plane, n_classes, tick) for plane in planes])
    widest = int(np.argmax([len(levels) for levels in encoded.codebook.levels])) if each_slice else channel
    # Two shades for all classes, as in the histogram of a photo's channel, are too few for lines.
    in_colors = rgb and encoded.codebook.mode == "color"
    white, channel_colors = encoded.white, encoded.channel_colors
    colors = class_colors(encoded.codebook, widest, rgb=in_colors, white=white, channel_colors=channel_colors)
    return AreasOverPlanes(along, counts[:, : len(colors)], pixel_size, colors)
