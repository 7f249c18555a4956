"""Image files that the tests of reading make: small ones of every kind, and what belongs into them."""

import io
import struct
import zlib
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
GREY = RGB[..., 0].copy()
ALPHA = np.dstack([RGB, 255 - GREY])
GREY16 = np.arange(35, dtype=np.uint16).reshape(5, 7) * 1927
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Red and blue primaries exchanged: what the profile calls red is the blue of sRGB.
SWAPPED = SRGB.replace(b"rXYZ", b"tmp ").replace(b"bXYZ", b"rXYZ").replace(b"tmp ", b"bXYZ")


def encoded(data: np.ndarray | Image.Image, image_format: str, **options) -> bytes:
    image = data if isinstance(data, Image.Image) else Image.fromarray(data)
    stream = io.BytesIO()
    image.save(stream, image_format, **options)
    return stream.getvalue()


def written(folder: Path, data: np.ndarray | Image.Image, name: str, image_format: str, **options) -> Path:
    path = folder / name
    path.write_bytes(encoded(data, image_format, **options))
    return path


def oriented(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = number
    return exif


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def raw_png(width: int, height: int, depth: int, color: int, rows: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def psd(pixels: np.ndarray, mode: int = 3, depth: int = 8) -> bytes:
    """Build a Photoshop file of version 1 without layers: the planes of the pixels, uncompressed."""
    planes = np.atleast_3d(pixels).transpose(2, 0, 1)
    header = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", *planes.shape, depth, mode)
    return header + bytes(12) + b"\0\0" + planes.tobytes()


def icc_profile(device_class: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Build a version 2 profile from its tags."""
    start = 128 + 4 + 12 * len(tags)
    table, body = b"", b""
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    header = struct.pack(">I", start + len(body)) + b"\0\0\0\0\x02\x40\0\0" + device_class + space + pcs
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + bytes.fromhex("0000f6d6000100000000d32d") + b"\0" * 48
    return header + struct.pack(">I", len(tags)) + table + body


def desc(text: bytes) -> bytes:
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + b"\0" * 78


WHITE = b"XYZ \0\0\0\0" + bytes.fromhex("0000f6d6000100000000d32d")
LINEAR_GREY = icc_profile(
    b"mntr",
    b"GRAY",
    b"XYZ ",
    {b"desc": desc(b"Linear grey"), b"wtpt": WHITE, b"kTRC": b"curv\0\0\0\0\0\0\0\1\1\0\0\0"},
)


def black_only_cmyk() -> bytes:
    """Build a CMYK profile in which only black ink is seen."""
    ramp = bytes(range(256))
    grid = bytes(v for ink in range(16) for v in (255 * (1 - ink % 2), 128, 128))
    matrix = struct.pack(">9i", *[65536 * (i % 4 == 0) for i in range(9)])
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + grid + ramp * 3
    tags = {b"desc": desc(b"Black only"), b"wtpt": WHITE, b"A2B0": lut, b"A2B1": lut}
    return icc_profile(b"prtr", b"CMYK", b"Lab ", tags)


def dull_rgb() -> bytes:
    """Build an RGB profile of a yellowish paper, whose black is grey, and greyer by the perceptual table."""
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", *[65536 * (i % 4 == 0) for i in range(9)])
    tables = {}
    for name, black in ((b"A2B0", 102), (b"A2B1", 51)):
        lights = [black + (255 - black) * (red + green + blue) // 3 for red, green, blue in product((0, 1), repeat=3)]
        grid = bytes(v for light in lights for v in (light, 128, 128))
        tables[name] = b"mft1\0\0\0\0" + bytes([3, 3, 2, 0]) + matrix + ramp * 3 + grid + ramp * 3
    paper = b"XYZ \0\0\0\0" + struct.pack(">3i", 58_000, 60_000, 30_000)
    return icc_profile(b"scnr", b"RGB ", b"Lab ", {b"desc": desc(b"Dull"), b"wtpt": paper, **tables})


def srgb_from_linear(values: np.ndarray) -> np.ndarray:
    share = values / 255
    return 255 * np.where(share <= 0.0031308, 12.92 * share, 1.055 * share ** (1 / 2.4) - 0.055)


STEPS = [
    np.roll(np.full((4, 6, 3), [250, 120, 10], np.uint8) * (np.arange(6) < 3)[:, None].astype(np.uint8), i, 1)
    for i in range(3)
]
TIMES = [100, 200, 300]


def animation(steps: list[np.ndarray], image_format: str, **options) -> bytes:
    first, *others = [Image.fromarray(step) for step in steps]
    return encoded(first, image_format, save_all=True, append_images=others, **options)
