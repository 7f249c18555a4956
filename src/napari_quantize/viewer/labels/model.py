"""Labels of a result's classes: what is asked, and the work, without a window."""

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

# Of more objects napari needs seconds to take in a table.
MAX_ROWS = 100_000
# What finding objects takes for each pixel of a plane or volume: regions twice in 8 bytes, objects, and their class.
_BYTES_A_PIXEL = 24


@dataclass(frozen=True)
class LabelOptions:
    """How labels are made.

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
    """Labels to be made, fixed when asked for.

    Attributes
    ----------
    codebook : Codebook
        The classes.
    data : array-like
        The image; read when the request is done.
    channels : tuple of str
        Names of the channels of its colours; none where there is one value a pixel.
    axes : Axes
        Of the labels.
    options : LabelOptions
        How.
    palette : ndarray or None
        Colours of the classes from 0 to 1, shape (n, 3), where they are colours to the eye.
    earlier : ndarray or None
        Labels made before, which would be replaced.
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
        How many classes or objects there are.
    features : dict of ndarray
        One row a class or object; column ``index`` tells its label. Empty where there are more than `MAX_ROWS`.
    colors : dict of ndarray or None
        Of each class, and under None of other labels that the user paints; None where there are too many for one each.
    n_without : int
        How many pixels have no class, and are 0.
    digest, earlier : str
        Of `labels`, and of the labels made before as they are now.
    """

    labels: np.ndarray
    n: int
    features: Features
    colors: dict[int | None, np.ndarray] | None
    n_without: int
    digest: str
    earlier: str


def why_none(shown: Shown) -> str:
    """Return why no labels can be made of what is shown, in one sentence; empty if they can."""
    made = shown.made
    if shown.source is None or made is None:
        return NO_RESULT
    codebook = made.codebook
    if len(codebook["levels"]) > 1:
        return labels_messages.OWN_LEVELS
    if codebook["mode"] != "color" and shown.rgb:
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
        places = kinds[rows].astype(np.int64) - first
        # Counted from 1, as Levels & areas and the histogram do, whatever the labels begin with.
        features = {"index": rows, "class": places + 1}
        features |= _columns("center", request.channels, codebook.levels[0][places])
        features |= _sizes(measured.pixels[rows], pixel_size_of(request.axes, reach))
        features |= _columns("mean", request.channels, measured.means[rows])
        if options.split:
            features |= _places(centroids(labels, measured.pixels, tick)[rows])
    colors = None if options.split else label_colors(n_classes, first, request.palette)
    n_without = labels.size - int(measured.pixels.sum())
    earlier = "" if request.earlier is None else digest_of(request.earlier)
    return NewLabels(labels, len(rows), features, colors, n_without, digest_of(labels), earlier)


def digest_of(labels: Any) -> str:
    """Return what tells labels from others, or from the same after a stroke of the brush."""
    labels = np.ascontiguousarray(np.asarray(labels))
    digest = hashlib.blake2b(f"{labels.dtype.str}{labels.shape}".encode(), digest_size=16)
    digest.update(labels.data)
    return digest.hexdigest()


def _sizes(pixels: np.ndarray, one: PixelSize | None) -> Features:
    sizes = {"pixels": pixels}
    return sizes if one is None else sizes | {one.column: pixels * one.size}


def _places(centers: np.ndarray) -> Features:
    return {f"centroid_{axis}": place for axis, place in enumerate(centers.T)}


def _columns(what: str, channels: tuple[str, ...], values: np.ndarray) -> Features:
    """Name a column, or one for each channel."""
    if not channels:
        return {what: values.reshape(-1)}
    return {f"{what}_{channel}": values[:, place] for place, channel in enumerate(channels)}


def _check_memory(shape: Sequence[int], axes: Sequence[int]) -> None:
    needed = _BYTES_A_PIXEL * math.prod(shape[axis] for axis in axes) + 5 * math.prod(shape)
    free = int(psutil.virtual_memory().available)
    if needed > free:
        raise ValueError(labels_messages.out_of_memory(needed, free))


def done_sentence(name: str, made: NewLabels, options: LabelOptions, painted: str) -> str:
    """Say what was made; `painted` is the name of an earlier labels layer that the user has changed."""
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
