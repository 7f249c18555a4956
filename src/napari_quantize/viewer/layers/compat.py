"""Access to napari's public names that differ between 0.6.6 and the newest version."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.viewer.layers.axes import plane_axes
from napari_quantize.viewer.layers.world import world_extent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_quantize.viewer.layers.sources import Source

_FILLED_SHARE = 0.95  # as napari's own `reset_view`
_MIN_EXTENT = 1e-12


def grid_of(viewer: Viewer) -> Any:
    """Return the grid model, which napari 0.9 moved to the canvas."""
    return viewer.canvas.grid if hasattr(viewer, "canvas") else viewer.grid


def camera_of(viewer: Viewer) -> Any:
    """Return the camera, which napari 0.9 moved to the scene."""
    return viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera


def fit_tiles(viewer: Viewer, layers: Sequence[Layer], canvas_size: tuple[int, int]) -> None:
    """Fit the camera to these layers, one in each cell of the grid.

    napari's `reset_view` fits all layers, up to napari 0.8 and where these layers have fewer dimensions than others:
    hidden layers of other sizes would make the tiles small.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer whose grid is enabled.
    layers : sequence of Layer
        The visible layers.
    canvas_size : tuple of int
        Height and width of the canvas in pixels.
    """
    # napari 0.9 raises if all of these layers have fewer dimensions than the viewer.
    if hasattr(viewer, "canvas") and max(layer.ndim for layer in layers) == viewer.dims.ndim:
        viewer.reset_view(layers=layers)
    else:
        viewer.reset_view()
    if viewer.dims.ndisplay != 2:
        return
    dims = viewer.dims
    extents = np.stack([world_extent(dims, layer)[:, list(plane_axes(dims, layer.ndim))] for layer in layers])
    low, high = extents[:, 0].min(axis=0), extents[:, 1].max(axis=0)
    cell = np.array(canvas_size) / grid_shape(viewer)
    camera = camera_of(viewer)
    camera.center = (0.0, *((low + high) / 2))
    camera.zoom = _FILLED_SHARE * float(np.min(cell / np.maximum(high - low, _MIN_EXTENT)))


def cell_of(viewer: Viewer, layer: Layer) -> tuple[int, int]:
    """Return row and column of a visible layer in the grid."""
    grid = grid_of(viewer)
    index = viewer.layers.index(layer)
    # Up to napari 0.8 hidden layers keep their cells, and these methods take the number of layers instead of the list.
    layers = viewer.layers if _skips_hidden_layers(viewer) else len(viewer.layers)
    row, column = grid.position(index, layers)
    return int(row), int(column)


def grid_shape(viewer: Viewer) -> tuple[int, int]:
    """Return the rows and columns of the displayed grid."""
    rows, columns = grid_of(viewer).actual_shape(viewer.layers if _skips_hidden_layers(viewer) else len(viewer.layers))
    return int(rows), int(columns)


def n_cells(viewer: Viewer, visible: int) -> int:
    """Return the number of cells that the grid needs for `visible` layers."""
    return visible if _skips_hidden_layers(viewer) else len(viewer.layers)


def leave_3d(viewer: Viewer, layers: Iterable[Layer | Source]) -> bool:
    """Leave the 3-D view before RGB layers are added: napari fails on hidden ones there. Return whether it was left."""
    if viewer.dims.ndisplay != 3 or not any(getattr(layer, "rgb", False) for layer in layers):
        return False
    viewer.dims.ndisplay = 2
    return True


def batched_update(viewer: Viewer) -> AbstractContextManager[None]:
    """Return a context in which napari 0.9 removes layers in one batch; older versions have none, and need none.

    Outside it, napari 0.9 collects all garbage after each removed layer.
    """
    batch: AbstractContextManager[None] = getattr(viewer.layers, "batched_update", nullcontext)()
    return batch


def unlink(viewer: Viewer, layer: Layer) -> None:
    """Remove all links of a layer. napari 0.6 keeps them after the layer was removed, so that it is never freed."""
    viewer.layers.unlink_layers([layer])


def _skips_hidden_layers(viewer: Viewer) -> bool:
    """Return whether the grid gives no cells to hidden layers, as since napari 0.9."""
    return hasattr(viewer, "canvas")
