"""The figures of one result, as plain data for tables."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.record import Record
from napari_quantize.text.figures import DELTA_E, KB, PROGRAMS, SSIM, recorded
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
    figures : dict
        Figures of loss by name; None where there is no such figure, or it was not asked for.
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
    figures: dict[str, float | None]

    def figure(self, name: str) -> float | None:
        """Return a figure, or the size of the result's file as ``kb``."""
        return self.kb if name == KB.name else self.figures[name]

    def as_json(self) -> dict[str, Any]:
        """Return the row as a dict for JSON, which cannot hold infinities: they become None."""
        values = {name: value for name, value in vars(self).items() if name != "figures"} | self.figures
        return {name: None if value in (math.inf, -math.inf) else value for name, value in values.items()}


def row_of(result: Result, loaded: LoadedImage, source: Path, saved: Path, *, applied: bool, slow_figures: bool) -> Row:
    """Return the row of a result that was saved.

    Parameters
    ----------
    result : Result
        The result.
    loaded : LoadedImage
        Its image.
    source, saved : Path
        Files of the image and of the result.
    applied : bool
        Whether a given codebook was applied to the image, so that nothing was learnt from it.
    slow_figures : bool
        Whether to measure ΔE and SSIM, too.
    """
    image, rgb = loaded.raster.image, loaded.raster.rgb
    record = Record(codebook=result.codebook, quality=result.quality, learnt_from=("", "") if applied else ())
    found = recorded(PROGRAMS, record) | (_perceived(image, result.image, rgb=rgb) if slow_figures else {})
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
        figures={figure.name: found.get(figure.name) for figure in PROGRAMS},
    )


def _perceived(source: np.ndarray, result: np.ndarray, *, rgb: bool) -> dict[str, float | None]:
    """Measure ΔE and SSIM. Leave out those that are not defined for the image."""
    from napari_quantize.core.quality.perception import delta_e, ssim

    figures: dict[str, float | None] = {}
    with suppress(ValueError, TypeError):
        if rgb:
            figures[DELTA_E.name] = delta_e(source, result).mean
    with suppress(ValueError, TypeError):
        alpha = rgb and source.shape[-1] == 4
        figures[SSIM.name] = ssim(source, result, channel_axis=-1 if rgb else None, alpha=alpha)
    return figures
