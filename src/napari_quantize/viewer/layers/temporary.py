"""Layers that exist only while something is shown: marked by metadata, never selected, removed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.viewer.layers.insertion import insert_layer

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

_MARK = "napari_quantize_temporary"


def is_temporary(layer: Layer) -> bool:
    """Return whether a layer is a temporary layer of ours; a copy of one is not."""
    return bool(layer.metadata.get(_MARK) == str(layer.unique_id))


def add_temporary(viewer: Viewer, layer: Layer, index: int | None = None) -> None:
    """Add a temporary layer before this index of the layer list, else on top, without selecting it."""
    # Mark it before the viewer emits `inserted`: else a dock would offer it as a source.
    layer.metadata = {**layer.metadata, _MARK: str(layer.unique_id)}
    insert_layer(viewer, layer, index)


def remove_temporary(viewer: Viewer, layer: Layer) -> None:
    """Remove a temporary layer, unless the user has removed it."""
    if layer in viewer.layers:
        viewer.layers.remove(layer)
