"""Insert layers of the plugin into a viewer without selecting them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


def insert_layer(viewer: Viewer, layer: Layer, index: int | None = None) -> None:
    """Insert a layer before an index of the layer list, by default on top, and keep the selection."""
    with _kept_selection(viewer):
        viewer.layers.insert(len(viewer.layers) if index is None else index, layer)


@contextmanager
def _kept_selection(viewer: Viewer) -> Iterator[None]:
    # napari makes each inserted layer active, and no public argument prevents it. Restore the selection before its
    # events are emitted: else each dock in the window would go to the new layer, as if the user had chosen it.
    selection = viewer.layers.selection
    before = set(selection)
    with selection.events.active.blocker(), selection.events.changed.blocker():
        try:
            yield
        finally:
            viewer.layers.selection = before
