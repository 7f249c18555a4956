"""Decode the pictures of one file into one array, upright and in one colour mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from napari_quantize.formats.arrays import MAX_ARRAY_BYTES
from napari_quantize.formats.photo.animated_png import shown_pictures
from napari_quantize.formats.photo.icc import plain_colors
from napari_quantize.formats.photo.open import damage_as_value_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_quantize.formats.photo.open import PhotoFile


#: Operation that turns a picture of each EXIF orientation (tag 274) upright.
TURN_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


_COLORS = ("RGB", "RGBA")


def check_memory(photo: PhotoFile, count: int, size: tuple[int, int] | None, *, deep: bool) -> None:
    """Raise ValueError if that many pictures, of 16 bits a channel if `deep`, need more than `MAX_ARRAY_BYTES`."""
    # Pictures are decoded at full size before they are resized: the larger of the two sizes counts.
    width, height = max(photo.image.size, size or (1, 1), key=lambda pair: pair[0] * pair[1])
    pixel_bytes = 8 if deep else {"1": 1, "L": 1, "I;16": 2, "I;16B": 2}.get(photo.image.mode, 4)
    needed = count * width * height * pixel_bytes
    if needed > MAX_ARRAY_BYTES:
        msg = (
            f"{photo.name} would need {needed / 1024**3:,.1f} GB ({count:,} × {width:,} × {height:,} pixels): "
            f"more than the safety limit of {MAX_ARRAY_BYTES / 1024**3:g} GB"
        )
        raise ValueError(msg)


def read_frames(
    photo: PhotoFile, pictures: range, orientation: int, size: tuple[int, int] | None
) -> tuple[NDArray[Any], list[float | None], bool]:
    """Decode the pictures of a photo.

    Parameters
    ----------
    photo : PhotoFile
        The open photo.
    pictures : range
        Indices of the pictures.
    orientation : int
        EXIF orientation of the photo, 1 … 8.
    size : (int, int) or None
        Width and height to resize to.

    Returns
    -------
    data : ndarray
        The pixels. Several pictures are stacked along a leading axis, in a colour mode that holds all of them (see
        `plain_colors`). If they differ in size or kind, only the first is read, and a note says so.
    durations : list of float or None
        Milliseconds that each is shown; None if the file does not say.
    rgb : bool
        True if the last axis holds colours.
    """
    frames = (_upright(photo, shown, orientation) for shown in shown_pictures(photo, pictures))
    first = next(frames)
    durations = [photo.image.info.get("duration")]
    mode, pixels = first.mode, _pixels(first, size)
    if len(pictures) == 1:
        return pixels, durations, mode in _COLORS
    data = np.empty((len(pictures), *pixels.shape), pixels.dtype)
    data[0] = pixels
    for position, frame in enumerate(frames, start=1):
        durations.append(photo.image.info.get("duration"))
        common = _common_mode(mode, frame.mode)
        if common is None or frame.size != first.size:
            photo.notes.append(
                f"The {len(pictures)} pictures in the file differ in size or kind; only the first was read."
            )
            return pixels, durations[:1], first.mode in _COLORS
        if common != mode:
            mode, data = common, _with_colors(data, len(common), position)
        data[position] = _pixels(frame if frame.mode == mode else frame.convert(mode), size)
    return data, durations, mode in _COLORS


def _upright(photo: PhotoFile, image: Image.Image, orientation: int) -> Image.Image:
    """Return one of a photo's pictures upright, in plain colours."""
    # Pillow itself turns TIFF files upright while it decodes them, and no other format.
    turn = None if isinstance(photo.image, TiffImageFile) else TURN_UPRIGHT.get(orientation)
    with damage_as_value_error(photo.name):
        return plain_colors(image if turn is None else image.transpose(turn))


def _common_mode(mode: str, other: str) -> str | None:
    """Return a mode that can hold both without loss; None if there is none."""
    if mode == other:
        return mode
    modes = {mode, other}
    if not modes <= {"L", *_COLORS}:
        return None
    return "RGBA" if "RGBA" in modes else "RGB"


def _with_colors(data: NDArray[Any], n_channels: int, n_filled: int) -> NDArray[Any]:
    """Copy the filled part of a stack to a new stack with more channels. A new alpha channel is opaque."""
    rgb = data.ndim == 4
    result = np.full((*data.shape[:3], n_channels), 255, data.dtype)
    result[:n_filled, ..., :3] = (data if rgb else data[..., np.newaxis])[:n_filled]
    return result


def _pixels(frame: Image.Image, size: tuple[int, int] | None) -> NDArray[Any]:
    if size is None or size == frame.size:
        data = np.array(frame)
    elif frame.mode.startswith("I;16"):
        # Pillow's filter for 16 bits does not clip the overshoot at sharp edges: filter in float32, then clip.
        wide = Image.fromarray(np.asarray(frame).astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
        data = np.rint(np.asarray(wide)).clip(0, 65535).astype(np.uint16)
    else:
        data = np.array(frame.resize(size, Image.Resampling.BICUBIC))
    return data.astype(data.dtype.newbyteorder("="), copy=False)
