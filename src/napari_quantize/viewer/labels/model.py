"""Make labels of a result's classes or objects: plain data, without a window."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from napari_quantize.core.analysis.histogram import channel_name
from napari_quantize.core.classes.holes import fill_holes
from napari_quantize.core.classes.intervals import count_indices
from napari_quantize.core.classes.objects import centroids, classify, find_objects, measure_objects
from napari_quantize.core.classes.smoothing import smooth
from napari_quantize.plots.class_colors import class_colors
from napari_quantize.viewer.labels import features as tables
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels.colors import label_colors
from napari_quantize.viewer.layers.pixel_size import mean_pixel_size_of, pixel_size_of, spacing_of
from napari_quantize.viewer.messages import NO_RESULT

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Tick
    from napari_quantize.viewer.family.snapshot import FamilySnapshot
    from napari_quantize.viewer.labels.features import Features, World
    from napari_quantize.viewer.labels.options import LabelOptions
    from napari_quantize.viewer.layers.axes import Axes
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.layers.sources import Source

# With more rows napari needs seconds to load the table.
MAX_ROWS = 100_000
# Memory for each pixel of a plane or volume while objects are found: two arrays of regions of 8 bytes, the objects, and
# their classes.
_BYTES_PER_PIXEL = 24


@dataclass(frozen=True)
class LabelsRequest:
    """Request for labels, fixed when the user presses the button.

    Attributes
    ----------
    codebook : Codebook
        The classes.
    data : array-like
        The image; read by `make_labels`.
    axes : Axes
        Axes of the labels.
    options : LabelOptions
        The options.
    world : World
        Positions of the labels' pixels.
    rgb : bool
        Whether the last axis of the image holds red, green and blue.
    channel_axis : int or None
        Axis of the image that the labels lack; None if they have all its axes.
    channel_names : tuple of str
        Names of the channels along it.
    channels : tuple of int
        Channels whose classes become a layer each; empty if a pixel has one class.
    slice_axis : int or None
        Axis of the slices, if each has levels of its own.
    spread_axis : int or None
        Axis at which the labels get an axis of length 1, so that they have as many as the image.
    white : float
        Value of a full channel of red, green and blue.
    channel_colors : ndarray or None
        Colours of the channels, if each is a layer of its own.
    others : tuple of Source
        Further images whose means are computed.
    earlier : dict of array
        Earlier labels by channel, which may be replaced; under None those without a channel.
    """

    codebook: Codebook
    data: Any
    axes: Axes
    options: LabelOptions
    world: World
    rgb: bool = False
    channel_axis: int | None = None
    channel_names: tuple[str, ...] = ()
    channels: tuple[int, ...] = ()
    slice_axis: int | None = None
    spread_axis: int | None = None
    white: float = 255.0
    channel_colors: np.ndarray | None = None
    others: tuple[Source, ...] = ()
    earlier: Mapping[int | None, Any] = field(default_factory=dict)

    @property
    def reach(self) -> tuple[int, ...]:
        """Axes of the labels that objects, holes and smoothing extend along."""
        return self.axes.connected_axes(self.options.through if self.options.split else None)

    @property
    def spacing(self) -> tuple[float, ...]:
        """Length of a pixel along each axis of `reach`, in one unit; 1 if the axes have no common one."""
        spacing = spacing_of(self.axes, self.reach)
        return spacing if spacing is not None and all(spacing) else (1.0,) * len(self.reach)

    @property
    def smallest(self) -> int:
        """Number of pixels of the smallest object."""
        pixel_size = pixel_size_of(self.axes, self.reach)
        n_pixels = self.options.smallest / (1 if pixel_size is None else pixel_size.size)
        return max(1, math.ceil(n_pixels * (1 - 1e-9)))  # 5 pixels of 0.1 µm² are 0.5 µm², whatever was rounded


@dataclass(frozen=True)
class NewLabels:
    """Finished labels.

    Attributes
    ----------
    labels : ndarray of integers
        0 is background.
    n : int
        Number of classes or objects.
    features : dict of ndarray
        One row per class or object; column ``index`` holds its label. Empty if there are more than `MAX_ROWS`.
    colors : dict of ndarray or None
        Colour of each class; None for objects, and if there are too many classes.
    n_without : int
        Number of pixels without a class, which are 0.
    digest, earlier : str
        Digests of `labels`, and of the earlier labels as they are now.
    channel : int or None
        Channel whose classes they are; None if a pixel has one class.
    """

    labels: np.ndarray
    n: int
    features: Features
    colors: dict[int | None, np.ndarray] | None
    n_without: int
    digest: str
    earlier: str
    channel: int | None = None


def why_no_labels(shown: FamilySnapshot) -> str:
    """Return why labels of the current result are not possible, in one sentence; empty if they are."""
    if shown.provenance is None:
        return NO_RESULT
    return labels_messages.SOURCE_REMOVED if shown.source is None else ""


def own_channels(provenance: Provenance, *, rgb: bool) -> tuple[str, ...]:
    """Return the names of the channels that have classes of their own; empty if a pixel has one class.

    Parameters
    ----------
    provenance : Provenance
        Provenance of the result.
    rgb : bool
        Whether the channels are red, green and blue.
    """
    codebook = provenance.codebook
    if provenance.in_colors or provenance.each_slice or (codebook.mode == "global" and not rgb):
        return ()
    n_channels = 3 if rgb else len(codebook.levels)
    return tuple(channel_name(channel, rgb=rgb) for channel in range(n_channels))


def make_labels(request: LabelsRequest, tick: Tick, tell: Callable[[str], object]) -> list[NewLabels]:
    """Make labels, for each of the channels; called in a thread.

    Parameters
    ----------
    request : LabelsRequest
        The request.
    tick : callable
        Called between steps; raising from it stops the work.
    tell : callable
        Called with the name of each step.

    Raises
    ------
    ValueError, TypeError
        If the image no longer fits the codebook, or memory is too small.
    """
    image, codebook = np.asarray(request.data), request.codebook
    smoothed = codebook.check(image)
    if request.options.smooth:
        tell(labels_messages.SMOOTHING)
        axis = None if request.channel_axis is None else request.channel_axis % image.ndim
        smoothed = smooth(smoothed, _sigmas(request, axis), channel_axis=axis, alpha=codebook.alpha, tick=tick)
    tell(labels_messages.LABELLING)
    numbers = classify(codebook, smoothed, foreground=1, tick=tick)
    if not request.channels:
        return [_labels_of(request, image, numbers, None, tick, tell)]
    assert request.channel_axis is not None, "channels lie along an axis"  # noqa: S101
    of_channels = np.moveaxis(numbers, request.channel_axis, 0)
    return [_labels_of(request, image, of_channels[channel], channel, tick, tell) for channel in request.channels]


def _sigmas(request: LabelsRequest, channel_axis: int | None) -> list[float]:
    """Return the standard deviation along each axis of the image: one length along all that objects extend along."""
    sigmas = [0.0] * len(request.axes.names)
    for axis, length in zip(request.reach, request.spacing, strict=True):
        sigmas[axis] = request.options.smooth * request.spacing[-1] / length
    if channel_axis is not None:
        sigmas.insert(channel_axis, 0.0)
    return sigmas


def _labels_of(
    request: LabelsRequest,
    image: np.ndarray,
    numbers: np.ndarray,
    channel: int | None,
    tick: Tick,
    tell: Callable[[str], object],
) -> NewLabels:
    """Make labels of the class numbers of a channel, or of colours; 0 is no class."""
    options, reach = request.options, request.reach
    n_classes = max(map(len, request.codebook.levels))
    labels = np.where(numbers >= options.foreground, numbers, numbers.dtype.type(0))
    if options.split and options.joined:
        labels = np.minimum(labels, 1)
    if options.fill_holes:
        tell(labels_messages.FILLING)
        labels = fill_holes(labels, reach, fillable=numbers > 0, tick=tick)
    classes = np.arange(n_classes + 1)
    if options.split:
        _check_memory(labels.shape, reach)
        tell(labels_messages.CONNECTING)
        labels, classes = find_objects(
            labels, reach, smallest=request.smallest, separate=options.separate, spacing=request.spacing, tick=tick
        )
        classes = classes.astype(np.int64)
    tell(labels_messages.MEASURING)
    listed = np.arange(1 if options.split else max(1, options.foreground), len(classes))
    features = _measure(request, image, labels, classes, listed, channel, tick) if len(listed) <= MAX_ROWS else {}
    colors = None
    if not options.split:
        # Two shades for all classes, as in the histogram of a photo's channel, are too few for labels.
        hexes = class_colors(
            request.codebook,
            channel or 0,
            rgb=request.rgb and request.codebook.mode == "color",
            white=request.white,
            channel_colors=request.channel_colors,
        )
        colors = label_colors(hexes)
    if request.spread_axis is not None:
        labels = np.expand_dims(labels, request.spread_axis)
    earlier = request.earlier.get(channel)
    return NewLabels(
        labels,
        len(listed),
        features,
        colors,
        int((numbers == 0).sum()),
        digest_of(labels),
        "" if earlier is None else digest_of(earlier),
        channel,
    )


def _measure(
    request: LabelsRequest,
    image: np.ndarray,
    labels: np.ndarray,
    classes: np.ndarray,
    listed: np.ndarray,
    channel: int | None,
    tick: Tick,
) -> Features:
    """Return the table of the `listed` labels; `classes` are those of all labels."""
    options, reach, axes, n = request.options, request.reach, request.axes, len(classes)
    pixels = count_indices(labels, n, tick)
    planes: Features = {}
    positions: Features = {}
    slices: np.ndarray | None = None
    # An object lies within its plane or volume, but a class is in all planes.
    pixel_size = pixel_size_of(axes, reach) if options.split else mean_pixel_size_of(axes, reach, labels.shape)
    if options.split:
        centers = centroids(labels, pixels, tick)[listed]
        planes = tables.plane_columns(centers, axes, reach, labels.shape)
        positions = tables.position_columns(centers, axes, reach, labels.shape, request.world)
        slices = None if request.slice_axis is None else np.rint(centers[:, request.slice_axis]).astype(int)
    measured = measure_objects(
        labels, n, image, channel_axis=request.channel_axis, alpha=request.codebook.alpha, tick=tick
    )
    return tables.joined(
        {"index": listed},
        planes,
        _class_columns(request, classes[listed], slices, channel),
        tables.size_columns(pixels[listed], pixel_size),
        positions,
        _channel_columns("mean", request.channel_names, measured.means[listed]),
        {name: column[listed] for name, column in tables.mean_columns(labels, n, request.others, tick).items()},
    )


def _class_columns(
    request: LabelsRequest, classes: np.ndarray, slices: np.ndarray | None, channel: int | None
) -> Features:
    """Return the class of each label, and its center if it has one; `slices` are those of objects if levels differ."""
    options, levels = request.options, request.codebook.levels
    n_classes = max(map(len, levels))
    if options.split and options.joined:
        if options.foreground < n_classes:
            return {"class": np.full(len(classes), f"≥{options.foreground}")}
        classes = np.full(len(classes), options.foreground)
    columns: Features = {"class": classes}
    if request.slice_axis is None:
        centers = levels[min(channel or 0, len(levels) - 1)]
        known = classes <= len(centers)  # channels can have fewer classes than others
        found = np.full((len(classes), *centers.shape[1:]), np.nan)
        found[known] = centers[classes[known] - 1]
        names = request.channel_names if request.codebook.mode == "color" else ()
        columns |= _channel_columns("center", names, found)
    elif slices is not None:
        columns["center"] = np.array([levels[at][number - 1] for at, number in zip(slices, classes, strict=True)])
    return columns


def digest_of(labels: Any) -> str:
    """Return a digest of dtype, shape and values. It tells whether the user has painted on a layer."""
    labels = np.ascontiguousarray(np.asarray(labels))
    digest = hashlib.blake2b(f"{labels.dtype.str}{labels.shape}".encode(), digest_size=16)
    digest.update(labels.data)
    return digest.hexdigest()


def _channel_columns(title: str, channels: tuple[str, ...], values: np.ndarray) -> Features:
    """Return one column, or one for each channel."""
    if not channels:
        return {title: values.reshape(-1)}
    return {f"{title}_{channel}": values[:, index] for index, channel in enumerate(channels)}


def _check_memory(shape: Sequence[int], axes: Sequence[int]) -> None:
    needed = _BYTES_PER_PIXEL * math.prod(shape[axis] for axis in axes) + 5 * math.prod(shape)
    free = int(psutil.virtual_memory().available)
    if needed > free:
        raise ValueError(labels_messages.out_of_memory(needed, free))


def done_sentence(names: Sequence[str], new: Sequence[NewLabels], options: LabelOptions, painted: Sequence[str]) -> str:
    """Return the sentence on new labels; `painted` names earlier labels that the user has changed."""
    counts = [labels_messages.count(name, each.n, split=options.split) for name, each in zip(names, new, strict=True)]
    dark = labels_messages.background(options.foreground) if not options.split else ""
    parts = [f"{'; '.join(counts)}{dark}."]
    has_tables = [bool(each.features) for each in new if each.n]
    if not all(has_tables):
        parts.append(labels_messages.TOO_MANY)
    n_without = max(each.n_without for each in new)
    if n_without:
        parts.append(f"Pixels without a value, or transparent, are 0: {n_without:,}.")
    if painted:
        verb = "was changed by hand and stays" if len(painted) == 1 else "were changed by hand and stay"
        parts.append(f"{', '.join(f'“{name}”' for name in painted)} {verb}.")
    if has_tables and all(has_tables):
        parts.append(labels_messages.TABLE)
    return " ".join(parts)
