"""Results follow a change of their source's geometry, such as a calibration after the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from napari_quantize.viewer.family.find_layers import list_results, list_sources
from napari_quantize.viewer.layers.sources import geometry_of, has_geometry, set_geometry

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


class ResultGeometry:
    """Position results where their source is, as long as the user leaves them there.

    napari's events hold no former values, so this keeps the geometry of each source.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the layers.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._former: WeakKeyDictionary[Layer, dict[str, Any]] = WeakKeyDictionary()

    def note_sources(self) -> None:
        """Note the geometry of sources that are new in the viewer, or have got data with more or fewer axes."""
        for source in list_sources(self._viewer):
            former = self._former.get(source)
            if former is None or len(former["scale"]) != source.ndim:
                self._former[source] = geometry_of(source)

    def follow(self, layer: Layer) -> bool:
        """Position the results of a source that has moved, except those that were not where it was before.

        Returns
        -------
        bool
            True if results were moved.
        """
        former = self._former.get(layer)
        if former is None:
            return False
        now = self._former[layer] = geometry_of(layer)
        results = [result for result, _ in list_results(self._viewer, str(layer.unique_id))]
        moved = [result for result in results if result.ndim == layer.ndim and has_geometry(result, former)]
        for result in moved:
            set_geometry(result, now)
        return bool(moved)
