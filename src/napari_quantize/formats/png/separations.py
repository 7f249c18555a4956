"""Write separations, as screen printers use them: one black-and-white image for each colour or level."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_quantize.formats.png.encode import encode_png
from napari_quantize.formats.raster import Calibration, Raster

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.codebook.codebook import Codebook

MAX_FILES = 256


def write_separations(
    folder: str | os.PathLike[str], image: np.ndarray, codebook: Codebook, *, overwrite: bool = False
) -> list[Path]:
    """Write a 1-bit PNG for each colour or level, white where pixels have it. An error changes no files.

    Parameters
    ----------
    folder : str or os.PathLike
        Folder of the files. It is created if its parent exists. Files are named by number and colour,
        ``03_c8a27e.png``, or by number and level, ``03_117.png``; with several channels also by channel,
        ``channel1_03_117.png``.
    image : ndarray, shape (M, N), and channels where the codebook says
        The image that was quantized.
    codebook : Codebook
        Its colours or levels.
    overwrite : bool
        Replace existing files.

    Returns
    -------
    list of Path
        The files, from dark to bright.

    Raises
    ------
    ValueError, TypeError
        If the image does not fit the codebook or is no plane, or if there would be more than 256 files.
    FileExistsError
        If a file exists and `overwrite` is False, or if a folder has that name.
    OSError
        If they cannot be written.
    """
    parts = _separations(codebook.encode(image), codebook)
    folder = Path(folder)
    paths = [folder / part.name for part in parts]
    existing = [path for path in paths if path.is_dir() or (not overwrite and os.path.lexists(path))]
    if existing:
        raise FileExistsError(errno.EEXIST, "there is a file of that name already", str(existing[0]))
    created = not folder.exists()
    folder.mkdir(exist_ok=True)
    try:
        # Write all files to a hidden folder first: moving them cannot fill the disk.
        with TemporaryDirectory(prefix=".", dir=folder) as hidden:
            for part in parts:
                white = Raster(part.plane == part.number, False, Calibration.of_pixels("y", "x"))
                (Path(hidden) / part.name).write_bytes(encode_png(white))
            _move_files(Path(hidden), paths)
    except BaseException:  # Ctrl-C too
        if created:
            shutil.rmtree(folder)
        raise
    return paths


def _move_files(hidden: Path, paths: Sequence[Path]) -> None:
    """Move files of these names out of a folder; after an error, all existing files are as before."""
    replaced = hidden / "replaced"
    replaced.mkdir()
    try:
        for path in paths:
            if os.path.lexists(path):
                path.replace(replaced / path.name)
            (hidden / path.name).replace(path)
    except BaseException:  # Ctrl-C too
        for path in paths:
            if not (hidden / path.name).exists():
                path.unlink()
            if os.path.lexists(replaced / path.name):
                (replaced / path.name).replace(path)
        raise


class _Separation(NamedTuple):
    """One colour or level of one channel."""

    name: str
    plane: np.ndarray
    number: int


def _separations(indices: np.ndarray, codebook: Codebook) -> list[_Separation]:
    axis = codebook.channel_axis
    has_channels = axis is not None and codebook.mode != "color"
    if indices.ndim != 2 + has_channels:
        raise ValueError(f"separations are made of one plane, not of {indices.ndim - has_channels} dimensions")
    planes = list(np.moveaxis(indices, axis or 0, 0)) if has_channels else [indices]
    planes = planes[: len(planes) - (has_channels and codebook.alpha)]
    outputs = codebook.outputs if codebook.mode == "per_channel" else codebook.outputs * len(planes)
    n_files = sum(map(len, outputs))
    if n_files > MAX_FILES:
        raise ValueError(f"{n_files:,} separations are too many: up to {MAX_FILES} are written")
    parts = []
    for channel, (plane, values) in enumerate(zip(planes, outputs, strict=True)):
        prefix = f"channel{channel}_" if has_channels else ""
        digits = max(2, len(str(len(values))))
        parts += [
            _Separation(f"{prefix}{number + 1:0{digits}}_{_format_output(value)}.png", plane, number)
            for number, value in enumerate(values)
        ]
    return parts


def _format_output(value: np.ndarray) -> str:
    """Write a level as a number, a colour of 8 bits as ``c8a27e``."""
    if value.ndim and value.dtype == np.uint8 and len(value) == 3:
        return bytes(value).hex()
    return "-".join(f"{number:.6g}" if value.dtype.kind == "f" else str(int(number)) for number in np.atleast_1d(value))
