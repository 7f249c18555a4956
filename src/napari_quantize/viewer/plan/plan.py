"""The plan of one run: source, values of K and request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.request.request import Request
from napari_quantize.viewer.layers.sources import Source


@dataclass(frozen=True)
class Plan:
    """Plan of a run, fixed when it starts. Renaming or moving the layer, or replacing its data, does not change it.

    Pixels are not copied: a run may or may not see pixels that are written into the layer's array meanwhile.

    Attributes
    ----------
    source : Source
        The image to quantize.
    ks : tuple of int
        Values of K, ascending.
    request : Request
        Checked arguments. They hold the digest of the mask, so that results of other masks are not replaced.
    parts : tuple of (Source, dict)
        The layers that get results, each with the arguments of ``add_image`` for them: one, or those that are
        quantized together, as the channels of `source`.
    mask : ndarray of bool or None
        Pixels to learn from, or to measure if a codebook is given; None for all.
    each_slice : bool
        True if the request's channels are slices of a stack.
    given : Codebook or None
        Codebook to apply instead of learning one.
    learnt_from : tuple of str
        Id and name of the layer that the given codebook was learnt from.
    part_name : str
        Name of the part that `mask` holds; empty for the whole image.
    """

    source: Source
    ks: tuple[int, ...]
    request: Request
    parts: tuple[tuple[Source, dict[str, Any]], ...]
    mask: np.ndarray | None = None
    each_slice: bool = False
    given: Codebook | None = None
    learnt_from: tuple[str, ...] = ()
    part_name: str = ""

    @property
    def together(self) -> tuple[tuple[str, str], ...]:
        """Id and name of the layers that are quantized as channels of one image; empty if there is one layer."""
        return tuple((part.layer_id, part.name) for part, _ in self.parts) if len(self.parts) > 1 else ()

    @property
    def facts_axis(self) -> int | None:
        """Channel axis of the layer whose facts are shown; None if its channels are layers or slices."""
        return None if self.together or self.each_slice else self.request.channel_axis

    @classmethod
    def applying(
        cls,
        codebook: Codebook,
        learnt_from: tuple[str, ...],
        part: tuple[Source, dict[str, Any]],
        *,
        each_slice: bool,
        mask: np.ndarray | None = None,
        part_name: str = "",
    ) -> Plan:
        """Return a plan to apply a codebook to a layer."""
        ks, request = (codebook.k,), codebook.request
        return cls(part[0], ks, request, (part,), mask, each_slice, codebook, learnt_from, part_name)
