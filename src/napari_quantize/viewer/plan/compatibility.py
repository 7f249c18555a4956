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
    from napari_quantize.core.request.request import Tick

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


def list_targets(codebook: Codebook, origin: Source, learnt_from: str, others: Iterable[Source]) -> list[Target]:
    """Return all other layers, each with the reason if the levels do not fit.

    Parameters
    ----------
    codebook : Codebook
        The levels to apply.
    origin : Source
        The layer of the result that they come from.
    learnt_from : str
        ``unique_id`` of the layer that they were learnt from.
    others : iterable of Source
        All images in the viewer; `origin` is left out.
    """
    targets = []
    for other in others:
        if other.layer_id == origin.layer_id:
            continue
        reason = misfit(codebook, other, origin)
        problem = messages.LEARNT_HERE if other.layer_id == learnt_from else reason.remark if reason else ""
        targets.append(Target(other.layer_id, other.name, problem))
    return targets


@dataclass(frozen=True)
class Misfit:
    """The reason why a codebook does not fit an image.

    Attributes
    ----------
    remark : str
        As it stands beside the image's name.
    message : str
        As it stands alone.
    """

    remark: str
    message: str


def misfit(codebook: Codebook, source: Source, origin: Source | None = None) -> Misfit | None:
    """Return why a codebook does not fit an image; None if it does.

    Parameters
    ----------
    codebook : Codebook
        The levels or colours.
    source : Source
        The image; nothing is read of it.
    origin : Source or None
        The image that they were learnt from, if it is known. Its number of channels may not follow from the codebook.
    """
    return _misfit_of_channels(codebook, source, origin) or _misfit_of_values(codebook, source)


def _misfit_of_channels(codebook: Codebook, source: Source, origin: Source | None) -> Misfit | None:
    what, name, axis = _kind(codebook), source.name, codebook.channel_axis
    of_last_axis = axis is not None and axis % max(1, len(source.shape)) == len(source.shape) - 1
    if source.rgb and not (of_last_axis if origin is None else origin.rgb):
        message = f"these {what} are for grey images, but “{name}” is in colour"
        return Misfit("is in colour, the levels are not", message)
    if not source.rgb and (axis == -1 if origin is None else origin.rgb):
        message = f"these {what} are for images in colour, but “{name}” is none"
        return Misfit("is not in colour, as the levels are", message)
    if source.alpha and not codebook.alpha:
        message = f"“{name}” has an alpha channel, but these {what} were learnt without one"
        return Misfit("has an alpha channel, the levels were learnt without", message)
    if codebook.alpha and not source.alpha:
        message = f"“{name}” has no alpha channel, but these {what} were learnt with one"
        return Misfit("has no alpha channel", message)
    if origin is not None and axis is not None and not source.rgb and axis < min(len(source.shape), len(origin.shape)):
        n_expected, n_channels = origin.shape[axis], source.shape[axis]
        if n_expected != n_channels:
            remark = f"has {n_channels} entries along axis {axis}, not {n_expected}"
            return Misfit(remark, f"“{name}” {remark}")
    return None


def _misfit_of_values(codebook: Codebook, source: Source) -> Misfit | None:
    if (source.dtype.kind == "f") != (codebook.dtype.kind == "f"):
        image_dtype, codebook_dtype = format_dtype(source.dtype), format_dtype(codebook.dtype)
        message = f"these {_kind(codebook)} are of {codebook_dtype}, but “{source.name}” is {image_dtype}"
        return Misfit(f"is {image_dtype}, the levels are of {codebook_dtype}", message)
    if source.is_too_large:
        problem = messages.too_large(source, MAX_LAZY_BYTES)
        return Misfit(problem, problem)
    try:
        # Has the shape and dtype of the data, but the memory of one number: nothing is read.
        codebook.check(np.broadcast_to(np.zeros((), source.dtype), source.shape))
    except (ValueError, TypeError) as error:
        return Misfit(str(error), str(error))
    return None


def _kind(codebook: Codebook) -> str:
    return "colours" if codebook.mode == "color" else "levels"


def layers_with_palettes(layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers whose palettes *Use a palette* lists: palettes, and results that were read from files.

    Results of the viewer's images are left out, since *Apply these levels to…* is for them.
    """
    return [layer for layer in layers if provenance_of(layer) is None and palette_in(layer.metadata) is not None]


def menu_entry(name: str, palette: Palette | Codebook) -> str:
    """Return a palette's menu entry."""
    name = name if len(name) <= _SHOWN_NAME else f"{name[: _SHOWN_NAME - 1]}…"
    if isinstance(palette, Palette):
        return f"{name} · {format_count(len(palette.colors), 'colour')}"
    n, what = max(map(len, palette.levels)), "colour" if palette.mode == "color" else "level"
    return f"{name} · {format_count(n, what)}"


def codebook_origin(layer: Layer) -> tuple[str, str]:
    """Return id and name of the layer that a layer's codebook was learnt from; its own if that is not known."""
    provenance = provenance_in(layer.metadata)
    if provenance is None:
        return str(layer.unique_id), layer.name
    if provenance.learnt_from:
        return provenance.learnt_from[0], provenance.learnt_from[1]
    return provenance.source_id, provenance.source_name


def codebook_for(palette: Palette | Codebook, source: Source, high: float | None, tick: Tick) -> Codebook:
    """Return the codebook that applies a palette to an image.

    Parameters
    ----------
    palette : Palette or Codebook
        Its colours or levels.
    source : Source
        The image.
    high : float or None
        Largest value of the image. If it is None, all of an RGB image of uint16 is read for a palette to find white.
    tick : callable
        Called between blocks of pixels.

    Raises
    ------
    ValueError
        If they do not fit; the message tells why.
    """
    if source.is_too_large:
        raise ValueError(messages.too_large(source, MAX_LAZY_BYTES))
    if isinstance(palette, Palette):
        if not source.rgb:
            return codebook_from(palette, source.dtype)
        white = source.white(high, tick)
        return codebook_from(palette, source.dtype, channel_axis=-1, alpha=source.alpha, white=white)
    reason = misfit(palette, source)
    if reason is not None:
        raise ValueError(reason.message)
    return palette
