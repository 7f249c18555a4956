"""Snapshot of the family for the panels: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from napari.layers import Image

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.viewer.layers.provenance import Provenance


@dataclass(frozen=True)
class FamilySnapshot:
    """A family and its current result.

    Attributes
    ----------
    source : Image or None
        The layer that was quantized; None once it is removed.
    facts : ImageFacts or None
        Facts about its data, with the channels of the current result; None while they are not known.
    results : tuple of (Image, Provenance)
        Results by ascending K.
    current : (Image, Provenance) or None
        The result that is napari's active layer, else one whose classes can be told apart.
    slice : int or None
        Index of the displayed slice if slices have levels of their own, else None. `facts` and `levels` are then those
        of this slice.
    """

    source: Image | None = None
    facts: ImageFacts | None = None
    results: tuple[tuple[Image, Provenance], ...] = ()
    current: tuple[Image, Provenance] | None = None
    slice: int | None = None

    @property
    def provenance(self) -> Provenance | None:
        """How the current result was made."""
        return self.current[1] if self.current else None

    @cached_property
    def levels(self) -> tuple[np.ndarray, ...]:
        """The current result's levels; empty if it holds colours."""
        if self.provenance is None:
            return ()
        return self.provenance.levels if self.slice is None else self.provenance.levels_of(self.slice)

    @cached_property
    def palette(self) -> np.ndarray | None:
        """The current result's colours in data units; None if it holds levels."""
        return self.current[1].palette if self.current else None

    @property
    def rgb(self) -> bool:
        """True if napari shows the source as RGB."""
        return bool(self.source is not None and self.source.rgb)
