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
    from napari_quantize.viewer.family.shown import Shown
    from napari_quantize.viewer.layers.axes import Axes
    from napari_quantize.viewer.layers.pixel_size import PixelSize


Features = dict[str, np.ndarray]

# With more rows napari needs seconds to load the table.
MAX_ROWS = 100_000
# Memory per pixel of a plane or volume while objects are found: regions twice in 8 bytes, objects, and their class.
_BYTES_A_PIXEL = 24


@dataclass(frozen=True)
class LabelOptions:
    """Options of *Make labels*.

    Attributes
    ----------
    background : bool
        Whether the darkest class is 0, which napari shows as nothing; else the classes begin at 1.
    split : bool
        Whether each connected object gets a label of its own.
    smallest : int
        Objects of fewer pixels become background.
    through : bool or None
        Whether objects go on from plane to plane; None for what the axes suggest.
    """

    background: bool = True
    split: bool = False
    smallest: int = 1
    through: bool | None = None


@dataclass(frozen=True)
class LabelsRequest:
    """Labels to make, fixed when the user asks for them.

    Attributes
    ----------
    codebook : Codebook
        The classes.
    data : array-like
        The image; read by `make`.
    channels : tuple of str
        Names of the channels of its colours; empty if a pixel has one value.
    axes : Axes
        Axes of the labels.
    options : LabelOptions
        The options.
    palette : ndarray or None
        Colours of the classes from 0 to 1, shape (n, 3), if the image is RGB.
    earlier : ndarray or None
        Former labels, which may be replaced.
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
        Digests of `labels`, and of the former labels as they are now.
    """

    labels: np.ndarray
    n: int
    features: Features
    colors: dict[int | None, np.ndarray] | None
    n_without: int
    digest: str
    earlier: str


def why_none(shown: Shown) -> str:
    """Return why labels of the current result are not possible, in one sentence; empty if they are."""
    made = shown.made
    if shown.source is None or made is None:
        return NO_RESULT
    codebook = made.codebook
    if len(codebook.levels) > 1:
        return labels_messages.OWN_LEVELS
    if codebook.mode != "color" and shown.rgb:
        return labels_messages.LEVELS_OF_COLOURS
    return ""


def make(request: LabelsRequest, tick: Tick, tell: Callable[[str], object]) -> NewLabels:
    """Make labels.

    Raises
    ------
    ValueError, TypeError
        If the image no longer fits the codebook, or memory is too small.
    """
    image, codebook, options = np.asarray(request.data), request.codebook, request.options
    axis = codebook.channel_axis if request.channels else None
    reach = request.axes.connected(options.through if options.split else None)
    first, n_classes = 0 if options.background else 1, len(codebook.levels[0])
    tell(labels_messages.LABELLING)
    labels = classify(codebook, image, background=options.background, tick=tick)
    kinds = np.arange(first + n_classes)
    if options.split:
        _check_memory(labels.shape, reach)
        tell(labels_messages.CONNECTING)
        labels, kinds = find_objects(labels, reach, smallest=options.smallest, tick=tick)
    tell(labels_messages.MEASURING)
    measured = measure_objects(labels, len(kinds), image, channel_axis=axis, alpha=codebook.alpha, tick=tick)
    rows = np.arange(1 if options.split else first, len(kinds))
    features: Features = {}
    if len(rows) <= MAX_ROWS:
        classes = kinds[rows].astype(np.int64) - first
        # Count classes from 1, as Levels & areas and the histogram do, whatever the first label is.
        features = {"index": rows, "class": classes + 1}
        features |= _columns("center", request.channels, codebook.levels[0][classes])
        features |= _sizes(measured.pixels[rows], pixel_size_of(request.axes, reach))
        features |= _columns("mean", request.channels, measured.means[rows])
        if options.split:
            features |= _centroid_columns(centroids(labels, measured.pixels, tick)[rows])
    colors = None if options.split else label_colors(n_classes, first, request.palette)
    n_without = labels.size - int(measured.pixels.sum())
    earlier = "" if request.earlier is None else digest_of(request.earlier)
    return NewLabels(labels, len(rows), features, colors, n_without, digest_of(labels), earlier)


def digest_of(labels: Any) -> str:
    """Return a digest of dtype, shape and values, by which changes of the user are found."""
    labels = np.ascontiguousarray(np.asarray(labels))
    digest = hashlib.blake2b(f"{labels.dtype.str}{labels.shape}".encode(), digest_size=16)
    digest.update(labels.data)
    return digest.hexdigest()


def _sizes(pixels: np.ndarray, one: PixelSize | None) -> Features:
    sizes = {"pixels": pixels}
    return sizes if one is None else sizes | {one.column: pixels * one.size}


def _centroid_columns(centers: np.ndarray) -> Features:
    return {f"centroid_{axis}": column for axis, column in enumerate(centers.T)}


def _columns(what: str, channels: tuple[str, ...], values: np.ndarray) -> Features:
    """Return one column, or one for each channel."""
    if not channels:
        return {what: values.reshape(-1)}
    return {f"{what}_{channel}": values[:, index] for index, channel in enumerate(channels)}


def _check_memory(shape: Sequence[int], axes: Sequence[int]) -> None:
    needed = _BYTES_A_PIXEL * math.prod(shape[axis] for axis in axes) + 5 * math.prod(shape)
    free = int(psutil.virtual_memory().available)
    if needed > free:
        raise ValueError(labels_messages.out_of_memory(needed, free))


def done_sentence(name: str, made: NewLabels, options: LabelOptions, painted: str) -> str:
    """Return the sentence on new labels; `painted` names former labels that the user has changed."""
    one, several = ("object", "objects") if options.split else ("class", "classes")
    dark = ", the darkest is background" if options.background and not options.split else ""
    parts = [f"“{name}”: {made.n:,} {one if made.n == 1 else several}{dark}."]
    if made.n and not made.features:
        parts.append("That is too many for a table of areas: a larger smallest object (▾) leaves fewer.")
    if made.n_without:
        parts.append(f"Pixels without a value, or transparent, are 0: {made.n_without:,}.")
    if painted:
        parts.append(f"“{painted}” was changed by hand and stays.")
    return " ".join(parts)
