"""Results that hold work of the user: added by *Try*, edited, renamed or locked. Removing them needs a question."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

from napari_quantize.viewer.layers.provenance import provenance_of

if TYPE_CHECKING:
    from napari.layers import Layer


class UserWork(Enum):
    """What the user has done to a result."""

    ADDED_BY_TRY = auto()
    EDITED = auto()
    """One of its borders was dragged."""
    RENAMED = auto()
    LOCKED = auto()
    """Protected in napari's layer list."""


_added_by_try: WeakSet[Layer] = WeakSet()
_given_names: WeakKeyDictionary[Layer, str] = WeakKeyDictionary()


def record_name(layer: Layer) -> None:
    """Record the name that a result has before the user renames it."""
    _given_names[layer] = layer.name


def mark_added_by_try(layer: Layer) -> None:
    """Mark a result that the user has added by *Try*."""
    _added_by_try.add(layer)


def user_work_of(layer: Layer) -> UserWork | None:
    """Return what the user has done to a result; None if it is like any other of a run."""
    if layer in _added_by_try:
        return UserWork.ADDED_BY_TRY
    provenance = provenance_of(layer)
    if provenance is not None and provenance.codebook.borders is not None:
        return UserWork.EDITED
    if layer.name != _given_names.get(layer, layer.name):
        return UserWork.RENAMED
    return UserWork.LOCKED if getattr(layer, "locked", False) else None  # napari has locks since 0.9
