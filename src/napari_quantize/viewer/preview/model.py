"""What *Try* shows: the displayed part of a layer, quantized as a result would be. Plain data and work, no window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.learning.learner import Learner, make_learner
from napari_quantize.viewer.layers.axes import displayed_axes, pixel_at
from napari_quantize.viewer.layers.sources import Source, Together

if TYPE_CHECKING:
    from napari.components import Dims
    from napari.layers import Image

    from napari_quantize.core.request.request import Request, Tick
    from napari_quantize.core.samples.samples import CountedSamples

LEAST, MOST = 2, 256
STEPS = (*range(LEAST, 17), *range(18, 33, 2), *range(36, 65, 4))
"""The numbers that the slider reaches: all small ones, and of the larger ones fewer, which differ less."""


def step_of(k: int) -> int:
    """Return the slider's place for `k`: that of the next smaller number where `k` has none of its own."""
    return int(np.searchsorted(STEPS, k, side="right")) - 1


@dataclass(frozen=True)
class DisplayedPart:
    """The part of a layer that is displayed.

    Attributes
    ----------
    level : int
        Of a multiscale layer; else 0.
    index : tuple of slice
        Of the level's data, an axis each, the colour axis left out: one entry along the axes that are not displayed.
    shape : tuple of int
        What the part is stretched to, so that a layer of this shape shows it wherever the viewer's sliders stand.
    factors : tuple of float
        How many pixels of level 0 one pixel of this part spans, along each axis.
    offset : tuple of float
        Where the middle of its first pixel lies, in pixels of level 0.
    """

    level: int
    index: tuple[slice, ...]
    shape: tuple[int, ...]
    factors: tuple[float, ...]
    offset: tuple[float, ...]

    @classmethod
    def of(cls, layer: Image, dims: Dims, *, full_resolution: bool = False) -> DisplayedPart:
        """Return what `dims` show of a layer.

        Parameters
        ----------
        layer : Image
            Of a visible multiscale layer, napari displays the field of view only.
        dims : napari.components.Dims
            The viewer's.
        full_resolution : bool
            Whether level 0 is taken, whichever level is displayed.
        """
        level = 0 if full_resolution else _displayed_level(layer, dims)
        levels = layer.data if layer.multiscale else [layer.data]
        shape, whole = (np.array(levels[at].shape[: layer.ndim]) for at in (level, 0))
        shown = displayed_axes(dims, layer.ndim)
        factors = whole / shape
        start = np.array(pixel_at(dims, layer, shape.tolist()), dtype=int)
        stop = start + 1
        start[shown], stop[shown] = 0, shape[shown]
        if layer.multiscale and layer.visible and dims.ndisplay == 2 and not full_resolution:
            seen = layer.corner_pixels[:, shown]
            start[shown] = np.clip(seen[0], 0, shape[shown] - 1)
            stop[shown] = np.clip(seen[1] + 1, start[shown] + 1, shape[shown])
        index = tuple(slice(int(first), int(last)) for first, last in zip(start, stop, strict=True))
        # napari lays the outer edges of all levels over each other.
        stretched, offset = stop - start, start * factors + (factors - 1) / 2
        still = np.setdiff1d(range(layer.ndim), shown)
        stretched[still], factors[still], offset[still] = whole[still], 1, 0
        return cls(level, index, tuple(stretched.tolist()), tuple(factors.tolist()), tuple(offset.tolist()))

    @property
    def is_level_0(self) -> bool:
        """Whether a layer of this shape lies where the source lies, without being scaled or moved."""
        return all(factor == 1 for factor in self.factors) and not any(self.offset)


def _displayed_level(layer: Image, dims: Dims) -> int:
    if not layer.multiscale:
        return 0
    # napari displays the coarsest level in 3-D.
    return int(layer.data_level) if dims.ndisplay == 2 else len(layer.data) - 1


