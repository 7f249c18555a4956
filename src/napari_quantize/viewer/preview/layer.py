"""The temporary layer of *Try*, with the geometry and appearance of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image

from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import LINKED, list_labels, list_results
from napari_quantize.viewer.layers.sources import geometry_of, geometry_of_part, result_attributes, set_geometry
from napari_quantize.viewer.layers.temporary import add_temporary
from napari_quantize.viewer.widgets.canvas import remove_soon

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_quantize.viewer.preview.model import DisplayedPart

_OPAQUE_BLENDING = ("opaque", "translucent", "translucent_no_depth")


class PreviewLayer:
    """The temporary layer of the preview, over its source.

    While it is shown, the source's results and their labels are hidden, and also the source if it would shine through.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the source.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._source: Image | None = None
        self._layer: Image | None = None
        self._part: DisplayedPart | None = None
        self._hidden: list[Layer] = []

    @property
    def was_removed(self) -> bool:
        """True if the user has removed the preview layer."""
        return self._layer is not None and self._layer not in self._viewer.layers

    def is_restored(self, layer: Layer) -> bool:
        """Return whether a layer is becoming visible again because the preview that hid it is being removed."""
        return self._layer is None and layer in self._hidden

    def show(self, source: Image, k: int, data: np.ndarray, part: DisplayedPart) -> None:
        """Show the quantized part of a source.

        Parameters
        ----------
        source : Image
            The source.
        k : int
            Number of values left.
        data : ndarray
            The quantized part.
        part : DisplayedPart
            Position of the part in the source.
        """
        name, layer = messages.preview_layer_name(k, source.name), self._layer
        if layer is None or layer.ndim != source.ndim or source is not self._source:
            self.remove()
            self._add(source, name, data, part)
            return
        layer.data = data
        layer.name = name
        if part != self._part:
            self._part = part
            self.update_geometry()

    def update_geometry(self) -> None:
        """Set the geometry to that of the displayed part of the source."""
        if self._layer is not None and self._source is not None and self._part is not None:
            set_geometry(self._layer, _part_geometry(self._source, self._part))

    def remove(self) -> None:
        """Remove the layer, and show again the layers that were hidden."""
        layer, self._layer = self._layer, None
        source, self._source, self._part = self._source, None, None
        if layer is not None and layer in self._viewer.layers:
            if source in self._viewer.layers and not layer.rgb:
                self._viewer.layers.unlink_layers([source, layer])
            remove_soon(self._viewer, [layer])
        for member in self._hidden:
            if member in self._viewer.layers:
                member.visible = True
        self._hidden = []

    def _add(self, source: Image, name: str, data: np.ndarray, part: DisplayedPart) -> None:
        # The preview has the same plane at each slider position. A projection that adds planes up would make it as many
        # times too bright.
        attributes = {**result_attributes(source), **_part_geometry(source, part), "projection_mode": "none"}
        layer = Image(data, name=name, **attributes)
        self._source, self._layer, self._part = source, layer, part
        results = list_results(self._viewer, str(source.unique_id))
        top = max(self._viewer.layers.index(member) for member in (source, *(member for member, _ in results)))
        add_temporary(self._viewer, layer, top + 1)
        if not source.rgb:
            self._viewer.layers.link_layers([source, layer], LINKED)
        covering: list[Layer] = [member for member, _ in results]
        covering += [labels for _, provenance in results for labels, _ in list_labels(self._viewer, provenance)]
        self._hidden = [member for member in covering if member.visible]
        if source.visible and _shows_through(source):
            self._hidden.append(source)
        for member in self._hidden:
            member.visible = False


def _shows_through(layer: Image) -> bool:
    """Return whether layers under this one stay visible."""
    return layer.blending not in _OPAQUE_BLENDING or layer.opacity < 1 or (layer.rgb and layer.data.shape[-1] == 4)


def _part_geometry(source: Image, part: DisplayedPart) -> dict[str, Any]:
    """Return where a layer of a part's shape lies on its source."""
    if part.is_level_0:
        return geometry_of(source)
    geometry = geometry_of_part(source, part.offset)
    return {**geometry, "scale": geometry["scale"] * np.array(part.factors)}
