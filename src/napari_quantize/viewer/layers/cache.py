"""Caches of facts about layers. They live as long as the layers, and longer than any dock."""

from __future__ import annotations

from collections.abc import Hashable
from operator import is_
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari.layers import Image, Layer

    from napari_quantize.core.analysis.error_curve import Baseline
    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.analysis.saturation import Saturation
    from napari_quantize.core.request.request import Request
    from napari_quantize.core.samples.samples import CountedSamples

Key = TypeVar("Key", bound=Hashable)
V = TypeVar("V")

_n_changes: WeakKeyDictionary[Layer, int] = WeakKeyDictionary()
_caches: list[LayerCache[Any, Any]] = []


class DataVersion(NamedTuple):
    """Identity of a layer's data: the layer, the array, and how often it was replaced or written to."""

    layer_id: UUID
    data_id: int  # notices an array that was replaced while no dock was open to call `invalidate`
    n_changes: int


def data_version(layer: Layer) -> DataVersion:
    """Return a cache key that changes whenever the layer's data changes."""
    return DataVersion(layer.unique_id, id(layer.data), _n_changes.get(layer, 0))


def invalidate(layer: Layer) -> None:
    """Drop cached values of a layer whose data has changed."""
    _n_changes[layer] = _n_changes.get(layer, 0) + 1
    for cache in _caches:
        cache.drop_outdated(layer)


class LayerCache(Generic[Key, V]):
    """Cache of values that describe layers, each with a key and a basis.

    The basis holds all that the value was computed from, usually the `DataVersion` of each layer that was read. A value
    is valid only for an equal basis. It is freed with its layer, or as soon as that layer's own data changes.
    """

    def __init__(self) -> None:
        self._entries: WeakKeyDictionary[Layer, dict[Key, tuple[tuple[Hashable, ...], V]]] = WeakKeyDictionary()
        _caches.append(self)

    def put(self, layer: Layer, key: Key, value: V, basis: tuple[Hashable, ...]) -> None:
        """Cache a value, and drop the layer's values with any other basis."""
        kept = {one: entry for one, entry in self._entries.get(layer, {}).items() if entry[0] == basis}
        self._entries[layer] = {**kept, key: (basis, value)}

    def get(self, layer: Layer, key: Key, basis: tuple[Hashable, ...]) -> V | None:
        """Return the cached value; None if there is none with this basis."""
        cached_basis, value = self._entries.get(layer, {}).get(key, (None, None))
        return value if cached_basis == basis else None

    def forget(self, layer: Layer) -> None:
        """Drop all values of the layer."""
        self._entries.pop(layer, None)

    def drop_outdated(self, layer: Layer) -> None:
        """Drop the layer's values that were computed from an older version of its own data."""
        now = data_version(layer)
        for key, (basis, _) in list(self._entries.get(layer, {}).items()):
            if any(isinstance(part, DataVersion) and part.layer_id == now.layer_id and part != now for part in basis):
                del self._entries[layer][key]

    def __contains__(self, layer: Layer) -> bool:
        """Return whether any value of the layer is cached."""
        return bool(self._entries.get(layer))


_LAST = object()
_facts: LayerCache[object, ImageFacts] = LayerCache()
_saturations: LayerCache[object, Saturation] = LayerCache()
_samples: LayerCache[Request, tuple[CountedSamples, ...]] = LayerCache()
_masks: LayerCache[object, np.ndarray] = LayerCache()
_baselines: LayerCache[Request, Baseline] = LayerCache()


def cache_facts(layer: Image, facts: ImageFacts, channel_axis: int | None = None) -> None:
    """Cache facts about a layer's data with its channels along `channel_axis`; None if it has no channels."""
    for key in (channel_axis, _LAST):
        _facts.put(layer, key, facts, (data_version(layer),))


def cached_facts(layer: Image | None, channel_axis: object = _LAST) -> ImageFacts | None:
    """Return the cached facts about a layer's data; None if there are none, or if the data has changed.

    Parameters
    ----------
    layer : Image or None
        The layer.
    channel_axis : int, None, optional
        Channel axis that the facts were computed with; by default, the one they were computed with last.
    """
    return None if layer is None else _facts.get(layer, channel_axis, (data_version(layer),))


def cache_saturation(layers: Sequence[Image], versions: tuple[DataVersion, ...], found: Saturation) -> None:
    """Cache the saturated values of layers that are quantized together, counted in these versions of their data."""
    _saturations.put(layers[0], _LAST, found, versions)


def cached_saturation(layers: Sequence[Image]) -> Saturation | None:
    """Return the saturated values of layers that are quantized together; None if they were not counted."""
    facts = cached_facts(layers[0]) if len(layers) == 1 else None
    if facts is not None:
        return facts.saturation
    return _saturations.get(layers[0], _LAST, tuple(map(data_version, layers)))


def cache_samples(layer: Image, request: Request, samples: tuple[CountedSamples, ...]) -> None:
    """Cache the counted samples that a request learns from: they are the same for each K, method and seed."""
    _samples.put(layer, _counting_request(request), samples, (data_version(layer),))


def cached_samples(layer: Image | None, request: Request) -> tuple[CountedSamples, ...] | None:
    """Return the cached samples that a request learns from; None if there are none or the data has changed."""
    return None if layer is None else _samples.get(layer, _counting_request(request), (data_version(layer),))


def cache_mask(result: Image, mask: np.ndarray) -> None:
    """Cache the mask that a result was learnt or measured within, as long as the result is there."""
    _masks.put(result, _LAST, mask, (data_version(result),))


def cached_mask(result: Image) -> np.ndarray | None:
    """Return the mask that a result was learnt or measured within; None if there is none."""
    return _masks.get(result, _LAST, (data_version(result),))


def cache_baseline(layer: Image, request: Request, baseline: Baseline) -> None:
    """Cache the baseline of an error curve: it is the same for each K, method and seed."""
    _baselines.put(layer, _counting_request(request), baseline, (data_version(layer),))


def cached_baseline(layer: Image | None, request: Request) -> Baseline | None:
    """Return the cached baseline of an error curve; None if there is none, or if the data has changed."""
    return None if layer is None else _baselines.get(layer, _counting_request(request), (data_version(layer),))


def _counting_request(request: Request) -> Request:
    """Return the request with defaults for all arguments that do not affect the counted samples."""
    return request.learning(method="minibatch", random_state=0, keep=())


class IdentityCache(Generic[V]):
    """Cache of one value, valid for the same objects that it was computed from, not for equal ones.

    Comparing millions of values would take as long as what it saves.
    """

    def __init__(self) -> None:
        self._entry: tuple[tuple[object, ...], V] | None = None

    def get(self, compute: Callable[[], V], *basis: object) -> V:
        """Return the value that `compute` returns for the objects `basis`, which it reads."""
        if self._entry is None or not all(map(is_, self._entry[0], basis)):
            self._entry = basis, compute()
        return self._entry[1]


class SliceFactsCache:
    """Cache of the facts about one slice. The same slice gives the same object, since a new one redraws the plots."""

    def __init__(self) -> None:
        self._cache: IdentityCache[ImageFacts] = IdentityCache()

    def get(self, facts: ImageFacts, samples: CountedSamples) -> ImageFacts:
        """Return the facts about a stack with the histogram of one of its slices, whose samples are `samples`."""
        return self._cache.get(lambda: facts.of_part(samples), facts, samples)
