"""Provenance of labels layers, stored in their metadata."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari.layers import Labels, Layer

METADATA_KEY = "napari_quantize_labels"


@dataclass(frozen=True)
class LabelsProvenance:
    """Provenance of a labels layer, in plain values that survive being saved.

    Attributes
    ----------
    layer_id : str
        ``unique_id`` of the layer itself. A copy of the layer has another one, and is not ours.
    result_id : str
        ``unique_id`` of the result that was labelled.
    result : str
        Identity of that result, the same for all its channels.
    options : dict
        Fields of `LabelOptions`.
    digest : str
        Digest of the labels when they were made.
    columns : list of str
        Columns of the features when they were made.
    channel : str
        Name of the channel whose classes they are; empty if a pixel has one class.
    result_digest : str
        Digest of the result when the labels were made: a new result may have replaced it in the same layer.
    geometry : str
        Key of the labels' geometry when they were made; their areas and positions depend on it. Empty if unknown.
    """

    layer_id: str
    result_id: str
    result: str
    options: dict[str, Any]
    digest: str
    columns: list[str]
    channel: str = ""
    result_digest: str = ""
    geometry: str = ""

    def write(self, layer: Labels) -> None:
        """Store this in the layer's metadata."""
        layer.metadata = {**layer.metadata, METADATA_KEY: asdict(self)}


def labels_provenance_of(layer: Layer) -> LabelsProvenance | None:
    """Return the provenance of a labels layer; None if it is not ours (a copy is not)."""
    stored = layer.metadata.get(METADATA_KEY)
    if not isinstance(stored, dict) or stored.get("layer_id") != str(layer.unique_id):
        return None
    return LabelsProvenance(**stored)


def result_id_of(layer: Layer) -> str:
    """Return the ``unique_id`` of the result of a labels layer, or the layer's own."""
    provenance = labels_provenance_of(layer)
    return str(layer.unique_id) if provenance is None else provenance.result_id
