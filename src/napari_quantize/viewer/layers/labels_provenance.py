"""What a labels layer says of how it was made: written into its metadata, read back from there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari.layers import Labels, Layer

METADATA_KEY = "napari_quantize_labels"


@dataclass(frozen=True)
class LabelsMark:
    """How a labels layer was made, in plain values that survive being saved.

    Attributes
    ----------
    layer_id : str
        ``unique_id`` of the layer itself: where this does not match, it is a copy.
    result_id : str
        ``unique_id`` of the result that was labelled.
    result : str
        What that result is, the same for all channels of one result.
    options : dict
        Fields of `LabelOptions`.
    digest : str
        Of the labels as they were made.
    columns : list of str
        Of the features as they were made.
    """

    layer_id: str
    result_id: str
    result: str
    options: dict[str, Any]
    digest: str
    columns: list[str]

    def write(self, layer: Labels) -> None:
        """Store in the layer's metadata."""
        layer.metadata = {**layer.metadata, METADATA_KEY: asdict(self)}


def mark_of(layer: Layer) -> LabelsMark | None:
    """Return how a layer's labels were made, or None if they are not ours (a copy is not)."""
    stored = layer.metadata.get(METADATA_KEY)
    if not isinstance(stored, dict) or stored.get("layer_id") != str(layer.unique_id):
        return None
    return LabelsMark(**stored)


def result_id_of(layer: Layer) -> str:
    """Return the ``unique_id`` of the result that a layer shows: its own, or that of which it has the labels."""
    mark = mark_of(layer)
    return str(layer.unique_id) if mark is None else mark.result_id
