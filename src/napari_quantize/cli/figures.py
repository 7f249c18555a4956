"""The figures of one result, as plain data: what tables are made of."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.record import Record
from napari_quantize.text.results import describe_image, format_k

if TYPE_CHECKING:
    from napari_quantize.core.api import Result
    from napari_quantize.formats.load import LoadedImage


@dataclass(frozen=True)
class Row:
    """One result of one image.

    Attributes
    ----------
    source, saved : str
        The image's file, and the result's.
    what : str
        What kind of image it is, in words.
    source_kb, kb : float
        Sizes of both files, in units of 1,024 bytes.
    raw_kb : float
        Size of the pixels without any compression.
    kept : str
        K in the dock's words.
    mode, method : str
        How it was quantized.
    k, n_used : int
        How many values were asked for, and how many there are at most in a channel.
    rmse, mse, psnr, max_error, explained, bits : float
        Figures of `Quality`; `bits` are bits a pixel.
    colours : int or None
        Different colours in the result.
    excess : float or None
        Cost over the least possible cost, less 1.
    delta_e, ssim : float or None
        Measured only when asked for.
    """

    source: str
    saved: str
    what: str
    source_kb: float
    kb: float
    raw_kb: float
    kept: str
    mode: str
    method: str
    k: int
    n_used: int
    rmse: float
    mse: float
    psnr: float
    max_error: float
    explained: float
    bits: float
    colours: int | None
    excess: float | None
    delta_e: float | None = None
    ssim: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the row as JSON can hold it: what is infinite becomes None."""
        return {name: None if value in (math.inf, -math.inf) else value for name, value in asdict(self).items()}


def row_of(result: Result, loaded: LoadedImage, source: Path, saved: Path, *, applied: bool, thorough: bool) -> Row:
    """Put together the figures of a result that was saved."""
    image, rgb, quality = loaded.raster.image, loaded.raster.rgb, result.quality
    record = Record(codebook=result.codebook, quality=quality, learnt_from=("", "") if applied else ())
    measured = _perceived(image, result.image, rgb=rgb) if thorough else {}
    return Row(
        source=str(source),
        saved=str(saved),
        what=describe_image(image.shape, image.dtype, None, rgb=rgb),
        source_kb=source.stat().st_size / 1024,
        kb=saved.stat().st_size / 1024,
        raw_kb=image.nbytes / 1024,
        kept=format_k(record),
        mode=result.codebook.mode,
        method=result.codebook.method,
        k=result.k,
        n_used=record.n_used,
        rmse=quality.rmse,
        mse=quality.mse,
        psnr=quality.psnr,
        max_error=quality.max_error,
        explained=quality.explained,
        bits=quality.bits_per_pixel,
        colours=quality.n_colors,
        excess=quality.excess,
        **measured,
    )


def _perceived(source: np.ndarray, result: np.ndarray, *, rgb: bool) -> dict[str, float]:
    """Measure what the eye sees, as far as there are such figures of images of this kind."""
    from napari_quantize.core.quality.perception import delta_e, ssim

    figures: dict[str, float] = {}
    with suppress(ValueError, TypeError):
        if rgb:
            figures["delta_e"] = delta_e(source, result).mean
    with suppress(ValueError, TypeError):
        alpha = rgb and source.shape[-1] == 4
        figures["ssim"] = ssim(source, result, channel_axis=-1 if rgb else None, alpha=alpha)
    return figures
