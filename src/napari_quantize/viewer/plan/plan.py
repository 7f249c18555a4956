"""What one run does: source, request and ks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.request.request import Request
from napari_quantize.viewer.layers.sources import Source


@dataclass(frozen=True)
class Plan:
    """What a run does, fixed when it starts: a layer that is renamed, moved or given other data does not change it.

    Pixels are not copied: those written into the layer's own array meanwhile are seen or not.

    Attributes
    ----------
    source : Source
        What is quantized.
    ks : tuple of int
        Ascending.
    request : Request
        How. It tells of the mask, so that results learnt from other parts are not replaced.
    parts : tuple of (Source, dict)
        The layers that get results, each with the arguments of ``add_image`` for them: one, or those that are
        quantized together, as the channels of `source`.
    mask : ndarray of bool or None
        What to learn from.
    each_slice : bool
        Whether the request's channels are slices of a stack.
    given : Codebook or None
        What is applied instead of learning anything.
    learnt_from : tuple of str
        Id and name of the layer that was learnt from, where a codebook is given.
    """

    source: Source
    ks: tuple[int, ...]
    request: Request
    parts: tuple[tuple[Source, dict[str, Any]], ...]
    mask: np.ndarray | None = None
    each_slice: bool = False
    given: Codebook | None = None
    learnt_from: tuple[str, ...] = ()

    @property
    def together(self) -> list[list[str]]:
        """Id and name of the layers that are quantized as channels of one image; none where there is one layer."""
        return [[part.layer_id, part.name] for part, _ in self.parts] if len(self.parts) > 1 else []

    @property
    def facts_axis(self) -> int | None:
        """Axis of what a user calls channels in the layer that facts are told of."""
        return None if self.together or self.each_slice else self.request.channel_axis

    @classmethod
    def applying(
        cls, codebook: Codebook, learnt_from: tuple[str, ...], part: tuple[Source, dict[str, Any]], *, each_slice: bool
    ) -> Plan:
        """Plan to give a layer the levels that were learnt from another one."""
        return cls(part[0], (codebook.k,), codebook.request, (part,), None, each_slice, codebook, learnt_from)
