"""Which layers the levels of a result can be applied to, and why not to others: plain data, without a window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.viewer import words
from napari_quantize.viewer.layers import MAX_LAZY_BYTES, Source

if TYPE_CHECKING:
    from napari_quantize.core.codebook import Codebook


@dataclass(frozen=True)
class Target:
    """A layer that levels could be applied to.

    Attributes
    ----------
    layer_id, name : str
        ``unique_id`` and name.
    problem : str
        Why they cannot; empty if they can.
    """

    layer_id: str
    name: str
    problem: str = ""


def list_targets(codebook: Codebook, own: Source, learnt_from: str, others: Iterable[Source]) -> list[Target]:
    """Return all other layers, with what speaks against each.

    Parameters
    ----------
    codebook : Codebook
        What is to be applied.
    own : Source
        The layer whose result it comes from.
    learnt_from : str
        ``unique_id`` of the layer that it was learnt from.
    others : iterable of Source
        All images there are.
    """
    return [
        Target(
            other.layer_id,
            other.name,
            words.LEARNT_HERE if other.layer_id == learnt_from else _problem(codebook, own, other),
        )
        for other in others
        if other.layer_id != own.layer_id
    ]


def _problem(codebook: Codebook, own: Source, other: Source) -> str:
    if own.rgb != other.rgb:
        return "is in colour, the levels are not" if other.rgb else "is not in colour, as the levels are"
    if own.alpha != other.alpha:
        return "has an alpha channel, the levels were learnt without" if other.alpha else "has no alpha channel"
    axis = codebook.channel_axis
    if axis is not None and not other.rgb and axis < len(other.shape):
        n_own, n_other = own.shape[axis], other.shape[axis]
        if n_own != n_other:
            return f"has {n_other} entries along axis {axis}, not {n_own}"
    if (own.dtype.kind == "f") != (other.dtype.kind == "f"):
        return f"is {words.depth(other.dtype)}, the levels are of {words.depth(codebook.dtype)}"
    if other.is_lazy and other.n_bytes > MAX_LAZY_BYTES:
        return words.too_large(other, MAX_LAZY_BYTES)
    try:
        # Of the shape and dtype, and as small as a number: nothing is read.
        codebook.check(np.broadcast_to(np.zeros((), other.dtype), other.shape))
    except (ValueError, TypeError) as error:
        return str(error)
    return ""
