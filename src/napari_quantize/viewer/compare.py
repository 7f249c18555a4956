"""How a family (a source and its results) is seen: one member at a time, or all of them side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_quantize.viewer.compat import camera_of, fit_view, grid_of, n_cells

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

_SPACING = 0.01
_GRID_SETTINGS = ("enabled", "shape", "stride", "spacing")
_CAMERA_SETTINGS = ("center", "zoom", "angles")


@dataclass(frozen=True)
class _Before:
    """What the user had before tiling."""

    visible: dict[Layer, bool]
    grid: dict[str, Any]
    camera: dict[str, Any]
    selection: frozenset[Layer]
    active: Layer | None


class Comparison:
    """Shows one layer of a family alone, or tiles them; knows how to give back what was there before.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where.
    show_captions : callable
        Called with a text for each tiled layer; with none when tiling ends.
    """

    def __init__(self, viewer: Viewer, show_captions: Callable[[Mapping[Layer, str]], None]) -> None:
        self._viewer = viewer
        self._show_captions = show_captions
        self._before: _Before | None = None
        self._tiled: set[Layer] = set()

    @property
    def is_tiled(self) -> bool:
        """Whether a family is tiled."""
        return self._before is not None

    def show_only(self, shown: Layer, family: Iterable[Layer]) -> None:
        """Show one member of a family and hide the others; strangers stay as they are."""
        for layer in family:
            _set_visible(layer, layer is shown)

    def tile(self, captions: Mapping[Layer, str], *, cells: int | None = None) -> None:
        """Show these layers, and no others, side by side in reading order.

        Parameters
        ----------
        captions : mapping of layer to str
            The layers with the text for each; the layer list has them in reading order.
        cells : int, optional
            For how many the grid is laid out, if more are to come.
        """
        if self._before is None:
            self._before = self._look()
        self._tiled.update(captions)
        for layer in self._viewer.layers:
            _set_visible(layer, layer in captions)
        self._lay_out(list(captions), cells or len(captions))
        self._show_captions(captions)

    def leave(self, *, selection: bool = True) -> None:
        """Give back grid, camera, visibility and selection as they were before tiling.

        Results that have come since are hidden; other new layers stay as they are.

        Parameters
        ----------
        selection : bool
            Whether the selection is given back, too; not so where the user has just selected what to see next.
        """
        before, self._before = self._before, None
        if before is None:
            return
        self._show_captions({})
        tiled, self._tiled = self._tiled, set()
        for name, value in before.grid.items():
            setattr(grid_of(self._viewer), name, value)
        for layer in self._viewer.layers:
            _set_visible(layer, before.visible.get(layer, layer.visible and layer not in tiled))
        for name, value in before.camera.items():
            setattr(camera_of(self._viewer), name, value)
        if selection:
            self._give_back_selection(before)

    def _give_back_selection(self, before: _Before) -> None:
        still_there = {layer for layer in before.selection if layer in self._viewer.layers}
        self._viewer.layers.selection = still_there
        if before.active in still_there:
            self._viewer.layers.selection.active = before.active

    def forget(self) -> None:
        """Stop tiling for good: the user has left the grid by napari's own button."""
        if self._before is not None:
            self._before.grid["enabled"] = False
            self.leave()

    def _look(self) -> _Before:
        grid, camera = grid_of(self._viewer), camera_of(self._viewer)
        selection = self._viewer.layers.selection
        return _Before(
            visible={layer: layer.visible for layer in self._viewer.layers},
            grid={name: getattr(grid, name) for name in _GRID_SETTINGS},
            camera={name: getattr(camera, name) for name in _CAMERA_SETTINGS},
            selection=frozenset(selection),
            active=selection.active,
        )

    def _lay_out(self, layers: Sequence[Layer], cells: int) -> None:
        grid = grid_of(self._viewer)
        needed = max(n_cells(self._viewer, len(layers)), cells)
        shape = best_shape(needed, _aspect(layers[0]), self._canvas_aspect())
        settings = {"stride": 1, "shape": shape, "spacing": _SPACING, "enabled": True}
        if all(getattr(grid, name) == value for name, value in settings.items()):
            return
        for name, value in settings.items():
            setattr(grid, name, value)
        fit_view(self._viewer, layers)

    def _canvas_aspect(self) -> float:
        canvas = getattr(self._viewer, "canvas", None)
        height, width = canvas.size if canvas is not None else (2, 3)
        return float(width) / float(height) if height and width else 1.5


def best_shape(cells: int, image_aspect: float, canvas_aspect: float) -> tuple[int, int]:
    """Return rows and columns in which `cells` pictures become largest; aspects are width over height."""

    def picture_size(columns: int) -> float:
        rows = math.ceil(cells / columns)
        return min(canvas_aspect / columns / image_aspect, 1 / rows)

    columns = max(range(1, cells + 1), key=picture_size)
    return math.ceil(cells / columns), columns


def _set_visible(layer: Layer, visible: bool) -> None:
    # Setting what is already so would slice the layer once more.
    if layer.visible != visible:
        layer.visible = visible


def _aspect(layer: Layer) -> float:
    """Return width over height of what a layer shows in 2-D."""
    low, high = layer.extent.world
    height, width = (high - low)[-2:]
    return float(width / height) if width > 0 and height > 0 else 1.0
