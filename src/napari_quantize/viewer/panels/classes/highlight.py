"""Highlight one class in the viewer: show its pixels in one bright colour, and dim all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image, Labels
from napari.utils.colormaps import DirectLabelColormap

from napari_quantize.viewer.layers.sources import geometry_of
from napari_quantize.viewer.layers.temporary import add_temporary
from napari_quantize.viewer.widgets.canvas import remove_soon

if TYPE_CHECKING:
    from napari.viewer import Viewer

# Rare in images of any kind, and brighter than any dimmed pixel.
HIGHLIGHT_COLOR = (1.0, 0.2, 0.9, 1.0)
_DIMMED = (0.0, 0.0, 0.0, 0.65)
_CLEAR = (0.0, 0.0, 0.0, 0.0)


class Highlight:
    """Highlight of one class over a result.

    It is a temporary layer of labels with the result's axes, so that napari's sliders move through both.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        The viewer.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._layer: Labels | None = None
        self._classes: np.ndarray | None = None
        self._highlighted = -1
        self._ndisplay = 2

    @property
    def is_on(self) -> bool:
        """True if a class is highlighted and the user has not removed the layer."""
        return self._layer is not None and self._layer in self._viewer.layers

    def show(self, result: Image, classes: np.ndarray, highlighted: int, name: str) -> None:
        """Highlight a class.

        Parameters
        ----------
        result : napari.layers.Image
            The result.
        classes : ndarray of unsigned integers
            The class of each of its pixels, with as many axes; those of length 1 are broadcast.
        highlighted : int
            Index of the class.
        name : str
            Name of the temporary layer.
        """
        self._highlighted = highlighted
        shape = result.data.shape[: result.ndim]
        is_same, self._classes = self._classes is classes, classes
        if self._layer is not None and self.is_on:
            # Setting data makes napari slice the layer and compute its extent again: for another class of the same
            # pixels, another colormap is enough.
            if not is_same:
                self._layer.data = np.broadcast_to(classes, shape)
            self._layer.colormap = self._colors()
            self._layer.name = name
            return
        layer = Labels(np.broadcast_to(classes, shape), name=name, colormap=self._colors(), **geometry_of(result))
        layer.opacity = 1
        layer.editable = False
        self._layer = layer
        add_temporary(self._viewer, layer)

    def remove(self) -> None:
        """Remove the temporary layer."""
        layer, self._layer, self._classes = self._layer, None, None
        if layer is not None:
            remove_soon(self._viewer, [layer])

    def follow_dims(self) -> None:
        """Dim the other classes in 2-D only: in 3-D they would hide the highlighted one."""
        # A new colormap makes napari color all labels again, and the sliders emit several events for each move.
        if self._layer is not None and self._viewer.dims.ndisplay != self._ndisplay:
            self._layer.colormap = self._colors()

    def _colors(self) -> DirectLabelColormap:
        self._ndisplay = self._viewer.dims.ndisplay
        rest = _CLEAR if self._ndisplay == 3 else _DIMMED
        colors = {
            None: np.array(rest, np.float32),
            0: np.array(rest, np.float32),
            self._highlighted: np.array(HIGHLIGHT_COLOR, np.float32),
        }
        return DirectLabelColormap(color_dict=colors)
