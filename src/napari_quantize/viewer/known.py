"""What is known of source layers: kept as long as they live, longer than any dock."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from napari.layers import Image, Layer

    from napari_quantize.core.facts import ImageFacts

# With the identity of the data that was looked at: while no dock is open, nobody hears that others took their place.
_known: WeakKeyDictionary[Layer, tuple[int, ImageFacts]] = WeakKeyDictionary()


def remember(layer: Image, facts: ImageFacts) -> None:
    """Keep what was found in a layer's data."""
    _known[layer] = (id(layer.data), facts)


def recall(layer: Image | None) -> ImageFacts | None:
    """Return what was found in a layer's data, if they are still the same."""
    data, facts = _known.get(layer, (0, None)) if layer is not None else (0, None)
    return facts if layer is not None and data == id(layer.data) else None


def forget(layer: Layer) -> None:
    """Forget a layer: its data have changed."""
    _known.pop(layer, None)
