"""What the formats that are text have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHOWN = 40


def lines_of(content: bytes) -> list[tuple[int, str]]:
    """Return the lines of a file with their numbers from 1, as any system ends them.

    Raises
    ------
    ValueError
        If it is no text.
    """
    if b"\0" in content:
        raise ValueError("it holds binary data where text was expected")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # names in files of the time before UTF-8
    return list(enumerate(re.split(r"\r\n|\r|\n", text), 1))


def byte_values(number: int, fields: Iterable[str]) -> tuple[int, ...]:
    """Return the numbers in a line as integers between 0 and 255.

    Raises
    ------
    ValueError
        If one of them is none; the sentence has the line's number.
    """
    fields = list(fields)
    for field in fields:
        if not re.fullmatch("[0-9]{1,9}", field) or int(field) > 255:
            raise ValueError(f"line {number} holds {shown(field)}, which is no whole number between 0 and 255")
    return tuple(map(int, fields))


def shown(text: str) -> str:
    """Quote what was found, as much of it as a sentence takes."""
    text = "".join(letter if letter.isprintable() else "�" for letter in text[: _SHOWN + 1].strip())
    return f"“{text}”" if len(text) <= _SHOWN else f"“{text[:_SHOWN]}…”"
