"""Tables as text that spreadsheets read as it is meant."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from napari_quantize.core.atomic_file import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

#: First characters by which spreadsheets take a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_LINE_END = "\r\n"


def csv_text(rows: Iterable[Sequence[object]], *, delimiter: str = ",") -> str:
    """Return rows as CSV: texts with the delimiter, quotes or line breaks are quoted.

    Parameters
    ----------
    rows : iterable of sequence
        Numbers, texts and None, which becomes an empty cell. A text that a spreadsheet would take for a formula gets
        a leading apostrophe, which spreadsheets hide.
    delimiter : str
        Character between cells.

    Returns
    -------
    str
        Lines, each with a line feed at its end.
    """
    lines = _Lines()
    # The csv module quotes only the characters of its own line end, so that another would break rows.
    writer = csv.writer(lines, delimiter=delimiter, lineterminator=_LINE_END)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return "".join(lines)


def write_csv(path: Path, text: str, *, overwrite: bool) -> None:
    """Write a table as a CSV file in UTF-8, with a byte order mark by which spreadsheets know it.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is false.
    OSError
        If the file cannot be written.
    """
    with atomic_write(path, overwrite=overwrite) as stream:
        # Names of files that are not valid Unicode get "?".
        stream.write(text.encode("utf-8-sig", errors="replace"))


class _Lines(list[str]):
    """Lines as the csv module writes them, one a call."""

    def write(self, line: str) -> None:
        self.append(line.removesuffix(_LINE_END) + "\n")


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
