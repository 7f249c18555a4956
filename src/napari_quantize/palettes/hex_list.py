"""Read and write lists of colours such as #rrggbb (.hex), and paint.net's text files (.txt)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from napari_quantize.palettes.palette import Palette
from napari_quantize.palettes.text_formats import limited_rows, lines_of, quoted

# A # that begins a colour begins no comment.
_COMMENT = re.compile(r";.*|//.*|#(?![0-9A-Fa-f]).*")
_WORD = re.compile(r"[^\s,'\"\[\]]+")
_COLOR = re.compile(r"(#?)(?:0x)?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
_NAME = re.compile(r";\s*Palette Name:(.*)")


def decode_hex_list(content: bytes) -> Palette:
    """Read a list of colours: one or several a line, with or without #, of 3, 4, 6 or 8 digits. Drop alpha.

    Eight digits with # are read as in CSS, where alpha comes last; without, as in paint.net, where it comes first.
    Comments begin with ``;``, ``//``, or ``#`` before anything but a colour.

    Raises
    ------
    ValueError
        If a word is no colour; the message names the line.
    """
    head: list[str] = []
    colors = np.array(limited_rows(_rows(content, head)), np.uint8).reshape(-1, 3)
    return Palette(colors, head[0] if head else "")


def _rows(content: bytes, head: list[str]) -> Iterator[tuple[int, ...]]:
    """Yield the colours. Append the palette's name to `head`."""
    for number, line in lines_of(content):
        if found := _NAME.match(line):
            head.append(found[1])
        for word in _WORD.finditer(_COMMENT.sub("", line)):
            if not (match := _COLOR.fullmatch(word[0])):
                raise ValueError(f"line {number} holds {quoted(word[0])}, which is no colour like #ff8000")
            yield _color(match[2], alpha_first=not match[1])


def _color(digits: str, *, alpha_first: bool) -> tuple[int, ...]:
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    if len(digits) == 8:
        digits = digits[2:] if alpha_first else digits[:6]
    return tuple(bytes.fromhex(digits))


def encode_hex_list(palette: Palette) -> bytes:
    """Write one colour a line in six digits without #, as lospec.com does."""
    return "".join(f"{bytes(color).hex()}\n" for color in palette.rgb8).encode()


def encode_paint_net(palette: Palette) -> bytes:
    """Write a text file for paint.net: eight digits a line, of which the first two are alpha."""
    head = f";paint.net Palette File\n;Palette Name: {palette.name}\n;Colors: {len(palette.colors)}\n"
    return (head + "".join(f"FF{bytes(color).hex().upper()}\n" for color in palette.rgb8)).encode()
