"""The temporary layers that a view mode adds, and removes when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject
from superqt.utils import qdebounced

from napari_quantize.viewer.layers.temporary import add_temporary, remove_temporary

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


class ViewModeLayers(QObject):
    """The temporary layers of one view mode, on top of the viewer's layers.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer that gets the layers.
    parent : QObject
        Qt parent.
    """

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._layers: list[Layer] = []
        self._waiting_for_removal: list[Layer] = []
        self._remove_soon = qdebounced(self._remove, timeout=0, parent=self)

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
        """Hide all layers now, and remove them in the next turn of the event loop."""
        self._waiting_for_removal += self._layers
        self._layers.clear()
        for layer in self._waiting_for_removal:
            layer.visible = False
        # Not now: napari may be in the middle of removing layers by index, and the indices would shift.
        self._remove_soon()

    def close(self) -> None:
        """Remove all layers now."""
        self.clear()
        self._remove_soon.cancel()
        self._remove()

    def _remove(self) -> None:
        while self._waiting_for_removal:
            remove_temporary(self._viewer, self._waiting_for_removal.pop())
