"""Check which layers a codebook or palette can be applied to: plain data, without a window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.palettes.palette import Palette
from napari_quantize.text.numbers import format_count
from napari_quantize.text.results import format_dtype
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.palettes import palette_in
from napari_quantize.viewer.layers.provenance import provenance_in, provenance_of
from napari_quantize.viewer.layers.sources import MAX_LAZY_BYTES, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari.layers import Layer

    from napari_quantize.core.codebook.codebook import Codebook

_SHOWN_NAME = 40


@dataclass(frozen=True)
class Target:
    """A layer that levels could be applied to.

    Attributes
    ----------
    layer_id, name : str
        ``unique_id`` and name.
    problem : str
        Reason why they cannot; empty if they can.
    """

    layer_id: str
    name: str
    problem: str = ""


def list_targets(codebook: Codebook, own: Source, learnt_from: str, others: Iterable[Source]) -> list[Target]:
    """Return all other layers, each with the reason if the levels do not fit.

    Parameters
    ----------
    codebook : Codebook
        The levels to apply.
    own : Source
        The layer of the result that they come from.
    learnt_from : str
        ``unique_id`` of the layer that they were learnt from.
    others : iterable of Source
        All images in the viewer.
    """
    return [
        Target(
            other.layer_id,
            other.name,
            messages.LEARNT_HERE if other.layer_id == learnt_from else _problem(codebook, own, other),
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
        return f"is {format_dtype(other.dtype)}, the levels are of {format_dtype(codebook.dtype)}"
    if other.is_lazy and other.n_bytes > MAX_LAZY_BYTES:
        return messages.too_large(other, MAX_LAZY_BYTES)
    try:
        # Has the shape and dtype of the data, but the memory of one number: nothing is read.
        codebook.check(np.broadcast_to(np.zeros((), other.dtype), other.shape))
    except (ValueError, TypeError) as error:
        return str(error)
    return ""


def offered(layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers whose palette *Use a palette* offers: palettes, and results that were read from files.

    Results of the viewer's images are left out, since *Apply these levels to…* is for them.
    """
    return [layer for layer in layers if provenance_of(layer) is None and palette_in(layer.metadata) is not None]


def entry(name: str, palette: Palette | Codebook) -> str:
    """Return a palette's menu entry."""
    name = name if len(name) <= _SHOWN_NAME else f"{name[: _SHOWN_NAME - 1]}…"
    if isinstance(palette, Palette):
        return f"{name} · {format_count(len(palette.colors), 'colour')}"
    n, what = max(map(len, palette.levels)), "colour" if palette.mode == "color" else "level"
    return f"{name} · {format_count(n, what)}"


def origin_of(layer: Layer) -> tuple[str, str]:
    """Return id and name of the layer that a layer's codebook was learnt from; its own if that is not known."""
    made = provenance_in(layer.metadata)
    if made is None:
        return str(layer.unique_id), layer.name
    return (made.learnt_from[0], made.learnt_from[1]) if made.learnt_from else (made.source_id, made.source_name)


def fitted(palette: Palette | Codebook, source: Source) -> Codebook:
    """Return the codebook that applies a palette to an image.

    Raises
    ------
    ValueError, TypeError
        If they do not fit; the message tells why.
    """
    if source.is_lazy and source.n_bytes > MAX_LAZY_BYTES:
        raise ValueError(messages.too_large(source, MAX_LAZY_BYTES))
    if isinstance(palette, Palette):
        return codebook_from(palette, source.dtype, channel_axis=-1 if source.rgb else None, alpha=source.alpha)
    _check(palette, source)
    return palette


def _check(codebook: Codebook, source: Source) -> None:
    what = "colours" if codebook.mode == "color" else "levels"
    axis = codebook.channel_axis
    of_rgb = axis is not None and axis % max(1, len(source.shape)) == len(source.shape) - 1
    if source.rgb and not of_rgb:
        raise ValueError(f"these {what} are for grey images, but “{source.name}” is in colour")
    if not source.rgb and axis == -1:
        raise ValueError(f"these {what} are for images in colour, but “{source.name}” is none")
    if source.alpha != codebook.alpha:
        has, was = ("has an", "without") if source.alpha else ("has no", "with")
        raise ValueError(f"“{source.name}” {has} alpha channel, but these {what} were learnt {was} one")
    if (source.dtype.kind == "f") != (codebook.dtype.kind == "f"):
        raise ValueError(
            f"these {what} are of {format_dtype(codebook.dtype)}, but “{source.name}” is {format_dtype(source.dtype)}"
        )
    # Has the shape and dtype of the data, but the memory of one number: nothing is read.
    codebook.check(np.broadcast_to(np.zeros((), source.dtype), source.shape))
