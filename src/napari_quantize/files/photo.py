"""Photos as arrays: upright, in sRGB, with the facts of the file beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import TiffImageFile

from napari_quantize.files.color import NUMBER_MODES, plain_colors, profile_use
from napari_quantize.files.opening import SEQUENCES, PhotoFile, naming_damage, open_photo

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

#: The largest array a file may become. Pillow guards each picture, but not hundreds of them in one file.
MAX_ARRAY_BYTES = 2 * 1024**3

#: What turns a picture with that EXIF orientation upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
        sRGB from the embedded colour profile (relative colorimetric). Photos are uint8, 1-bit images 0 and
        255; grey of 16 bits stays uint16, of 32 bits int32 or float32.
    info : dict
        What the file says, in plain types that JSON can hold:

        ``format``, ``mode``
            Pillow's names, as ``"JPEG"`` and ``"CMYK"``.
        ``original_size``
            ``[width, height]`` as stored, before turning upright and resizing.
        ``file_kb``
            Size of the file in units of 1024 bytes, one decimal.
        ``orientation``
            EXIF orientation in the file, 1 … 8; 1 if there is none.
        ``profile``, ``converted_to_srgb``
            Name of the embedded colour profile or None; whether colours were converted from it.
        ``frames``
            Number of pictures read.
        ``durations_ms``
            Only for animations: milliseconds that each frame is shown.
        ``rgb``
            Whether the last axis of the data holds colours.
        ``notes``
            Sentences about what was not read as it is in the file, mostly none.

    Raises
    ------
    ValueError
        If `size` is not two integers of at least 1, or if the content is empty, damaged, too large or not
        an image.
    OSError
        If the file cannot be opened: FileNotFoundError, IsADirectoryError, PermissionError.

    Notes
    -----
    Of files whose further pictures are not moments or pages of the first (a preview, layers), and of files
    whose pages differ in size or kind, the first picture is read.
    """
    wanted = _checked_size(size)
    with open_photo(path) as photo:
        return _read(photo, wanted)


def _checked_size(size: tuple[int, int] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    numbers = tuple(size) if isinstance(size, tuple | list | np.ndarray) else ()
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 1 for n in numbers)
    if len(numbers) != 2 or not whole:
        msg = f"size={size!r} must be two integers of at least 1: (width, height)"
        raise ValueError(msg)
    return int(numbers[0]), int(numbers[1])


def _read(photo: PhotoFile, size: tuple[int, int] | None) -> tuple[NDArray[Any], dict[str, Any]]:
    info = _stored_facts(photo)
    pictures = photo.pictures()
    _check_memory(photo, len(pictures), size)
    info["orientation"] = _orientation(photo)
    # Pillow turns TIFF upright while decoding.
    turn = None if isinstance(photo.image, TiffImageFile) else _UPRIGHT.get(info["orientation"])
    frames, durations = _frames(photo, pictures, turn)
    info |= {"frames": len(frames), "rgb": frames[0].mode in ("RGB", "RGBA")}
    if len(frames) > 1 and any(duration is not None for duration in durations):
        info["durations_ms"] = [duration or 0 for duration in durations]
    data = _as_array([_resized(frame, size) for frame in frames])
    if data.dtype == np.int32 and info["format"] in ("PNG", "PPM"):
        data = data.astype(np.uint16)  # these formats end at 16 bits, Pillow only widens them
    return data, info | {"notes": photo.notes}


def _stored_facts(photo: PhotoFile) -> dict[str, Any]:
    """Return what is known before anything is decoded."""
    image = photo.image
    photo.notes += _depth_notes(image)
    use = profile_use(image)
    if use.note:
        photo.notes.append(use.note)
    if image.mode == "CMYK" and use.transform is None:
        photo.notes.append("The CMYK colours have no usable profile; their conversion to RGB is approximate.")
    if image.mode in NUMBER_MODES and "transparency" in image.info:
        photo.notes.append("The grey value that the file marks as transparent was not made transparent.")
    width, height = image.size
    if isinstance(image, TiffImageFile):
        width, height = image.tag_v2[256], image.tag_v2[257]  # Pillow swaps them when it will turn the image
    return {
        "format": image.format,
        "original_size": [width, height],
        "file_kb": photo.kilobytes,
        "mode": image.mode,
        "profile": use.description,
        "converted_to_srgb": use.transform is not None,
    }


def _depth_notes(image: Image.Image) -> list[str]:
    """Tell what Pillow does to values that do not fill 8 or 16 bits; only its decoder arguments know."""
    notes = []
    for tile in getattr(image, "tile", [])[:1]:
        raw, *rest = tile.args if isinstance(tile.args, tuple) else (tile.args,)
        top = rest[0] if tile.codec_name.startswith("ppm") and rest else 0
        if image.mode not in NUMBER_MODES and (re.search(r";16[BLN]", str(raw)) or top > 255):
            notes.append("The file has 16 bits a channel; only 8 could be read.")
        elif top not in (0, 255, 65535):
            full = 65535 if image.mode == "I" else 255
            notes.append(f"The values 0 … {top:,} in the file were scaled to 0 … {full:,}.")
    return notes


def _check_memory(photo: PhotoFile, count: int, size: tuple[int, int] | None) -> None:
    width, height = size or photo.image.size
    pixel_bytes = {"1": 1, "L": 1, "I;16": 2, "I;16B": 2}.get(photo.image.mode, 4)
    needed = count * width * height * pixel_bytes
    if needed > MAX_ARRAY_BYTES:
        msg = (
            f"{photo.name} would need {needed / 1024**3:,.1f} GB ({count:,} × {width:,} × {height:,} pixels): "
            f"more than the safety limit of {MAX_ARRAY_BYTES / 1024**3:g} GB"
        )
        raise ValueError(msg)


def _orientation(photo: PhotoFile) -> int:
    if isinstance(photo.image, TiffImageFile):
        value = photo.image.tag_v2.get(ExifTags.Base.Orientation, 1)
    else:
        photo.load(photo.image.tell())  # EXIF may come after the pixels
        try:
            with naming_damage(photo.name):
                value = photo.image.getexif().get(ExifTags.Base.Orientation, 1)
        except ValueError:
            photo.notes.append("The EXIF data in the file are damaged and were ignored.")
            return 1
    if isinstance(value, int) and 1 <= value <= 8:
        return int(value)
    photo.notes.append(f"The EXIF orientation {value} in the file has no meaning and was ignored.")
    return 1
