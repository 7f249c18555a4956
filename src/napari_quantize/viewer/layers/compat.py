"""The few places where napari's public names differ between 0.6.6 and the newest version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Layer
    from napari.viewer import Viewer


def grid_of(viewer: Viewer) -> Any:
    """Return the model of the grid mode: it moved to the canvas in 0.9."""
    return viewer.canvas.grid if hasattr(viewer, "canvas") else viewer.grid


def camera_of(viewer: Viewer) -> Any:
    """Return the camera: it moved to the scene in 0.9."""
    return viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera


def fit_view(viewer: Viewer, layers: Sequence[Layer]) -> None:
    """Fit the camera to these layers; up to 0.8 napari could only fit it to all, hidden ones too."""
    # 0.9 fails where all of them have fewer dimensions than the viewer, which other layers give it.
    if hasattr(viewer, "canvas") and max(layer.ndim for layer in layers) == viewer.dims.ndim:
        viewer.reset_view(layers=layers)
    else:
        viewer.reset_view()


def cell_of(viewer: Viewer, layer: Layer) -> tuple[int, int]:
    """Return row and column of a visible layer in the grid."""
    grid = grid_of(viewer)
    index = viewer.layers.index(layer)
    # Up to 0.8 hidden layers kept their cells, and the grid only needed to know how many there are.
    layers = viewer.layers if _compacts(viewer) else len(viewer.layers)
    row, column = grid.position(index, layers)
    return int(row), int(column)


def grid_shape(viewer: Viewer) -> tuple[int, int]:
    """Return rows and columns of the grid as it is shown."""
    rows, columns = grid_of(viewer).actual_shape(viewer.layers if _compacts(viewer) else len(viewer.layers))
    return int(rows), int(columns)


def n_cells(viewer: Viewer, visible: int) -> int:
    """Return how many cells the grid needs for so many visible layers."""
    return visible if _compacts(viewer) else len(viewer.layers)


def unlink(viewer: Viewer, layer: Layer) -> None:
    """Cut all links of a layer that is removed; napari 0.6 forgets to, and its links then keep the layer for good."""
    viewer.layers.unlink_layers([layer])


def _compacts(viewer: Viewer) -> bool:
    return hasattr(viewer, "canvas")
