"""Temporary layers, which previews and view modes add and remove: they are marked in their metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.viewer.layers.insertion import insert_layer

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

_METADATA_KEY = "napari_quantize_temporary"


def is_temporary(layer: Layer) -> bool:
    """Return whether a layer is a temporary layer of this plugin; a copy of one is not."""
    return bool(layer.metadata.get(_METADATA_KEY) == str(layer.unique_id))


def add_temporary(viewer: Viewer, layer: Layer, index: int | None = None) -> None:
    """Add a temporary layer before an index of the layer list, by default on top, without selecting it."""
    # Mark it before the viewer emits `inserted`: else a dock would offer it as a source.
    layer.metadata = {**layer.metadata, _METADATA_KEY: str(layer.unique_id)}
    insert_layer(viewer, layer, index)
