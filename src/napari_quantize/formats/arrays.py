"""Limits on arrays that are read from files, and figures of the files' compression."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.request.request import check_dtype
from napari_quantize.formats.raster import Raster

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from napari_quantize.formats.raster import Raster

#: Largest array that is read from a file. Pillow limits the size of one picture, but not hundreds of them in one file.
MAX_ARRAY_BYTES = 2 * 1024**3


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
    """Return `array` in this machine's byte order. Swap its bytes in place, so the caller must own it."""
    return array if array.dtype.isnative else array.byteswap(inplace=True).view(array.dtype.newbyteorder())


def array_facts(n_bytes: int, raster: Raster) -> dict[str, Any]:
    """Return the ``info`` entries on colours and compression for an image from a file of `n_bytes`."""
    image = raster.image
    n_pixels = image.size // image.shape[-1] if raster.rgb else image.size
    return {"rgb": raster.rgb} | compression_facts(n_bytes, n_pixels, image.nbytes // n_pixels)


def compression_facts(n_bytes: int, n_pixels: int, pixel_bytes: int) -> dict[str, float]:
    """Return the size of a file and how well it is compressed.

    Parameters
    ----------
    n_bytes : int
        Size of the file.
    n_pixels : int
        Number of pixels that were read from it, over all frames.
    pixel_bytes : int
        Bytes of one pixel in the array.

    Returns
    -------
    dict
        ``file_kb``, ``bits_per_pixel`` and ``compression_ratio``, as `read_image` describes them.
    """
    return {
        "file_kb": round(n_bytes / 1024, 1),
        "bits_per_pixel": round(8 * n_bytes / n_pixels, 3),
        "compression_ratio": round(n_pixels * pixel_bytes / n_bytes, 3),
    }


def checksum(image: np.ndarray) -> int:
    """Return the CRC-32 of the pixels in C order and little-endian."""
    result = 0
    # Plane by plane: a swapped or contiguous copy of the whole image would double the memory.
    planes = image.reshape(-1, *image.shape[-2:]) if image.ndim > 2 and image.flags.c_contiguous else [image]
    for plane in planes:
        result = zlib.crc32(np.ascontiguousarray(plane, plane.dtype.newbyteorder("<")).data, result)
    return result
