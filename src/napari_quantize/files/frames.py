"""The pictures of one file: decoded, turned upright, brought to one colour mode, put into one array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from napari_quantize.files.color import plain_colors
from napari_quantize.files.opening import naming_damage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_quantize.files.opening import PhotoFile

#: The largest array a file may become. Pillow guards each picture, but not hundreds of them in one file.
MAX_ARRAY_BYTES = 2 * 1024**3

#: What turns a picture of that EXIF orientation upright.
TURN_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def check_memory(photo: PhotoFile, count: int, size: tuple[int, int] | None, *, deep: bool) -> None:
    """Raise ValueError if that many pictures, of 16 bits a channel if `deep`, need more than `MAX_ARRAY_BYTES`."""
    # The pictures are decoded in full before they are made smaller.
    width, height = max(photo.image.size, size or (1, 1), key=lambda pair: pair[0] * pair[1])
    pixel_bytes = 8 if deep else {"1": 1, "L": 1, "I;16": 2, "I;16B": 2}.get(photo.image.mode, 4)
    needed = count * width * height * pixel_bytes
    if needed > MAX_ARRAY_BYTES:
        msg = (
            f"{photo.name} would need {needed / 1024**3:,.1f} GB ({count:,} × {width:,} × {height:,} pixels): "
            f"more than the safety limit of {MAX_ARRAY_BYTES / 1024**3:g} GB"
        )
        raise ValueError(msg)


def read_frames(photo: PhotoFile, pictures: range, orientation: int) -> tuple[list[Image.Image], list[float | None]]:
    """Decode the pictures of a photo.

    Parameters
    ----------
    photo : PhotoFile
        The open photo.
    pictures : range
        Indices of the pictures.
    orientation : int
        EXIF orientation of the photo, 1 … 8.

    Returns
    -------
    frames : list of PIL.Image.Image
        The pictures, of one size and one mode (see `plain_colors`). The first alone, and a note, if they
        cannot be brought to one size and mode.
    durations : list of float or None
        Milliseconds that each is shown, where the file says so.
    """
    # Pillow turns TIFF upright while decoding.
    turn = None if isinstance(photo.image, TiffImageFile) else TURN_UPRIGHT.get(orientation)
    frames: list[Image.Image] = []
    durations: list[float | None] = []
    for index in pictures:
        image = photo.load(index)
        durations.append(image.info.get("duration"))
        with naming_damage(photo.name):
            frames.append(plain_colors(image if turn is None else image.transpose(turn)))
        if _common_mode(frames[0], frames[-1]) is None:
            photo.notes.append(
                f"The {len(pictures)} pictures in the file differ in size or kind; only the first was read."
            )
            return frames[:1], durations[:1]
    mode = _common_mode(*frames)
    return [frame if frame.mode == mode else frame.convert(mode) for frame in frames], durations


def _common_mode(*frames: Image.Image) -> str | None:
    """Return the mode that can hold all frames without loss; None if there is none or the sizes differ."""
    modes = {frame.mode for frame in frames}
    if len({frame.size for frame in frames}) > 1:
        return None
    if len(modes) == 1:
        return modes.pop()
    if not modes <= {"L", "RGB", "RGBA"}:
        return None
    return "RGBA" if "RGBA" in modes else "RGB"


def as_array(frames: list[Image.Image], size: tuple[int, int] | None) -> NDArray[Any]:
    """Put frames of equal size and mode, resized, into one array.

    Parameters
    ----------
    frames : list of PIL.Image.Image
        The frames. The list is emptied, so that frames and array never need memory for all at once.
    size : (int, int) or None
        Width and height to resize to.

    Returns
    -------
    ndarray
        The pixels; of several frames along a leading axis.
    """
    count = len(frames)
    first = _pixels(frames.pop(0), size)
    if count == 1:
        return first
    data = np.empty((count, *first.shape), first.dtype)
    data[0] = first
    for index in range(1, count):
        data[index] = _pixels(frames.pop(0), size)
    return data


def _pixels(frame: Image.Image, size: tuple[int, int] | None) -> NDArray[Any]:
    if size is None or size == frame.size:
        data = np.array(frame)
    elif frame.mode.startswith("I;16"):
        # Pillow's own filter for 16 bits does not clip what it overshoots at sharp edges.
        wide = Image.fromarray(np.asarray(frame).astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
        data = np.rint(np.asarray(wide)).clip(0, 65535).astype(np.uint16)
    else:
        data = np.array(frame.resize(size, Image.Resampling.BICUBIC))
    return data.astype(data.dtype.newbyteorder("="), copy=False)
