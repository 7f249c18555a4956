"""Where a script takes a layer's image from: its file where that still gives the same, else the viewer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.viewer.layers import Source

if TYPE_CHECKING:
    from napari.layers import Image

_OWN_READER, _NAPARIS_READER = "napari-quantize", "napari"


@dataclass(frozen=True)
class Way:
    """How a script gets at an array.

    Attributes
    ----------
    imports : tuple of str
        Lines that come first.
    expression : str
        What the array is then.
    in_viewer : bool
        Whether that needs a viewer, as napari's console has one.
    """

    imports: tuple[str, ...]
    expression: str
    in_viewer: bool = False


@dataclass(frozen=True)
class Origin:
    """A layer's image, and what napari knows of where it came from.

    Attributes
    ----------
    name : str
        Of the layer.
    data : array-like
        At full resolution.
    multiscale : bool
        Whether `data` is the first of the layer's levels.
    path, reader : str or None
        The file, and the plugin that has read it.
    """

    name: str
    data: Any
    multiscale: bool
    path: str | None = None
    reader: str | None = None

    @classmethod
    def of(cls, layer: Image) -> Origin:
        """Look at a layer; no data is read."""
        source = layer.source
        return cls(layer.name, Source.of(layer).data, layer.multiscale, source.path, source.reader_plugin)

    def way(self, image: np.ndarray) -> Way:
        """Return how a script gets at `image`, which this layer holds; the file is read to see whether it does, too."""
        path = os.path.abspath(self.path) if self.path and os.path.isfile(self.path) else ""
        if path and self.reader == _OWN_READER and same(_read_photo(path), image):
            return Way(("from napari_quantize import read_image",), f"read_image({path!r})[0]")
        if path and self.reader == _NAPARIS_READER and same(_read_as_napari(path), image):
            if path.lower().endswith(".npy"):
                return Way(("import numpy as np",), f"np.load({path!r})")
            return Way(("import imageio.v3 as iio",), f"iio.imread({path!r})")
        expression = f"viewer.layers[{self.name!r}].data{'[0]' if self.multiscale else ''}"
        if isinstance(self.data, np.ndarray):
            return Way((), expression, in_viewer=True)
        return Way(("import numpy as np",), f"np.asarray({expression})", in_viewer=True)


def same(one: np.ndarray | None, other: np.ndarray) -> bool:
    """Whether two arrays are of one kind and hold the same; NaN is the same as NaN."""
    if one is None or (one.dtype, one.shape) != (other.dtype, other.shape):
        return False
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


def _read_photo(path: str) -> np.ndarray | None:
    from napari_quantize.files.photo import read_image

    try:
        return read_image(path)[0]
    except (OSError, ValueError):
        return None


def _read_as_napari(path: str) -> np.ndarray | None:
    import imageio.v3 as iio

    try:
        array: np.ndarray = np.load(path) if path.lower().endswith(".npy") else iio.imread(path)
    except (OSError, ValueError):
        return None
    return array
