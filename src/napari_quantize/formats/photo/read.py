"""Read photos as upright sRGB arrays, with the facts of their files."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.formats.arrays import compression_facts
from napari_quantize.formats.photo.deep_color import deep_decoder, read_deep
from napari_quantize.formats.photo.file_facts import stored_facts, stored_orientation
from napari_quantize.formats.photo.frames import check_memory, read_frames
from napari_quantize.formats.photo.open import open_photo, shown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_quantize.formats.photo.open import PhotoFile


def read_image(
    path: str | os.PathLike[str], size: tuple[int, int] | None = None
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Read a photo of any format that Pillow reads.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    size : (int, int), optional
        Width and height to resize the upright picture to, with Pillow's default filter (bicubic). The
        aspect ratio is not kept.

    Returns
    -------
    data : ndarray
        ``(Y, X)`` for grey, ``(Y, X, 3)`` for colours, ``(Y, X, 4)`` with transparency; animations and
        files of several pages have a leading axis for time. Turned upright as EXIF says and converted to
        sRGB from the embedded colour profile (relative colorimetric). Photos are uint8. 1-bit images become 0 and
        255, and grey of 2 and 4 bits is scaled to 0 … 255. Grey of 16 bits stays uint16, of 32 bits int32 or float32.
        Colours of 16 bits a channel are uint16 from PNG and binary PPM. From other formats and from animations only 8
        bits are read, and a note says so.
    info : dict
        Facts from the file, in types that JSON can hold:

        ``format``, ``mode``
            Pillow's names, as ``"JPEG"`` and ``"CMYK"``.
        ``original_size``
            ``[width, height]`` as stored, before turning upright and resizing.
        ``file_kb``
            Size of the file in units of 1024 bytes, one decimal.
        ``bits_per_pixel``
            Size of the file in bits, divided by the number of pixels of all frames at the original size.
        ``compression_ratio``
            Bytes of these pixels in an array of `data`'s dtype, divided by the size of the file; above 1 if the file
            is smaller.
        ``orientation``
            EXIF orientation in the file, 1 … 8; 1 if there is none.
        ``profile``, ``converted_to_srgb``
            Name of the embedded colour profile or None; whether colours were converted from it.
        ``frames``
            Number of pictures read.
        ``durations_ms``
            Only for animations: milliseconds that each frame is shown. 0 leaves the choice to the viewer.
        ``rgb``
            True if the last axis of `data` holds colours.
        ``notes``
            Sentences on anything that was read in another form than the file holds; usually empty.

    Raises
    ------
    ValueError
        If `size` is not two integers of at least 1, if the content is empty, damaged, too large or not an image, or if
        the path leads to a pipe or a device.
    OSError
        If the file cannot be opened: FileNotFoundError, IsADirectoryError, PermissionError.

    Notes
    -----
    The size is checked before memory is allocated. More than twice ``PIL.Image.MAX_IMAGE_PIXELS``, or more than 2 GB
    over all frames, is an error.

    Only the first picture is read if the others are no frames or pages (previews, layers), or if pages differ in size
    or kind.
    """
    wanted = checked_size(size)
    with open_photo(path) as photo:
        return _read(photo, wanted)


def read_images(
    paths: Sequence[str | os.PathLike[str]] | str | os.PathLike[str],
    size: tuple[int, int] | None = None,
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Read several photos of equal size and colour mode as one stack.

    Parameters
    ----------
    paths : sequence of str or os.PathLike
        The files, in the order of the stack; a single path is a stack of one.
    size : (int, int), optional
        Width and height to resize each to; see `read_image`.

    Returns
    -------
    data : ndarray
        The arrays that `read_image` returns, stacked along a new first axis.
    info : dict
        ``files`` (file names), ``infos`` (from `read_image`, one for each file), ``rgb``, ``file_kb``,
        ``bits_per_pixel`` and ``compression_ratio`` (of all files together), and ``notes`` (of all files, each
        beginning with the file's name).

    Raises
    ------
    ValueError
        If there are no files, if two differ in size or colour mode, or as in `read_image`.
    OSError
        If a file cannot be opened.
    """
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    if len(paths) == 0:
        msg = "no files to read: a stack needs at least one"
        raise ValueError(msg)
    names = [shown_name(path) for path in paths]
    first, info = read_image(paths[0], size)
    infos = [info]
    data = np.empty((len(paths), *first.shape), first.dtype)
    data[0] = first
    for index, path in enumerate(paths[1:], start=1):
        other, info = read_image(path, size)
        infos.append(info)
        kinds = _kind(first, infos[0]), _kind(other, info)
        if kinds[0] != kinds[1]:
            msg = (
                f"{names[0]} is {kinds[0]} but {names[index]} is {kinds[1]}: "
                "files of one stack must be of equal size and colour mode"
            )
            raise ValueError(msg)
        data[index] = other
    notes = [f"{name}: {note}" for name, info in zip(names, infos, strict=True) for note in info["notes"]]
    return data, {
        "files": names,
        "infos": infos,
        "rgb": infos[0]["rgb"],
        **compression_facts(sum(map(os.path.getsize, paths)), *_pixels(data, infos)),
        "notes": notes,
    }


def _pixels(data: NDArray[Any], infos: list[dict[str, Any]]) -> tuple[int, int]:
    """Return the number of pixels at their original sizes, and the bytes of one pixel in `data`."""
    count = sum(info["frames"] * math.prod(info["original_size"]) for info in infos)
    return count, data.itemsize * (data.shape[-1] if infos[0]["rgb"] else 1)


def _kind(data: NDArray[Any], info: dict[str, Any]) -> str:
    """Describe size and colour mode, as ``"640×480 RGB"``; equal text means that two arrays can be stacked."""
    channels = data.shape[-1] if info["rgb"] else 1
    *moments, height, width = data.shape[:-1] if info["rgb"] else data.shape
    color = {1: "grey", 3: "RGB", 4: "RGBA"}[channels]
    kind = f"{width}×{height} {color}" + ("" if data.dtype == np.uint8 else f" ({data.dtype})")
    return kind + "".join(f" with {count} frames" for count in moments)


def checked_size(size: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return width and height as plain integers; raise a ValueError if they are not."""
    if size is None:
        return None
    numbers = tuple(size) if isinstance(size, tuple | list | np.ndarray) else ()
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 1 for n in numbers)
    if len(numbers) != 2 or not whole:
        msg = f"size={size!r} must be two integers of at least 1: (width, height)"
        raise ValueError(msg)
    return int(numbers[0]), int(numbers[1])


def _read(photo: PhotoFile, size: tuple[int, int] | None) -> tuple[NDArray[Any], dict[str, Any]]:
    decoder = deep_decoder(photo.image)
    info = stored_facts(photo, deep=decoder is not None)
    pictures = photo.pictures()
    check_memory(photo, len(pictures), size, deep=decoder is not None)
    info["orientation"] = stored_orientation(photo)
    if decoder is not None:
        data: NDArray[Any] = read_deep(photo, decoder, info["orientation"], size)
        info |= {"frames": 1, "rgb": True}
    else:
        data, durations, rgb = read_frames(photo, pictures, info["orientation"], size)
        info |= {"frames": len(durations), "rgb": rgb}
        if len(durations) > 1 and any(duration is not None for duration in durations):
            info["durations_ms"] = [duration or 0 for duration in durations]
    if data.dtype == np.int32 and info["format"] in ("PNG", "PPM"):
        data = data.astype(np.uint16)  # these formats end at 16 bits, Pillow only widens them
    info |= compression_facts(photo.n_bytes, *_pixels(data, [info]))
    return data, info | {"notes": photo.notes}
