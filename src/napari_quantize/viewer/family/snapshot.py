"""Snapshot of a family for the panels: plain data, frozen while they draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_quantize.core.cached_property import cached_property
from napari_quantize.text.names import axis_title

if TYPE_CHECKING:
    import numpy as np
    from napari.layers import Image

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.viewer.layers.provenance import Provenance


@dataclass(frozen=True)
class FamilySnapshot:
    """A family and its current result.

    Attributes
    ----------
    source : Image or None
        The layer that was quantized; None once it is removed.
    facts : ImageFacts or None
        Histogram and other facts of its data, by the channels of the current result; None until they are known.
    results : tuple of (Image, Provenance)
        Results by ascending K.
    current : (Image, Provenance) or None
        The current result, as `Family.current`.
    slice : int or None
        Index of the displayed slice if slices have levels of their own, else None. `facts` and `levels` are then those
        of this slice.
    tried : Codebook or None
        The codebook that *Try* shows, if it is like that of the current result but for K: what the histogram shows.
    """

    source: Image | None = None
    facts: ImageFacts | None = None
    results: tuple[tuple[Image, Provenance], ...] = ()
    current: tuple[Image, Provenance] | None = None
    slice: int | None = None
    tried: Codebook | None = None

    @property
    def provenance(self) -> Provenance | None:
        """Provenance of the current result; None if there is none."""
        return self.current[1] if self.current else None

    @property
    def tried_codebook(self) -> Codebook | None:
        """The codebook that *Try* shows, else that of the current result; None if there is none."""
        if self.tried is not None:
            return self.tried
        return self.provenance.codebook if self.provenance is not None else None

    @property
    def tried_levels(self) -> tuple[np.ndarray, ...]:
        """The levels that *Try* shows, else those of the current result; empty if they are colours."""
        if self.tried is None:
            return self.levels
        return () if self.tried.mode == "color" else self.tried.levels

    @property
    def tried_borders(self) -> tuple[np.ndarray, ...]:
        """The borders between `tried_levels`."""
        if self.tried is None:
            return self.borders
        return tuple(self.tried.borders_of(group) for group in range(len(self.tried_levels)))

    @property
    def tried_palette(self) -> np.ndarray | None:
        """The colours that *Try* shows, else those of the current result; None if they are levels."""
        if self.tried is None:
            return self.palette
        return self.tried.outputs[0] if self.tried.mode == "color" else None

    @cached_property
    def levels(self) -> tuple[np.ndarray, ...]:
        """The current result's levels; empty if it holds colours."""
        if self.provenance is None:
            return ()
        return self.provenance.levels if self.slice is None else self.provenance.levels_of(self.slice)

    @property
    def groups(self) -> tuple[int, ...]:
        """Indices in the codebook of the sets of levels in `tried_levels`, and in `levels`."""
        return tuple(range(len(self.tried_levels))) if self.slice is None else (self.slice,)

    @cached_property
    def borders(self) -> tuple[np.ndarray, ...]:
        """The borders between the current result's levels; empty if it holds colours."""
        if self.provenance is None:
            return ()
        codebook = self.provenance.codebook
        return tuple(codebook.borders_of(group) for group in self.groups) if self.levels else ()

    @cached_property
    def palette(self) -> np.ndarray | None:
        """The current result's colours in data units; None if it holds levels."""
        return self.current[1].palette if self.current else None

    @property
    def white(self) -> float:
        """Value of a full channel of the source's colours; 255 while there is no result."""
        return 255.0 if self.provenance is None else self.provenance.white

    @property
    def slice_axis_name(self) -> str:
        """Name of the axis whose slices have levels of their own; empty if none has."""
        if self.provenance is None or self.provenance.slice_axis is None or self.source is None:
            return ""
        return axis_title(self.source.axis_labels, self.provenance.slice_axis) or "slice"

    @property
    def rgb(self) -> bool:
        """True if napari shows the source as RGB."""
        return bool(self.source is not None and self.source.rgb)
