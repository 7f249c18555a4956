"""Keep temporary layers from being selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject
from superqt.utils import qdebounced

from napari_quantize.viewer.layers.temporary import is_temporary

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


class SelectionGuard(QObject):
    """Restore the user's selection when a temporary layer becomes selected, as by a click in napari's list.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the selection.
    parent : QObject
        Qt parent.
    """

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._selection: set[Layer] = set()
        self._check_soon = qdebounced(self._check, timeout=0, parent=self)

    def start(self) -> None:
        """Take the present selection as the one to restore."""
        self._selection = {layer for layer in self._viewer.layers.selection if not is_temporary(layer)}

    def on_selection_changed(self, _event: Any = None) -> None:
        """Check the selection in the next turn of the event loop.

        Not now: napari first selects none before it selects another layer, and after a click its layer list would keep
        the row marked.
        """
        self._check_soon()

    def stop(self) -> None:
        """Cancel a pending check, and forget the selection."""
        self._check_soon.cancel()
        self._selection = set()

    def _check(self) -> None:
        layers = self._viewer.layers
        if not any(map(is_temporary, layers.selection)):
            self._selection = set(layers.selection)
            return
        layers.selection = {layer for layer in self._selection if layer in layers}
