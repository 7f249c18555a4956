"""Check whether a result is stale: whether its source's data have changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.learning.learner import prepare, summarize
from napari_quantize.viewer.layers.cache import (
    DataVersion,
    LayerCache,
    cache_samples,
    cached_samples,
    data_version,
    invalidate,
)
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import JoinedChannels, Source

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Tick
    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.viewer.layers.provenance import Provenance

# Number of values that are quantized and compared at a time: the check needs no second image in memory, and can be
# cancelled between two pieces.
_PIECE_SIZE = 2**22

DataVersions = tuple[DataVersion, ...]
_is_stale: LayerCache[None, bool] = LayerCache()


def record_new_result(result: Image, versions: DataVersions) -> None:
    """Record a result as up to date with the data that it was made from; they may have changed since.

    `versions` are those of the sources' data; none if these were others before the run began.
    """
    # `recall` finds no entry of other versions, so it has the data compared. Such an entry tells only that the result
    # is known, which decides where the mask is not (see there).
    _is_stale.put(result, None, False, versions)


@dataclass(frozen=True, eq=False)
class StalenessCheck:
    """Task that checks one result: created in the GUI thread, run in another.

    Attributes
    ----------
    result : Image
        The result's layer.
    provenance : Provenance
        Its provenance.
    sources : tuple of Image
        The layer it was made from, or several that are the channels of one image.
    key : tuple
        Cache key: data_versions of the sources' data.
    data, result_data : array-like
        Data of the sources together, and of the result.
    result_version : DataVersion
        Version of the result's data.
    """

    result: Image
    provenance: Provenance
    sources: tuple[Image, ...]
    key: DataVersions
    data: Any
    result_data: Any
    result_version: DataVersion

    @classmethod
    def of(cls, result: Image, provenance: Provenance, sources: Sequence[Image]) -> StalenessCheck:
        """Return a check of the present data, without reading them."""
        arrays = tuple(Source.of(layer).data for layer in sources)
        data = arrays[0] if len(arrays) == 1 else JoinedChannels(arrays)
        key, version = _data_versions(sources), data_version(result)
        return cls(result, provenance, tuple(sources), key, data, result.data, version)

    @property
    def identity(self) -> tuple[DataVersion, DataVersions]:
        """Key that is equal for checks of the same result and data."""
        return self.result_version, self.key

    def recall(self) -> bool | None:
        """Return whether the source has changed; None if that must be checked by `run`."""
        changed = _is_stale.get(self.result, None, self.key)
        if changed is not None:
            return changed
        # The mask is not stored, so the samples cannot be counted again. If the result is known at all, its entry is of
        # other data: then it is stale. If it is not, as after reading it from a file, compare the pixels.
        is_of_other_data = bool(self.provenance.request.mask_digest) and self.result in _is_stale
        return True if is_of_other_data or self._differs_in_kind() else None

    def remember(self, outcome: tuple[bool, tuple[CountedSamples, ...] | None]) -> None:
        """Cache the verdict and the samples that were counted for it, unless another result has replaced this one."""
        if data_version(self.result) != self.result_version or provenance_of(self.result) != self.provenance:
            return
        changed, samples = outcome
        _is_stale.put(self.result, None, changed, self.key)
        if samples is not None and len(self.sources) == 1 and _data_versions(self.sources) == self.key:
            cache_samples(self.sources[0], self.provenance.request, samples)

    def run(self, tick: Tick) -> tuple[bool, tuple[CountedSamples, ...] | None]:
        """Count the source again; if the counts are equal, compare all pixels with the result."""
        # The data may have been replaced since the task was created: then the cached samples are of the new data.
        is_single = len(self.sources) == 1 and _data_versions(self.sources) == self.key
        return self.compare(tick, cached_samples(self.sources[0], self.provenance.request) if is_single else None)

    def compare(
        self, tick: Tick, samples: tuple[CountedSamples, ...] | None = None
    ) -> tuple[bool, tuple[CountedSamples, ...] | None]:
        """Return whether the source has changed, and its counted samples.

        Equal counts do not prove equal pixels, which may have moved. So the codebook is applied again and the pixels
        are compared, too.

        Parameters
        ----------
        tick : callable
            Called between steps.
        samples : tuple of CountedSamples, optional
            The source's samples; counted if left out.
        """
        codebook = self.provenance.codebook
        try:
            image, pixels = prepare(np.asarray(self.data), None, 1, codebook.request, None)
            if self.provenance.request.mask_digest:
                return not self._is_result_of(image, codebook, tick), None
            samples = samples or summarize(pixels, codebook.request, tick)
        except (ValueError, TypeError, OSError):  # the data no longer fit the request
            return True, None
        changed = tuple(counted.digest() for counted in samples) != self.provenance.samples
        return changed or not self._is_result_of(image, codebook, tick), samples

    def _differs_in_kind(self) -> bool:
        """Return whether the source has another shape or dtype than the result."""
        source = Source.of(self.sources[0])
        return (source.shape, source.dtype) != (tuple(self.result_data.shape), self.result_data.dtype)

    def _is_result_of(self, image: np.ndarray, codebook: Codebook, tick: Tick) -> bool:
        ids = [layer_id for layer_id, _ in self.provenance.together]
        channel = ids.index(self.provenance.source_id) if ids else None
        for image_piece, result_piece in _pieces(image, codebook.channel_axis, channel):
            quantized = codebook.apply(image[image_piece], tick=tick)
            quantized = quantized if channel is None else quantized[channel]
            if not np.array_equal(quantized, self.result_data[result_piece], equal_nan=image.dtype.kind == "f"):
                return False
        return True


class SourceRecheck:
    """Task that checks a source whose pixels may have been written in place, and drops its cache if they were.

    Parameters
    ----------
    source : Image
        The source.
    check : StalenessCheck
        The check of one of its results that was up to date before.

    Attributes
    ----------
    changed : bool or None
        Whether the pixels have changed; None before that is known.
    """

    def __init__(self, source: Image, check: StalenessCheck) -> None:
        self._source, self._check = source, check
        self.changed: bool | None = None

    @property
    def identity(self) -> SourceRecheck:
        """The object itself: no two rechecks are equal, since each reads the pixels anew."""
        return self

    @property
    def is_needed(self) -> bool:
        """Whether the data that this reads are still those of the layers; if others replace them, versions tell."""
        return _data_versions(self._check.sources) == self._check.key

    def run(self, tick: Tick) -> bool:
        """Return whether the pixels have changed."""
        return self._check.compare(tick)[0]

    def remember(self, changed: bool) -> None:
        """Drop the cache of the source if its pixels have changed."""
        self.changed = changed and self.is_needed
        if self.changed:
            invalidate(self._source)

    def suspect(self, checks: Sequence[StalenessCheck]) -> None:
        """Drop the cache of the source before it is known whether its pixels have changed.

        Of the results that `checks` are about, those that were up to date have to be compared with it again.
        """
        for check in checks:
            if check.recall() is False:
                _is_stale.forget(check.result)
        invalidate(self._source)


def _pieces(image: np.ndarray, channel_axis: int | None, channel: int | None) -> Iterator[tuple[Any, Any]]:
    """Yield indices of pieces of an image and its result, cut along an axis other than the channel axis.

    `channel` is the index of the result among layers that were quantized together: the result then lacks the channel
    axis, which is the first one.
    """
    axis = 1 if channel_axis is not None and channel_axis % image.ndim == 0 else 0
    step = max(1, _PIECE_SIZE * image.shape[axis] // image.size)
    for start in range(0, image.shape[axis], step):
        piece = slice(start, start + step)
        index = (slice(None),) * axis + (piece,)
        yield index, index if channel is None else index[1:]


def _data_versions(sources: Sequence[Image]) -> DataVersions:
    return tuple(map(data_version, sources))
