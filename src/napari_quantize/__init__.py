"""K-means quantization of images: what is left with only K values, for several K at once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_quantize.core.codebook import Codebook
    from napari_quantize.core.learn import fit, quantize
    from napari_quantize.core.sweep import sweep
    from napari_quantize.files.photo import read_image

__version__ = "0.1.0"
__all__ = ["Codebook", "fit", "quantize", "read_image", "sweep"]

_HOMES = {
    "Codebook": "core.codebook",
    "fit": "core.learn",
    "quantize": "core.learn",
    "read_image": "files.photo",
    "sweep": "core.sweep",
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
