"""K-means quantization of images: what is left with only K values, for several K at once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_quantize._version import __version__ as __version__

if TYPE_CHECKING:
    from napari_quantize.core.api import fit, quantize, sweep, transfer
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.formats.load import load
    from napari_quantize.formats.photo.read import read_image
    from napari_quantize.formats.raster import Place, Raster
    from napari_quantize.formats.save import save_raster
    from napari_quantize.palettes.io import Palette, codebook_from, palette_of, read_palette, write_palette

__all__ = [
    "Codebook",
    "Palette",
    "Place",
    "Raster",
    "codebook_from",
    "fit",
    "load",
    "palette_of",
    "quantize",
    "read_image",
    "read_palette",
    "save_raster",
    "sweep",
    "transfer",
    "write_palette",
]

_HOMES = {
    "Codebook": "core.codebook.codebook",
    "Palette": "palettes.io",
    "Place": "formats.raster",
    "Raster": "formats.raster",
    "codebook_from": "palettes.io",
    "fit": "core.api",
    "load": "formats.load",
    "palette_of": "palettes.io",
    "quantize": "core.api",
    "read_image": "formats.photo.read",
    "read_palette": "palettes.io",
    "save_raster": "formats.save",
    "sweep": "core.api",
    "transfer": "core.api",
    "write_palette": "palettes.io",
}


def __getattr__(name: str) -> Any:
    # The public names are looked up when first used: importing the package loads nothing heavy.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_HOMES[name]}")
    globals()[name] = getattr(module, name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
