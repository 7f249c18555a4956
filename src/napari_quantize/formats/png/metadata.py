"""Calibration, codebook and record in a PNG, as JSON in compressed text chunks (iTXt)."""

from __future__ import annotations

import json
import re
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.formats.arrays import checksum
from napari_quantize.formats.png.chunks import deflate, read_chunks
from napari_quantize.formats.raster import PIXEL, Calibration, Raster
from napari_quantize.formats.units import check_step

if TYPE_CHECKING:
    import os

_KEYWORD = b"napari-quantize"
_FLAGS = b"\0\1\0\0\0"  # compressed, by zlib, in no language, keyword not translated
_PART = re.compile(rb"napari-quantize(?: ([2-9]|[1-9][0-9]))?\0")  # beginning of a chunk, with the number of its part
_VERSION = 1
_MAX_TEXT = 2**24  # bytes; the largest codebook, 65,536 colours, has a quarter of it
_MAX_PART = 10**6  # bytes; Pillow, and all programs that use it, refuse a PNG with a text above 2**20


@dataclass(frozen=True)
class PngRecord:
    """Contents of the text chunks of a PNG that napari-quantize wrote.

    Attributes
    ----------
    calibration : Calibration
        Axes, scale and units.
    codebook : Codebook or None
        Codebook that the image was quantized with.
    record : dict or None
        How the image was made.
    channels : int
        3 or 4; 0 for a grey image, which the file may store with a palette.
    dtype : {"bool", "uint8", "uint16"}
        Dtype of the image that was saved.
    crc32 : int or None
        `checksum` of its pixels; None if the file has none.
    """

    calibration: Calibration
    codebook: Codebook | None
    record: dict[str, Any] | None
    channels: int
    dtype: str
    crc32: int | None

    def restored(self, pixels: np.ndarray) -> np.ndarray:
        """Convert decoded pixels back to the array that was saved.

        Parameters
        ----------
        pixels : ndarray, shape (M, N), (M, N, 3) or (M, N, 4)
            Pixels as a PNG decoder returns them: palettes are looked up, so that grey ones have three channels; bits
            are 0 and 1 or 255. Optimizers such as optipng drop what can be restored: the channels of grey colours, an
            alpha that is opaque everywhere, and the second byte of 16 bits if it equals the first.

        Returns
        -------
        ndarray
            The pixels with the channels and dtype of the record, if the conversion loses nothing.
        """
        channels = pixels.shape[2] if pixels.ndim == 3 else 0
        if channels == 3 and not self.channels and (pixels == pixels[..., :1]).all():
            pixels = pixels[..., 0]
        if self.channels and not channels:
            pixels = np.repeat(pixels[..., np.newaxis], 3, axis=-1)
        if self.channels == 4 and pixels.shape[2:] == (3,):
            opaque = np.full((*pixels.shape[:2], 1), np.iinfo(pixels.dtype).max, pixels.dtype)
            pixels = np.concatenate((pixels, opaque), axis=-1)
        if self.dtype == "uint16" and pixels.dtype == np.uint8:
            pixels = pixels * np.uint16(257)
        bits = self.dtype == "bool" and np.isin(pixels, (0, 1, 255)).all()
        return pixels != 0 if bits else pixels


def encode_texts(raster: Raster, level: int) -> list[bytes]:
    """Return the data of the text chunks (iTXt) for a raster, compressed at this level: one, or several."""
    calibration, codebook = raster.calibration, raster.codebook
    content = {
        "version": _VERSION,
        "channels": raster.image.shape[-1] if raster.rgb else 0,
        "dtype": raster.image.dtype.name,
        # The key has been "place" since version 1: files that were written must stay readable.
        "place": {"axes": calibration.axes, "scale": calibration.scale, "units": calibration.units},
        "codebook": None if codebook is None else codebook.to_dict(),
        "record": raster.record,
        "crc32": checksum(raster.image),
    }
    text = json.dumps(content, separators=(",", ":")).encode()
    parts = [text[start : start + _MAX_PART] for start in range(0, len(text), _MAX_PART)]
    # Keywords differ by a number, because programs may keep only one text of each keyword.
    keywords = [_KEYWORD, *(_KEYWORD + b" %d" % number for number in range(2, len(parts) + 1))]
    return [keyword + _FLAGS + deflate(part, level) for keyword, part in zip(keywords, parts, strict=True)]


