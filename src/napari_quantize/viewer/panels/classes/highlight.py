"""One class lit up in the viewer: its pixels in one bright colour, everything else dimmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image, Labels
from napari.utils.colormaps import DirectLabelColormap

from napari_quantize.viewer.layers.sources import geometry_of
from napari_quantize.viewer.layers.temporary import add_temporary, remove_temporary

if TYPE_CHECKING:
    from napari.viewer import Viewer

# Seldom found in pictures of any kind, and brighter than all that is dimmed.
LIT = (1.0, 0.2, 0.9, 1.0)
_DIMMED = (0.0, 0.0, 0.0, 0.65)
_CLEAR = (0.0, 0.0, 0.0, 0.0)


class Spotlight:
    """Lights up one class over a result, in a temporary layer of labels; the sliders lead through it like through all.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layer is added.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._layer: Labels | None = None
        self._classes: np.ndarray | None = None
        self._lit = -1
        self._ndisplay = 2

    @property
    def is_on(self) -> bool:
        """True if a class is lit up and the user has not removed the layer."""
        return self._layer is not None and self._layer in self._viewer.layers

    def show(self, result: Image, classes: np.ndarray, lit: int, name: str) -> None:
        """Light up a class.

        Parameters
        ----------
        result : napari.layers.Image
            Over which the light lies.
        classes : ndarray of unsigned integers
            The class of each of its pixels, with as many axes; those of length 1 are broadcast.
        lit : int
            Which class.
        name : str
            Of the layer.
        """
        self._lit = lit
        shape = result.data.shape[: result.ndim]
        known, self._classes = self._classes is classes, classes
        if self._layer is not None and self.is_on:
            if not known:
                self._layer.data = np.broadcast_to(classes, shape)
            self._layer.colormap = self._colors()
            self._layer.name = name
            return
        layer = Labels(np.broadcast_to(classes, shape), name=name, colormap=self._colors(), **geometry_of(result))
        layer.opacity = 1
        layer.editable = False
        self._layer = layer
        add_temporary(self._viewer, layer)

    def off(self) -> None:
        """Take the light away."""
        layer, self._layer, self._classes = self._layer, None, None
        if layer is not None:
            remove_temporary(self._viewer, layer)

    def follow_dims(self) -> None:
        """Dim the rest in 2-D only: in 3-D it would stand before what is lit up."""
        # Only then: with other colours napari draws all labels anew, and the sliders tell of each move several times.
        if self._layer is not None and self._viewer.dims.ndisplay != self._ndisplay:
            self._layer.colormap = self._colors()

    def _colors(self) -> DirectLabelColormap:
        self._ndisplay = self._viewer.dims.ndisplay
        rest = _CLEAR if self._ndisplay == 3 else _DIMMED
        colors = {None: np.array(rest, np.float32), 0: np.array(rest, np.float32), self._lit: np.array(LIT, np.float32)}
        return DirectLabelColormap(color_dict=colors)
