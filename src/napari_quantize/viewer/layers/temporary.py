"""Layers that are only there while something is looked at: marked, never chosen, gone afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

_MARK = "napari_quantize_temporary"


def is_temporary(layer: Layer) -> bool:
    """Whether a layer is one of ours that will go away by itself (a copy of one is not)."""
    return bool(layer.metadata.get(_MARK) == str(layer.unique_id))


def add_temporary(viewer: Viewer, layer: Layer) -> None:
    """Add a layer that is no image of the user's; the selection, which napari moves to it, is put back."""
    # Marked before the viewer tells of it: else a dock would offer it as a source.
    layer.metadata = {**layer.metadata, _MARK: str(layer.unique_id)}
    selection, active = set(viewer.layers.selection), viewer.layers.selection.active
    viewer.add_layer(layer)
    viewer.layers.selection = selection
    viewer.layers.selection.active = active


def remove_temporary(viewer: Viewer, layer: Layer) -> None:
    """Remove such a layer, unless the user has done so."""
    if layer in viewer.layers:
        viewer.layers.remove(layer)
