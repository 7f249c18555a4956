"""The classes of one result as rows of numbers: plain data, without a window."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.histogram import channel_name
from napari_quantize.core.classes.intervals import Intervals, count_indices, intervals
from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.text.numbers import format_count
from napari_quantize.viewer.panels.classes import messages as classes_messages

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Tick
    from napari_quantize.viewer.layers.pixel_size import PixelSize

# What two channels are mixed from on a screen; three are red, green and blue.
_TWO_TINTS = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


class Encoded:
    """Which class each pixel of a result has; computed when it is first asked for, in the thread that asks.

    Parameters
    ----------
    codebook : Codebook
        What the result was made with.
    read : callable
        Returns the pixels, an image that the codebook fits.
    rgb : bool
        Whether napari takes the last axis for colour and does not count it.
    tints : ndarray, shape (C, 3), optional
        What each channel looks like, where each is a layer of its own.
    """

    def __init__(
        self, codebook: Codebook, read: Callable[[], np.ndarray], *, rgb: bool, tints: np.ndarray | None = None
    ) -> None:
        self.codebook = codebook
        self._read = read
        self._rgb = rgb
        self.tints = tints
        self._indices: np.ndarray | None = None
        self._of_channels: dict[int, np.ndarray] = {}

    def compute(self, tick: Tick) -> None:
        """Look up all pixels, unless that has been done."""
        if self._indices is None:
            self._indices = self.codebook.encode(self._read(), tick=tick)

    def classes_of(self, channel: int) -> np.ndarray:
        """Return a channel's classes with the axes of the layer; an axis of channels has length 1.

        What takes no part has the index of no class. The same array each time.
        """
        if channel not in self._of_channels:
            self._of_channels[channel] = self._view(channel)
        return self._of_channels[channel]

    def _view(self, channel: int) -> np.ndarray:
        assert self._indices is not None, "compute comes first"  # noqa: S101
        indices, axis = self._indices, self.codebook.channel_axis
        if self.codebook.mode == "color":
            return indices if self._rgb or self.tints is not None or axis is None else np.expand_dims(indices, axis)
        if axis is None:
            return indices
        one = np.moveaxis(indices, axis, -1)[..., channel]
        return one if self._rgb else np.expand_dims(one, axis)


@dataclass(frozen=True)
class Summary:
    """The classes of a result, or of one of its channels, with what their pixels come to.

    Attributes
    ----------
    intervals : Intervals or None
        Of levels.
    palette : ndarray or None, shape (n, C)
        The colours as the result's pixels hold them.
    counts : ndarray of int64, shape (n,)
        Pixels of each class.
    measure : PixelSize or None
        Size of a pixel.
    chips : tuple of str
        The classes' colours on the screen, as ``#rrggbb``, or ``#aarrggbb`` as Qt reads them.
    rgb : bool
        Whether the colours are those of a screen, or values of other channels.
    """

    intervals: Intervals | None
    palette: np.ndarray | None
    counts: np.ndarray
    measure: PixelSize | None
    chips: tuple[str, ...]
    rgb: bool = False

    def __len__(self) -> int:
        return len(self.counts)

    @cached_property
    def shares(self) -> np.ndarray:
        """Of all pixels that take part, 0 … 1."""
        shares: np.ndarray = self.counts / max(1, int(self.counts.sum()))
        return shares

    def size(self, place: int) -> float | None:
        """Return the area or volume of a class; None where the layer has no scale."""
        return None if self.measure is None else float(self.counts[place] * self.measure.size)

    def name(self, place: int) -> str:
        """Name a class by its number, a colour in hexadecimal, or by its values if these are not a screen's."""
        if self.palette is None:
            return f"class {place + 1}"
        if self.rgb:
            return self.chips[place]
        return f"({', '.join(classes_messages.pixel_value(number) for number in self.palette[place])})"

    def describe(self, place: int) -> str:
        """Tell a colour with its share."""
        count = int(self.counts[place])
        return f"{self.name(place)} · {classes_messages.share(self.shares[place])} % · {format_count(count, 'pixel')}"

    def order(self, *, by_share: bool) -> list[int]:
        """Return the classes from dark to bright, or from the most frequent to the rarest."""
        return np.argsort(-self.counts, kind="stable").tolist() if by_share else list(range(len(self)))

    def rows(self) -> list[list[str]]:
        """Return titles, and a row of exact numbers a class: those that other programs take."""
        return [self.titles(), *map(self.row, range(len(self)))]

    def titles(self) -> list[str]:
        """Return the titles of what `row` returns."""
        if self.intervals is None:
            titles = ["colour", *(["hex"] if self.rgb else []), *self._channel_names()]
        else:
            titles = ["class", "level", "center", "lower", "upper", "border to next"]
        return [*titles, "pixels", "percent", *([self.measure.title] if self.measure else [])]

    def row(self, place: int) -> list[str]:
        """Return the numbers of one class."""
        cells: list[object] = [place + 1]
        if self.intervals is None:
            cells += [self.chips[place]] if self.rgb else []
            cells += [] if self.palette is None else self.palette[place].tolist()
        else:
            own = self.intervals
            level = own.outputs[place].item()
            cells += [int(level) if isinstance(level, bool) else level]
            cells += [array[place].item() for array in (own.centers, own.lower, own.upper)]
            cells += [own.borders[place].item() if place < len(own.borders) else ""]
        cells += [int(self.counts[place]), f"{100 * self.shares[place]:.6g}"]
        size = self.size(place)
        return [*map(str, cells), *([] if size is None else [f"{size:.9g}"])]

    def _channel_names(self) -> list[str]:
        n_channels = 0 if self.palette is None else self.palette.shape[1]
        return [channel_name(channel, rgb=self.rgb) for channel in range(n_channels)]

    def text(self) -> str:
        """Return what is copied: rows for a spreadsheet, or a list of colours."""
        if self.palette is not None:
            colors = self.chips if self.rgb else [", ".join(map(str, color)) for color in self.palette.tolist()]
            return "\n".join(colors)
        return "\n".join("\t".join(row) for row in self.rows())

    def csv(self) -> str:
        """Return the rows as comma-separated values."""
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows(self.rows())
        return written.getvalue()


