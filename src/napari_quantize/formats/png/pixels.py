"""Arrange pixels as PNG stores them: as palette indices, as grey of 1 to 16 bits, or as colours."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np

from napari_quantize.core.lookup.color_spaces import luminance_order
from napari_quantize.formats.png.chunks import chunk, read_pixels

MAX_PALETTE = 256
_GREY, _RGB, _PALETTE, _RGBA = 0, 2, 3, 6  # colour types in the IHDR chunk
_BLOCK = 2**20  # pixels whose colours are counted at a time
_MAX_FILTERED = 1_000_000  # pixels a side: libpng's limit


@dataclass(frozen=True, eq=False)
class Layout:
    """One arrangement of an image's pixels in a PNG.

    Attributes
    ----------
    color_type, bits : int
        PNG's colour type, and bits of each sample.
    samples : ndarray, shape (M, bytes or samples of a row) or (M, N, C)
        The rows as they are stored: uint16, or uint8, with several samples in a byte if `bits` is below 8.
    palette : ndarray of uint8, shape (n, 3 or 4), or None
        The colours of the indices. Those that are not opaque come first, because PNG's tRNS chunk may leave out the
        alpha of opaque colours at the end.
    """

    color_type: int
    bits: int
    samples: np.ndarray
    palette: np.ndarray | None = None

    def tables(self) -> bytes:
        """Return the chunks that hold the palette and its alpha."""
        if self.palette is None:
            return b""
        chunks = chunk(b"PLTE", self.palette[:, :3].tobytes())
        if self.palette.shape[1] == 4 and (self.palette[:, 3] != 255).any():
            alpha = self.palette[:, 3]
            chunks += chunk(b"tRNS", alpha[: np.flatnonzero(alpha != 255)[-1] + 1].tobytes())
        return chunks

    def plain(self) -> bytearray:
        """Return the rows unfiltered, each behind its filter byte, 0."""
        big = self.samples.astype(">u2") if self.samples.dtype.itemsize == 2 else self.samples
        rows = np.ascontiguousarray(big).view(np.uint8).reshape(len(self.samples), -1)
        stored = bytearray(rows.shape[0] * (rows.shape[1] + 1))
        np.frombuffer(stored, dtype=np.uint8).reshape(len(rows), -1)[:, 1:] = rows
        return stored

    def filtered(self) -> bytes | None:
        """Return the rows with the filter that libpng's heuristic chooses for each.

        Returns
        -------
        bytes or None
            None for indices, which filters make larger, for packed samples, and for images too large for libpng.
        """
        from imagecodecs import PNG, png_encode

        if self.palette is not None or self.bits < 8 or max(self.samples.shape) > _MAX_FILTERED:
            return None
        samples = np.ascontiguousarray(self.samples)
        # libpng filters and compresses in one go: compress at the fastest level, and take the filtered rows out again.
        return zlib.decompress(read_pixels(bytes(png_encode(samples, level=1, filter=PNG.FILTER.ALL))))


def layouts(image: np.ndarray) -> list[Layout]:
    """Return the layouts of an image, one of which gives the smallest file.

    Parameters
    ----------
    image : ndarray, shape (M, N), (M, N, 3) or (M, N, 4)
        bool (without channels), uint8 or uint16 in any byte order.

    Returns
    -------
    list of Layout
        One layout, or two of which only compression can tell the smaller.
    """
    channels = image.shape[2] if image.ndim == 3 else 1
    color_type = {1: _GREY, 3: _RGB, 4: _RGBA}[channels]
    if image.dtype == bool:
        return [Layout(_GREY, 1, packed(image.view(np.uint8), 1))]
    if image.dtype.itemsize == 2:
        return [Layout(color_type, 16, image.astype(np.uint16, copy=False))]
    found = _index_colors(image.reshape(*image.shape[:2], channels))
    if found is None:
        return [Layout(color_type, 8, image)]
    colors, indices = found
    bits = _index_bits(len(colors))
    indexed = Layout(_PALETTE, bits, packed(indices, bits), colors if channels > 1 else colors.repeat(3, axis=1))
    if channels > 1:
        return [indexed]
    grey = _grey_bits(colors)
    plain = Layout(_GREY, grey, packed(image // (255 // (2**grey - 1)), grey))
    return [plain, indexed] if grey >= bits else [plain]


def packed(samples: np.ndarray, bits: int) -> np.ndarray:
    """Put samples of few bits into bytes, the first of a row into the highest bits.

    Parameters
    ----------
    samples : ndarray of uint8, shape (M, N)
        Each below ``2**bits``.
    bits : {1, 2, 4, 8}
        Bits of a sample.

    Returns
    -------
    ndarray of uint8, shape (M, ⌈N · bits / 8⌉)
    """
    if bits == 1:
        return np.packbits(samples, axis=1)
    if bits == 8:
        return samples
    each = 8 // bits
    rows, width = samples.shape
    bytes_ = np.zeros((rows, -(-width // each)), dtype=np.uint8)
    for position in range(each):
        part = samples[:, position::each]
        bytes_[:, : part.shape[1]] |= part << (8 - bits * (position + 1))
    return bytes_


def _index_colors(image: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the sorted colours and the index of each pixel's colour; None for more colours than a palette holds."""
    step = max(1, _BLOCK // image.shape[1])
    blocks = [slice(start, start + step) for start in range(0, len(image), step)]
    codes = np.zeros(0, dtype=np.uint32)
    for block in blocks:
        codes = np.union1d(codes, np.unique(_codes(image[block])))
        if len(codes) > MAX_PALETTE:
            return None
    shifts = np.arange(image.shape[2] - 1, -1, -1, dtype=np.uint32) * 8
    colors = (codes[:, np.newaxis] >> shifts & 255).astype(np.uint8)
    order = luminance_order(colors[:, :3].astype(np.float64))
    if image.shape[2] == 4:  # transparent colours first, for a short tRNS chunk
        order = order[np.argsort(colors[order, 3] == 255, kind="stable")]
    rank = np.empty(len(order), dtype=np.uint8)
    rank[order] = np.arange(len(order))
    indices = np.empty(image.shape[:2], dtype=np.uint8)
    for block in blocks:
        indices[block] = rank[np.searchsorted(codes, _codes(image[block]))]
    return colors[order], indices


def _codes(image: np.ndarray) -> np.ndarray:
    """Pack each pixel's channels into one integer."""
    codes = image[..., 0].astype(np.uint32)
    for channel in range(1, image.shape[2]):
        codes <<= 8
        codes |= image[..., channel]
    return codes


def _index_bits(n_colors: int) -> int:
    """Return the number of bits that PNG needs for an index."""
    return next(bits for bits in (1, 2, 4, 8) if n_colors <= 2**bits)


def _grey_bits(levels: np.ndarray) -> int:
    """Return the fewest bits with which PNG stores these greys exactly."""
    # With n bits PNG's greys are multiples of 255 / (2**n - 1): 255, 85, 17 or 1.
    return next(bits for bits in (1, 2, 4, 8) if not (levels % (255 // (2**bits - 1))).any())


@dataclass(frozen=True)
class PngKind:
    """How a PNG from `encode_png` stores its pixels.

    Attributes
    ----------
    channels, bits : int
        Samples of a pixel, and bits of each; a palette index is one sample.
    n_colors : int
        Length of the palette; 0 if there is none.
    """

    channels: int
    bits: int
    n_colors: int

    @classmethod
    def of(cls, content: bytes) -> PngKind:
        """Read the kind from the header and the palette of a file."""
        bits, color_type = content[24], content[25]
        if color_type == _PALETTE:
            start = content.index(b"PLTE")
            return cls(1, bits, int.from_bytes(content[start - 4 : start], "big") // 3)
        return cls({_GREY: 1, _RGB: 3, _RGBA: 4}[color_type], bits, 0)

    @property
    def is_indexed(self) -> bool:
        """True if it has a palette, or grey levels of at most 8 bits, which need none."""
        return self.channels == 1 and self.bits <= 8


def header(layout: Layout, width: int, height: int) -> bytes:
    """Return the IHDR chunk."""
    # The zeros: deflate and the five adaptive filters, of which PNG has no others, and not interlaced.
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, layout.bits, layout.color_type, 0, 0, 0))
