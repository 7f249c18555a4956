"""K-means quantization of images: what is left with only K values, for several K at once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_quantize.core.codebook import Codebook
    from napari_quantize.core.learn import fit, quantize
    from napari_quantize.core.sweep import sweep, transfer
    from napari_quantize.files.load import load
    from napari_quantize.files.palette import Palette, codebook_from, palette_of, read_palette, write_palette
    from napari_quantize.files.photo import read_image
    from napari_quantize.files.raster import Place, Raster
    from napari_quantize.files.save import save_raster

__version__ = "0.1.0"
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
    "Codebook": "core.codebook",
    "Palette": "files.palette",
    "Place": "files.raster",
    "Raster": "files.raster",
    "codebook_from": "files.palette",
    "fit": "core.learn",
    "load": "files.load",
    "palette_of": "files.palette",
    "quantize": "core.learn",
    "read_image": "files.photo",
    "read_palette": "files.palette",
    "save_raster": "files.save",
    "sweep": "core.sweep",
    "transfer": "core.sweep",
    "write_palette": "files.palette",
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
