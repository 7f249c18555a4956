"""Cache of what is known of layers, kept as long as the layers live, longer than any dock."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Image, Layer

    from napari_quantize.core.analysis.error_curve import Baseline
    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.request.request import Request
    from napari_quantize.core.samples.samples import CountedSamples

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_changes: WeakKeyDictionary[Layer, int] = WeakKeyDictionary()
_caches: list[LayerCache[Any, Any]] = []


class DataVersion(NamedTuple):
    """Identity of a layer's data: which layer, which array, and how often it was replaced or written to."""

    layer_id: UUID
    data_id: int  # while no dock is open, nobody hears that other data took their place
    n_changes: int


def data_version(layer: Layer) -> DataVersion:
    """Return a cache key that changes whenever the layer's data changes."""
    return DataVersion(layer.unique_id, id(layer.data), _changes.get(layer, 0))


def invalidate(layer: Layer) -> None:
    """Forget a layer: its data have changed."""
    _changes[layer] = _changes.get(layer, 0) + 1
    for cache in _caches:
        cache.drop_outdated(layer)


class LayerCache(Generic[K, V]):
    """Values that describe layers, each by a key.

    A value holds while its basis is the same, usually the stamps of all layers whose data it was computed from. It is
    freed with the layer that it describes, or as soon as this layer has other data.
    """

    def __init__(self) -> None:
        self._entries: WeakKeyDictionary[Layer, dict[K, tuple[tuple[Hashable, ...], V]]] = WeakKeyDictionary()
        _caches.append(self)

    def put(self, layer: Layer, key: K, value: V, basis: tuple[Hashable, ...]) -> None:
        """Keep a value, and drop the layer's values of any other basis."""
        kept = {one: entry for one, entry in self._entries.get(layer, {}).items() if entry[0] == basis}
        self._entries[layer] = {**kept, key: (basis, value)}

    def get(self, layer: Layer, key: K, basis: tuple[Hashable, ...]) -> V | None:
        """Return a value; None if it is not known on this basis."""
        known_basis, value = self._entries.get(layer, {}).get(key, (None, None))
        return value if known_basis == basis else None

    def drop_outdated(self, layer: Layer) -> None:
        """Drop the layer's values that were computed from its own data as they were before."""
        now = data_version(layer)
        for key, (basis, _) in list(self._entries.get(layer, {}).items()):
            if any(isinstance(part, DataVersion) and part.layer_id == now.layer_id and part != now for part in basis):
                del self._entries[layer][key]

    def __contains__(self, layer: Layer) -> bool:
        """Return whether any value is known, on whichever basis."""
        return bool(self._entries.get(layer))


_LAST = object()
_facts: LayerCache[object, ImageFacts] = LayerCache()
_samples: LayerCache[Request, tuple[CountedSamples, ...]] = LayerCache()
_baselines: LayerCache[Request, Baseline] = LayerCache()


def cache_facts(layer: Image, facts: ImageFacts, channel_axis: int | None = None) -> None:
    """Keep what was found in a layer's data, seen with its channels along this axis."""
    for key in (channel_axis, _LAST):
        _facts.put(layer, key, facts, (data_version(layer),))


def cached_facts(layer: Image | None, channel_axis: object = _LAST) -> ImageFacts | None:
    """Return what was found in a layer's data, if they are still the same.

    Seen with the channels along `channel_axis`; in the way it was looked at last if that is left out.
    """
    return None if layer is None else _facts.get(layer, channel_axis, (data_version(layer),))


def cache_samples(layer: Image, request: Request, samples: tuple[CountedSamples, ...]) -> None:
    """Keep the counted samples that a request learns from: they are the same for every K, method and seed."""
    _samples.put(layer, _counting(request), samples, (data_version(layer),))


def cached_samples(layer: Image | None, request: Request) -> tuple[CountedSamples, ...] | None:
    """Return the counted samples that this request learns from, if they were counted in the data that are there."""
    return None if layer is None else _samples.get(layer, _counting(request), (data_version(layer),))


def cache_baseline(layer: Image, request: Request, measured: Baseline) -> None:
    """Keep what results of a request are held against: the same for every K, method and seed."""
    _baselines.put(layer, _counting(request), measured, (data_version(layer),))


def cached_baseline(layer: Image | None, request: Request) -> Baseline | None:
    """Return what results of this request are held against, if it was measured in the data that are there."""
    return None if layer is None else _baselines.get(layer, _counting(request), (data_version(layer),))


def _counting(request: Request) -> Request:
    """Return the part of a request that decides which samples are counted."""
    return request.learning(method="minibatch", random_state=0, keep=())


class SliceFacts:
    """The histogram of one slice, the same object until another is asked for: plots are drawn anew for new ones."""

    def __init__(self) -> None:
        self._of: tuple[ImageFacts, CountedSamples] | None = None
        self._found: ImageFacts | None = None

    def of(self, facts: ImageFacts, samples: CountedSamples) -> ImageFacts:
        """Return what is known of a stack, with the histogram of the slice that these samples were counted in."""
        if self._found is None or self._of is None or self._of[0] is not facts or self._of[1] is not samples:
            counts = np.histogram(samples.values, facts.edges, weights=samples.counts)[0].astype(np.int64)
            self._of, self._found = (facts, samples), replace(facts, counts=counts[np.newaxis])
        return self._found
