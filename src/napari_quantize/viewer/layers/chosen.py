"""Results that the user has chosen: added by *Try*, or renamed. Removing them needs a question."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

if TYPE_CHECKING:
    from napari.layers import Layer

_added_by_try: WeakSet[Layer] = WeakSet()
_given_names: WeakKeyDictionary[Layer, str] = WeakKeyDictionary()


def record_name(layer: Layer) -> None:
    """Record the name that a result has before the user renames it."""
    _given_names[layer] = layer.name


def mark_added_by_try(layer: Layer) -> None:
    """Mark a result that the user has added by *Try*."""
    _added_by_try.add(layer)


def is_chosen(layer: Layer) -> bool:
    """Return whether the user has added a result by *Try*, or renamed it."""
    return layer in _added_by_try or layer.name != _given_names.get(layer, layer.name)
