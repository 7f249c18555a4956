"""Collect facts of a photo file, and notes on everything that is not read as stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PIL import ExifTags
from PIL.TiffImagePlugin import TiffImageFile

from napari_quantize.formats.photo.icc import NUMBER_MODES, profile_use
from napari_quantize.formats.photo.open import damage_as_value_error

#: Bytes that are enough for the headers of AVIF and JPEG 2000.
_HEAD_BYTES = 1 << 20

if TYPE_CHECKING:
    from napari_quantize.formats.photo.open import PhotoFile


def stored_facts(photo: PhotoFile, *, deep: bool) -> dict[str, Any]:
    """Return the facts that are known before decoding, and note what will be lost.

    Parameters
    ----------
    photo : PhotoFile
        The photo, not yet loaded.
    deep : bool
        True if all 16 bits of each channel will be read.

    Returns
    -------
    dict
        The first entries of the ``info`` that `read_image` describes.
    """
    image = photo.image
    photo.notes += _depth_notes(photo, deep=deep)
    use = profile_use(image)
    if use.note:
        photo.notes.append(use.note)
    if image.mode == "CMYK" and use.transform is None:
        photo.notes.append("The CMYK colours have no usable profile; their conversion to RGB is approximate.")
    if image.mode in NUMBER_MODES and "transparency" in image.info:
        photo.notes.append("The grey value that the file marks as transparent was not made transparent.")
    width, height = image.size
    if isinstance(image, TiffImageFile):
        width, height = image.tag_v2[256], image.tag_v2[257]  # Pillow swaps width and height if it will turn the image
    return {
        "format": image.format,
        "original_size": [width, height],
        "mode": image.mode,
        "profile": use.description,
        "converted_to_srgb": use.transform is not None,
    }


def _depth_notes(photo: PhotoFile, *, deep: bool) -> list[str]:
    """Return notes on values that do not fill 8 or 16 bits. Only Pillow's decoder arguments tell."""
    image, notes = photo.image, []
    bits = _coded_bits(photo)
    if bits > 8 and image.mode not in NUMBER_MODES:
        notes.append(f"The file has {bits} bits a channel; only 8 could be read.")
    for tile in getattr(image, "tile", [])[:1]:
        raw, *rest = tile.args if isinstance(tile.args, tuple) else (tile.args,)
        top = rest[0] if tile.codec_name.startswith("ppm") and rest else 0
        cut = image.mode not in NUMBER_MODES and (re.search(r";16[BLN]", str(raw)) or top > 255)
        if cut and not deep:
            notes.append("The file has 16 bits a channel; only 8 could be read.")
        elif top not in (0, 255, 65535):
            full = 65535 if image.mode == "I" or deep else 255
            notes.append(f"The values 0 … {top:,} in the file were scaled to 0 … {full:,}.")
    return notes


def _coded_bits(photo: PhotoFile) -> int:
    """Return the bits a channel of AVIF and JPEG 2000, which Pillow does not report; 8 for all other formats."""
    if photo.image.format not in ("AVIF", "JPEG2000"):
        return 8
    position = photo.stream.tell()
    photo.stream.seek(0)
    head = photo.stream.read(_HEAD_BYTES)
    photo.stream.seek(position)
    if photo.image.format == "AVIF":
        # The AV1CodecConfigurationBox (AV1 in ISOBMFF, section 2.3): marker and version, profile and level, then the
        # flags high_bitdepth (more than 8 bits) and twelve_bit.
        found = re.search(rb"av1C\x81.(.)", head, re.DOTALL)
        flags = found[1][0] if found else 0
        return 8 + 2 * bool(flags & 0x40) + 2 * bool(flags & 0x20)
    # The SIZ marker (ISO/IEC 15444-1, Annex A.5.1): 38 bytes behind it, for each component, the number of bits minus
    # one, and a flag for signed values in the highest bit.
    found = re.search(rb"\xff\x4f\xff\x51.{38}(.)", head, re.DOTALL)
    return (found[1][0] & 127) + 1 if found else 8


def stored_orientation(photo: PhotoFile) -> int:
    """Return the EXIF orientation, 1 … 8. Decodes the current picture, except of TIFF."""
    if isinstance(photo.image, TiffImageFile):
        value = photo.image.tag_v2.get(ExifTags.Base.Orientation, 1)
    else:
        photo.load(photo.image.tell())  # EXIF may come after the pixels
        try:
            with damage_as_value_error(photo.name):
                value = photo.image.getexif().get(ExifTags.Base.Orientation, 1)
        except ValueError:
            photo.notes.append("The EXIF data in the file are damaged and were ignored.")
            return 1
    if isinstance(value, int) and 1 <= value <= 8:
        return int(value)
    photo.notes.append(f"The EXIF orientation {value} in the file has no meaning and was ignored.")
    return 1
