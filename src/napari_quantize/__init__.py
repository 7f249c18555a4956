"""K-means quantization of images: what is left with only K values, for several K at once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_quantize._version import __version__ as __version__

if TYPE_CHECKING:
    from napari_quantize.core.analysis.image_facts import ImageFacts, image_facts
    from napari_quantize.core.api import Result, fit, quantize, sweep, transfer
    from napari_quantize.core.classes.objects import ObjectMeasures, centroids, classify, find_objects, measure_objects
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.quality.noise import estimate_noise
    from napari_quantize.core.quality.perception import DeltaE, delta_e, ssim
    from napari_quantize.core.quality.quality import Quality
    from napari_quantize.core.request.request import Request
    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.formats.load import load
    from napari_quantize.formats.photo.read import read_image
    from napari_quantize.formats.raster import Calibration, Raster
    from napari_quantize.formats.save import save_raster
    from napari_quantize.palettes.io import Palette, codebook_from, palette_of, read_palette, write_palette

__all__ = [
    "Calibration",
    "Codebook",
    "CountedSamples",
    "DeltaE",
    "ImageFacts",
    "ObjectMeasures",
    "Palette",
    "Quality",
    "Raster",
    "Request",
    "Result",
    "centroids",
    "classify",
    "codebook_from",
    "delta_e",
    "estimate_noise",
    "find_objects",
    "fit",
    "image_facts",
    "load",
    "measure_objects",
    "palette_of",
    "quantize",
    "read_image",
    "read_palette",
    "save_raster",
    "ssim",
    "sweep",
    "transfer",
    "write_palette",
]

_HOMES = {
    "Calibration": "formats.raster",
    "Codebook": "core.codebook.codebook",
    "CountedSamples": "core.samples.samples",
    "DeltaE": "core.quality.perception",
    "ImageFacts": "core.analysis.image_facts",
    "ObjectMeasures": "core.classes.objects",
    "Palette": "palettes.io",
    "Quality": "core.quality.quality",
    "Raster": "formats.raster",
    "Request": "core.request.request",
    "Result": "core.api",
    "centroids": "core.classes.objects",
    "classify": "core.classes.objects",
    "codebook_from": "palettes.io",
    "delta_e": "core.quality.perception",
    "estimate_noise": "core.quality.noise",
    "find_objects": "core.classes.objects",
    "fit": "core.api",
    "image_facts": "core.analysis.image_facts",
    "load": "formats.load",
    "measure_objects": "core.classes.objects",
    "palette_of": "palettes.io",
    "quantize": "core.api",
    "read_image": "formats.photo.read",
    "read_palette": "palettes.io",
    "save_raster": "formats.save",
    "ssim": "core.quality.perception",
    "sweep": "core.api",
    "transfer": "core.api",
    "write_palette": "palettes.io",
}


def __getattr__(name: str) -> Any:
    # A public name is looked up when it is first used, so that importing the package loads nothing heavy.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_HOMES[name]}")
    globals()[name] = getattr(module, name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
