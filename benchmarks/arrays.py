"""Zarr arrays of any size in a temporary folder, like those of cameras and microscopes."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import zarr
from PIL import Image
from skimage.data import astronaut, camera
from zarr.codecs import BloscCodec, ZstdCodec

from napari_quantize.core.learning.learner import Options
from napari_quantize.core.pixels.pixels import count_threads

GB = 1e9
CODECS = {"lz4": BloscCodec(cname="lz4", shuffle="shuffle"), "zstd": ZstdCodec()}
PARTS = {"8 MB": 1, "512 KB": 4}
"""Size of a chunk to the number of parts that it makes of each side of a plane."""

_N_PICTURES = 4  # planes with noise of their own; the others are these, rolled
_SHIFT = 97  # rows from one plane to the next
_SPARE = GB  # bytes left free on the disk


@dataclass(frozen=True)
class Kind:
    """A kind of image.

    Attributes
    ----------
    dtype : str
        Its dtype.
    plane : (int, int)
        Height and width of a plane, so that a chunk of 8 MB is a whole plane of it.
    channel_axis : int or None
        0 for three channels in chunks of their own, as most microscopes write them, -1 for three in the same chunk, as
        photos have them; None for one channel.
    """

    dtype: str
    plane: tuple[int, int]
    channel_axis: int | None = None

    @property
    def options(self) -> Options:
        """How it is learnt from: levels, or colours where there are channels."""
        return {} if self.channel_axis is None else {"mode": "color", "channel_axis": self.channel_axis}

    def with_channels(self, lengths: tuple[int, ...], n_channels: int) -> tuple[int, ...]:
        """Insert the length of the channel axis, if there is one."""
        if self.channel_axis is None:
            return lengths
        return (n_channels, *lengths) if self.channel_axis == 0 else (*lengths, n_channels)

    def n_planes(self, gb: float) -> int:
        """Return how many planes about `gb` gigabytes are."""
        n_values = math.prod(self.with_channels(self.plane, 3))
        return max(1, round(gb * GB / (n_values * np.dtype(self.dtype).itemsize)))

    def at(self, index: int) -> tuple[int | slice, ...]:
        """Return the position of one plane in the array."""
        return (slice(None), index) if self.channel_axis == 0 else (index,)


KINDS = {
    "uint16": Kind("uint16", (2048, 2048)),
    "RGB": Kind("uint8", (2048, 1364), -1),
    "float32": Kind("float32", (1024, 2048)),
    "3 × uint16": Kind("uint16", (2048, 2048), 0),
}


@contextmanager
def array_on_disk(kind: Kind, gb: float, codec: str, chunk: str, *, copies: int = 1) -> Iterator[Path]:
    """Make an array, named ``source``, in a folder that has room for copies of it, and remove the folder afterwards.

    Raises
    ------
    SystemExit
        If the disk has too little room for all.
    """
    needed, free = (1 + copies) * gb * GB + _SPARE, shutil.disk_usage(tempfile.gettempdir()).free
    if free < needed:
        raise SystemExit(
            f"{gb:g} GB and {copies} × as much for results need {needed / GB:.1f} GB in {tempfile.gettempdir()}, where "
            f"{free / GB:.1f} GB are free: choose less by --gb, or another folder by TMPDIR"
        )
    with TemporaryDirectory(prefix="napari-quantize-") as name:
        parts, n_planes = PARTS[chunk], kind.n_planes(gb)
        height, width = kind.plane
        array = zarr.create_array(
            Path(name) / "source",
            shape=kind.with_channels((n_planes, height, width), 3),
            chunks=kind.with_channels((1, height // parts, width // parts), 1 if kind.channel_axis == 0 else 3),
            dtype=kind.dtype,
            compressors=CODECS[codec],
        )
        _fill(array, kind, n_planes)
        yield Path(name)


def _fill(array: zarr.Array[Any], kind: Kind, n_planes: int) -> None:
    pictures = [_picture(kind, seed) for seed in range(min(_N_PICTURES, n_planes))]
    rows = 1 if kind.channel_axis == 0 else 0

    def write(index: int) -> None:
        array[kind.at(index)] = np.roll(pictures[index % len(pictures)], _SHIFT * index, axis=rows)

    with ThreadPoolExecutor(count_threads()) as pool:
        for _ in pool.map(write, range(n_planes)):
            pass


def _picture(kind: Kind, seed: int) -> np.ndarray:
    """Return a photo with noise: of photons for 16 bits, of a sensor for floats, and of a scan for 8 bits."""
    photo = Image.fromarray(camera() if kind.channel_axis is None else astronaut())
    height, width = kind.plane
    picture = np.asarray(photo.resize((width, height), Image.Resampling.LANCZOS), np.float32)
    if kind.channel_axis == 0:
        picture = np.moveaxis(picture, -1, 0)
    rng = np.random.default_rng(seed)
    if kind.dtype == "uint16":
        return (100 + rng.poisson(50 * picture)).astype(np.uint16)
    noise = rng.standard_normal(picture.shape, np.float32)
    if kind.dtype == "float32":
        return np.asarray(picture / 255 + 0.05 * noise)
    return np.asarray(np.clip(np.rint(picture + 4 * noise), 0, 255), np.uint8)
