"""Read and write NumPy's ``.npy`` files."""

from __future__ import annotations

import os
from tokenize import TokenError
from typing import IO, Any

import numpy as np

from napari_quantize.core.recorded_warnings import recorded_warnings
from napari_quantize.formats.arrays import array_facts, check_array
from napari_quantize.formats.photo.open import damage_as_value_error, shown_name
from napari_quantize.formats.raster import Calibration, Raster, axes_without_names
from napari_quantize.formats.resize import resized

_LEAST_SIDE = 5  # pixels of a plane whose last axis is taken for colours; a shorter axis may hold channels itself


def read_npy(path: str | os.PathLike[str], size: tuple[int, int] | None = None) -> tuple[Raster, dict[str, Any]]:
    """Read an array that ``numpy.save`` wrote. Refuse pickled objects, which could run code.

    Parameters
    ----------
    path, size
        As in `napari_quantize.load`.

    Returns
    -------
    raster : Raster
        The array. Its last axis is taken for colours if it has 3 or 4 entries and the two axes before it at least 5.
    info : dict
        ``format``, ``original_size``, ``file_kb``, ``rgb`` and ``notes``, as `read_image` describes them.

    Raises
    ------
    ValueError
        As in `napari_quantize.load`, and if the values are not real numbers.
    OSError
        As in `napari_quantize.load`.
    """
    name = shown_name(path)
    # NumPy warns when it reads a header that Python 2 wrote; the array itself is read correctly.
    with damage_as_value_error(name), recorded_warnings(UserWarning):
        try:
            # Mapped, so that shape and dtype are checked before memory is allocated.
            mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        except TokenError as error:
            raise ValueError("its header is not to be understood") from error
    check_array(name, mapped.shape, mapped.dtype)
    image = np.array(mapped, mapped.dtype.newbyteorder("="))
    rgb = image.ndim > 2 and image.shape[-1] in (3, 4) and min(image.shape[-3:-1]) >= _LEAST_SIDE
    notes = [f"The last axis, of {image.shape[-1]}, was taken for that of colours."] if rgb else []
    axes = axes_without_names(image.ndim - rgb)
    info = {
        "format": "NPY",
        "original_size": [int(n) for n in image.shape[: image.ndim - rgb][-1:-3:-1]],
    }
    raster = Raster(image, rgb, Calibration.of_pixels(*axes))
    return resized(name, raster, size), info | array_facts(os.path.getsize(path), raster) | {"notes": notes}


def write_npy(stream: IO[bytes], image: np.ndarray) -> None:
    """Write an array in the format of ``numpy.save``."""
    # numpy.save uses tofile, whose errors do not say why the disk refused; stream.write raises the system's OSError.
    image = np.ascontiguousarray(image)
    np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(image))
    stream.write(image.data)
