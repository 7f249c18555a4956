"""*Try*: quantize the displayed part of a layer, to the same bytes as a result. Plain data, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.cached_property import cached_property
from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.learning.learner import Learner, make_learner
from napari_quantize.viewer.layers.axes import displayed_axes, pixel_at
from napari_quantize.viewer.layers.sources import JoinedChannels, Source
from napari_quantize.viewer.preview.figures import TriedFigures, tried_figures

if TYPE_CHECKING:
    from napari.components import Dims
    from napari.layers import Image

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.request.request import Request, Tick
    from napari_quantize.core.samples.samples import CountedSamples

MIN_PREVIEW_K, MAX_PREVIEW_K = 2, 256
SLIDER_KS = (*range(MIN_PREVIEW_K, 17), *range(18, 33, 2), *range(36, 65, 4))
"""Values of K on the slider: all small ones, and fewer large ones, since these differ less."""


def slider_position(k: int) -> int:
    """Return the slider's position for `k`, or for the next smaller K on the slider."""
    return int(np.searchsorted(SLIDER_KS, k, side="right")) - 1


@dataclass(frozen=True)
class DisplayedPart:
    """The displayed part of a layer.

    Attributes
    ----------
    level : int
        Level of a multiscale layer; else 0.
    index : tuple of slice
        Index of the part in the level's data, without the colour axis: one entry along axes that are not displayed.
    shape : tuple of int
        Shape that the part is broadcast to, so that it is visible at any position of the viewer's sliders.
    factors : tuple of float
        Size of a pixel of this part along each axis, in pixels of level 0.
    offset : tuple of float
        Center of the first pixel of this part, in pixels of level 0.
    """

    level: int
    index: tuple[slice, ...]
    shape: tuple[int, ...]
    factors: tuple[float, ...]
    offset: tuple[float, ...]

    @classmethod
    def of(cls, layer: Image, dims: Dims, *, full_resolution: bool = False) -> DisplayedPart:
        """Return the part of a layer that `dims` display.

        Parameters
        ----------
        layer : Image
            The layer. Of a visible multiscale layer napari displays only the field of view.
        dims : napari.components.Dims
            The viewer's dimensions.
        full_resolution : bool
            Take level 0, whichever level is displayed.
        """
        level = 0 if full_resolution else _displayed_level(layer, dims)
        levels = layer.data if layer.multiscale else [layer.data]
        shape, whole = (np.array(levels[index].shape[: layer.ndim]) for index in (level, 0))
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
        # napari aligns the outer edges of all levels, not the centers of their first pixels.
        stretched, offset = stop - start, start * factors + (factors - 1) / 2
        hidden = np.setdiff1d(range(layer.ndim), shown)
        stretched[hidden], factors[hidden], offset[hidden] = whole[hidden], 1, 0
        return cls(level, index, tuple(stretched.tolist()), tuple(factors.tolist()), tuple(offset.tolist()))

    @property
    def is_level_0(self) -> bool:
        """True if a layer of this shape needs no other scale or translation than the source."""
        return all(factor == 1 for factor in self.factors) and not any(self.offset)


def _displayed_level(layer: Image, dims: Dims) -> int:
    if not layer.multiscale:
        return 0
    # In 3-D napari displays the coarsest level.
    return int(layer.data_level) if dims.ndisplay == 2 else len(layer.data) - 1


def quantize_part(codebook: Codebook, data: Any, part: DisplayedPart, own_index: int = 0) -> np.ndarray:
    """Quantize the displayed part of an image.

    Parameters
    ----------
    codebook : Codebook
        Learnt from the whole image.
    data : array-like
        The displayed level, or `JoinedChannels` if several layers are the channels of one image. Only the part is read;
        for colours with all of its channels.
    part : DisplayedPart
        The part.
    own_index : int
        Index of the displayed layer among several.

    Returns
    -------
    ndarray, with as many axes as the data
        The result in this part; length 1 along axes that are not displayed.
    """
    if isinstance(data, JoinedChannels):
        pixels = np.stack([np.asarray(array[part.index]) for array in data.arrays])
        together: np.ndarray = codebook.apply(pixels)[own_index]
        return together
    axis, index = codebook.channel_axis, part.index
    own: tuple[slice, ...] = ()
    if axis is not None and axis >= 0:  # a colour axis, which is negative, is always displayed whole
        channels = index[axis]
        if codebook.mode == "color":
            index, own = (*index[:axis], slice(None), *index[axis + 1 :]), (slice(None),) * axis + (channels,)
        elif codebook.mode == "per_channel":
            codebook = codebook.of_channels(channels)
    quantized: np.ndarray = codebook.apply(np.asarray(data[index]))
    return quantized[own]


