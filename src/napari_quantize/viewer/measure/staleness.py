"""Whether a result is still one of the image that is there: its source's data may have changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from napari_quantize.core.learning.learner import prepare, summarize
from napari_quantize.viewer.layers.cache import forget, recall_samples, remember_samples, stamp
from napari_quantize.viewer.layers.sources import Source, Together

if TYPE_CHECKING:
    from napari.layers import Image, Layer

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Tick
    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.viewer.layers.provenance import Provenance

# Values that are compared at a time.
_PIECE = 2**22

Stamps = tuple[tuple[int, int], ...]
_verdicts: WeakKeyDictionary[Layer, tuple[Stamps | None, bool]] = WeakKeyDictionary()


def note_made(result: Image, sources: Sequence[Image], data: Sequence[Any]) -> None:
    """Note that a result was made of `data`, taken from `sources`: changed it is if these have others already."""
    same = all(Source.of(layer).data is one for layer, one in zip(sources, data, strict=True))
    _verdicts[result] = (_stamps(sources) if same else None, False)


@dataclass(frozen=True, eq=False)
class Check:
    """Looks whether a result's source has changed: asked for in the GUI thread, looked at in another.

    Attributes
    ----------
    result : Image
        The result's layer.
    made : Provenance
        How it was made.
    sources : tuple of Image
        The layers it was made from: several that are the channels of one image, or one.
    key : tuple
        States of the sources' data: where it is equal, the verdict is.
    data, shown : array-like
        Of the sources together, and of the result.
    """

    result: Image
    made: Provenance
    sources: tuple[Image, ...]
    key: Stamps
    data: Any
    shown: Any

    @classmethod
    def of(cls, result: Image, made: Provenance, sources: Sequence[Image]) -> Check:
        """Look at what is there now; no data are read."""
        arrays = tuple(Source.of(layer).data for layer in sources)
        data = arrays[0] if len(arrays) == 1 else Together(arrays)
        return cls(result, made, tuple(sources), _stamps(sources), data, result.data)

    @property
    def identity(self) -> tuple[Image, Stamps]:
        """Equal where the same is looked at."""
        return self.result, self.key

    def recall(self) -> bool | None:
        """Return whether the source has changed; None if that is yet to be looked at."""
        stamps, changed = _verdicts.get(self.result, (None, False))
        if stamps == self.key:
            return changed
        if self._unlike():
            return True
        if self.made.codebook["mask_digest"]:
            # The mask is not kept, so nobody can count again.
            return self.result in _verdicts
        return None

    def remember(self, outcome: tuple[bool, tuple[CountedSamples, ...] | None]) -> None:
        """Keep the verdict, and what was counted for it."""
        changed, samples = outcome
        _verdicts[self.result] = (self.key, changed)
        if samples is not None and len(self.sources) == 1 and _stamps(self.sources) == self.key:
            remember_samples(self.sources[0], self.made.request, samples)

    def take(self, tick: Tick) -> tuple[bool, tuple[CountedSamples, ...] | None]:
        """Count the source again; where the counts are the same, look whether each value is in its place."""
        alone = len(self.sources) == 1 and _stamps(self.sources) == self.key
        return self.look(tick, recall_samples(self.sources[0], self.made.request) if alone else None)

    def look(
        self, tick: Tick, samples: tuple[CountedSamples, ...] | None = None
    ) -> tuple[bool, tuple[CountedSamples, ...] | None]:
        """Return whether the source has changed, and its counted samples, which are counted unless they are given."""
        codebook = self.made.read_codebook()
        try:
            image, pixels = prepare(np.asarray(self.data), None, 1, codebook.request, None)
            if self.made.codebook["mask_digest"]:
                return not self._is_result_of(image, codebook, tick), None
            samples = samples or summarize(pixels, codebook.request, tick)
        except (ValueError, TypeError, OSError):  # nothing that this result could be learnt from
            return True, None
        changed = [counted.digest() for counted in samples] != self.made.samples
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
    """Looks at a source whose pixels may have been written to in place: if so, it is forgotten what was known of them.

    Parameters
    ----------
    check : Check
        Of a result that was one of the image before.
    """

    def __init__(self, check: Check) -> None:
        self._check = check
        self.done = False

    @property
    def identity(self) -> Recheck:
        """No other is the same: each looks at the pixels as they are then."""
        return self

    def take(self, tick: Tick) -> bool:
        """Return whether the pixels have changed."""
        return self._check.look(tick)[0]

    def remember(self, changed: bool) -> None:
        """Forget the source if they have."""
        self.done = True
        if changed:
            for layer in self._check.sources:
                forget(layer)


def _pieces(image: np.ndarray, channel_axis: int | None, own: int | None) -> Iterator[tuple[Any, Any]]:
    """Cut an image along an axis that is not the channels', and its result (of one channel, if one is its own)."""
    axis = 1 if channel_axis is not None and channel_axis % image.ndim == 0 else 0
    step = max(1, _PIECE * image.shape[axis] // image.size)
    for start in range(0, image.shape[axis], step):
        piece = slice(start, start + step)
        index = (slice(None),) * axis + (piece,)
        yield index, index if own is None else index[1:]


def _stamps(sources: Sequence[Image]) -> Stamps:
    return tuple(map(stamp, sources))
