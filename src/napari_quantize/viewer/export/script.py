"""*Copy → Python script*: a script that reproduces a result exactly."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.text.methods import fit_arguments
from napari_quantize.text.results import codebook_file
from napari_quantize.viewer.family.finders import layer_by_id
from napari_quantize.viewer.layers.sources import Source

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.viewer.layers.provenance import Provenance

_WIDTH = 100
_INDENT = "    "

_OWN_READER, _NAPARIS_READER = "napari-quantize", "napari"


@dataclass(frozen=True)
class Wanted:
    """A result, and the layers that its script needs.

    Attributes
    ----------
    title : str
        The result's name.
    made : Provenance
        How it was made.
    origins : tuple of Origin
        The layers that were quantized: one, or those that are channels of one image.
    result : ndarray
        Its pixels.
    learnt : Origin or None
        The layer that the levels were learnt from, if it is another one and still there.
    """

    title: str
    made: Provenance
    origins: tuple[Origin, ...]
    result: np.ndarray
    learnt: Origin | None = None

    @property
    def channel(self) -> int | None:
        """Index of the result among the layers that were quantized together; None if there is one layer."""
        ids = [layer_id for layer_id, _ in self.made.together]
        return ids.index(self.made.source_id) if ids else None


@dataclass(frozen=True)
class Script:
    """A script, and whether it reproduces the layer.

    Attributes
    ----------
    text : str
        Python code.
    in_viewer : bool
        True if it needs napari's console.
    exact : bool
        False if image or result have changed since.
    """

    text: str
    in_viewer: bool
    exact: bool


def wanted_script(viewer: Viewer, layer: Image, made: Provenance) -> Wanted:
    """Return a result with the layers that its script needs.

    Raises
    ------
    ValueError
        If an image that was quantized is no longer there.
    """
    parts = made.together or [(made.source_id, made.source_name)]
    layers = [layer_by_id(viewer, layer_id) for layer_id, _ in parts]
    for found, (_, name) in zip(layers, parts, strict=True):
        if found is None:
            raise ValueError(f"“{name}” is no longer in the viewer: a script could not get at it")
    learnt = layer_by_id(viewer, made.learnt_from[0]) if made.learnt_from else None
    origins = tuple(Origin.of(found) for found in layers if found is not None)
    return Wanted(layer.name, made, origins, layer.data, Origin.of(learnt) if learnt is not None else None)


def write_script(wanted: Wanted) -> Script:
    """Return the script. This reads the images and their files, so call it in a thread."""
    images = [np.asarray(origin.data) for origin in wanted.origins]
    accesses = [origin.access(image) for origin, image in zip(wanted.origins, images, strict=True)]
    image = np.stack(images) if wanted.made.together else images[0]
    result = wanted.made.codebook.apply(image)
    exact = same(result if wanted.channel is None else result[wanted.channel], wanted.result)
    in_viewer = any(access.in_viewer for access in accesses)
    return Script(_text(wanted, accesses, in_viewer=in_viewer), in_viewer, exact)


def _text(wanted: Wanted, accesses: Sequence[ArrayAccess], *, in_viewer: bool) -> str:
    made = wanted.made
    where = "; run it in napari's console" if in_viewer else ""
    image = accesses[0].expression
    imports = {line for access in accesses for line in access.imports}
    if made.together:
        imports.add("import numpy as np")
        image = f"np.stack([{', '.join(access.expression for access in accesses)}])"
    # One import of each module, as people write it.
    names = ["Codebook"] + ["read_image"] * ("from napari_quantize import read_image" in imports)
    lines = sorted(imports - {"from napari_quantize import read_image"})
    own = "" if wanted.channel is None else f"[{wanted.channel}]"
    return "\n".join(
        [
            f"# {_one_line(wanted.title)}: made with napari-quantize {made.version}{where}",
            *lines,
            f"from napari_quantize import {', '.join(names)}",
            "",
            f"image = {image}",
            f"codebook = Codebook.from_dict({_codebook(made.codebook.to_dict())})",
            f"result = codebook.apply(image){own}",
            "",
            *_anew(wanted),
            "",
        ]
    )


def _anew(wanted: Wanted) -> list[str]:
    """Return comment lines that tell how the levels are learnt; uncommented they run."""
    made = wanted.made
    what = "colours" if made.codebook.mode == "color" else "levels"
    if made.given:
        return [f"# The {what} are those of {_one_line(made.given)}: nothing was learnt."]
    if file := codebook_file(made.learnt_from):
        return [f"# The {what} are those of the file {_one_line(file)!r}."]
    if made.request.mask_digest:
        return [f"# The {what} were learnt within a region that is not in this script: fit(…, mask=…) learns them."]
    image, imports = "image", ["from napari_quantize import fit"]
    if made.learnt_from:
        if wanted.learnt is None:
            return [f"# The {what} were learnt from the layer {_one_line(made.learnt_from[1])!r}."]
        access = wanted.learnt.access(np.asarray(wanted.learnt.data))
        image, imports = access.expression, [*access.imports, *imports]
    return [
        f"# The {what} can be learnt anew:",
        *(f"# {line}" for line in imports),
        f"# codebook = fit({image}, {made.k}, {fit_arguments(made.request)})",
    ]


def _codebook(content: dict[str, Any]) -> str:
    """Return a codebook's dict as Python code, with its levels as wrapped lists."""
    groups = [f"[\n{_filled(map(repr, levels), 3)}\n{2 * _INDENT}]" for levels in content["levels"]]
    short = [f"{name!r}: {value!r}" for name, value in content.items() if name != "levels"]
    inner = f",\n{2 * _INDENT}".join(groups)
    return f"{{\n{_filled(short, 1)}\n{_INDENT}'levels': [\n{2 * _INDENT}{inner},\n{_INDENT}],\n}}"


