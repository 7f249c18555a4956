"""Arrays that files of numbers become: how large they may be, and how well the file was compressed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from napari_quantize.core.arguments import check_dtype
from napari_quantize.files.facts import compression_facts
from napari_quantize.files.frames import MAX_ARRAY_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from napari_quantize.files.raster import Raster


def check_array(name: str, shape: Sequence[int], dtype: np.dtype) -> None:
    """Raise ValueError if an array needs more memory than `MAX_ARRAY_BYTES`, is empty or not of real numbers."""
    try:
        check_dtype(dtype)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
    sizes = " × ".join(f"{n:,}" for n in shape)
    if 0 in shape or not shape:
        raise ValueError(f"{name} holds no image: its shape is {tuple(shape)}")
    needed = math.prod(shape) * dtype.itemsize
    if needed > MAX_ARRAY_BYTES:
        raise ValueError(
            f"{name} would need {needed / 1024**3:,.1f} GB ({sizes} values of {dtype.name}): "
            f"more than the safety limit of {MAX_ARRAY_BYTES / 1024**3:g} GB"
        )


def native(array: np.ndarray) -> np.ndarray:
    """Return an array that is ours in this machine's byte order, without a second one."""
    return array if array.dtype.isnative else array.byteswap(inplace=True).view(array.dtype.newbyteorder())


def array_facts(n_bytes: int, raster: Raster) -> dict[str, Any]:
    """Return how well a file of so many bytes is compressed, and whether its image has colours."""
    image = raster.image
    n_pixels = image.size // image.shape[-1] if raster.rgb else image.size
    return {"rgb": raster.rgb} | compression_facts(n_bytes, n_pixels, image.nbytes // n_pixels)
