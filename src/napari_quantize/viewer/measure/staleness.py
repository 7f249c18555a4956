"""Check whether a result is stale: whether its source's data have changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.learning.learner import prepare, summarize
from napari_quantize.viewer.layers.cache import (
    LayerCache,
    Stamp,
    forget,
    recall_samples,
    remember_samples,
    stamp,
)
from napari_quantize.viewer.layers.sources import Source, Together

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Tick
    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.viewer.layers.provenance import Provenance

# Number of values that are compared at a time.
_PIECE = 2**22

Stamps = tuple[Stamp, ...]
_verdicts: LayerCache[None, bool] = LayerCache()


def note_made(result: Image, sources: Sequence[Image], data: Sequence[Any]) -> None:
    """Record the result as up to date, or as stale if a source's data was replaced during the run."""
    same = all(Source.of(layer).data is one for layer, one in zip(sources, data, strict=True))
    _verdicts.put(result, None, False, _stamps(sources) if same else ())  # no source has no stamps


@dataclass(frozen=True, eq=False)
class Check:
    """Check of one result: created in the GUI thread, taken in another.

    Attributes
    ----------
    result : Image
        The result's layer.
    made : Provenance
        How it was made.
    sources : tuple of Image
        The layer it was made from, or several that are the channels of one image.
    key : tuple
        Cache key: stamps of the sources' data.
    data, shown : array-like
        Data of the sources together, and of the result.
    """

    result: Image
    made: Provenance
    sources: tuple[Image, ...]
    key: Stamps
    data: Any
    shown: Any

    @classmethod
    def of(cls, result: Image, made: Provenance, sources: Sequence[Image]) -> Check:
        """Return a check of the present data, without reading them."""
        arrays = tuple(Source.of(layer).data for layer in sources)
        data = arrays[0] if len(arrays) == 1 else Together(arrays)
        return cls(result, made, tuple(sources), _stamps(sources), data, result.data)

    @property
    def identity(self) -> tuple[Image, Stamps]:
        """Key that is equal for checks of the same result and data."""
        return self.result, self.key

    def recall(self) -> bool | None:
        """Return whether the source has changed; None if that must be checked by `take`."""
        changed = _verdicts.get(self.result, None, self.key)
        if changed is not None:
            return changed
        if self._unlike():
            return True
        if self.made.request.mask_digest:
            # The mask is not stored, so the samples cannot be counted again.
            return self.result in _verdicts
        return None

    def remember(self, outcome: tuple[bool, tuple[CountedSamples, ...] | None]) -> None:
        """Cache the verdict and the samples that were counted for it."""
        changed, samples = outcome
        _verdicts.put(self.result, None, changed, self.key)
        if samples is not None and len(self.sources) == 1 and _stamps(self.sources) == self.key:
            remember_samples(self.sources[0], self.made.request, samples)

    def take(self, tick: Tick) -> tuple[bool, tuple[CountedSamples, ...] | None]:
        """Count the source again; if the counts are equal, compare all pixels with the result."""
        alone = len(self.sources) == 1 and _stamps(self.sources) == self.key
        return self.look(tick, recall_samples(self.sources[0], self.made.request) if alone else None)

    def look(
        self, tick: Tick, samples: tuple[CountedSamples, ...] | None = None
    ) -> tuple[bool, tuple[CountedSamples, ...] | None]:
        """Return whether the source has changed, and its counted samples, which are counted unless given."""
        codebook = self.made.codebook
        try:
            image, pixels = prepare(np.asarray(self.data), None, 1, codebook.request, None)
            if self.made.request.mask_digest:
                return not self._is_result_of(image, codebook, tick), None
            samples = samples or summarize(pixels, codebook.request, tick)
        except (ValueError, TypeError, OSError):  # the data no longer fit the request
            return True, None
        changed = tuple(counted.digest() for counted in samples) != self.made.samples
        return changed or not self._is_result_of(image, codebook, tick), samples

    def _unlike(self) -> bool:
        source = Source.of(self.sources[0])
        return (source.shape, source.dtype) != (tuple(self.shown.shape), self.shown.dtype)

    def _is_result_of(self, image: np.ndarray, codebook: Codebook, tick: Tick) -> bool:
        ids = [layer_id for layer_id, _ in self.made.together]
        own = ids.index(self.made.source_id) if ids else None
        for image_piece, result_piece in _pieces(image, codebook.channel_axis, own):
            quantized = codebook.apply(image[image_piece], tick=tick)
            quantized = quantized if own is None else quantized[own]
            if not np.array_equal(quantized, self.shown[result_piece], equal_nan=image.dtype.kind == "f"):
                return False
        return True


class Recheck:
    """Check of a source whose pixels may have been written in place; if they were, drop its cache.

    Parameters
    ----------
    check : Check
        Check of a result that was up to date before.
    """

    def __init__(self, check: Check) -> None:
        self._check = check
        self.done = False

    @property
    def identity(self) -> Recheck:
        """The object itself: no two rechecks are equal, since each reads the pixels anew."""
        return self

    def take(self, tick: Tick) -> bool:
        """Return whether the pixels have changed."""
        return self._check.look(tick)[0]

    def remember(self, changed: bool) -> None:
        """Drop the cache of the sources if they have changed."""
        self.done = True
        if changed:
            for layer in self._check.sources:
                forget(layer)


def _pieces(image: np.ndarray, channel_axis: int | None, own: int | None) -> Iterator[tuple[Any, Any]]:
    """Yield indices of pieces of an image and its result, cut along an axis other than the channel axis."""
    axis = 1 if channel_axis is not None and channel_axis % image.ndim == 0 else 0
    step = max(1, _PIECE * image.shape[axis] // image.size)
    for start in range(0, image.shape[axis], step):
        piece = slice(start, start + step)
        index = (slice(None),) * axis + (piece,)
        yield index, index if own is None else index[1:]


def _stamps(sources: Sequence[Image]) -> Stamps:
    return tuple(map(stamp, sources))
