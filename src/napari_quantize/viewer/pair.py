"""The two layers that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_quantize.viewer.layers import Source
from napari_quantize.viewer.provenance import provenance_of
from napari_quantize.viewer.words import caption

if TYPE_CHECKING:
    from napari.layers import Image


@dataclass(frozen=True)
class Pair:
    """A source and one of its results."""

    source: Image
    result: Image

    @property
    def captions(self) -> tuple[str, str]:
        """What either is called in the picture."""
        made = provenance_of(self.result)
        return "source", caption(made) if made is not None else self.result.name

    @property
    def data(self) -> tuple[Any, Any]:
        """The full-resolution data of both."""
        return Source.of(self.source).data, Source.of(self.result).data
