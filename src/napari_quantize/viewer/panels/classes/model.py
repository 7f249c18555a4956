"""The classes of one result with their pixel counts: plain data, without a window."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.histogram import channel_name
from napari_quantize.core.cached_property import cached_property
from napari_quantize.core.classes.intervals import Intervals, count_indices, intervals
from napari_quantize.plots.class_colors import class_colors
from napari_quantize.text.numbers import format_count
from napari_quantize.viewer.panels.classes import messages as classes_messages

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Tick
    from napari_quantize.viewer.layers.pixel_size import PixelSize


class EncodedImage:
    """The class of each pixel of a result, computed by `compute` in a thread and kept.

    Parameters
    ----------
    codebook : Codebook
        The codebook of the result.
    read : callable
        Function that returns the pixels, an image that the codebook fits.
    rgb : bool
        Whether the last axis holds colours, which napari does not count among the layer's axes.
    white : float
        Value of a full channel of colours.
    channel_colors : ndarray, shape (C, 3), optional
        Colour of each channel on the screen, from 0 to 1, if each is a layer of its own.
    """

    def __init__(
        self,
        codebook: Codebook,
        read: Callable[[], np.ndarray],
        *,
        rgb: bool,
        white: float,
        channel_colors: np.ndarray | None = None,
    ) -> None:
        self.codebook = codebook
        self._read = read
        self._rgb = rgb
        self.white = white
        self.channel_colors = channel_colors
        self._indices: np.ndarray | None = None
        self._dtype: np.dtype | None = None
        self._of_channels: dict[int, np.ndarray] = {}

    def compute(self, tick: Tick) -> None:
        """Encode all pixels, unless that has been done."""
        if self._indices is None:
            pixels = self._read()
            self._dtype = pixels.dtype.newbyteorder("=")
            self._indices = self.codebook.encode(pixels, tick=tick)

    @property
    def dtype(self) -> np.dtype:
        """Dtype of the pixels, in native byte order: not always the codebook's, which another image can have given."""
        assert self._dtype is not None, "compute comes first"  # noqa: S101
        return self._dtype

    def classes_of(self, channel: int) -> np.ndarray:
        """Return the classes of a channel's pixels, as unsigned integers.

        The array has the axes of the layer; the channel axis has length 1. Pixels that take no part have the number of
        classes as index. Each call returns the same array, so that `Highlight` knows it again.
        """
        if channel not in self._of_channels:
            self._of_channels[channel] = self._view(channel)
        return self._of_channels[channel]

    def _view(self, channel: int) -> np.ndarray:
        assert self._indices is not None, "compute comes first"  # noqa: S101
        indices, axis = self._indices, self.codebook.channel_axis
        if self.codebook.mode == "color":
            return (
                indices
                if self._rgb or self.channel_colors is not None or axis is None
                else np.expand_dims(indices, axis)
            )
        if axis is None:
            return indices
        one = np.moveaxis(indices, axis, -1)[..., channel]
        return one if self._rgb else np.expand_dims(one, axis)


