"""Resize images of any dtype."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from napari_quantize.formats.arrays import check_array
from napari_quantize.formats.raster import Calibration, Raster

_LARGEST = 2**53  # beyond it not every integer is a float64


def resized(name: str, raster: Raster, size: tuple[int, int] | None) -> Raster:
    """Return an image resized to another width and height, with its pixel size scaled to match.

    Parameters
    ----------
    name : str
        Name of the file, for error messages.
    raster : Raster
        The image, of any dtype.
    size : (int, int) or None
        Width and height; None keeps the present ones.

    Returns
    -------
    Raster
        Resized plane by plane with Pillow's bicubic filter; bool by nearest pixel. Dtypes that Pillow does not know are
        filtered as float32; integers are then rounded and clipped to the dtype's range.

    Raises
    ------
    ValueError
        If the image has no width and height, or would become larger than `MAX_ARRAY_BYTES`.
    """
    image, calibration = raster.image, raster.calibration
    if size is None:
        return raster
    if len(calibration.axes) < 2:
        raise ValueError(f"{name}: an image of shape {image.shape} has no width and height to change")
    height, width = image.shape[: image.ndim - raster.rgb][-2:]
    if size == (width, height):
        return raster
    channels = image.shape[-1:] if raster.rgb else ()
    leading = image.shape[: image.ndim - raster.rgb - 2]
    check_array(name, (*leading, size[1], size[0], *channels), image.dtype)
    stack = image.reshape(-1, height, width, *channels)
    result = np.empty((len(stack), size[1], size[0], *channels), image.dtype)
    for plane, out in zip(stack, result, strict=True):
        _resize(plane, out)
    steps = (*calibration.scale[:-2], calibration.scale[-2] * height / size[1], calibration.scale[-1] * width / size[0])
    return replace(
        raster,
        image=result.reshape(*leading, *result.shape[1:]),
        calibration=Calibration(calibration.axes, steps, calibration.units),
    )


def _resize(plane: np.ndarray, out: np.ndarray) -> None:
    size = out.shape[1], out.shape[0]
    if plane.dtype == np.uint8:
        out[...] = Image.fromarray(np.ascontiguousarray(plane)).resize(size, Image.Resampling.BICUBIC)
    elif plane.dtype == bool:  # a filter would need a threshold
        rows, columns = (np.arange(new) * old // new for new, old in zip(out.shape[:2], plane.shape[:2], strict=True))
        out[...] = plane[rows[:, np.newaxis], columns]
    elif plane.ndim == 3:
        for channel in range(plane.shape[2]):
            _resize(plane[..., channel], out[..., channel])
    else:
        with np.errstate(over="ignore"):  # float64 beyond float32 becomes infinite
            narrow = np.ascontiguousarray(plane, np.float32)
        wide = np.asarray(Image.fromarray(narrow).resize(size, Image.Resampling.BICUBIC), np.float64)
        if plane.dtype.kind in "iu":
            limits = np.iinfo(plane.dtype)
            # float64 rounds the limits of 64-bit integers up, out of their range.
            wide = np.rint(wide).clip(max(limits.min, -_LARGEST), min(limits.max, _LARGEST))
        with np.errstate(over="ignore"):
            out[...] = wide
