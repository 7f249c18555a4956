"""Cache of facts about source layers, kept as long as the layers live, longer than any dock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Image, Layer

    from napari_quantize.core.analysis.error_curve import Baseline
    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.request.request import Request
    from napari_quantize.core.samples.samples import CountedSamples

_ANY = object()


@dataclass
class _Known:
    """Facts about one array."""

    # While no dock is open, nobody hears that other data took their place.
    data_id: int
    facts: dict[int | None, ImageFacts] = field(default_factory=dict)
    last: ImageFacts | None = None
    samples: dict[Request, tuple[CountedSamples, ...]] = field(default_factory=dict)
    measured: dict[Request, Baseline] = field(default_factory=dict)


_known: WeakKeyDictionary[Layer, _Known] = WeakKeyDictionary()
_changes: WeakKeyDictionary[Layer, int] = WeakKeyDictionary()


def remember(layer: Image, facts: ImageFacts, channel_axis: int | None = None) -> None:
    """Keep what was found in a layer's data, seen with its channels along this axis."""
    entry = _entry(layer)
    entry.facts[channel_axis] = entry.last = facts


def recall(layer: Image | None, channel_axis: object = _ANY) -> ImageFacts | None:
    """Return what was found in a layer's data, if they are still the same.

    Seen with the channels along `channel_axis`; in the way it was looked at last if that is left out.
    """
    entry = _still(layer)
    if entry is None:
        return None
    return entry.last if channel_axis is _ANY else entry.facts.get(channel_axis)  # type: ignore[call-overload]


def remember_samples(layer: Image, request: Request, samples: tuple[CountedSamples, ...]) -> None:
    """Keep the counted samples that a request learns from: they are the same for every K, method and seed."""
    _entry(layer).samples[_counting(request)] = samples


def recall_samples(layer: Image | None, request: Request) -> tuple[CountedSamples, ...] | None:
    """Return the counted samples that this request learns from, if they were counted in the data that are there."""
    entry = _still(layer)
    return entry.samples.get(_counting(request)) if entry is not None else None


def remember_measured(layer: Image, request: Request, measured: Baseline) -> None:
    """Keep what results of a request are held against: the same for every K, method and seed."""
    _entry(layer).measured[_counting(request)] = measured


def recall_measured(layer: Image | None, request: Request) -> Baseline | None:
    """Return what results of this request are held against, if it was measured in the data that are there."""
    entry = _still(layer)
    return entry.measured.get(_counting(request)) if entry is not None else None


def forget(layer: Layer) -> None:
    """Forget a layer: its data have changed."""
    _known.pop(layer, None)
    _changes[layer] = _changes.get(layer, 0) + 1


def stamp(layer: Layer) -> tuple[int, int]:
    """Return a cache key that changes whenever the layer's data changes."""
    return id(layer.data), _changes.get(layer, 0)


def _entry(layer: Image) -> _Known:
    entry = _still(layer)
    if entry is None:
        entry = _known[layer] = _Known(id(layer.data))
    return entry


def _still(layer: Image | None) -> _Known | None:
    entry = _known.get(layer) if layer is not None else None
    return entry if layer is not None and entry is not None and entry.data_id == id(layer.data) else None


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