@dataclass(frozen=True)
class ClassSummary:
    """The classes of a result, or of one of its channels, with the counts of their pixels.

    Attributes
    ----------
    intervals : Intervals or None
        The intervals of levels; None if classes are colours.
    palette : ndarray or None, shape (n, C)
        The colours in data units; None if classes are levels.
    counts : ndarray of int64, shape (n,)
        Number of pixels of each class.
    pixel_size : PixelSize or None
        Size of a pixel; None if the layer has no scale.
    hex_colors : tuple of str
        Colours of the classes on the screen, as ``#rrggbb``, or ``#aarrggbb`` as Qt reads them.
    rgb : bool
        Whether the channels are red, green and blue.
    """

    intervals: Intervals | None
    palette: np.ndarray | None
    counts: np.ndarray
    pixel_size: PixelSize | None
    hex_colors: tuple[str, ...]
    rgb: bool = False

    def __len__(self) -> int:
        return len(self.counts)

    @cached_property
    def shares(self) -> np.ndarray:
        """Shares of the classes in all pixels that take part, from 0 to 1."""
        shares: np.ndarray = self.counts / max(1, int(self.counts.sum()))
        return shares

    def size(self, index: int) -> float | None:
        """Return the area or volume of a class; None if the layer has no scale."""
        return None if self.pixel_size is None else float(self.counts[index] * self.pixel_size.size)

    def name(self, index: int) -> str:
        """Return the name of a class: its number, or its colour in hexadecimal, or the values of other channels."""
        if self.palette is None:
            return f"class {index + 1}"
        if self.rgb:
            return self.hex_colors[index]
        return f"({', '.join(classes_messages.pixel_value(number) for number in self.palette[index])})"

    def describe(self, index: int) -> str:
        """Return a colour's name with its share and number of pixels."""
        count = int(self.counts[index])
        return f"{self.name(index)} · {classes_messages.share(self.shares[index])} % · {format_count(count, 'pixel')}"

    def order(self, *, by_share: bool) -> list[int]:
        """Return the indices of the classes from dark to bright, or from the most frequent to the rarest."""
        return np.argsort(-self.counts, kind="stable").tolist() if by_share else list(range(len(self)))

    def rows(self) -> list[list[str]]:
        """Return titles, and a row of exact numbers for each class, for other programs."""
        return [self.titles(), *map(self.row, range(len(self)))]

    def titles(self) -> list[str]:
        """Return the titles of the numbers that `row` returns."""
        if self.intervals is None:
            titles = ["colour", *(["hex"] if self.rgb else []), *self._channel_names()]
        else:
            titles = ["class", "level", "center", "lower", "upper", "border to next"]
        return [*titles, "pixels", "percent", *([self.pixel_size.title] if self.pixel_size else [])]

    def row(self, index: int) -> list[str]:
        """Return the numbers of one class."""
        cells: list[object] = [index + 1]
        if self.intervals is None:
            cells += [self.hex_colors[index]] if self.rgb else []
            cells += [] if self.palette is None else self.palette[index].tolist()
        else:
            bounds = self.intervals
            level = bounds.outputs[index].item()
            cells += [int(level) if isinstance(level, bool) else level]
            cells += [array[index].item() for array in (bounds.centers, bounds.lower, bounds.upper)]
            cells += [bounds.borders[index].item() if index < len(bounds.borders) else ""]
        cells += [int(self.counts[index]), f"{100 * self.shares[index]:.6g}"]
        size = self.size(index)
        return [*map(str, cells), *([] if size is None else [f"{size:.9g}"])]

    def _channel_names(self) -> list[str]:
        n_channels = 0 if self.palette is None else self.palette.shape[1]
        return [channel_name(channel, rgb=self.rgb) for channel in range(n_channels)]

    def text(self) -> str:
        """Return the text to copy: rows for a spreadsheet, or a list of colours."""
        if self.palette is not None:
            colors = self.hex_colors if self.rgb else [", ".join(map(str, color)) for color in self.palette.tolist()]
            return "\n".join(colors)
        return "\n".join("\t".join(row) for row in self.rows())

    def csv(self) -> str:
        """Return the rows as comma-separated values."""
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows(self.rows())
        return written.getvalue()


def summarize_classes(
    encoded: EncodedImage,
    channel: int,
    index: tuple[slice, ...],
    pixel_size: PixelSize | None,
    *,
    rgb: bool,
    tick: Tick,
) -> ClassSummary:
    """Count the pixels of each class of a channel, or of each colour.

    Parameters
    ----------
    encoded : EncodedImage
        The class of each pixel.
    channel : int
        Index of the channel; 0 if classes are colours.
    index : tuple of slice
        Index of the pixels to count, with an entry for each axis of the layer; empty for all.
    pixel_size : PixelSize or None
        Size of a pixel.
    rgb : bool
        Whether the channels are red, green and blue.
    tick : callable
        Called between steps.
    """
    encoded.compute(tick)
    codebook = encoded.codebook
    classes = encoded.classes_of(channel)
    group = min(channel, len(codebook.levels) - 1)
    centers = codebook.levels[group]
    counts = count_indices(classes[index], len(centers), tick)
    colors = class_colors(codebook, channel, rgb=rgb, white=encoded.white, channel_colors=encoded.channel_colors)
    if codebook.mode == "color":
        return ClassSummary(None, codebook.lookup(0, encoded.dtype).outputs, counts, pixel_size, colors, rgb)
    bounds = intervals(centers, encoded.dtype, codebook.borders_of(group))
    return ClassSummary(bounds, None, counts, pixel_size, colors)
