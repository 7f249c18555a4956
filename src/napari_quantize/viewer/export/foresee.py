"""Predict the image files that results become: work for a thread, without a window."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.text.results import format_dtype
from napari_quantize.viewer.export import messages as export_messages

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Raster
    from napari_quantize.viewer.export.model import Candidate
    from napari_quantize.viewer.export.options import Choice

# Larger images are not encoded just to show the size of the file.
_MAX_TRIED = 2**26


@dataclass(frozen=True)
class Foreseen:
    """The file that the image of a result will become.

    Attributes
    ----------
    ending : str
        Suffix of the file.
    told : str
        Format, colours, bits and size as far as known, and why it is a TIFF if a PNG was asked for.
    content : bytes
        The encoded file if it is a PNG, so that it is not encoded twice.
    """

    ending: str
    told: str
    content: bytes = b""


def foresee(raster: Raster, ending: str) -> Foreseen:
    """Predict the file of an image by encoding it, unless it is very large."""
    if ending == ".tif":
        return _tiff(raster, "")
    from napari_quantize.formats.png.encode import encode_png
    from napari_quantize.formats.png.pixels import PngKind

    try:
        content = encode_png(raster)
    except ValueError as error:
        return _tiff(raster, str(error))
    kind = PngKind.of(content)
    told = export_messages.png(kind, len(content), refused=not kind.is_indexed and ending == ".indexed.png")
    return Foreseen(ending if kind.is_indexed else ".png", told, content)


def foresee_result(candidate: Candidate, choice: Choice) -> Foreseen:
    """Predict the image file of a result."""
    return foresee(_pixels(candidate, dither=choice.dither), choice.image)


def _pixels(candidate: Candidate, *, dither: bool) -> Raster:
    if not (dither and candidate.can_be_dithered):
        return candidate.raster
    from napari_quantize.formats.png.dither import dither_image

    return dither_image(replace(candidate.raster, image=np.asarray(candidate.source)))


def _tiff(raster: Raster, why: str) -> Foreseen:
    from napari_quantize.formats.tiff.write import write_tiff

    channels = f" {'RGBA' if raster.image.shape[-1] == 4 else 'RGB'}" if raster.rgb else ""
    kind = f"TIFF, {format_dtype(raster.image.dtype)}{channels}"
    n_bytes = None
    if raster.image.nbytes <= _MAX_TRIED:
        stream = io.BytesIO()
        write_tiff(stream, raster)
        n_bytes = stream.getbuffer().nbytes
    return Foreseen(".tif", export_messages.tiff(kind, n_bytes, why))
