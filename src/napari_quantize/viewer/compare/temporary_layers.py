"""The temporary layers that one way of comparing has put into a viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

from napari_quantize.viewer.layers.temporary import add_temporary, is_temporary, remove_temporary

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


class TemporaryLayers(QObject):
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
        """What is on the temporary."""
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


class SelectionGuard(QObject):
    """Gives the selection back where the user has clicked a temporary layer in napari's list.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose selection it is.
    parent : QObject
        Whose life it shares.
    """

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._selection: set[Layer] = set()
        self._active: Layer | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._settle)

    def on_selection_changed(self, _event: Any = None) -> None:
        """Look at the selection in a moment.

        Not at once: between two layers napari selects none for an instant, and after a click its list of layers would
        keep the row marked.
        """
        self._soon.start()

    def stop(self) -> None:
        """Do nothing more."""
        self._soon.stop()

    def _settle(self) -> None:
        layers = self._viewer.layers
        if not any(map(is_temporary, layers.selection)):
            self._selection, self._active = set(layers.selection), layers.selection.active
            return
        layers.selection = {layer for layer in self._selection if layer in layers}
        if self._active in layers:
            layers.selection.active = self._active
