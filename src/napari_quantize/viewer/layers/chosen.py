"""Results that the user has chosen: kept in *Try*, or renamed. Removing them needs a question."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

if TYPE_CHECKING:
    from napari.layers import Layer

_kept: WeakSet[Layer] = WeakSet()
_given_names: WeakKeyDictionary[Layer, str] = WeakKeyDictionary()


def record_name(layer: Layer) -> None:
    """Record the name that a result has before the user renames it."""
    _given_names[layer] = layer.name


def mark_kept(layer: Layer) -> None:
    """Mark a result that the user has kept in *Try*."""
    _kept.add(layer)


def is_chosen(layer: Layer) -> bool:
    """Return whether the user has kept or renamed a result."""
    return layer in _kept or layer.name != _given_names.get(layer, layer.name)
