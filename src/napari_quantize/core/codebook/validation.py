"""Checks of centers and scales, which return read-only copies."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from napari_quantize.core.lookup.color_spaces import MIN_SCALE, white_of
from napari_quantize.core.request.color_options import Color
from napari_quantize.core.request.request import MAX_CHANNELS, MAX_SIZE, dtype_limits

_FAMILIES = {"b": "integers", "i": "integers", "u": "integers", "f": "floats"}


def frozen_values(centers: np.ndarray, k: int) -> np.ndarray:
    """Return at most `k` ascending centers as a read-only copy; raise a ValueError if they are not that."""
    frozen = np.array(centers, dtype=np.float64) + 0.0  # -0.0 becomes 0.0, so that equal centers have equal bytes
    if frozen.ndim != 1 or not 1 <= len(frozen) <= k:
        raise ValueError(f"centers of shape {frozen.shape} do not go with k={k}")
    # Before differences are taken, which the largest floats overflow.
    if not np.isfinite(frozen).all() or np.abs(frozen).max() > MAX_SIZE:
        raise ValueError(f"centers must be finite and lie within ±{MAX_SIZE:g}")
    if (np.diff(frozen) <= 0).any():
        raise ValueError("centers must ascend")
    frozen.flags.writeable = False
    return frozen


def frozen_colors(centers: np.ndarray, k: int) -> np.ndarray:
    """Return at most `k` different colours as a read-only copy; raise a ValueError if they are not that."""
    frozen = np.array(centers, dtype=np.float64) + 0.0
    if frozen.ndim != 2 or not 1 <= len(frozen) <= k or not 2 <= frozen.shape[1] <= MAX_CHANNELS:
        raise ValueError(f"colours of shape {frozen.shape} do not go with k={k}")
    if not np.isfinite(frozen).all() or np.abs(frozen).max() > MAX_SIZE:
        raise ValueError(f"colours must be finite and lie within ±{MAX_SIZE:g}")
    if len(np.unique(frozen, axis=0)) < len(frozen):
        raise ValueError("colours must differ from each other")
    frozen.flags.writeable = False
    return frozen


def check_kept(keep: tuple[Color, ...], colors: np.ndarray) -> None:
    """Raise a ValueError if a kept colour is missing among the centers."""
    missing = set(keep).difference(map(tuple, colors.tolist())) if keep else ()
    for color in missing:
        raise ValueError(f"the colour {color} is to be kept, but it is not among the centers")


def frozen_scales(scales: Iterable[float] | None, n_channels: int, *, balance: bool) -> tuple[float, ...] | None:
    """Return the checked scales of balanced channels, None without balance; raise a ValueError if they do not fit."""
    scales = None if scales is None else tuple(map(float, scales))
    if not balance and scales is None:
        return None
    if not balance or scales is None or len(scales) != n_channels:
        raise ValueError(f"scales={scales!r} do not go with balance={balance} and {n_channels} channels")
    if not all(MIN_SCALE <= scale < np.inf for scale in scales):
        raise ValueError(f"scales={scales!r} must be finite and at least {MIN_SCALE:g}")
    return scales


def frozen_borders(
    borders: Iterable[np.ndarray] | None, levels: tuple[np.ndarray, ...], *, colors: bool
) -> tuple[np.ndarray, ...] | None:
    """Return borders that were set by hand as read-only copies; raise a ValueError if they do not go with `levels`."""
    if borders is None:
        return None
    frozen = tuple(np.array(limits, dtype=np.float64) + 0.0 for limits in borders)
    if colors or len(frozen) != len(levels):
        raise ValueError(f"{len(frozen)} sets of borders do not go with {len(levels)} sets of centers")
    for limits, centers in zip(frozen, levels, strict=True):
        if limits.shape != (len(centers) - 1,) or not (np.all(centers[:-1] <= limits) and np.all(limits < centers[1:])):
            raise ValueError(f"the borders {limits.tolist()} do not lie between the centers {centers.tolist()}")
        limits.flags.writeable = False
    return frozen


def check_own_dtype(levels: tuple[np.ndarray, ...], own: np.dtype, dtype: np.dtype, *, lab: bool) -> None:
    """Raise a ValueError if centers learnt from images of dtype `own` do not fit images of `dtype`."""
    if _FAMILIES[dtype.kind] != _FAMILIES[own.kind]:
        raise ValueError(f"the codebook was learnt from {own}, and does not fit an image of {dtype}")
    if lab and white_of(own) != white_of(dtype):
        raise ValueError(f"the codebook was learnt in Lab from {own}, where white is another number than in {dtype}")
    low = min(centers.min().item() for centers in levels)
    high = max(centers.max().item() for centers in levels)
    least, most = dtype_limits(dtype)
    for center in (low, high):
        if not least <= center <= most:
            raise ValueError(
                f"the center {center:.16g} does not fit into {dtype}, which ends at {least:g} and {most:g}"
            )
