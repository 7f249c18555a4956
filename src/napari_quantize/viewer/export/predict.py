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

# Larger images are not written as TIFF just to show the size of the file.
_MAX_TIFF_BYTES = 2**26


@dataclass(frozen=True)
class PredictedFile:
    """The image file that a result becomes.

    Attributes
    ----------
    suffix : str
        Suffix of the file.
    description : str
        Format, colours, bits and size as far as known, and why it is a TIFF if a PNG was asked for.
    content : bytes
        The encoded file if it is a PNG, so that it is not encoded twice.
    """

    suffix: str
    description: str
    content: bytes = b""


def predict_file(raster: Raster, suffix: str) -> PredictedFile:
    """Predict the file of an image by encoding it.

    Parameters
    ----------
    raster : Raster
        The image.
    suffix : str
        Suffix that the user chose. What a PNG cannot hold becomes a TIFF.
    """
    if suffix == ".tif":
        return _tiff(raster, "")
    from napari_quantize.formats.png.encode import encode_png
    from napari_quantize.formats.png.pixels import PngKind

    try:
        content = encode_png(raster)
    except ValueError as error:  # its message says what a PNG cannot hold
        return _tiff(raster, str(error))
    kind = PngKind.of(content)
    description = export_messages.png(kind, len(content), refused=not kind.is_indexed and suffix == ".indexed.png")
    return PredictedFile(suffix if kind.is_indexed else ".png", description, content)


def predict_result_file(candidate: Candidate, choice: Choice) -> PredictedFile:
    """Predict the image file of a result."""
    return predict_file(_pixels(candidate, dither=choice.dither), choice.image)


def _pixels(candidate: Candidate, *, dither: bool) -> Raster:
    if not (dither and candidate.can_be_dithered):
        return candidate.raster
    from napari_quantize.formats.png.dither import dither_image

    return dither_image(replace(candidate.raster, image=np.asarray(candidate.source)))


def _tiff(raster: Raster, why: str) -> PredictedFile:
    from napari_quantize.formats.tiff.write import write_tiff

    channels = f" {'RGBA' if raster.image.shape[-1] == 4 else 'RGB'}" if raster.rgb else ""
    kind = f"TIFF, {format_dtype(raster.image.dtype)}{channels}"
    n_bytes = None
    if raster.image.nbytes <= _MAX_TIFF_BYTES:
        stream = io.BytesIO()
        write_tiff(stream, raster)
        n_bytes = stream.getbuffer().nbytes
    return PredictedFile(".tif", export_messages.tiff(kind, n_bytes, why))
