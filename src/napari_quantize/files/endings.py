"""Whether an image file goes on to its end, for the formats where Pillow does not notice."""

from __future__ import annotations

from typing import BinaryIO


def is_whole(image_format: str | None, stream: BinaryIO) -> bool:
    """Tell whether a file goes on to its end mark.

    Parameters
    ----------
    image_format : str or None
        Pillow's name of the format. Formats other than GIF and JPEG2000 are whole by definition: Pillow
        raises by itself when something is missing.
    stream : BinaryIO
        The open file; its position is kept.

    Returns
    -------
    bool
        False if the end is missing. A GIF cut between two frames, and a JPEG 2000 cut before its first tile,
        would else be read without the rest.
    """
    if image_format not in ("GIF", "JPEG2000"):
        return True
    position = stream.tell()
    stream.seek(0)
    data = stream.read()
    stream.seek(position)
    return _gif_has_end(data) if image_format == "GIF" else b"\xff\xd9" in data


def _gif_has_end(data: bytes) -> bool:
    def table(flags: int) -> int:
        return 3 << (flags & 7) + 1 if flags & 128 else 0

    position = 13 + table(data[10])
    while position < len(data) - 10:
        kind = data[position]
        if kind == ord(";"):
            return True
        # After an image's header and colours, or an extension's label, come blocks that tell their lengths.
        position += {ord(","): 11 + table(data[position + 9]), ord("!"): 2}.get(kind, 1)
        if kind in b",!":
            while position < len(data) and data[position]:
                position += data[position] + 1
            position += 1
    return b";" in data[position:]
