"""Read TIFF files with tifffile: measurements with their calibration; photos by way of `read_image`."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.formats.arrays import array_facts, check_array, native
from napari_quantize.formats.photo.open import (
    READING,
    UndecodableError,
    damage_as_value_error,
    logged_as_notes,
    shown_name,
)
from napari_quantize.formats.photo.read import read_image
from napari_quantize.formats.raster import Raster
from napari_quantize.formats.resize import resized
from napari_quantize.formats.tiff.calibration import calibration_of
from napari_quantize.formats.tiff.long_strips import decode_long_strips, may_have_long_strips
from napari_quantize.formats.tiff.metadata import KEY, apply_annotation
from napari_quantize.formats.tiff.segments import JPEG, check_segments

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage, TiffPageSeries

_MAX_OME_COUNT = 10**7  # planes; tifffile allocates lists of that length before it reads anything
#: Attributes of OME-XML that hold counts or indices.
_COUNT = re.compile(r"Size[XYZCT]|PlaneCount|NumPlanes|IFD|First[ZCT]")
#: Messages that tifffile logs when pages are missing, before it goes on without them.
_MISSING_PAGES = re.compile(
    r"invalid page offset|invalid offset to page|corrupted tag list|invalid or corrupted|failed to reshape"
)

_OLD_JPEG = 6  # value of the tag Compression
_STRIP_OFFSETS, _ORIENTATION = 273, 274  # tags
_UNSIGNED = 1  # value of the tag SampleFormat
_ASSOCIATED, _UNASSOCIATED = 1, 2  # kinds of alpha
_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB, _PALETTE, _SEPARATED, _YCBCR, _LAB = 0, 1, 2, 3, 5, 6, (8, 9, 10)


def read_tiff(path: str | os.PathLike[str], size: tuple[int, int] | None = None) -> tuple[Raster, dict[str, Any]]:
    """Read the first image of a TIFF file, in full resolution.

    Parameters
    ----------
    path, size
        As in `napari_quantize.load`.

    Returns
    -------
    raster : Raster
        The pixels with their calibration, and with codebook and record if we wrote the file. Numbers are as they are
        stored, except that white becomes the largest value where the file stores it as 0; bits that tifffile wrote are
        never inverted. `read_image` reads photos: 8 bits with a palette, CMYK, a colour profile, or an orientation.
    info : dict
        As `read_image` returns it; of measurements without ``mode``, ``profile`` and the other facts of photos.

    Raises
    ------
    ValueError, OSError
        As in `napari_quantize.load`.
    """
    from tifffile import TiffFile

    name = shown_name(path)
    with logged_as_notes("tifffile") as notes:
        with damage_as_value_error(name):
            tif = TiffFile(path)
        with tif:
            with damage_as_value_error(name):
                largest = _largest_ome_count(tif)
            if largest > _MAX_OME_COUNT:
                raise ValueError(f"{name} is damaged: its description speaks of {largest:,} planes, rows or columns")
            with damage_as_value_error(name):
                n_images = len(tif.series)
            if not n_images:  # as in DICOM files, which may begin as a TIFF does
                raise ValueError(f"{name} is not an image that can be read")
            with damage_as_value_error(name):
                series = tif.series[0]
                page = series.keyframe
                photo = _is_photo(tif, page)
            if n_images > 1:
                notes.append(f"The file holds {n_images} images; the first was read.")
            if photo:
                with damage_as_value_error(name):
                    left_out = check_segments(tif, series)
                return _read_photo(path, size, tif, page, left_out)
            try:
                raster = _read_measurement(name, tif, series, page, notes)
            except ValueError as error:
                if page.compression != _OLD_JPEG:
                    raise
                reason = error.reason if isinstance(error, UndecodableError) else str(error)
                return _read_old_jpeg(path, size, tif, page, reason)
            n_bytes = tif.filehandle.size
    info = {"format": "TIFF", "original_size": [page.imagewidth, page.imagelength]}
    return resized(name, raster, size), info | array_facts(n_bytes, raster) | {"notes": notes}


def _read_photo(
    path: str | os.PathLike[str], size: tuple[int, int] | None, tif: TiffFile, page: TiffPage, left_out: list[str]
) -> tuple[Raster, dict[str, Any]]:
    """Read a photo with Pillow, and add the notes on what the file leaves out."""
    image, info = read_image(path)
    calibration, notes = calibration_of(tif, page, "IYX"[-(image.ndim - info["rgb"]) :])
    return resized(shown_name(path), Raster(image, info["rgb"], calibration), size), info | {
        "notes": info["notes"] + left_out + notes
    }


def _read_old_jpeg(
    path: str | os.PathLike[str], size: tuple[int, int] | None, tif: TiffFile, page: TiffPage, reason: str
) -> tuple[Raster, dict[str, Any]]:
    """Read a JPEG of the old style with Pillow, which knows more kinds of them than tifffile, but not all."""
    if _STRIP_OFFSETS in page.tags:  # without them libtiff fails, and prints why
        with suppress(ValueError):
            return _read_photo(path, size, tif, page, [])
    raise ValueError(f"{shown_name(path)} is of a kind that is not supported: a JPEG of the old style ({reason})")


def _largest_ome_count(tif: TiffFile) -> int:
    """Return the largest count in OME-XML."""
    from xml.etree import ElementTree

    try:
        elements = ElementTree.fromstring(tif.ome_metadata or "<none/>").iter()  # noqa: S314 (as tifffile does next)
    except ElementTree.ParseError:
        return 0  # tifffile reads the pages without it then
    return max((int(text) for one in elements for name, text in one.items() if _COUNT.fullmatch(name)), default=0)


def _is_photo(tif: TiffFile, page: TiffPage) -> bool:
    """Return whether a page is a photo: its numbers alone do not give its colours or its orientation."""
    # ImageJ and OME files hold measurements, whatever their tags on colours say.
    if tif.is_imagej or tif.is_ome or page.bitspersample not in (1, 2, 4, 8, 16):
        return False
    is_oriented = page.tags.valueof(_ORIENTATION, default=1) in range(2, 9)
    if page.bitspersample == 16:
        is_grey = page.samplesperpixel == 1 and page.photometric == _MIN_IS_BLACK and page.sampleformat == _UNSIGNED
        return page.photometric in (_SEPARATED, *_LAB) or (is_oriented and is_grey)
    coded = page.photometric in (_PALETTE, _SEPARATED, *_LAB)
    packed = page.photometric == _YCBCR and page.compression not in JPEG
    # Grey with alpha, and colours with premultiplied alpha.
    hidden = bool(page.extrasamples) and (page.samplesperpixel == 2 or page.extrasamples[0] != _UNASSOCIATED)
    return bool(coded or packed or is_oriented or page.iccprofile or (hidden and page.samplesperpixel in (2, 4)))


def _read_measurement(name: str, tif: TiffFile, series: TiffPageSeries, page: TiffPage, notes: list[str]) -> Raster:
    """Read the pixels as they are stored, with their calibration and our annotation."""
    if series.dtype is None:
        raise ValueError(f"{name} holds values of a kind that cannot be read")
    check_array(name, series.shape, series.dtype)
    # tifffile only logs that pages are missing, and would return a shorter image.
    for note in filter(_MISSING_PAGES.search, notes):
        reason = note.removeprefix(READING)
        raise UndecodableError(f"{name} is truncated or damaged: {reason}", reason)
    with damage_as_value_error(name):
        notes += check_segments(tif, series)
        image = native(_decoded(series))
        if image.shape != series.shape:
            raise ValueError(f"{image.shape} is the shape of what could be read, not {series.shape}")
        if _is_negative(tif, page) and image.dtype.kind in "bu":
            _invert(image, page.bitspersample)
            notes.append("The file stores white as 0; its values were inverted.")
        image, axes, rgb = _with_colors_last(image, series.axes, page, notes)
        calibration, unknown = calibration_of(tif, page, axes)
        text = _read_annotation(tif)
        raster = Raster(image, rgb, calibration)
    notes += unknown + _notes_on_unapplied_tags(tif, page)
    if text is None:
        return raster
    raster, left_out = apply_annotation(raster, text)
    notes += [note for note in left_out if note not in notes]
    return raster


def _decoded(series: TiffPageSeries) -> np.ndarray:
    """Return the pixels in the byte order of the file."""
    if not may_have_long_strips(series.keyframe):
        return series.asarray()
    try:
        return series.asarray()
    except RuntimeError:  # of the decoder
        return decode_long_strips(series)


def _notes_on_unapplied_tags(tif: TiffFile, page: TiffPage) -> list[str]:
    """Return notes on a palette, an orientation or a colour profile that is not applied to measurements."""
    notes = []
    # In ImageJ and OME files a palette is only how the values are shown.
    if page.photometric == _PALETTE and not (tif.is_imagej or tif.is_ome):
        notes.append("The palette in the file was not applied: the values are its indices.")
    orientation = page.tags.valueof(_ORIENTATION, default=1)
    if orientation in range(2, 9):
        notes.append(
            f"The file says that the picture is to be turned (orientation {orientation}); its numbers were not."
        )
    if page.iccprofile:
        notes.append("The colour profile in the file was left out: it is not applied to numbers.")
    return notes


def _is_negative(tif: TiffFile, page: TiffPage) -> bool:
    """Return whether 0 is white, and not only marked so."""
    # ImageJ stores its values as they are, and marks an inverting look-up table so; measurements in OME are none.
    if page.photometric != _MIN_IS_WHITE or tif.is_imagej or tif.is_ome:
        return False
    # tifffile marks each image of bits so unless it is told otherwise, and stores True as 1.
    return not (page.bitspersample == 1 and page.software == "tifffile.py")


def _invert(image: np.ndarray, bits: int) -> None:
    """Invert pixels in place, so that white becomes the largest value."""
    if image.dtype == bool:
        np.logical_not(image, out=image)
    else:
        # By the bits that the file uses, not by the dtype: 12 bits are stored in uint16.
        np.subtract((1 << bits) - 1, image, out=image)


def _with_colors_last(image: np.ndarray, axes: str, page: TiffPage, notes: list[str]) -> tuple[np.ndarray, str, bool]:
    if "S" not in axes:
        return image, axes, False
    count = image.shape[axes.index("S")]
    alpha = bool(page.extrasamples) and page.extrasamples[0] in (_ASSOCIATED, _UNASSOCIATED)
    if count == 2 and alpha:
        # napari and Pillow know alpha beside RGB only, so grey is repeated.
        return np.moveaxis(image, axes.index("S"), -1)[..., [0, 0, 0, 1]], axes.replace("S", ""), True
    if page.photometric not in (_RGB, _YCBCR) or count < 3:
        return image, axes.replace("S", "C" if "C" not in axes else "Q"), False
    image, axes = np.moveaxis(image, axes.index("S"), -1), axes.replace("S", "")
    used = 4 if count > 3 and alpha else 3
    if count > used:
        notes.append(f"A pixel in the file has {count} values; those that are neither colours nor alpha were left out.")
    if used == 4 and page.extrasamples[0] == _ASSOCIATED:
        notes.append("The colours in the file are multiplied by alpha and were left so.")
    return image[..., :used], axes, True


def _read_annotation(tif: TiffFile) -> str | None:
    """Return the annotation that `encode_annotation` made from a file; None if there is none."""
    if tif.is_imagej and tif.imagej_metadata:
        lines = str(tif.imagej_metadata.get("Info", "")).splitlines()
        return next((line.removeprefix(f"{KEY}: ") for line in lines if line.startswith(f"{KEY}: ")), None)
    if tif.is_ome:
        return _ome_annotation(tif.ome_metadata or "")
    metadata = tif.shaped_metadata
    return str(metadata[0][KEY]) if metadata and KEY in metadata[0] else None


def _ome_annotation(xml: str) -> str | None:
    """Return the annotation from the MapAnnotations of OME-XML."""
    from tifffile import xml2dict

    if KEY not in xml:
        return None
    annotations = xml2dict(xml).get("OME", {}).get("StructuredAnnotations", {}).get("MapAnnotation", [])
    for annotation in annotations if isinstance(annotations, list) else [annotations]:
        if annotation.get("Namespace") == KEY:
            return str(annotation["Value"]["M"]["value"])
    return None