def quantized(codebook: Codebook, data: Any, part: DisplayedPart, own: int = 0) -> np.ndarray:
    """Quantize the displayed part of an image.

    Parameters
    ----------
    codebook : Codebook
        Learnt from the whole image.
    data : array-like
        The displayed level; `Together` where several layers are the channels of one image. Only the part is read, and
        for colours all channels at its place.
    part : DisplayedPart
        The part.
    own : int
        Of several layers together, the one that is displayed.

    Returns
    -------
    ndarray, with as many axes as the data
        What a result holds at this place: one entry long where an axis is not displayed.
    """
    if isinstance(data, Together):
        pixels = np.stack([np.asarray(array[part.index]) for array in data.arrays])
        together: np.ndarray = codebook.apply(pixels)[own]
        return together
    axis = codebook.channel_axis
    if axis is None or axis < 0:  # the colour axis is always displayed whole
        return codebook.apply(np.asarray(data[part.index]))
    channels = part.index[axis]
    if codebook.mode == "color":
        every = (*part.index[:axis], slice(None), *part.index[axis + 1 :])
        return codebook.apply(np.asarray(data[every]))[(slice(None),) * axis + (channels,)]
    if codebook.mode == "per_channel":
        codebook = Codebook(codebook.k, codebook.levels[channels], codebook.dtype, codebook.request)
    return codebook.apply(np.asarray(data[part.index]))


class LearnerCache:
    """Learns from one image in one way, for any K, and remembers: what a result would learn, too.

    Made in the GUI thread; the rest happens in a thread, one call at a time.

    Parameters
    ----------
    source : Source
        What is learnt from: the whole image, whatever part of it is displayed.
    request : Request
        How, with the digest of the mask.
    mask : ndarray of bool or None
        Where.
    samples : tuple of CountedSamples or None
        What is known already: then the image is not read.
    tick : callable
        Called between steps.
    """

    def __init__(
        self,
        source: Source,
        request: Request,
        mask: np.ndarray | None,
        samples: tuple[CountedSamples, ...] | None,
        tick: Tick,
    ) -> None:
        self.source, self.request = source, request
        self._mask, self._tick = mask, tick
        self._learner = Learner(samples, request, source.dtype, tick) if samples is not None else None
        self._codebooks: dict[int, Codebook] = {}

    def is_of(self, source: Source, request: Request) -> bool:
        """Whether it would learn the same from these."""
        arrays, others = (_arrays(data) for data in (self.source.data, source.data))
        same = len(arrays) == len(others) and all(a is b for a, b in zip(arrays, others, strict=True))
        return same and request == self.request

    def uses(self, source: Source) -> bool:
        """Whether it learns from these data, be it from others, too."""
        return any(array is source.data for array in _arrays(self.source.data))

    @property
    def samples(self) -> tuple[CountedSamples, ...] | None:
        """The counted samples; None before the image was read."""
        return self._learner.samples if self._learner is not None else None

    def codebook(self, k: int) -> Codebook:
        """Learn `k` centers, unless that was done before.

        Raises
        ------
        ValueError, TypeError
            As `fit` does.
        """
        if self._learner is None:
            image = np.asarray(self.source.data)
            self._learner = make_learner(image, self.request, self._mask, self._tick)
        if k not in self._codebooks:
            self._learner.check([k])
            self._codebooks[k] = self._learner.codebook(k)
        return self._codebooks[k]

    def knows(self, k: int) -> bool:
        """Whether `k` centers have been learnt."""
        return k in self._codebooks

    def next_unknown(self, k: int) -> int | None:
        """Return the step of the slider nearest to `k` that nothing was learnt for yet, if there is one."""
        unknown = [step for step in STEPS if not self.knows(step)]
        return min(unknown, key=lambda step: abs(step_of(step) - step_of(k)), default=None)


def _arrays(data: Any) -> tuple[Any, ...]:
    return data.arrays if isinstance(data, Together) else (data,)


@dataclass(frozen=True)
class PreviewTask:
    """What is to be seen: a K, learnt in one way, on one part of a layer.

    Attributes
    ----------
    learner : LearnerCache
        What learns.
    k : int
        How many values.
    part : DisplayedPart
        The displayed part.
    data : array-like
        The displayed level, or several layers `Together`.
    own : int
        Of several layers, which one is displayed.
    """

    learner: LearnerCache
    k: int
    part: DisplayedPart
    data: Any
    own: int

    def run(self) -> np.ndarray:
        """Learn and quantize; what comes of it has the part's shape, though not its size in memory.

        Raises
        ------
        ValueError, TypeError
            As `fit` does, or if a level is of another dtype than the image.
        """
        pixels = quantized(self.learner.codebook(self.k), self.data, self.part, self.own)
        return np.broadcast_to(pixels, (*self.part.shape, *pixels.shape[len(self.part.shape) :]))

    def is_same(self, other: PreviewTask | None) -> bool:
        """Whether the other one asks for the same."""
        return other is not None and (self.learner, self.k, self.part) == (other.learner, other.k, other.part)
