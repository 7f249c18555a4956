"""The user's arrangement of the viewer before a comparison, to be restored afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from napari_quantize.viewer.layers.compat import camera_of, grid_of

if TYPE_CHECKING:
    from collections.abc import Container

    from napari.layers import Layer
    from napari.viewer import Viewer

_GRID_SETTINGS = ("enabled", "shape", "stride", "spacing")
_CAMERA_SETTINGS = ("center", "zoom", "angles")


@dataclass(frozen=True)
class SavedArrangement:
    """Visible and selected layers. Weak references, so that a layer that is removed meanwhile can be freed."""

    visible: WeakKeyDictionary[Layer, bool]
    selection: WeakSet[Layer]

    @classmethod
    def of(cls, viewer: Viewer) -> SavedArrangement:
        """Save the arrangement of a viewer's layers."""
        visible = WeakKeyDictionary({layer: layer.visible for layer in viewer.layers})
        return cls(visible, WeakSet(viewer.layers.selection))

    def restore_visibility(self, viewer: Viewer, hidden: Container[Layer]) -> None:
        """Restore the visibility of the layers; of layers added meanwhile, hide those in `hidden`."""
        for layer in viewer.layers:
            set_visible(layer, self.visible.get(layer, layer.visible and layer not in hidden))

    def restore_selection(self, viewer: Viewer) -> None:
        """Restore the selection. A layer that is selected alone is active then; of several, napari has none active."""
        viewer.layers.selection = {layer for layer in self.selection if layer in viewer.layers}


@dataclass
class SavedView:
    """Settings of grid and camera."""

    grid: dict[str, Any]
    camera: dict[str, Any]
    ndisplay: int

    @classmethod
    def of(cls, viewer: Viewer) -> SavedView:
        """Save the settings of a viewer."""
        grid, camera = grid_of(viewer), camera_of(viewer)
        return cls(
            grid={name: getattr(grid, name) for name in _GRID_SETTINGS},
            camera={name: getattr(camera, name) for name in _CAMERA_SETTINGS},
            ndisplay=viewer.dims.ndisplay,
        )

    def restore_grid(self, viewer: Viewer) -> None:
        """Restore the grid."""
        for name, value in self.grid.items():
            setattr(grid_of(viewer), name, value)

    def restore_camera(self, viewer: Viewer) -> None:
        """Restore the camera, unless another number of dimensions is displayed now."""
        if viewer.dims.ndisplay == self.ndisplay:
            for name, value in self.camera.items():
                setattr(camera_of(viewer), name, value)


def set_visible(layer: Layer, visible: bool) -> None:
    """Show or hide a layer. Do nothing if it is so already, since napari would slice it again."""
    if layer.visible != visible:
        layer.visible = visible