class LearnerCache:
    """Learn codebooks of one image and one request for any K, and cache them. A run learns the same codebooks.

    Create it in the GUI thread; call the other methods in one thread at a time.

    Parameters
    ----------
    source : Source
        The whole image, whichever part of it is displayed.
    request : Request
        Checked arguments, with the digest of the mask.
    mask : ndarray of bool or None
        Pixels to learn from; None for all.
    samples : tuple of CountedSamples or None
        Counted samples if they are known; then the image is not read.
    tick : callable
        Called between steps.
    facts : ImageFacts, optional
        Facts of the image if they are known.

    Attributes
    ----------
    figures : dict
        Figures that are known, by `PreviewTask.key`.
    tick : callable
        As given.
    """

    def __init__(
        self,
        source: Source,
        request: Request,
        mask: np.ndarray | None,
        samples: tuple[CountedSamples, ...] | None,
        tick: Tick,
        facts: ImageFacts | None = None,
    ) -> None:
        self.source, self.request = source, request
        self._mask, self._facts, self.tick = mask, facts, tick
        self._learner = Learner(samples, request, source.dtype, tick) if samples is not None else None
        self._codebooks: dict[int, Codebook] = {}
        self.figures: dict[tuple[int, int, str], TriedFigures] = {}

    def matches(self, source: Source, request: Request) -> bool:
        """Return whether these arguments give the same codebooks."""
        arrays, others = (_arrays(data) for data in (self.source.data, source.data))
        same = len(arrays) == len(others) and all(a is b for a, b in zip(arrays, others, strict=True))
        return same and request == self.request

    def uses(self, source: Source) -> bool:
        """Return whether `source` is one of the arrays this learner uses."""
        return any(array is source.data for array in _arrays(self.source.data))

    @property
    def samples(self) -> tuple[CountedSamples, ...] | None:
        """The counted samples; None until the image is read."""
        return self._learner.samples if self._learner is not None else None

    @cached_property
    def white(self) -> float | None:
        """Value of a full channel of the whole image; None for other images than RGB."""
        return self.source.white(self._known_high(), self.tick) if self.source.rgb else None

    def codebook(self, k: int) -> Codebook:
        """Return the codebook of `k` centers; learn it if it is not cached.

        Raises
        ------
        ValueError, TypeError
            As `fit` does.
        """
        if self._learner is None:
            image = np.asarray(self.source.data)
            self._learner = make_learner(image, self.request, self._mask, self.tick)
        if k not in self._codebooks:
            self._learner.check([k])
            self._codebooks[k] = self._learner.codebook(k)
        return self._codebooks[k]

    def has_codebook(self, k: int) -> bool:
        """Return whether the codebook of `k` centers is cached."""
        return k in self._codebooks

    def _known_high(self) -> float | None:
        """Return the largest value of the whole image; None if the image would have to be read to find it."""
        if self._facts is not None:
            return self._facts.high
        is_part = self._mask is not None or bool(self.request.ignore)
        return None if is_part or self.samples is None else max(counted.high for counted in self.samples)

    def next_unlearnt(self, k: int) -> int | None:
        """Return the K on the slider nearest to `k` whose codebook is not cached; None if all are."""
        unlearnt = [step for step in SLIDER_KS if not self.has_codebook(step)]
        return min(unlearnt, key=lambda step: abs(slider_position(step) - slider_position(k)), default=None)


def _arrays(data: Any) -> tuple[Any, ...]:
    return data.arrays if isinstance(data, JoinedChannels) else (data,)


@dataclass(frozen=True)
class PreviewTask:
    """Task of a preview: apply the codebook of K to a part of a layer.

    Attributes
    ----------
    learner : LearnerCache
        Learns the codebook.
    k : int
        Number of values to keep.
    part : DisplayedPart
        The displayed part.
    data : array-like
        Data of the displayed level, or of several layers `JoinedChannels`.
    own_index : int
        Index of the displayed layer among several.
    """

    learner: LearnerCache
    k: int
    part: DisplayedPart
    data: Any
    own_index: int

    def run(self) -> np.ndarray:
        """Return the quantized part, broadcast to the part's shape without using its memory.

        Raises
        ------
        ValueError, TypeError
            As `fit` does, or if a level is of another dtype than the image.
        """
        pixels = quantize_part(self.learner.codebook(self.k), self.data, self.part, self.own_index)
        return np.broadcast_to(pixels, (*self.part.shape, *pixels.shape[len(self.part.shape) :]))

    @property
    def key(self) -> tuple[int, int, str]:
        """Key of the learner's figures: K, layer, and the part as text: slices have no hash before Python 3.12."""
        return self.k, self.own_index, repr(self.part)

    @property
    def known_figures(self) -> TriedFigures | None:
        """Figures of this K if they were measured before."""
        return self.learner.figures.get(self.key)

    def figures(self, data: np.ndarray) -> TriedFigures:
        """Return the figures of this K; `data` is what `run` has returned."""
        codebook, samples, part = self.learner.codebook(self.k), self.learner.samples or (), self.part
        # Once along axes that are not displayed, which the data were broadcast along.
        once = tuple(slice(0, axis.stop - axis.start) for axis in part.index)
        arrays = _arrays(self.data)
        return tried_figures(
            codebook,
            samples,
            np.asarray(arrays[self.own_index][part.index]),
            np.asarray(data[once]),
            rgb=self.learner.source.rgb,
            white=self.learner.white,
            tick=self.learner.tick,
            is_whole_plane=part.is_level_0 and part.shape == tuple(arrays[self.own_index].shape[: len(part.shape)]),
        )

    def is_same(self, other: PreviewTask | None) -> bool:
        """Return whether another task has the same result."""
        return other is not None and (self.learner, self.key) == (other.learner, other.key)
