"""Read an image file of any supported format, with its calibration, codebook and facts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from napari_quantize.core.limited_file import check_regular
from napari_quantize.formats.arrays import array_facts, checksum
from napari_quantize.formats.npy import read_npy
from napari_quantize.formats.photo.open import shown_name
from napari_quantize.formats.photo.read import checked_size, read_image
from napari_quantize.formats.png.chunks import SIGNATURE
from napari_quantize.formats.png.metadata import read_png_record
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.resize import resized
from napari_quantize.formats.tiff.read import read_tiff
from napari_quantize.text.names import CHANNEL_AXES, is_named

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # classic and BigTIFF, little- and big-endian
_NPY = b"\x93NUMPY"


@dataclass(frozen=True, eq=False)
class LoadedImage:
    """An image and the facts that its file holds.

    Attributes
    ----------
    raster : Raster
        The image with its calibration; with codebook and record if napari-quantize wrote the file.
    info : dict
        For photos as `read_image` returns it; for other files at least ``format``, ``original_size``, ``file_kb``,
        ``rgb`` and ``notes``.
    """

    raster: Raster
    info: dict[str, Any]

    @property
    def channel_axis(self) -> int | None:
        """Index of the axis of colours, or of the axis that the file names as channels; None if there is neither."""
        if self.raster.rgb:
            return self.raster.image.ndim - 1
        axes = self.raster.calibration.axes
        return next((index for index, axis in enumerate(axes) if is_named(axis, CHANNEL_AXES)), None)

    @property
    def alpha(self) -> bool:
        """True if the last channel is alpha."""
        return self.raster.rgb and self.raster.image.shape[-1] == 4


def load(path: str | os.PathLike[str], size: tuple[int, int] | None = None) -> LoadedImage:
    """Read an image file: a photo, a TIFF or a NumPy array. The content decides the format, not the name.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    size : (int, int), optional
        Width and height to resize to.

    Returns
    -------
    LoadedImage
        The image. Axes are called t, z, c, y and x. An axis that the file does not name is called by its position
        from the end, for example ``"-3"``.

    Raises
    ------
    ValueError
        If the content is empty, damaged, too large or not an image, or `size` is not two integers of at least 1.
    OSError
        If the file cannot be opened: FileNotFoundError, IsADirectoryError, PermissionError.
    """
    size = checked_size(size)
    name = shown_name(path)
    check_regular(path, name)
    with open(path, "rb") as stream:
        head = stream.read(8)
    if not head:
        raise ValueError(f"{name} is empty")
    # Before Pillow, which reads TIFF as well, but without calibration and only as photos.
    if head.startswith(_TIFF):
        return LoadedImage(*read_tiff(path, size))
    if head.startswith(_NPY):
        return LoadedImage(*read_npy(path, size))
    return _load_png(path, size) if head == SIGNATURE else _load_photo(path, size)


def _load_photo(path: str | os.PathLike[str], size: tuple[int, int] | None) -> LoadedImage:
    image, info = read_image(path, size)
    axes = ("t", "y", "x")[-(image.ndim - info["rgb"]) :]
    return LoadedImage(Raster(image, info["rgb"], Calibration.of_pixels(*axes)), info)


def _load_png(path: str | os.PathLike[str], size: tuple[int, int] | None) -> LoadedImage:
    """Read a PNG. Undo the palette that `encode_png` may have used for grey or binary pixels before resizing."""
    record, note = read_png_record(path)
    notes = [note] if note else []
    if record is None:
        loaded = _load_photo(path, size)
        loaded.info["notes"] += notes
        return loaded
    image, info = read_image(path)
    image, rgb = record.restored(image), record.channels > 0
    try:
        # PNG marks iTXt as safe to copy: editors keep it, so the record may be that of other pixels.
        if record.crc32 not in (None, checksum(image)):
            raise ValueError("the pixels were changed after it was written")
        raster = Raster(image, rgb, record.calibration, record.codebook, record.record)
    except ValueError as error:
        loaded = _load_photo(path, size)
        loaded.info["notes"].append(f"The record in the file was left out: {error}.")
        return loaded
    info["notes"] += notes
    return LoadedImage(resized(shown_name(path), raster, size), info | array_facts(os.path.getsize(path), raster))
