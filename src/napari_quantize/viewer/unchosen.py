"""Sees to it that no temporary layer stays selected: what the user had chosen comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

from napari_quantize.viewer.temporary import is_temporary

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


class Unchosen(QObject):
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
