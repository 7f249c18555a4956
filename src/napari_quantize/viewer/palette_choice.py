"""Which palettes the dock can use, and whether one fits an image: plain data, without a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.codebook import Codebook
from napari_quantize.files.palette import Palette, codebook_from
from napari_quantize.viewer import words
from napari_quantize.viewer.layers import MAX_LAZY_BYTES, Source
from napari_quantize.viewer.palette_layers import palette_in
from napari_quantize.viewer.provenance import provenance_of
from napari_quantize.viewer.record import provenance_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari.layers import Layer

_SHOWN_NAME = 40


def offered(layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers whose palette can be given to an image: those of palettes, and results from files.

    Results in the viewer are not among them: *Apply these levels to…* is for these.
    """
    return [layer for layer in layers if provenance_of(layer) is None and palette_in(layer.metadata) is not None]


def entry(name: str, palette: Palette | Codebook) -> str:
    """Name a palette in a menu."""
    name = name if len(name) <= _SHOWN_NAME else f"{name[: _SHOWN_NAME - 1]}…"
    if isinstance(palette, Palette):
        return f"{name} · {words.counted(len(palette.colors), 'colour')}"
    n, what = max(map(len, palette.levels)), "colour" if palette.mode == "color" else "level"
    return f"{name} · {words.counted(n, what)}"


def origin_of(layer: Layer) -> tuple[str, str]:
    """Return id and name of what the codebook of a layer was learnt from, as far as that is known."""
    made = provenance_in(layer.metadata)
    if made is None:
        return str(layer.unique_id), layer.name
    return (made.learnt_from[0], made.learnt_from[1]) if made.learnt_from else (made.source_id, made.source_name)


def fitted(palette: Palette | Codebook, source: Source) -> Codebook:
    """Return the codebook that gives a palette to an image.

    Raises
    ------
    ValueError, TypeError
        If they do not go together; the sentence says why.
    """
    if source.is_lazy and source.n_bytes > MAX_LAZY_BYTES:
        raise ValueError(words.too_large(source, MAX_LAZY_BYTES))
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
            f"these {what} are of {words.depth(codebook.dtype)}, but “{source.name}” is {words.depth(source.dtype)}"
        )
    # Of the shape and dtype, and as small as a number: nothing is read.
    codebook.check(np.broadcast_to(np.zeros((), source.dtype), source.shape))
