"""*Swipe*: the source and a result on either side of a draggable line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image
from qtpy.QtCore import QObject, Qt, Signal
from superqt.utils import qdebounced

from napari_quantize.viewer.compare.canvas_overlay import (
    Drawing,
    Overlay,
    clip_line,
    create_overlay,
    screen_signs,
    world_to_canvas,
)
from napari_quantize.viewer.compare.crop import Cut, crop, crop_levels, cut_axis
from napari_quantize.viewer.compare.saved_state import set_visible
from napari_quantize.viewer.layers.axes import plain_shape, plane_axes
from napari_quantize.viewer.layers.compat import camera_of
from napari_quantize.viewer.layers.sources import (
    APPEARANCE,
    GEOMETRY,
    geometry_of_part,
    inherited_attributes,
    set_geometry,
)
from napari_quantize.viewer.layers.world import to_data, to_world
from napari_quantize.viewer.widgets.connections import Listeners

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_quantize.viewer.compare.view_mode_layers import ViewModeLayers
    from napari_quantize.viewer.family.pair import Pair

_GRAB_DISTANCE = 8  # in pixels of the canvas
Line = tuple[np.ndarray, np.ndarray]

# Attributes that the temporary layers copy whenever the user changes them; `rgb` cannot be changed.
_SHARED_APPEARANCE = tuple(name for name in APPEARANCE if name not in ("rgb", "projection_mode"))


class Swipe(QObject):
    """Show parts of both layers of a pair, each in a temporary layer whose data is a view of the layer's data.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with both layers.
    dock : QWidget
        The docked widget.
    temporary : ViewModeLayers
        Holds the temporary layers.

    Attributes
    ----------
    position : float
        Position of the line, from 0 (only the result is visible) to 1 (only the source).
    horizontal : bool
        True if the line is horizontal and the source above it, False if the source is to its left.
    """

    moved = Signal()
    """Emitted when the user drags the line."""

    def __init__(self, viewer: Viewer, dock: QWidget, temporary: ViewModeLayers) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self._dock = dock
        self._temporary = temporary
        self.position = 0.5
        self.horizontal = False
        self._pair: Pair | None = None
        self._sides = (
            SwipeSide(temporary, "Swipe: source", self._cut_soon),
            SwipeSide(temporary, "Swipe: result", self._cut_soon),
        )
        self._overlay: Overlay | None = None
        self._saved_mouse_pan: bool | None = None
        self._listeners = Listeners()
        self._cut_debounced = qdebounced(self._cut, timeout=0, parent=self)

    def show(self, pair: Pair) -> None:
        """Show a pair; also the shown pair, whose data may have changed."""
        if self._pair is None:
            self._connect()
        self._pair = pair
        for side, layer in zip(self._sides, (pair.source, pair.result), strict=True):
            side.show(layer)
        self._cut()

    def hide(self) -> None:
        """Remove the line and the temporary layers."""
        if self._pair is None:
            return
        self._pair = None
        self._cut_debounced.cancel()
        self._restore_panning()
        self._viewer.mouse_drag_callbacks.remove(self._on_drag)
        self._viewer.mouse_move_callbacks.remove(self._on_hover)
        self._listeners.disconnect()
        for side in self._sides:
            side.clear()
        self._temporary.clear()
        if self._overlay is not None:
            self._overlay.close_down()
            self._overlay = None

    def move_to(self, position: float, *, horizontal: bool) -> None:
        """Move the line; several moves within one turn of the event loop update the layers once."""
        self.position = min(max(position, 0.0), 1.0)
        self.horizontal = horizontal
        self._cut_soon()

    def line(self) -> Line | None:
        """Return the ends of the line in displayed world coordinates (downwards, rightwards)."""
        if self._pair is None:
            return None
        layer = self._pair.source
        cut, along = self._cut_of(layer)
        ends, dims = [], self._viewer.dims
        for end in (0, plain_shape(layer)[along]):
            position = to_data(dims, layer, dims.point)
            position[cut.axis], position[along] = cut.index - 0.5, end - 0.5
            ends.append(to_world(dims, layer, position)[list(plane_axes(dims, layer.ndim))])
        return ends[0], ends[1]

    def _connect(self) -> None:
        self._overlay = create_overlay(self._dock, self._draw)
        self._viewer.mouse_drag_callbacks.append(self._on_drag)
        self._viewer.mouse_move_callbacks.append(self._on_hover)
        camera = camera_of(self._viewer)
        for emitter in (camera.events.center, camera.events.zoom, camera.events.orientation):
            self._listeners.connect(emitter, self._update_overlay)
        self._listeners.connect(self._viewer.dims.events.order, self._cut_soon)

    def _cut_of(self, layer: Image) -> tuple[Cut, int]:
        """Return the cut of a layer, and the axis that runs along the line."""
        dims = self._viewer.dims
        axes = plane_axes(dims, layer.ndim)
        origin = to_world(dims, layer, np.zeros(layer.ndim))
        steps = np.stack([to_world(dims, layer, np.eye(layer.ndim)[axis]) - origin for axis in axes])
        on_screen = steps[:, list(axes)] * screen_signs(self._viewer)
        which, flipped = cut_axis(on_screen, horizontal=self.horizontal)
        length = plain_shape(layer)[axes[which]]
        return Cut.at(self.position, axes[which], length, flipped=flipped), axes[1 - which]

    def _cut_soon(self, _event: Any = None) -> None:
        if self._pair is not None:
            self._cut_debounced()

    def _cut(self) -> None:
        layers = self._viewer.layers
        if self._pair is None or not self._temporary.is_intact or self._pair.source not in layers:
            return
        cut, _ = self._cut_of(self._pair.source)
        for side, part in zip(self._sides, (cut.first, cut.second), strict=True):
            side.cut(cut.axis, part)
        self._update_overlay()

    def _update_overlay(self, _event: Any = None) -> None:
        if self._overlay is not None:
            self._overlay.update()

    def _draw(self, width: int, height: int) -> Drawing:
        line = self.line()
        if self._pair is None or line is None:
            return Drawing()
        start, end = (world_to_canvas(self._viewer, point, width, height) for point in line)
        seen = clip_line((start, end), width, height)
        return Drawing(seen, self._pair.captions if seen else (), horizontal=self.horizontal)

    # The mouse

    def _is_near(self, world: Any) -> bool:
        """Return whether a world point is near enough to the line to drag it."""
        line = self.line()
        if line is None:
            return False
        point = np.asarray(world, float)[list(self._viewer.dims.displayed)]
        start, end = line
        along = end - start
        # The point of the line that is nearest to `point`; the tiny number avoids a division by zero.
        share = np.clip(np.dot(point - start, along) / max(np.dot(along, along), 1e-300), 0, 1)
        distance = np.linalg.norm(start + share * along - point)
        return bool(distance * camera_of(self._viewer).zoom <= _GRAB_DISTANCE)

    def _on_hover(self, _viewer: Any, event: Any) -> None:
        if self._overlay is not None:
            shape = Qt.CursorShape.SplitVCursor if self.horizontal else Qt.CursorShape.SplitHCursor
            self._overlay.set_canvas_cursor(shape if self._is_near(event.position) else None)

    def _on_drag(self, _viewer: Any, event: Any) -> Iterator[None]:
        if event.button != 1 or not self._is_near(event.position):
            return
        # napari would pan the camera with the same drag.
        camera = camera_of(self._viewer)
        self._saved_mouse_pan, camera.mouse_pan = camera.mouse_pan, False
        # napari runs a drag callback as a generator: up to the first `yield` at the press, then once for each move,
        # and a last time at the release.
        yield
        # The user may leave *Swipe* with a key in the middle of a drag.
        while event.type == "mouse_move" and self._pair is not None:
            self._drag_to(self._pair.source, event.position)
            yield
        self._restore_panning()

    def _drag_to(self, layer: Image, world: Any) -> None:
        cut, _ = self._cut_of(layer)
        share = (float(to_data(self._viewer.dims, layer, world)[cut.axis]) + 0.5) / cut.length
        self.move_to(1 - share if cut.flipped else share, horizontal=self.horizontal)
        self.moved.emit()

    def _restore_panning(self) -> None:
        if self._saved_mouse_pan is not None:
            camera_of(self._viewer).mouse_pan = self._saved_mouse_pan
            self._saved_mouse_pan = None


class SwipeSide:
    """One side of the line: a temporary layer that shows a part of a layer, with its geometry and appearance.

    Parameters
    ----------
    temporary : ViewModeLayers
        Holds the temporary layer.
    name : str
        Name of the temporary layer.
    on_moved : callable
        Called when the layer has moved, so that the part must be cut again.
    """

    def __init__(self, temporary: ViewModeLayers, name: str, on_moved: Callable[[], None]) -> None:
        self._temporary = temporary
        self._name = name
        self._on_moved = on_moved
        self._source: Image | None = None
        self._part: Image | None = None
        self._listeners = Listeners()

    def show(self, layer: Image) -> None:
        """Take the parts from another layer; `cut` makes them visible."""
        if layer is self._source:
            return
        self._listeners.disconnect()
        self._source = layer
        for name in _SHARED_APPEARANCE:
            self._listeners.connect(getattr(layer.events, name), self._on_appearance_changed)
        for name in GEOMETRY:
            self._listeners.connect(getattr(layer.events, name), self._on_geometry_changed)
        if self._part is not None:
            for name in _SHARED_APPEARANCE:
                setattr(self._part, name, getattr(layer, name))

    def cut(self, axis: int, part: tuple[int, int]) -> None:
        """Show the part from start to stop along an axis of the data; hide the layer if both are the same."""
        layer = self._source
        if layer is None:
            return
        start, stop = part
        # The layer of an empty side is hidden, and keeps the data that it had.
        if self._part is not None and start == stop:
            set_visible(self._part, False)
            return
        data: Any = layer.data
        if start < stop:
            data = crop_levels(list(data), axis, start, stop) if layer.multiscale else crop(data, axis, start, stop)
        offset = np.zeros(layer.ndim)
        offset[axis] = start
        geometry = geometry_of_part(layer, offset)
        if self._part is None:
            self._part = self._add_layer(layer, data, geometry)
        else:
            self._part.data = data
            set_geometry(self._part, geometry)
        set_visible(self._part, start < stop)

    def clear(self) -> None:
        """Release both layers; `ViewModeLayers` removes the temporary one."""
        self._listeners.disconnect()
        self._source = self._part = None

    def _add_layer(self, layer: Image, data: Any, geometry: dict[str, Any]) -> Image:
        # Pass `multiscale` and `rgb`: napari guesses both from the data, and may guess wrong for a narrow part.
        part = Image(data, **inherited_attributes(layer) | geometry, multiscale=layer.multiscale, name=self._name)
        self._temporary.put(part)
        return part

    def _on_appearance_changed(self, event: Any) -> None:
        if self._part is not None and self._source is not None:
            setattr(self._part, event.type, getattr(self._source, event.type))

    def _on_geometry_changed(self, _event: Any = None) -> None:
        self._on_moved()
