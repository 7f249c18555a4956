"""Centers that are sound, in arrays that nobody can change."""

from __future__ import annotations

import numpy as np

from napari_quantize.core.arguments import MAX_CHANNELS
from napari_quantize.core.samples import MAX_SIZE


def frozen_values(centers: np.ndarray, k: int) -> np.ndarray:
    """Return at most `k` ascending centers as a read-only copy, or say in a ValueError what is wrong with them."""
    frozen = np.array(centers, dtype=np.float64) + 0.0  # -0.0 becomes 0.0: what is equal has equal bytes
    if frozen.ndim != 1 or not 1 <= len(frozen) <= k:
        raise ValueError(f"centers of shape {frozen.shape} do not go with k={k}")
    if not np.isfinite(frozen).all() or (np.diff(frozen) <= 0).any():
        raise ValueError("centers must be finite and ascending")
    if np.abs(frozen).max() > MAX_SIZE:
        raise ValueError(f"centers must lie within ±{MAX_SIZE:g}")
    frozen.flags.writeable = False
    return frozen


def frozen_colors(centers: np.ndarray, k: int) -> np.ndarray:
    """Return at most `k` different colours as a read-only copy, or say in a ValueError what is wrong with them."""
    frozen = np.array(centers, dtype=np.float64) + 0.0
    if frozen.ndim != 2 or not 1 <= len(frozen) <= k or not 2 <= frozen.shape[1] <= MAX_CHANNELS:
        raise ValueError(f"colours of shape {frozen.shape} do not go with k={k}")
    if not np.isfinite(frozen).all() or np.abs(frozen).max() > MAX_SIZE:
        raise ValueError(f"colours must be finite and lie within ±{MAX_SIZE:g}")
    if len(np.unique(frozen, axis=0)) < len(frozen):
        raise ValueError("colours must differ from each other")
    frozen.flags.writeable = False
    return frozen
