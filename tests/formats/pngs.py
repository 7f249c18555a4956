"""Rasters that tests write as PNG, and how libpng reads them."""

import numpy as np
from imagecodecs import png_decode

from napari_quantize.formats.png.metadata import read_png_record
from napari_quantize.formats.raster import Calibration, Raster

YX = Calibration.of_pixels("y", "x")


def raster(image, rgb=None, calibration=YX, **more):
    return Raster(image, image.ndim == 3 if rgb is None else rgb, calibration, **more)


def few(n_colors, channels, shape=(9, 13), dtype=np.uint8, seed=0):
    """Return a picture with all of `n_colors` different colours, grey if `channels` is 0."""
    rng = np.random.default_rng(seed)
    top = np.iinfo(dtype).max
    count = min(n_colors, (top + 1) ** max(1, channels), shape[0] * shape[1])
    colors = np.zeros((0, max(1, channels)), dtype)
    while len(colors) < count:
        more = rng.integers(0, top, (count, max(1, channels)), dtype=dtype, endpoint=True)
        colors = np.unique(np.concatenate((colors, more)), axis=0)
    indices = np.resize(np.arange(count), shape[0] * shape[1])
    rng.shuffle(indices)
    picture = rng.permutation(colors)[:count][indices].reshape(*shape, -1)
    return picture if channels else picture[..., 0]


def read_back(path, file):
    """Return what libpng reads from a file of ours, as it was saved, and what stands beside the pixels."""
    path.write_bytes(file)
    record, note = read_png_record(path)
    assert note == ""
    return record.restored(png_decode(file)), record