def _filled(entries: Iterable[str], depth: int) -> str:
    """Join entries by commas and wrap the lines."""
    lines: list[list[str]] = [[]]
    room = _WIDTH
    for entry in entries:
        if lines[-1] and len(entry) + 2 > room:
            lines.append([])
            room = _WIDTH
        lines[-1].append(entry)
        room -= len(entry) + 2
    indent = depth * _INDENT
    return "\n".join(f"{indent}{', '.join(line)}," for line in lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class ArrayAccess:
    """Python code by which a script gets an array.

    Attributes
    ----------
    imports : tuple of str
        Import lines.
    expression : str
        Expression for the array.
    in_viewer : bool
        True if it needs the variable `viewer` of napari's console.
    """

    imports: tuple[str, ...]
    expression: str
    in_viewer: bool = False


@dataclass(frozen=True)
class Origin:
    """A layer's image, and napari's knowledge of its file.

    Attributes
    ----------
    name : str
        Name of the layer.
    data : array-like
        Data at full resolution.
    multiscale : bool
        True if `data` is level 0 of a multiscale layer.
    path, reader : str or None
        The file, and the plugin that read it.
    """

    name: str
    data: Any
    multiscale: bool
    path: str | None = None
    reader: str | None = None

    @classmethod
    def of(cls, layer: Image) -> Origin:
        """Return the origin of a layer, without reading data."""
        source = layer.source
        return cls(layer.name, Source.of(layer).data, layer.multiscale, source.path, source.reader_plugin)

    def access(self, image: np.ndarray) -> ArrayAccess:
        """Return code that gets `image`, the layer's data: from its file if that holds the same, or the viewer."""
        path = os.path.abspath(self.path) if self.path and os.path.isfile(self.path) else ""
        if path and self.reader == _OWN_READER and same(_read_photo(path), image):
            return ArrayAccess(("from napari_quantize import read_image",), f"read_image({path!r})[0]")
        if path and self.reader == _NAPARIS_READER and same(_read_as_napari(path), image):
            if path.lower().endswith(".npy"):
                return ArrayAccess(("import numpy as np",), f"np.load({path!r})")
            return ArrayAccess(("import imageio.v3 as iio",), f"iio.imread({path!r})")
        expression = f"viewer.layers[{self.name!r}].data{'[0]' if self.multiscale else ''}"
        if isinstance(self.data, np.ndarray):
            return ArrayAccess((), expression, in_viewer=True)
        return ArrayAccess(("import numpy as np",), f"np.asarray({expression})", in_viewer=True)


def same(one: np.ndarray | None, other: np.ndarray) -> bool:
    """Return whether two arrays have the same dtype, shape and values; NaN equals NaN."""
    if one is None or (one.dtype, one.shape) != (other.dtype, other.shape):
        return False
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


def _read_photo(path: str) -> np.ndarray | None:
    from napari_quantize.formats.photo.read import read_image

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
