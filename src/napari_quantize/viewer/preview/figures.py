"""Figures of the K that *Try* shows: error or colour difference, and a file's size. Plain data, without a window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.quality.loss import samples_rmse
from napari_quantize.core.quality.perception import delta_e
from napari_quantize.core.request.request import no_tick
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.text.numbers import format_number

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Tick
    from napari_quantize.core.samples.samples import CountedSamples

# Pixels up to which these take some tenths of a second. Of more pixels, the colour difference is measured on some, and
# the size is not told.
_MAX_COMPARED = 2**19
_MAX_ENCODED = 2**18


@dataclass(frozen=True)
class TriedFigures:
    """Figures of one K.

    Attributes
    ----------
    error : float
        Root mean squared error of the whole image, in data units, or the mean colour difference of the displayed part.
    is_delta_e : bool
        Whether `error` is the colour difference.
    kb : float or None
        Size of the displayed plane as a PNG with its levels or colours; None if it takes long, or PNG cannot hold it.
    exact : bool
        Whether `error` is that of all pixels.
    on_part : bool
        Whether `error` is over the pixels that are learnt from alone.
    """

    error: float
    is_delta_e: bool = False
    kb: float | None = None
    exact: bool = True
    on_part: bool = False


def tried_figures(
    codebook: Codebook,
    samples: tuple[CountedSamples, ...],
    source: np.ndarray,
    result: np.ndarray,
    *,
    rgb: bool,
    is_whole_plane: bool,
    white: float | None = None,
    tick: Tick = no_tick,
) -> TriedFigures:
    """Return the figures of a codebook.

    Parameters
    ----------
    codebook : Codebook
        The codebook of the K that is tried.
    samples : tuple of CountedSamples
        Counted samples of the image.
    source, result : ndarray
        The displayed part of the image, and its quantized twin; length 1 along axes that are not displayed.
    rgb : bool
        Whether the last axis holds colours.
    is_whole_plane : bool
        Whether the part is all of a plane at full resolution.
    white : float, optional
        Value of a full channel of the whole image; by default that of the part.
    tick : callable
        Called between steps.
    """
    found = _delta_e(source, result, white, tick) if rgb else None
    error, is_exact = found or (samples_rmse(codebook, samples), all(counted.exact for counted in samples))
    tick()
    kb = _png_kb(codebook, result, rgb=rgb) if is_whole_plane else None
    request = codebook.request
    on_part = found is None and (bool(request.ignore) or request.mask_digest is not None)
    return TriedFigures(error, found is not None, kb, is_exact, on_part)


def _delta_e(source: np.ndarray, result: np.ndarray, white: float | None, tick: Tick) -> tuple[float, bool] | None:
    """Return the mean colour difference, and whether it is that of all pixels; None if the colours have none."""
    step = math.ceil(math.sqrt(math.prod(source.shape[:-1]) / _MAX_COMPARED))
    some = (..., slice(None, None, step), slice(None, None, step), slice(None))
    try:
        return delta_e(source[some], result[some], white=white, tick=tick).mean, step == 1
    except (ValueError, TypeError):  # no colours that people see, such as floats beyond 1
        return None


def _png_kb(codebook: Codebook, result: np.ndarray, *, rgb: bool) -> float | None:
    from napari_quantize.formats.png.encode import png_kb

    n_axes = 2 + rgb
    if math.prod(result.shape[:-n_axes]) > 1 or math.prod(result.shape[-n_axes:][:2]) > _MAX_ENCODED:
        return None
    plane = result.reshape(result.shape[-n_axes:])
    own = codebook if len(codebook.levels) == 1 else None
    try:
        return png_kb(Raster(plane, rgb, Calibration(("y", "x"), (1.0, 1.0), ("pixel", "pixel")), own))
    except ValueError:  # floats and wide integers
        return None


def figures_line(k: int, figures: TriedFigures | None) -> str:
    """Return the line under *Try*: K with its figures, or with dots while they are measured."""
    if figures is None:
        return f"K={k}: …"
    error = f"ΔE {figures.error:.2f}" if figures.is_delta_e else f"± {format_number(figures.error)}"
    error += " there" if figures.on_part else ""
    size = [] if figures.kb is None else [f"about {max(1.0, figures.kb):,.0f} KB"]
    return f"K={k}: {' · '.join([error if figures.exact else f'about {error}', *size])}"
