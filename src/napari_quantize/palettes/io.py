"""Read and write palette files. The format is found by its signature, or else by the file's ending."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.core.codebook.codebook import MAX_BYTES, Codebook, decode_codebook
from napari_quantize.core.limited_file import read_limited
from napari_quantize.palettes.aco import decode_aco, encode_aco
from napari_quantize.palettes.act import decode_act, encode_act
from napari_quantize.palettes.codebooks import palette_of
from napari_quantize.palettes.gpl import GPL_SIGNATURE, decode_gpl, encode_gpl
from napari_quantize.palettes.hex_list import decode_hex_list, encode_hex_list, encode_paint_net
from napari_quantize.palettes.pal import JASC_SIGNATURE, RIFF_SIGNATURE, decode_jasc, decode_riff, encode_jasc
from napari_quantize.palettes.palette import Palette

if TYPE_CHECKING:
    import os

# `Codebook.save` writes this key first.
_CODEBOOK = re.compile(rb"\s*\{\s*\"format\"")
_SIGNATURES: dict[re.Pattern[bytes], Callable[[bytes], Palette]] = {
    GPL_SIGNATURE: decode_gpl,
    JASC_SIGNATURE: decode_jasc,
    RIFF_SIGNATURE: decode_riff,
}
_DECODERS: dict[str, Callable[[bytes], Palette]] = {
    ".act": decode_act,
    ".aco": decode_aco,
    ".hex": decode_hex_list,
    ".txt": decode_hex_list,
}
_ENCODERS: dict[str, Callable[[Palette], bytes]] = {
    ".gpl": encode_gpl,
    ".pal": encode_jasc,
    ".act": encode_act,
    ".aco": encode_aco,
    ".hex": encode_hex_list,
    ".txt": encode_paint_net,
}
ENDINGS = (*_ENCODERS, ".json")
"""File name endings of palettes and codebooks."""


def read_palette(path: str | os.PathLike[str]) -> Palette | Codebook:
    """Read a palette or codebook that any program wrote.

    Parameters
    ----------
    path : str or os.PathLike
        A palette of GIMP (.gpl), Paint Shop Pro or Windows (.pal), or Photoshop (.act, .aco), a list of colours (.hex,
        .txt), or a codebook (.json). The ending may be wrong if the content has a signature.

    Returns
    -------
    Palette or Codebook
        A palette without a name is named after the file.

    Raises
    ------
    ValueError
        If the file is none of these, damaged, or larger than 64 MB; the message names the file, and the line of a text
        file.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    # Codebooks are larger than palettes, and any ending can hide one.
    content = read_limited(path, MAX_BYTES, "palette")
    if not content:
        raise ValueError(f"{path.name} is empty")
    if path.suffix.lower() == ".json" or _CODEBOOK.match(content):
        return decode_codebook(content, path.name)
    try:
        palette = _decoder(path, content)(content)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
    return palette if palette.name else replace(palette, name=path.stem)


def _decoder(path: Path, content: bytes) -> Callable[[bytes], Palette]:
    for signature, decode in _SIGNATURES.items():
        if signature.match(content):
            return decode
    ending = path.suffix.lower()
    if ending in _DECODERS:
        return _DECODERS[ending]
    raise ValueError(f"this is no palette that can be read; {', '.join(ENDINGS)} are")


def write_palette(
    path: str | os.PathLike[str],
    palette: Palette | Codebook,
    *,
    white: float | None = None,
    overwrite: bool = False,
) -> None:
    """Write a palette in the format that the ending names. An error leaves no partial file.

    Parameters
    ----------
    path : str or os.PathLike
        .gpl (GIMP), .pal (Paint Shop Pro), .act and .aco (Photoshop), .hex (a list), .txt (paint.net); .json for
        a codebook. Only .gpl and .aco keep names of colours, and only .aco keeps 16 bits; the others have 8.
    palette : Palette or Codebook
        A codebook is converted with `palette_of`, except for .json, which holds all of it.
    white : float, optional
        Value of a full channel of a codebook's colours, as in `palette_of`.
    overwrite : bool
        Replace an existing file.

    Raises
    ------
    ValueError
        If the ending is unknown, or the format cannot hold the palette.
    FileExistsError
        If the file exists and `overwrite` is False.
    OSError
        If the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending == ".json" and isinstance(palette, Codebook):
        palette.save(path, overwrite=overwrite)
        return
    if ending not in _ENCODERS:
        what = "a .json file holds a codebook, not a palette" if ending == ".json" else "that is no palette's ending"
        raise ValueError(f"{path.name} cannot be written: {what}; {', '.join(_ENCODERS)} are")
    if isinstance(palette, Codebook):
        palette = palette_of(palette, palette.request.palette or path.stem, white=white)
    try:
        content = _ENCODERS[ending](palette if palette.name else replace(palette, name=path.stem))
    except ValueError as error:
        raise ValueError(f"{path.name} cannot be written: {error}") from None
    with atomic_write(path, overwrite=overwrite) as stream:
        stream.write(content)
