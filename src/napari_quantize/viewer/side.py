"""One side of a swipe: a temporary layer that is a view of a part of another layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image

from napari_quantize.viewer.before import set_visible
from napari_quantize.viewer.crop import crop, crop_levels
from napari_quantize.viewer.layers import LOOK, inherited, place_of_part, put
from napari_quantize.viewer.listeners import Listeners

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_quantize.viewer.stage import Stage

# What the user may adjust meanwhile, and wants to see. Not rgb, which is fixed.
_FOLLOWED = tuple(name for name in LOOK if name not in ("rgb", "projection_mode"))
_MOVED = ("scale", "translate", "rotate", "shear", "affine")


class Side:
    """Shows a part of a layer in the layer's own place, and follows what the user changes of its look.

    Parameters
    ----------
    stage : Stage
        Gets the temporary layer.
    name : str
        Of the temporary layer.
    on_moved : callable
        Called when the layer's place has changed: the part must be cut again.
    """

    def __init__(self, stage: Stage, name: str, on_moved: Callable[[], None]) -> None:
        self._stage = stage
        self._name = name
        self._on_moved = on_moved
        self._whole: Image | None = None
        self._part: Image | None = None
        self._listeners = Listeners()

    def show(self, layer: Image) -> None:
        """Turn to a layer; it is seen once it is cut."""
        if layer is self._whole:
            return
        self._listeners.disconnect()
        self._whole = layer
        for name in _FOLLOWED:
            self._listeners.connect(getattr(layer.events, name), self._on_look)
        for name in _MOVED:
            self._listeners.connect(getattr(layer.events, name), self._on_place)
        if self._part is not None:
            for name in _FOLLOWED:
                setattr(self._part, name, getattr(layer, name))

    def cut(self, axis: int, part: tuple[int, int]) -> None:
        """Show what lies from start to stop along an axis of the data; nothing where these are the same."""
        layer = self._whole
        if layer is None:
            return
        start, stop = part
        if self._part is not None and start == stop:
            set_visible(self._part, False)
            return
        data: Any = layer.data
        if start < stop:
            data = crop_levels(list(data), axis, start, stop) if layer.multiscale else crop(data, axis, start, stop)
        offset = np.zeros(layer.ndim)
        offset[axis] = start
        place = place_of_part(layer, offset)
        if self._part is None:
            self._part = self._make(layer, data, place)
        else:
            self._part.data = data
            put(self._part, place)
        set_visible(self._part, start < stop)

    def forget(self) -> None:
        """Turn away: the temporary layer is the stage's."""
        self._listeners.disconnect()
        self._whole = self._part = None

    def _make(self, layer: Image, data: Any, place: dict[str, Any]) -> Image:
        # Said, not guessed: a list of arrays is not always taken for levels, nor 3 columns for colours.
        made = Image(data, **inherited(layer) | place, multiscale=layer.multiscale, name=self._name)
        self._stage.put(made)
        return made

    def _on_look(self, event: Any) -> None:
        if self._part is not None and self._whole is not None:
            setattr(self._part, event.type, getattr(self._whole, event.type))

    def _on_place(self, _event: Any = None) -> None:
        self._on_moved()
