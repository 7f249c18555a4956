"""Make labels of a result's classes or objects: plain data, without a window."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from napari_quantize.core.classes.objects import centroids, classify, find_objects, measure_objects
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels.colors import label_colors
from napari_quantize.viewer.layers.pixel_size import pixel_size_of
from napari_quantize.viewer.messages import NO_RESULT

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Tick
    from napari_quantize.viewer.family.snapshot import FamilySnapshot
    from napari_quantize.viewer.layers.axes import Axes
    from napari_quantize.viewer.layers.pixel_size import PixelSize


Features = dict[str, np.ndarray]

# With more rows napari needs seconds to load the table.
MAX_ROWS = 100_000
# Memory for each pixel of a plane or volume while objects are found: two arrays of regions of 8 bytes, the objects, and
# their classes.
_BYTES_PER_PIXEL = 24


@dataclass(frozen=True)
class LabelOptions:
    """Options of *Make labels*. Their names are stored with the labels, so they must not change.

    Attributes
    ----------
    background : bool
        Whether the darkest class is 0, which napari shows as nothing; else the classes begin at 1.
    split : bool
        Whether each connected object gets a label of its own.
    smallest : int
        Objects of fewer pixels become background.
    through : bool or None
        Whether objects extend from plane to plane; None for what the axes suggest.
    """

    background: bool = True
    split: bool = False
    smallest: int = 1
    through: bool | None = None


@dataclass(frozen=True)
class LabelsRequest:
    """Request for labels, fixed when the user presses the button.

    Attributes
    ----------
    codebook : Codebook
        The classes.
    data : array-like
        The image; read by `make_labels`.
    channels : tuple of str
        Names of the channels of its colours; empty if a pixel has one value.
    axes : Axes
        Axes of the labels.
    options : LabelOptions
        The options.
    palette : ndarray or None
        Colours of the classes from 0 to 1, shape (n, 3), if the image is RGB.
    earlier : ndarray or None
        Earlier labels of the same result, which may be replaced.
    """

    codebook: Codebook
    data: Any
    channels: tuple[str, ...]
    axes: Axes
    options: LabelOptions
    palette: np.ndarray | None = None
    earlier: Any = None


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
        Colour of each class, and under None of labels that the user paints; None if there are too many classes.
    n_without : int
        Number of pixels without a class, which are 0.
    digest, earlier : str
        Digests of `labels`, and of the earlier labels as they are now.
    """

    labels: np.ndarray
    n: int
    features: Features
    colors: dict[int | None, np.ndarray] | None
    n_without: int
    digest: str
    earlier: str


def why_no_labels(shown: FamilySnapshot) -> str:
    """Return why labels of the current result are not possible, in one sentence; empty if they are."""
    provenance = shown.provenance
    if shown.source is None or provenance is None:
        return NO_RESULT
    codebook = provenance.codebook
    if len(codebook.levels) > 1:
        return labels_messages.OWN_LEVELS
    if codebook.mode != "color" and shown.rgb:
        return labels_messages.LEVELS_OF_COLOURS
    return ""


def make_labels(request: LabelsRequest, tick: Tick, tell: Callable[[str], object]) -> NewLabels:
    """Make labels; called in a thread.

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
    image, codebook, options = np.asarray(request.data), request.codebook, request.options
    axis = codebook.channel_axis if request.channels else None
    reach = request.axes.connected_axes(options.through if options.split else None)
    first, n_classes = 0 if options.background else 1, len(codebook.levels[0])
    tell(labels_messages.LABELLING)
    labels = classify(codebook, image, background=options.background, tick=tick)
    classes_of_labels = np.arange(first + n_classes)
    if options.split:
        _check_memory(labels.shape, reach)
        tell(labels_messages.CONNECTING)
        labels, classes_of_labels = find_objects(labels, reach, smallest=options.smallest, tick=tick)
    tell(labels_messages.MEASURING)
    measured = measure_objects(
        labels, len(classes_of_labels), image, channel_axis=axis, alpha=codebook.alpha, tick=tick
    )
    label_values = np.arange(1 if options.split else first, len(classes_of_labels))
    features: Features = {}
    if len(label_values) <= MAX_ROWS:
        classes = classes_of_labels[label_values].astype(np.int64) - first
        # Count classes from 1, as Levels & areas and the histogram do, whatever the first label is.
        features = {"index": label_values, "class": classes + 1}
        features |= _columns("center", request.channels, codebook.levels[0][classes])
        features |= _sizes(measured.pixels[label_values], pixel_size_of(request.axes, reach))
        features |= _columns("mean", request.channels, measured.means[label_values])
        if options.split:
            features |= _centroid_columns(centroids(labels, measured.pixels, tick)[label_values])
    colors = None if options.split else label_colors(n_classes, first, request.palette)
    n_without = labels.size - int(measured.pixels.sum())
    earlier = "" if request.earlier is None else digest_of(request.earlier)
    return NewLabels(labels, len(label_values), features, colors, n_without, digest_of(labels), earlier)


def digest_of(labels: Any) -> str:
    """Return a digest of dtype, shape and values. It tells whether the user has painted on a layer."""
    labels = np.ascontiguousarray(np.asarray(labels))
    digest = hashlib.blake2b(f"{labels.dtype.str}{labels.shape}".encode(), digest_size=16)
    digest.update(labels.data)
    return digest.hexdigest()


def _sizes(pixels: np.ndarray, pixel_size: PixelSize | None) -> Features:
    sizes = {"pixels": pixels}
    return sizes if pixel_size is None else sizes | {pixel_size.column: pixels * pixel_size.size}


def _centroid_columns(centers: np.ndarray) -> Features:
    return {f"centroid_{axis}": column for axis, column in enumerate(centers.T)}


def _columns(title: str, channels: tuple[str, ...], values: np.ndarray) -> Features:
    """Return one column, or one for each channel."""
    if not channels:
        return {title: values.reshape(-1)}
    return {f"{title}_{channel}": values[:, index] for index, channel in enumerate(channels)}


def _check_memory(shape: Sequence[int], axes: Sequence[int]) -> None:
    needed = _BYTES_PER_PIXEL * math.prod(shape[axis] for axis in axes) + 5 * math.prod(shape)
    free = int(psutil.virtual_memory().available)
    if needed > free:
        raise ValueError(labels_messages.out_of_memory(needed, free))


def done_sentence(name: str, new: NewLabels, options: LabelOptions, painted: str) -> str:
    """Return the sentence on new labels; `painted` names earlier labels that the user has changed."""
    singular, plural = ("object", "objects") if options.split else ("class", "classes")
    dark = ", the darkest is background" if options.background and not options.split else ""
    parts = [f"“{name}”: {new.n:,} {singular if new.n == 1 else plural}{dark}."]
    if new.n and not new.features:
        parts.append("That is too many for a table of areas: a larger smallest object (▾) leaves fewer.")
    if new.n_without:
        parts.append(f"Pixels without a value, or transparent, are 0: {new.n_without:,}.")
    if painted:
        parts.append(f"“{painted}” was changed by hand and stays.")
    return " ".join(parts)
