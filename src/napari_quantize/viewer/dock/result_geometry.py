"""Results and their labels follow a change of their source's geometry, such as a calibration after the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from napari_quantize.viewer.family.find_layers import list_results, list_sources
from napari_quantize.viewer.labels.geometry import geometry_on_source
from napari_quantize.viewer.layers.labels_provenance import labels_provenance_of
from napari_quantize.viewer.layers.sources import geometry_of, has_geometry, set_geometry

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


class ResultGeometry:
    """Position results and their labels where their source is, as long as the user leaves them there.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the layers.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        # napari's events hold no former values: where sources are, and where labels belong on them.
        self._former: WeakKeyDictionary[Layer, dict[str, Any]] = WeakKeyDictionary()

    def note_layers(self) -> None:
        """Note the geometry of sources and labels that are new in the viewer, or have got more or fewer axes."""
        places = [(source, geometry_of(source)) for source in list_sources(self._viewer) if self._is_unknown(source)]
        places += [(labels, place) for labels, place in self._labels() if self._is_unknown(labels)]
        self._former.update(places)

    def follow(self, source: Layer) -> bool:
        """Position the results and labels of a source that has moved, except those that were not where it was before.

        Returns
        -------
        bool
            True if any were moved.
        """
        if source not in self._former or labels_provenance_of(source) is not None:
            return False
        former, now, labels = self._former[source], geometry_of(source), self._labels()
        results = list_results(self._viewer, str(source.unique_id))
        places = [(result, former, now) for result, _ in results]
        places += [(layer, self._former[layer], place) for layer, place in labels if layer in self._former]
        moved = [
            (layer, place)
            for layer, before, place in places
            if layer.ndim == len(place["scale"]) and has_geometry(layer, before)
        ]
        self._former.update([(source, now), *labels])
        for layer, place in moved:
            set_geometry(layer, place)
        return bool(moved)

    def _is_unknown(self, layer: Layer) -> bool:
        former = self._former.get(layer)
        return former is None or len(former["scale"]) != layer.ndim

    def _labels(self) -> list[tuple[Layer, dict[str, Any]]]:
        """Return all labels of results with their present place on the source."""
        made = [(layer, labels_provenance_of(layer)) for layer in self._viewer.layers]
        places = [(layer, geometry_on_source(self._viewer, each)) for layer, each in made if each is not None]
        return [(layer, place) for layer, place in places if place is not None]
