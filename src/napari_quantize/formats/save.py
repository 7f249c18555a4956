"""Save an image to a file that holds its pixels exactly."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.formats.npy import write_npy
from napari_quantize.formats.png.dither import dither_image
from napari_quantize.formats.png.encode import encode_png
from napari_quantize.formats.png.pixels import PngKind
from napari_quantize.formats.tiff.write import write_tiff
from napari_quantize.text.numbers import format_count

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Raster

#: File name endings that `save_raster` knows. Longer ones come first: `.indexed.png` also ends in `.png`.
ENDINGS = (".indexed.png", ".png", ".ome.tiff", ".ome.tif", ".tiff", ".tif", ".npy")


@dataclass(frozen=True)
class SavedFile:
    """A file that was written.

    Attributes
    ----------
    path : Path
        The file. Its ending differs from the requested one if that format cannot hold the image.
    sentence : str
        One sentence for the user that says what was written.
    reason : str
        Why the ending differs from the requested one; empty if it does not.
    """

    path: Path
    sentence: str
    reason: str = ""


def save_raster(
    path: str | os.PathLike[str],
    raster: Raster,
    *,
    overwrite: bool = False,
    dither: bool = False,
    level: Literal["fast", "best"] = "best",
) -> SavedFile:
    """Write an image, its calibration, codebook and record to a file. An error leaves no partial file.

    Parameters
    ----------
    path : str or os.PathLike
        The file. Its ending chooses the format: ``.indexed.png``, ``.png``, ``.tif``, ``.tiff``, ``.ome.tif``,
        ``.ome.tiff``, or ``.npy``, which holds the pixels alone. An image that PNG cannot hold is written as a TIFF of
        the same name, and one with too many colours for a palette as a plain ``.png``.
    raster : Raster
        The image.
    overwrite : bool
        Replace an existing file.
    dither : bool
        Dither the image, which must not be quantized yet, in its codebook's colours; see `dither_image`.
    level : {"best", "fast"}
        Make a PNG as small as possible, or write it quickly.

    Returns
    -------
    SavedFile

    Raises
    ------
    ValueError
        If the ending is not known, or the image or the format does not allow dithering.
    FileExistsError
        If the file exists and `overwrite` is False.
    OSError
        If the file cannot be written.
    """
    path = Path(path)
    ending = next((known for known in ENDINGS if path.name.lower().endswith(known)), None)
    if ending is None or len(path.name) == len(ending):
        raise ValueError(f"{path.name} does not say what to write: names end in {', '.join(ENDINGS)}")
    if path.is_dir():
        raise IsADirectoryError(f"{path.name} is a folder, not a file")
    if dither:
        if not ending.endswith("png"):
            raise ValueError(f"{path.name} would be a file of data: only pictures, as .png, are dithered")
        raster = dither_image(raster)
    if ending.endswith("png"):
        return _save_png(path, ending, raster, overwrite, level)
    if ending == ".npy":
        return _save_npy(path, raster, overwrite)
    return _save_tiff(path, raster, overwrite, "ome" in ending)


def _save_png(path: Path, ending: str, raster: Raster, overwrite: bool, level: Literal["fast", "best"]) -> SavedFile:
    stem = path.name[: -len(ending)]
    try:
        content = encode_png(raster, level=level)
    except ValueError as error:
        saved, reason = _save_tiff(path.with_name(f"{stem}.tif"), raster, overwrite, ome=False), str(error)
        return SavedFile(saved.path, f"Saved {saved.path.name}: {reason}.", reason)
    kilobytes, reason = _format_size(len(content)), ""
    kind = PngKind.of(content)
    if kind.n_colors:
        description = f"{format_count(kind.n_colors, 'colour')}, {format_count(kind.bits, 'bit')} each"
    else:
        color = "grey" if kind.channels == 1 else "colours"
        description = f"{color} of {format_count(kind.bits * kind.channels, 'bit')}"
    if ending == ".indexed.png" and not kind.is_indexed:
        path = path.with_name(f"{stem}.png")
        description += ", too many for a palette"
        reason = f"too many {'bits' if raster.image.dtype.itemsize > 1 else 'colours'} for a palette"
    with atomic_write(path, overwrite=overwrite) as stream:
        stream.write(content)
    return SavedFile(path, f"Saved {path.name}: {description}, {kilobytes}.", reason)


def _save_tiff(path: Path, raster: Raster, overwrite: bool, ome: bool) -> SavedFile:
    with atomic_write(path, overwrite=overwrite) as stream:
        write_tiff(stream, raster, ome=ome)
    return SavedFile(path, f"Saved {path.name}: {_describe_values(raster)}, {_format_size(path.stat().st_size)}.")


def _save_npy(path: Path, raster: Raster, overwrite: bool) -> SavedFile:
    with atomic_write(path, overwrite=overwrite) as stream:
        write_npy(stream, raster.image)
    has_more = raster.codebook is not None or raster.record is not None or set(raster.calibration.units) != {"pixel"}
    lost = "; scale, codebook and record are not in it" if has_more else ""
    return SavedFile(path, f"Saved {path.name}: {_describe_values(raster)}, {_format_size(path.stat().st_size)}{lost}.")


def _describe_values(raster: Raster) -> str:
    return f"{' × '.join(f'{n:,}' for n in raster.image.shape)} values of {raster.image.dtype.name}"


def _format_size(size: int) -> str:
    return f"{size / 1024:,.1f} KB"
