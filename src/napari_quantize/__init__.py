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
    from napari_quantize.formats.load import LoadedImage, load
    from napari_quantize.formats.photo.read import read_image, read_images
    from napari_quantize.formats.png.dither import dither_image
    from napari_quantize.formats.png.encode import encode_png, png_kb
    from napari_quantize.formats.png.separations import write_separations
    from napari_quantize.formats.raster import Calibration, Raster
    from napari_quantize.formats.save import SavedFile, save_raster
    from napari_quantize.palettes.codebooks import codebook_from, palette_of
    from napari_quantize.palettes.io import read_palette, write_palette
    from napari_quantize.palettes.palette import Palette
    from napari_quantize.plots.comparison import ComparisonPanel, DisplaySettings, comparison_figure, save_figure
    from napari_quantize.report.item import ReportItem, WrittenFiles
    from napari_quantize.report.page import draw_section, write_report

__all__ = [
    "Calibration",
    "Codebook",
    "ComparisonPanel",
    "CountedSamples",
    "DeltaE",
    "DisplaySettings",
    "ImageFacts",
    "LoadedImage",
    "ObjectMeasures",
    "Palette",
    "Quality",
    "Raster",
    "ReportItem",
    "Request",
    "Result",
    "SavedFile",
    "WrittenFiles",
    "centroids",
    "classify",
    "codebook_from",
    "comparison_figure",
    "delta_e",
    "dither_image",
    "draw_section",
    "encode_png",
    "estimate_noise",
    "find_objects",
    "fit",
    "image_facts",
    "load",
    "measure_objects",
    "palette_of",
    "png_kb",
    "quantize",
    "read_image",
    "read_images",
    "read_palette",
    "save_figure",
    "save_raster",
    "ssim",
    "sweep",
    "transfer",
    "write_palette",
    "write_report",
    "write_separations",
]

_HOMES = {
    "Calibration": "formats.raster",
    "Codebook": "core.codebook.codebook",
    "ComparisonPanel": "plots.comparison",
    "CountedSamples": "core.samples.samples",
    "DeltaE": "core.quality.perception",
    "DisplaySettings": "plots.comparison",
    "ImageFacts": "core.analysis.image_facts",
    "LoadedImage": "formats.load",
    "ObjectMeasures": "core.classes.objects",
    "Palette": "palettes.palette",
    "Quality": "core.quality.quality",
    "Raster": "formats.raster",
    "ReportItem": "report.item",
    "Request": "core.request.request",
    "Result": "core.api",
    "SavedFile": "formats.save",
    "WrittenFiles": "report.item",
    "centroids": "core.classes.objects",
    "classify": "core.classes.objects",
    "codebook_from": "palettes.codebooks",
    "comparison_figure": "plots.comparison",
    "delta_e": "core.quality.perception",
    "dither_image": "formats.png.dither",
    "draw_section": "report.page",
    "encode_png": "formats.png.encode",
    "estimate_noise": "core.quality.noise",
    "find_objects": "core.classes.objects",
    "fit": "core.api",
    "image_facts": "core.analysis.image_facts",
    "load": "formats.load",
    "measure_objects": "core.classes.objects",
    "palette_of": "palettes.codebooks",
    "png_kb": "formats.png.encode",
    "quantize": "core.api",
    "read_image": "formats.photo.read",
    "read_images": "formats.photo.read",
    "read_palette": "palettes.io",
    "save_figure": "plots.comparison",
    "save_raster": "formats.save",
    "ssim": "core.quality.perception",
    "sweep": "core.api",
    "transfer": "core.api",
    "write_palette": "palettes.io",
    "write_report": "report.page",
    "write_separations": "formats.png.separations",
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
