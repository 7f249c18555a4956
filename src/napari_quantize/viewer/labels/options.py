"""The options of *Make labels*, and what they offer for one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.pixel_size import PixelSize


@dataclass(frozen=True)
class LabelOptions:
    """Options of *Make labels*. Their names are stored with the labels, so they must not change.

    Attributes
    ----------
    foreground : int
        Number of the first class of the foreground; darker classes are background, 0. With 1, there is none.
    smooth : float
        Standard deviation, in pixels of the plane, by which the image is smoothed before its classes are found.
    fill_holes : bool
        Whether background that is enclosed gets the nearest class.
    split : bool
        Whether each connected object gets a label of its own.
    joined : bool
        Whether classes of the foreground form objects together, if objects are split.
    separate : bool
        Whether objects that touch are cut at their necks.
    smallest : float
        Smaller objects become background; in the layer's units, or in pixels if it has none.
    through : bool or None
        Whether objects extend from plane to plane; None for what the axes suggest.
    channel : int or None
        Channel whose levels of its own are meant; None for each of them.
    others : tuple of str
        Ids of further layers whose means are computed.
    """

    foreground: int = 2
    smooth: float = 0.0
    fill_holes: bool = False
    split: bool = False
    joined: bool = True
    separate: bool = False
    smallest: float = 0.0
    through: bool | None = None
    channel: int | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelChoices:
    """What the options offer for one result.

    Attributes
    ----------
    source_id : str
        ``unique_id`` of its source. Another source resets the choice of planes and channels.
    n_classes : int
        Number of classes.
    has_planes : bool
        Whether there are several planes that objects could extend through.
    goes_through : bool
        Whether the axes suggest that they do.
    pixel_size : tuple of (PixelSize or None)
        Size of a pixel within a plane, and of a voxel.
    channels : tuple of str
        Names of the channels with classes of their own; empty if a pixel has one class.
    shown_channel : int or None
        Channel that the sliders show; None if all are shown.
    others : tuple of (str, str)
        Id and name of further layers of the same size.
    """

    source_id: str = ""
    n_classes: int = 2
    has_planes: bool = False
    goes_through: bool = False
    pixel_size: tuple[PixelSize | None, PixelSize | None] = (None, None)
    channels: tuple[str, ...] = ()
    shown_channel: int | None = None
    others: tuple[tuple[str, str], ...] = ()
