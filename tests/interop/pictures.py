"""Pictures whose colours are counted, and how they are saved."""

from pathlib import Path

import numpy as np

from napari_quantize import Calibration, Raster, save_raster


def picture(n_colors: int, channels: int, dtype: type = np.uint8, shape: tuple[int, int] = (20, 23)) -> np.ndarray:
    """Return a picture of `n_colors` random colours (two, if it is of bool), grey if `channels` is 0."""
    rng = np.random.default_rng(n_colors)
    if dtype is bool:
        return rng.random(shape) < 0.5
    top = np.iinfo(dtype).max
    colors = rng.integers(0, top, (n_colors, max(1, channels)), dtype=dtype, endpoint=True)
    image = colors[rng.permutation(np.resize(np.arange(n_colors), shape[0] * shape[1]))].reshape(*shape, -1)
    return image if channels else image[..., 0]


def save(path: Path, image: np.ndarray, *, rgb: bool, unit: str = "pixel", record: dict | None = None) -> Path:
    """Save an image, its axes named as the last of z, y and x."""
    n_axes = image.ndim - rgb
    calibration = Calibration(tuple("zyx"[-n_axes:]), (1.0,) * n_axes, (unit,) * n_axes)
    return save_raster(path, Raster(image, rgb, calibration, record=record)).path