def summarize_classes(
    encoded: Encoded,
    channel: int,
    index: tuple[slice, ...],
    measure: PixelSize | None,
    *,
    rgb: bool,
    tick: Tick,
) -> Summary:
    """Count the pixels of each class of a channel, or of each colour.

    Parameters
    ----------
    encoded : Encoded
        Which class each pixel has.
    channel : int
        Whose classes; 0 where these are colours.
    index : tuple of slice
        Where to count, an entry for each axis of the layer.
    measure : PixelSize or None
        Size of a pixel.
    rgb : bool
        Whether the channels are red, green and blue.
    tick : callable
        Called between steps.
    """
    encoded.compute(tick)
    codebook = encoded.codebook
    classes = encoded.classes_of(channel)
    centers = codebook.levels[min(channel, len(codebook.levels) - 1)]
    counts = count_indices(classes[index], len(centers), tick)
    if codebook.mode == "color":
        palette = codebook.outputs[0]
        return Summary(None, palette, counts, measure, screen_colors(palette, rgb=rgb, tints=encoded.tints), rgb)
    from napari_quantize.plots.histogram import RGB_COLORS, bar_colors

    colors = bar_colors(len(centers), RGB_COLORS[channel % 3] if rgb else None)
    parts = np.rint(255 * np.asarray(colors)).astype(int).tolist()
    chips = tuple(f"#{alpha:02x}{red:02x}{green:02x}{blue:02x}" for red, green, blue, alpha in parts)
    return Summary(intervals(centers, codebook.dtype), None, counts, measure, chips)


def screen_colors(palette: np.ndarray, *, rgb: bool, tints: np.ndarray | None = None) -> tuple[str, ...]:
    """Return what a palette's colours look like, as ``#rrggbb``; channels of other kinds are mixed from tints.

    Parameters
    ----------
    palette : ndarray, shape (n, C)
        Colours in data units.
    rgb : bool
        Whether the channels are red, green and blue.
    tints : ndarray, shape (C, 3), optional
        What each channel looks like, 0 … 1, if they are not.
    """
    if rgb:
        mixed = palette / white_of(palette.dtype)
    else:
        low, high = palette.min(axis=0), palette.max(axis=0)
        scaled = (palette - low.astype(float)) / np.maximum(high.astype(float) - low, np.finfo(float).tiny)
        n_channels = palette.shape[1]
        if tints is None:
            tints = {2: _TWO_TINTS, 3: np.eye(3)}.get(n_channels, np.full((n_channels, 3), 1 / n_channels))
        mixed = scaled @ tints
    parts = np.rint(255 * np.clip(mixed, 0, 1)).astype(int)
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in parts.tolist())
