"""The reader behind File ▸ Open: a photo upright, in sRGB, with the facts of its file in the metadata."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_quantize.formats.photo.open import photo_suffixes, shown_name
from napari_quantize.formats.photo.read import read_image, read_images

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    LayerData = tuple[NDArray[Any], dict[str, Any], str]

# Formats of measurements, which napari and its other readers read with scale and all axes.
_READ_BETTER_BY_OTHERS = frozenset({".tif", ".tiff"})


def get_reader(path: str | list[str]) -> Callable[[str | list[str]], list[LayerData]] | None:
    """Return the reader for a photo or a stack of photos.

    Parameters
    ----------
    path : str or list of str
        One file, or the files of one stack.

    Returns
    -------
    callable or None
        A function that takes `path` and returns one image layer; None if any file has an unknown name ending
        or is a folder.
    """
    paths = path if isinstance(path, list | tuple) else [path]
    return read_layer if paths and all(_is_photo_name(each) for each in paths) else None


def read_layer(path: str | list[str]) -> list[LayerData]:
    """Read a photo, or several as one stack, as a layer.

    Parameters
    ----------
    path : str or list of str
        One file, or the files of one stack, all of equal size and colour mode.

    Returns
    -------
    list of one LayerData tuple
        The data, the arguments of the layer and its type. ``metadata["file"]`` holds the facts from `read_image`.
    """
    paths = path if isinstance(path, list | tuple) else [path]
    data, info = read_image(paths[0]) if len(paths) == 1 else read_images(paths)
    axes = ["file"] if len(paths) > 1 else []
    if data.ndim - info["rgb"] - len(axes) > 2:
        axes.append("time")
    attributes: dict[str, Any] = {
        "name": Path(shown_name(paths[0])).stem,
        "rgb": info["rgb"],
        "axis_labels": (*axes, "y", "x"),
        "metadata": {"file": info},
    }
    show_notes(info["notes"])
    return [(data, attributes, "image")]


def _is_photo_name(path: object) -> bool:
    if not isinstance(path, str | os.PathLike):
        return False
    suffix = Path(path).suffix.lower()
    return suffix in photo_suffixes() - _READ_BETTER_BY_OTHERS and not os.path.isdir(path)


def show_notes(notes: list[str]) -> None:
    """Show each note on a file as a napari notification."""
    if notes:
        from napari.utils.notifications import show_info

        for note in notes:
            show_info(note)
