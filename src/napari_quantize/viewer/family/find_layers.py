"""Find a source, its results and their labels in a viewer, by provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.layers import Image

from napari_quantize.viewer.layers.labels_provenance import LabelsProvenance, labels_provenance_of
from napari_quantize.viewer.layers.palettes import is_palette
from napari_quantize.viewer.layers.provenance import Provenance, provenance_of
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.layers.temporary import is_temporary

if TYPE_CHECKING:
    from napari.layers import Labels
    from napari.viewer import Viewer


# Attributes that napari links within a family: if the user adjusts one layer, its family still looks comparable. Not
# `visible`, which the view modes set for each layer.
LINKED = ("contrast_limits", "gamma", "colormap")


def layer_by_id(viewer: Viewer, layer_id: str) -> Image | None:
    """Return the image layer with this ``unique_id``; None if it is not in the viewer."""
    return next(
        (layer for layer in viewer.layers if str(layer.unique_id) == layer_id and isinstance(layer, Image)), None
    )


def list_sources(viewer: Viewer) -> list[Image]:
    """Return the user's image layers: all but results, palettes and temporary layers."""
    images = [layer for layer in viewer.layers if isinstance(layer, Image) and not is_temporary(layer)]
    return [layer for layer in images if provenance_of(layer) is None and not is_palette(layer)]


def sources_of(viewer: Viewer, provenance: Provenance) -> list[Image]:
    """Return the layers that a result was made from; an empty list if any of them was removed."""
    ids = [layer_id for layer_id, _ in provenance.together] or [provenance.source_id]
    found = [layer_by_id(viewer, layer_id) for layer_id in ids]
    present = [layer for layer in found if layer is not None]
    return present if len(present) == len(ids) else []


def list_alike(viewer: Viewer, image: Image | None) -> list[Image]:
    """Return the images that can be the channels of one image with `image`, which is among them; empty if alone.

    These are all images of its shape and dtype, in the order of the layer list.
    """
    if image is None or image.rgb:
        return []
    own = Source.of(image)
    sources = [(layer, Source.of(layer)) for layer in list_sources(viewer) if not layer.rgb]
    alike = [layer for layer, source in sources if (source.shape, source.dtype) == (own.shape, own.dtype)]
    return alike if image in alike and len(alike) > 1 else []


def list_results(viewer: Viewer, source_id: str) -> list[tuple[Image, Provenance]]:
    """Return the results of a source by ascending K; results of the same K in the order of the layer list."""
    images = [layer for layer in viewer.layers if isinstance(layer, Image)]
    found = [
        (layer, provenance)
        for layer in images
        if (provenance := provenance_of(layer)) and provenance.source_id == source_id
    ]
    return sorted(found, key=lambda pair: pair[1].k)


def list_channels(viewer: Viewer, provenance: Provenance) -> list[Image]:
    """Return the result layers that are the channels of one result, without those that were removed or replaced."""
    found = {
        each.source_id: layer
        for layer in viewer.layers
        if (each := provenance_of(layer)) is not None
        and (identity_of(each), each.digest) == (identity_of(provenance), provenance.digest)
    }
    return [found[layer_id] for layer_id, _ in provenance.together if layer_id in found]


def list_labels(viewer: Viewer, provenance: Provenance) -> list[tuple[Labels, LabelsProvenance]]:
    """Return the layers of labels that were made of a result, the newest last, with their provenances."""
    found = [(layer, labels_provenance_of(layer)) for layer in viewer.layers]
    identity = identity_of(provenance)
    return [(layer, each) for layer, each in found if each is not None and each.result == identity]


def identity_of(provenance: Provenance) -> str:
    """Return a key of the result that labels are made of.

    Layers that were quantized together share one, since each of them holds only a channel of the result.
    """
    return repr(provenance.settings_key[1:]) if provenance.together else provenance.layer_id
