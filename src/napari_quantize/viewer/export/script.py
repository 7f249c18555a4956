"""*Copy → Python script*: a script that reproduces a result exactly."""

from __future__ import annotations

import os
import pprint
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.text.methods import fit_arguments
from napari_quantize.text.results import codebook_file
from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.layers.sources import Source

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.viewer.layers.provenance import Provenance

_WIDTH = 100
_INDENT = "    "

_OWN_READER, _NAPARIS_READER = "napari-quantize", "napari"


@dataclass(frozen=True)
class ScriptInputs:
    """A result, with the layers that its script needs.

    Attributes
    ----------
    title : str
        The result's name.
    provenance : Provenance
        Its provenance.
    origins : tuple of Origin
        The layers that were quantized: one, or those that are channels of one image.
    result : ndarray
        Its pixels.
    learnt_from_layer : Origin or None
        The layer that the levels were learnt from, if it is another one and was not removed.
    """

    title: str
    provenance: Provenance
    origins: tuple[Origin, ...]
    result: np.ndarray
    learnt_from_layer: Origin | None = None

    @property
    def channel(self) -> int | None:
        """Index of the result among the layers that were quantized together; None if there is one layer."""
        ids = [layer_id for layer_id, _ in self.provenance.together]
        return ids.index(self.provenance.source_id) if ids else None


@dataclass(frozen=True)
class Script:
    """A script, and whether it reproduces the layer.

    Attributes
    ----------
    text : str
        Python code.
    in_viewer : bool
        True if it must run in napari's console.
    exact : bool
        False if the image or the result has changed since.
    """

    text: str
    in_viewer: bool
    exact: bool


def script_inputs(viewer: Viewer, layer: Image, provenance: Provenance) -> ScriptInputs:
    """Return a result with the layers that its script needs.

    Raises
    ------
    ValueError
        If an image that was quantized has been removed.
    """
    parts = provenance.together or [(provenance.source_id, provenance.source_name)]
    layers = [layer_by_id(viewer, layer_id) for layer_id, _ in parts]
    for part, (_, name) in zip(layers, parts, strict=True):
        if part is None:
            raise ValueError(f"“{name}” is no longer in the viewer: a script could not get at it")
    learnt_from_layer = layer_by_id(viewer, provenance.learnt_from[0]) if provenance.learnt_from else None
    origins = tuple(Origin.of(part) for part in layers if part is not None)
    return ScriptInputs(
        layer.name,
        provenance,
        origins,
        layer.data,
        Origin.of(learnt_from_layer) if learnt_from_layer is not None else None,
    )


def write_script(inputs: ScriptInputs) -> Script:
    """Return the script, and whether it reproduces the layer.

    This reads images and their files, so call it in a thread.
    """
    images = [np.asarray(origin.data) for origin in inputs.origins]
    accesses = [origin.access(image) for origin, image in zip(inputs.origins, images, strict=True)]
    image = np.stack(images) if inputs.provenance.together else images[0]
    result = inputs.provenance.codebook.apply(image)
    exact = is_same(result if inputs.channel is None else result[inputs.channel], inputs.result)
    in_viewer = any(access.in_viewer for access in accesses)
    return Script(_text(inputs, accesses, in_viewer=in_viewer), in_viewer, exact)


def _text(inputs: ScriptInputs, accesses: Sequence[ArrayAccess], *, in_viewer: bool) -> str:
    provenance = inputs.provenance
    hint = "; run it in napari's console" if in_viewer else ""
    image = accesses[0].expression
    imports = {line for access in accesses for line in access.imports}
    if provenance.together:
        imports.add("import numpy as np")
        image = f"np.stack([{', '.join(access.expression for access in accesses)}])"
    # One import of each module, as people write it.
    names = ["Codebook"] + ["read_image"] * ("from napari_quantize import read_image" in imports)
    lines = sorted(imports - {"from napari_quantize import read_image"})
    channel = "" if inputs.channel is None else f"[{inputs.channel}]"
    return "\n".join(
        [
            f"# {_one_line(inputs.title)}: made with napari-quantize {provenance.version}{hint}",
            *lines,
            f"from napari_quantize import {', '.join(names)}",
            "",
            f"image = {image}",
            f"codebook = Codebook.from_dict(\n{_codebook(provenance.codebook.to_dict())}\n)",
            f"result = codebook.apply(image){channel}",
            "",
            *_learning_lines(inputs),
            "",
        ]
    )


def _learning_lines(inputs: ScriptInputs) -> list[str]:
    """Return comment lines that tell how the levels were learnt. Without the ``#`` they run."""
    provenance = inputs.provenance
    levels = "colours" if provenance.codebook.mode == "color" else "levels"
    if provenance.codebook.borders is not None:
        image = "" if not provenance.learnt_from else " in another image"
        within = " within a region that is not in this script" if provenance.request.mask_digest else ""
        means = f"the mean of its class{image}{within}"
        return [f"# The borders between classes were set by hand, and each level is {means}."]
    if provenance.palette_phrase:
        return [f"# The {levels} are those of {_one_line(provenance.palette_phrase)}: nothing was learnt."]
    if file := codebook_file(provenance.learnt_from):
        return [f"# The {levels} are those of the file {_one_line(file)!r}."]
    if provenance.request.mask_digest:
        return [f"# The {levels} were learnt within a region that is not in this script: fit(…, mask=…) learns them."]
    image, imports = "image", ["from napari_quantize import fit"]
    if provenance.learnt_from:
        if inputs.learnt_from_layer is None:
            return [f"# The {levels} were learnt from the layer {_one_line(provenance.learnt_from[1])!r}."]
        access = inputs.learnt_from_layer.access(np.asarray(inputs.learnt_from_layer.data))
        image, imports = access.expression, [*access.imports, *imports]
    return [
        f"# The {levels} can be learnt anew:",
        *(f"# {line}" for line in imports),
        f"# codebook = fit({image}, {provenance.k}, {fit_arguments(provenance.request)})",
    ]


def _codebook(content: dict[str, Any]) -> str:
    """Return a codebook's dict as Python code, with as many levels in a line as fit."""
    return textwrap.indent(pprint.pformat(content, width=_WIDTH, compact=True, sort_dicts=False), _INDENT)


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
    """A layer's image, and the file from which napari read it.

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
        """Return code that gets an array equal to `image`, the layer's data.

        It reads the layer's file if a library that the script can import reads the same pixels from it; else it takes
        the data from the viewer, so that the script needs napari's console.
        """
        path = os.path.abspath(self.path) if self.path and os.path.isfile(self.path) else ""
        # The file may have been changed since, and another library may decode it otherwise. So read it here as the
        # script will, and name it only if its pixels are those of the layer.
        if path and self.reader == _OWN_READER and is_same(_read_photo(path), image):
            return ArrayAccess(("from napari_quantize import read_image",), f"read_image({path!r})[0]")
        if path and self.reader == _NAPARIS_READER and is_same(_read_as_napari(path), image):
            if path.lower().endswith(".npy"):
                return ArrayAccess(("import numpy as np",), f"np.load({path!r})")
            return ArrayAccess(("import imageio.v3 as iio",), f"iio.imread({path!r})")
        expression = f"viewer.layers[{self.name!r}].data{'[0]' if self.multiscale else ''}"
        if isinstance(self.data, np.ndarray):
            return ArrayAccess((), expression, in_viewer=True)
        return ArrayAccess(("import numpy as np",), f"np.asarray({expression})", in_viewer=True)


def is_same(one: np.ndarray | None, other: np.ndarray) -> bool:
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
