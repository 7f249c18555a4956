"""The command ``compare``: figures of loss of one image against another."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.cli.errors import InputError, UsageError
from napari_quantize.cli.output import error_message, prefix_path, print_result
from napari_quantize.cli.tables import finite, pairs
from napari_quantize.core.quality.perception import delta_e, ssim
from napari_quantize.core.quality.quality import peak_range
from napari_quantize.formats.load import load
from napari_quantize.text.figures import DELTA_E, MAX_ERROR, MSE, PSNR, RMSE, SSIM
from napari_quantize.text.results import describe_image

if TYPE_CHECKING:
    from napari_quantize.formats.load import LoadedImage

_BLOCK = 2**22  # values compared at a time


def compare(first: Path, second: Path, *, as_json: bool) -> None:
    """Print the figures of loss of the second image against the first.

    Raises
    ------
    UsageError
        If an image does not exist, or the images differ in size or type.
    InputError
        If an image cannot be read, or there is nothing to compare.
    """
    loaded = open_image(first), open_image(second)
    source, result = _comparable_pixels(*loaded, first, second)
    figures = _figures(source, result, rgb=loaded[0].raster.rgb)
    if as_json:
        print_result(json.dumps({name: finite(value) for name, value in figures.items()}, indent=1) + "\n")
        return
    print_result(
        pairs([(first.name, _describe(loaded[0])), (second.name, _describe(loaded[1])), *_titled_figures(figures)])
    )


def open_image(path: Path) -> LoadedImage:
    """Read the image of a command.

    Raises
    ------
    UsageError
        If there is no such file.
    InputError
        If it cannot be read.
    """
    try:
        return load(path)
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}") from None
    except (ValueError, OSError) as error:
        raise InputError(prefix_path(path, error_message(error))) from None


def _describe(loaded: LoadedImage) -> str:
    return f"{_kind(loaded)} · {loaded.info['file_kb']:,.1f} KB"


def _comparable_pixels(
    one: LoadedImage, other: LoadedImage, first: Path, second: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels of two images of one shape and dtype, without alpha that is opaque everywhere."""
    images = one.raster.image, other.raster.image
    if one.raster.rgb and other.raster.rgb and images[0].shape[-1] != images[1].shape[-1]:
        images = _without_opaque_alpha(images[0]), _without_opaque_alpha(images[1])
    if (images[0].shape, images[0].dtype) != (images[1].shape, images[1].dtype):
        raise UsageError(
            f"{first} is {_kind(one)}, but {second} is {_kind(other)}: "
            "only images of the same size and type can be compared"
        )
    return images


def _without_opaque_alpha(image: np.ndarray) -> np.ndarray:
    top = np.iinfo(image.dtype).max if image.dtype.kind == "u" else 1
    return image[..., :3] if (image[..., 3:] == top).all() else image


def _kind(loaded: LoadedImage) -> str:
    raster = loaded.raster
    return describe_image(raster.image.shape, raster.image.dtype, None, rgb=raster.rgb)


def _figures(source: np.ndarray, result: np.ndarray, *, rgb: bool) -> dict[str, float | None]:
    """Return all figures of the values that are finite and visible; None for figures that are undefined."""
    alpha = rgb and source.shape[-1] == 4
    squares, largest, n_changed, n, low, high = 0.0, 0.0, 0, 0, math.inf, -math.inf
    for values, errors in _blocks(source, result, alpha=alpha):
        with np.errstate(over="ignore"):  # errors beyond all numbers are infinite
            squares += float(errors @ errors)
        largest = max(largest, float(np.abs(errors).max()))
        n_changed += int(np.count_nonzero(errors))
        n += len(errors)
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    if not n:
        raise InputError("there is nothing to compare: no value is finite and visible in both images")
    mse, peak = squares / n, peak_range(source.dtype, low, high)
    return {
        "rmse": math.sqrt(mse),
        "mse": mse,
        "psnr": psnr(mse, peak),
        "max_error": largest,
        "changed": n_changed / n,
        "delta_e": _or_none(lambda: delta_e(source, result).mean) if rgb else None,
        "ssim": _or_none(lambda: ssim(source, result, channel_axis=-1 if rgb else None, alpha=alpha)),
    }


def psnr(mse: float, peak: float) -> float | None:
    """Return the peak signal-to-noise ratio in dB; None for an image without range, or infinite errors."""
    if not mse:
        return math.inf
    return 20 * math.log10(peak) - 10 * math.log10(mse) if peak and math.isfinite(mse) else None


def _blocks(source: np.ndarray, result: np.ndarray, *, alpha: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield finite, visible values and their errors, some rows at a time."""
    step = max(1, _BLOCK // math.prod(source.shape[1:]))
    for start in range(0, len(source), step):
        one, other = (image[start : start + step] for image in (source, result))
        part = np.isfinite(one) & np.isfinite(other)
        if alpha:
            part &= one[..., 3:] != 0
            part[..., 3] = False
        if part.any():
            values = one[part].astype(np.float64)
            yield values, other[part].astype(np.float64) - values


def _or_none(measure: Callable[[], float]) -> float | None:
    """Return a figure, or None if it is not defined for these images."""
    try:
        return measure()
    except (ValueError, TypeError):
        return None


def _titled_figures(figures: dict[str, float | None]) -> list[tuple[str, str]]:
    """Return titles and formatted figures, in the order of the table of a run."""
    formats: list[tuple[str, str, Callable[[float], str]]] = [
        (RMSE.title, RMSE.name, RMSE.write),
        (MSE.title, MSE.name, MSE.write),
        (PSNR.title, PSNR.name, lambda value: PSNR.write(value) + (" dB" if math.isfinite(value) else "")),
        (MAX_ERROR.title, MAX_ERROR.name, MAX_ERROR.write),
        ("changed", "changed", lambda value: f"{100 * value:.2f} % of the values"),
        (DELTA_E.title, DELTA_E.name, DELTA_E.write),
        (SSIM.title, SSIM.name, "{:.4f}".format),  # there is room for one more digit than in tables
    ]
    shown = ((title, write, figures[name]) for title, name, write in formats)
    return [(title, write(value)) for title, write, value in shown if value is not None]
