"""The temporary layers that one way of comparing has put into a viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_quantize.viewer.temporary import add_temporary, remove_temporary

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


class Stage(QObject):
    """Puts temporary layers on top of the viewer's, and takes them away.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where.
    parent : QObject
        Whose life it shares.
    """

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._layers: list[Layer] = []
        self._leaving: list[Layer] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._remove)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What is on the stage."""
        return tuple(self._layers)

    @property
    def is_intact(self) -> bool:
        """Whether nobody else has removed a layer."""
        return all(layer in self._viewer.layers for layer in self._layers)

    def put(self, layer: Layer) -> None:
        """Add a layer; it becomes neither active nor selected."""
        self._layers.append(layer)
        add_temporary(self._viewer, layer)

    def clear(self) -> None:
        """Hide all layers at once, and remove them soon."""
        self._leaving += self._layers
        self._layers.clear()
        for layer in self._leaving:
            layer.visible = False
        # Not at once: the list may be just about to remove some of its layers by their places.
        self._soon.start()

    def close(self) -> None:
        """Remove all layers at once."""
        self.clear()
        self._soon.stop()
        self._remove()

    def _remove(self) -> None:
        while self._leaving:
            remove_temporary(self._viewer, self._leaving.pop())
