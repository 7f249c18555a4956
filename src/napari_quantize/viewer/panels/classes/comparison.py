"""The classes of several images side by side, as control and treated: plain data, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_quantize.text.spreadsheet import csv_text
from napari_quantize.viewer.panels.classes.model import summarize_classes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_quantize.core.request.request import Tick
    from napari_quantize.viewer.layers.pixel_size import PixelSize
    from napari_quantize.viewer.panels.classes.model import ClassSummary, EncodedImage


@dataclass(frozen=True)
class ComparedImage:
    """An image whose classes are compared with those of others.

    Attributes
    ----------
    name : str
        Its name.
    encoded : EncodedImage
        The class of each of its pixels.
    channels : tuple of str
        Names of the channels with classes of their own; empty if a pixel has one class.
    channel_title : str
        Title of their column.
    pixel_size : PixelSize or None
        Size of a pixel.
    rgb : bool
        Whether the channels are red, green and blue.
    """

    name: str
    encoded: EncodedImage
    channels: tuple[str, ...]
    channel_title: str
    pixel_size: PixelSize | None
    rgb: bool


@dataclass(frozen=True)
class Comparison:
    """The classes of several images.

    Attributes
    ----------
    titles : tuple of str
        Titles of the columns.
    rows : tuple of tuple
        One row for each class of each channel and image; the images of a class follow each other.
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def text(self) -> str:
        """Return the table to copy, for a spreadsheet."""
        return csv_text([self.titles, *self.rows], delimiter="\t")

    def csv(self) -> str:
        """Return the table as comma-separated values."""
        return csv_text([self.titles, *self.rows])


def compare_classes(images: Sequence[ComparedImage], tick: Tick) -> Comparison:
    """Count the pixels of each class in several images of one codebook.

    Parameters
    ----------
    images : sequence of ComparedImage
        The images.
    tick : callable
        Called between steps.
    """
    channels = images[0].channels or ("",)
    has_channels = bool(images[0].channels)
    sizes = list(dict.fromkeys(image.pixel_size.column for image in images if image.pixel_size is not None))
    rows: list[tuple[object, ...]] = []
    for channel, channel_name in enumerate(channels):
        summaries = [_summary(image, channel, tick) for image in images]
        for index in range(max(map(len, summaries))):
            for image, summary in zip(images, summaries, strict=True):
                rows.append(
                    (
                        *([channel_name] if has_channels else []),
                        *_class_cells(summary, index),
                        image.name,
                        int(summary.counts[index]),
                        round(100 * float(summary.shares[index]), 6),
                        *_size_cells(summary, index, sizes),
                    )
                )
    level = "level" if images[0].encoded.codebook.mode != "color" else "colour"
    channel_titles = [images[0].channel_title] if has_channels else []
    return Comparison((*channel_titles, "class", level, "image", "pixels", "percent", *sizes), tuple(rows))


def _summary(image: ComparedImage, channel: int, tick: Tick) -> ClassSummary:
    return summarize_classes(image.encoded, channel, (), image.pixel_size, rgb=image.rgb, tick=tick)


def _class_cells(summary: ClassSummary, index: int) -> tuple[object, ...]:
    if summary.intervals is None:
        return index + 1, summary.name(index)
    return index + 1, summary.intervals.outputs[index].item()


def _size_cells(summary: ClassSummary, index: int, titles: Iterable[str]) -> list[object]:
    """Return the area of a class under its title; other images can have other units."""
    own = "" if summary.pixel_size is None else summary.pixel_size.column
    return [summary.size(index) if title == own else None for title in titles]
