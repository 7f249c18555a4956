"""The two layers of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_quantize.text.results import result_caption
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import Source

if TYPE_CHECKING:
    from napari.layers import Image


@dataclass(frozen=True)
class Pair:
    """A source and one of its results."""

    source: Image
    result: Image

    @property
    def captions(self) -> tuple[str, str]:
        """Captions of source and result."""
        provenance = provenance_of(self.result)
        return "source", result_caption(provenance) if provenance is not None else self.result.name

    @property
    def data(self) -> tuple[Any, Any]:
        """Full-resolution data of source and result."""
        return Source.of(self.source).data, Source.of(self.result).data
