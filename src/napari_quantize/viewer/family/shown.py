"""What the lower half of the dock shows: plain data that the panels are given."""

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
class Shown:
    """A family, and the result that is looked at.

    Attributes
    ----------
    source : Image or None
        The layer that was quantized; None once it is removed.
    facts : ImageFacts or None
        Of its data, with the channels that the current result has; None while that is not known.
    results : tuple of (Image, Provenance)
        By ascending K.
    current : (Image, Provenance) or None
        The result that is napari's active layer, else one that shows its classes well.
    slice : int or None
        Where the slices of the current result have levels of their own: which one is displayed. `facts` and `levels`
        are that one's.
    """

    source: Image | None = None
    facts: ImageFacts | None = None
    results: tuple[tuple[Image, Provenance], ...] = ()
    current: tuple[Image, Provenance] | None = None
    slice: int | None = None

    @property
    def made(self) -> Provenance | None:
        """How the current result was made."""
        return self.current[1] if self.current else None

    @cached_property
    def levels(self) -> tuple[np.ndarray, ...]:
        """The current result's levels; none where it holds colours."""
        if self.made is None:
            return ()
        return self.made.levels if self.slice is None else self.made.levels_of(self.slice)

    @cached_property
    def palette(self) -> np.ndarray | None:
        """The current result's colours, as its pixels hold them; None where it holds levels."""
        return self.current[1].palette if self.current else None

    @property
    def rgb(self) -> bool:
        """Whether the source is a colour image to napari."""
        return bool(self.source is not None and self.source.rgb)