def read_png_record(path: str | os.PathLike[str]) -> tuple[PngRecord | None, str]:
    """Read and check the text chunks that `encode_png` wrote.

    Parameters
    ----------
    path : str or os.PathLike
        A PNG from any program.

    Returns
    -------
    record : PngRecord or None
        None if the file has none, or if it is damaged.
    note : str
        Sentences that say what is damaged or was left out; else empty.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    notes: list[str] = []
    try:
        with Path(path).open("rb") as stream:
            parts = _read_parts(stream)
        record = _parsed(_joined(parts), notes) if parts else None
    except (ValueError, RecursionError) as error:
        return None, f"The record of how {Path(path).name} was made is damaged and was ignored: {error}."
    return record, " ".join(notes)


def _read_parts(stream: BinaryIO) -> list[bytes]:
    """Return the chunks of a text in order, from the first on; nothing if there is no first."""
    parts: dict[int, bytes] = {}
    for data in read_chunks(stream, b"iTXt", _MAX_TEXT):
        found = _PART.match(data)
        if found:
            parts.setdefault(int(found[1] or 1), data)
            if sum(map(len, parts.values())) > _MAX_TEXT:
                raise ValueError(f"it has more than {_MAX_TEXT:,} bytes")
    if 1 in parts and max(parts) > len(parts):
        raise ValueError(f"{max(parts) - len(parts)} of its {max(parts)} parts are missing")
    return [parts[number] for number in sorted(parts)] if 1 in parts else []


def _joined(parts: list[bytes]) -> bytes:
    """Decompress the parts of a text and put them together."""
    text = b""
    for data in parts:
        head, flags, body = data.partition(_FLAGS)
        if not flags or b"\0" in head:
            raise ValueError("it is not compressed as expected")
        unpack = zlib.decompressobj()
        try:
            # Bounded, because a small file can decompress to any size.
            text += unpack.decompress(body, _MAX_TEXT + 1 - len(text))
        except zlib.error as error:
            raise ValueError(f"it cannot be decompressed ({error})") from None
        if not unpack.eof or len(text) > _MAX_TEXT:
            raise ValueError(f"it is cut off or has more than {_MAX_TEXT:,} bytes")
    return text


def _parsed(text: bytes, notes: list[str]) -> PngRecord:
    content = json.loads(text)
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise ValueError(f"it does not say version {_VERSION}")
    codebook, record, channels = content.get("codebook"), content.get("record"), content.get("channels")
    dtype, crc32 = content.get("dtype"), content.get("crc32")
    if channels not in (0, 3, 4) or dtype not in ("bool", "uint8", "uint16") or not isinstance(record, dict | None):
        raise ValueError("its channels, its dtype or its record are of another kind")
    if not isinstance(crc32, int | None):
        raise ValueError("its checksum is no number")
    book = None if codebook is None else Codebook.from_dict(codebook)
    return PngRecord(_calibration(content.get("place"), notes), book, record, int(channels), dtype, crc32)


def _calibration(content: object, notes: list[str]) -> Calibration:
    """Return the calibration of the two axes; raise a ValueError if it is malformed."""
    content = content if isinstance(content, dict) else {}
    axes, units = (_two_names(content.get(name)) for name in ("axes", "units"))
    scale = content.get("scale")
    if not isinstance(scale, list) or len(scale) != 2 or not all(map(_is_length, scale)):
        raise ValueError(f"its scale is {scale!r:.60}, not two lengths")
    steps = [
        check_step(axis, float(size), unit, notes) or (1.0, PIXEL)
        for axis, size, unit in zip(axes, scale, units, strict=True)
    ]
    return Calibration(tuple(axes), tuple(size for size, _ in steps), tuple(unit for _, unit in steps))


def _two_names(names: object) -> list[str]:
    if not isinstance(names, list) or len(names) != 2 or not all(isinstance(name, str) for name in names):
        raise ValueError(f"its axes or units are {names!r:.60}, not two names")
    return names


def _is_length(number: object) -> bool:
    # JSON also holds integers that are no float.
    if not isinstance(number, int | float) or isinstance(number, bool):
        return False
    return 0 < abs(number) <= sys.float_info.max
