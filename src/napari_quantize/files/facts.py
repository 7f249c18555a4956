"""The facts of a photo file, and notes on what is not read as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import TiffImageFile

from napari_quantize.files.color import NUMBER_MODES, profile_use
from napari_quantize.files.opening import naming_damage

if TYPE_CHECKING:
    from napari_quantize.files.opening import PhotoFile


def stored_facts(photo: PhotoFile) -> dict[str, Any]:
    """Return what is known before anything is decoded, and note what will be lost.

    Parameters
    ----------
    photo : PhotoFile
        The photo, not yet loaded.

    Returns
    -------
    dict
        The first entries of the ``info`` that `read_image` describes.
    """
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


def stored_orientation(photo: PhotoFile) -> int:
    """Return the EXIF orientation, 1 … 8. Decodes the current picture, except of TIFF."""
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
