"""The temporary layers that a view mode adds, and removes when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.viewer.layers.temporary import add_temporary
from napari_quantize.viewer.widgets.canvas import remove_soon

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


class ViewModeLayers:
    """The temporary layers of one view mode, on top of the viewer's layers.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer that gets the layers.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._layers: list[Layer] = []

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The temporary layers that are shown."""
        return tuple(self._layers)

    @property
    def is_intact(self) -> bool:
        """True if all layers are still in the viewer."""
        return all(layer in self._viewer.layers for layer in self._layers)

    def put(self, layer: Layer) -> None:
        """Add a layer without making it active or selected."""
        self._layers.append(layer)
        add_temporary(self._viewer, layer)

    def clear(self) -> None:
        """Hide all layers, and remove them in the next turn of the event loop."""
        layers, self._layers = self._layers, []
        remove_soon(self._viewer, layers)
