"""Read lines, numbers and colours, as all text formats of palettes need them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from napari_quantize.palettes.palette import MAX_COLORS

#: Pattern of the mark with which some editors begin a file in UTF-8.
BYTE_ORDER_MARK = b"(?:\xef\xbb\xbf)?"
_MAX_QUOTED = 40
_MAX_LINES = 4 * MAX_COLORS  # leaves room for comments and empty lines
_Row = TypeVar("_Row")


def lines_of(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers from 1, with any kind of line ends.

    Raises
    ------
    ValueError
        If the content is no text, or has more lines than any palette.
    """
    if b"\0" in content:
        raise ValueError("it holds binary data where text was expected")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # names in files from before UTF-8
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if number > _MAX_LINES:
            raise ValueError(f"it has more than {_MAX_LINES:,} lines: that is no palette")
        yield number, line.strip()


def limited_rows(rows: Iterable[_Row]) -> list[_Row]:
    """Return the rows of a file; stop at `MAX_COLORS`, so that a huge file does not fill the memory.

    Raises
    ------
    ValueError
        If there are more rows.
    """
    found = list(islice(rows, MAX_COLORS + 1))
    if len(found) > MAX_COLORS:
        raise ValueError(f"it holds more than {MAX_COLORS:,} colours")
    return found


def byte_values(number: int, fields: Iterable[str]) -> tuple[int, ...]:
    """Return the numbers in a line as integers between 0 and 255.

    Raises
    ------
    ValueError
        If one of them is not; the message names the line.
    """
    fields = list(fields)
    for field in fields:
        # Not by int() alone, which also takes signs, underscores and the digits of other scripts.
        if not re.fullmatch("[0-9]{1,9}", field) or int(field) > 255:
            raise ValueError(f"line {number} holds {quoted(field)}, which is no whole number between 0 and 255")
    return tuple(map(int, fields))


def quoted(text: str) -> str:
    """Return the first 40 letters of `text` in quotation marks, for an error message."""
    text = "".join(letter if letter.isprintable() else "�" for letter in text[: _MAX_QUOTED + 1].strip())
    return f"“{text}”" if len(text) <= _MAX_QUOTED else f"“{text[:_MAX_QUOTED]}…”"
