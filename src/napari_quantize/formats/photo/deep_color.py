"""Read colours of 16 bits a channel, which Pillow would reduce to 8."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from PIL import Image, ImageCms

from napari_quantize.formats.photo.frames import TURN_UPRIGHT
from napari_quantize.formats.photo.icc import profile_use
from napari_quantize.formats.photo.open import damage_as_value_error, logged_as_notes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_quantize.formats.photo.open import PhotoFile

Decoder = Callable[[BinaryIO], "NDArray[np.uint16]"]

_FULL = 65535


def deep_decoder(image: Image.Image) -> Decoder | None:
    """Return a decoder that reads all 16 bits of a picture's channels.

    Parameters
    ----------
    image : PIL.Image.Image
        The image as Pillow opened it. It must not be loaded yet: loading removes the decoder's arguments.

    Returns
    -------
    callable or None
        A function from the open file to an array of shape (Y, X, 3) or (Y, X, 4), from 0 to 65,535. None if Pillow
        itself reads all bits, and for formats that only Pillow reads; `stored_facts` notes the loss for these.
    """
    # The arguments of Pillow's decoder tell how many bits the file holds, the mode only what Pillow makes of them.
    tiles = getattr(image, "tile", [])
    if len(tiles) != 1 or image.mode not in ("RGB", "RGBA"):
        return None
    [tile] = tiles
    if image.format == "PNG" and getattr(image, "n_frames", 1) == 1 and re.search(r";16B$", str(tile.args)):
        return _decode_png
    if image.format == "PPM" and tile.codec_name == "ppm" and tile.args[-1] > 255:
        return partial(_decode_ppm, image.size, tile.offset, tile.args[-1])
    return None


def read_deep(photo: PhotoFile, decoder: Decoder, orientation: int, size: tuple[int, int] | None) -> NDArray[np.uint16]:
    """Read a picture of 16 bits a channel.

    Parameters
    ----------
    photo : PhotoFile
        The open photo, whose size `check_memory` has checked.
    decoder : callable
        The decoder from `deep_decoder`.
    orientation : int
        EXIF orientation, 1 … 8.
    size : (int, int) or None
        Width and height to resize to.

    Returns
    -------
    ndarray, shape (Y, X, 3) or (Y, X, 4)
        Upright, in sRGB.

    Raises
    ------
    ValueError
        If the content is damaged.
    """
    with damage_as_value_error(photo.name):
        with logged_as_notes("imagecodecs") as notes:
            data = _in_srgb(decoder(photo.stream), photo.image)
        # libpng tells the program, not the user, that it reads an interlaced picture at once; the pixels are right.
        photo.notes += [note for note in notes if "Interlace handling" not in note]
        turn = TURN_UPRIGHT.get(orientation)
        if turn is not None:
            data = np.dstack([np.asarray(_plane(data, channel).transpose(turn)) for channel in range(data.shape[-1])])
        return data if size is None or size == data.shape[1::-1] else _resized(data, size)


def _decode_png(stream: BinaryIO) -> NDArray[np.uint16]:
    from imagecodecs import png_decode

    stream.seek(0)
    data: NDArray[np.uint16] = png_decode(_critical_chunks(stream.read()))
    # imagecodecs returns grey with alpha as two channels.
    return data[..., [0, 0, 0, 1]] if data.shape[-1] == 2 else data


def _critical_chunks(file: bytes) -> bytes:
    """Return a PNG without the chunks that its pixels do not need: libpng warns of faults in them."""
    kept, start = [file[:8]], 8
    while start < len(file):
        end = start + 12 + int.from_bytes(file[start : start + 4], "big")  # length, name, data and checksum
        name = file[start + 4 : start + 8]
        if name[:1].isupper() or name == b"tRNS":  # names of critical chunks begin with a capital
            kept.append(file[start:end])
        start = end
    return b"".join(kept)


def _decode_ppm(size: tuple[int, int], offset: int, top: int, stream: BinaryIO) -> NDArray[np.uint16]:
    width, height = size
    stream.seek(offset)
    # Netpbm: two bytes a sample, the high one first, if the largest value is above 255.
    data = np.frombuffer(stream.read(6 * width * height), ">u2").reshape(height, width, 3)
    if top == _FULL:
        return data.astype(np.uint16)
    return np.rint(data * (_FULL / top)).clip(0, _FULL).astype(np.uint16)


def _in_srgb(data: NDArray[np.uint16], image: Image.Image) -> NDArray[np.uint16]:
    """Convert from the embedded profile; Pillow's own conversion knows 8 bits only."""
    if profile_use(image).transform is None:
        return data
    from imagecodecs import CMS, cms_transform

    # LittleCMS' optimization for 16 bits is wrong by up to twenty of 255 levels in the shadows.
    flags = CMS.FLAGS.BLACKPOINTCOMPENSATION | CMS.FLAGS.NOOPTIMIZE
    converted: NDArray[np.uint16] = cms_transform(
        np.ascontiguousarray(data[..., :3]),
        image.info["icc_profile"],
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        colorspace="rgb",
        outcolorspace="rgb",
        intent=CMS.INTENT.RELATIVE_COLORIMETRIC,
        flags=flags,
    )
    return np.dstack([converted, data[..., 3:]])


def _resized(data: NDArray[np.uint16], size: tuple[int, int]) -> NDArray[np.uint16]:
    """Resize with a bicubic filter, weighting colours by alpha, as Pillow does for 8 bits."""
    result = np.empty((size[1], size[0], data.shape[-1]), np.uint16)
    weight = data[..., 3] / np.float32(_FULL) if data.shape[-1] == 4 else None
    spread = None if weight is None else _bicubic(weight, size)
    for channel in range(3):
        values = data[..., channel].astype(np.float32)
        new = _bicubic(values if weight is None else values * weight, size)
        if spread is not None:
            new = np.divide(new, spread, out=np.zeros_like(new), where=spread > 0)
        result[..., channel] = np.rint(new).clip(0, _FULL)
    if spread is not None:
        result[..., 3] = np.rint(spread * _FULL).clip(0, _FULL)
    return result


def _bicubic(values: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BICUBIC))


def _plane(data: NDArray[np.uint16], channel: int) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(data[..., channel]))
