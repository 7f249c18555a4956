"""Read and write the chunks of which a PNG consists.

References
----------
"Portable Network Graphics (PNG) Specification (Third Edition)", W3C 2025.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_LENGTH = 2**31 - 1  # of a side of the picture, and of a chunk
MAX_PIXELS = 178_956_970  # the most that Pillow reads, and with it this program


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk: its length, name, data and checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def deflate(data: bytes | bytearray, level: int) -> bytes:
    """Compress to a zlib stream with libdeflate at a level from 1 to 12."""
    from imagecodecs import deflate_encode

    return bytes(deflate_encode(data, level))


def read_chunks(stream: BinaryIO, wanted: bytes, most: int) -> Iterator[bytes]:
    """Yield the data of the chunks of one name that stand before the pixels.

    Parameters
    ----------
    stream : binary file
        A PNG.
    wanted : bytes
        Name of the chunks.
    most : int
        Largest number of bytes that a chunk of this name may have.

    Yields
    ------
    bytes
        Data of a chunk, without its name and checksum.

    Raises
    ------
    ValueError
        If this is no PNG, if it ends too early, or if such a chunk is damaged or too large.
    """
    if stream.read(len(SIGNATURE)) != SIGNATURE:
        raise ValueError("this is no PNG")
    while True:
        head = stream.read(8)
        if len(head) < 8:
            raise ValueError("the file ends before its pixels")
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        if name in (b"IDAT", b"IEND"):
            return
        if name != wanted:
            stream.seek(length + 4, 1)  # the data and their checksum
            continue
        if length > most:
            raise ValueError(f"a text of {length:,} bytes is too large: up to {most:,} are read")
        data, checksum = stream.read(length), stream.read(4)
        if checksum != struct.pack(">I", zlib.crc32(data, zlib.crc32(name))):
            raise ValueError("the checksum of a text is wrong")
        yield data


def read_pixels(file: bytes) -> bytes:
    """Return the compressed pixels of a complete PNG: the data of its IDAT chunks."""
    pixels, start = [], len(SIGNATURE)
    while start < len(file):
        length, name = int.from_bytes(file[start : start + 4], "big"), file[start + 4 : start + 8]
        if name == b"IDAT":
            pixels.append(file[start + 8 : start + 8 + length])
        start += length + 12
    return b"".join(pixels)
