"""Open photo files with Pillow. Errors are ValueErrors of one sentence that names the file."""

from __future__ import annotations

import errno
import logging
import os
import re
import struct
import threading
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image, UnidentifiedImageError

from napari_quantize.core.limited_file import check_regular
from napari_quantize.core.recorded_warnings import recorded_warnings

if TYPE_CHECKING:
    import warnings
    from collections.abc import Iterator

#: Formats that Pillow lists but that hold no photo it could decode by itself: EPS starts Ghostscript, WMF
#: needs Windows, of FITS it ignores sign, scale and zero of the values, the others need a handler from elsewhere.
NOT_PHOTOS = frozenset({"BUFR", "EPS", "FITS", "GRIB", "HDF5", "MPEG", "WMF"})

#: Formats whose further pictures are the next moments or pages of the first; in all others (the preview in a
#: camera's JPEG, the layers of a PSD, the sizes of an icon) the first picture is the photo.
SEQUENCES = frozenset({"AVIF", "FLI", "GIF", "PNG", "TIFF", "WEBP"})

#: First bytes of common formats that Pillow cannot read.
_UNREADABLE = {
    rb".{4}ftyp(hei|hev|mif1)": "HEIC",
    rb"\xff\x0a|.{4}JXL ": "JPEG XL",
    rb"%PDF": "PDF",
    rb"8BPS": "Photoshop",  # 16 bits, and PSB
    rb"SIMPLE  =": "FITS",
}

#: Beginning of notes in the words of a library.
READING = "While reading: "

#: Words by which decoders say that they cannot read a file though it may be whole.
_UNSUPPORTED = re.compile(r"\bunsupported\b|\bnot supported\b|\bnot implemented\b", re.IGNORECASE)

#: Warnings that become notes; a DeprecationWarning is for developers, not for the user who reads the notes.
_NOTED = (UserWarning, RuntimeWarning)

#: Exceptions that Pillow's decoders raise on damaged content, besides OSError.
_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass
class PhotoFile:
    """An open photo.

    Attributes
    ----------
    name : str
        The file's name without folders.
    image : PIL.Image.Image
        The image as Pillow opened it.
    stream : BinaryIO
        The open file, which Pillow reads from, too.
    n_bytes : int
        Size of the file.
    notes : list of str
        Sentences for the user, filled while reading.
    """

    name: str
    image: Image.Image
    stream: BinaryIO
    n_bytes: int
    notes: list[str] = field(default_factory=list)

    def pictures(self) -> range:
        """Return the indices of the pictures that belong to the photo."""
        if self.image.format not in SEQUENCES:
            first = self.image.tell()  # not 0 for PSD, which counts its layers from 1
            return range(first, first + 1)
        # The default image of an animated PNG is shown only where animations are not.
        first = 1 if self.image.info.get("default_image") else 0
        with damage_as_value_error(self.name):
            return range(first, max(first + 1, getattr(self.image, "n_frames", 1)))

    def load(self, index: int) -> Image.Image:
        """Decode one picture completely and return the image that now holds it."""
        with damage_as_value_error(self.name):
            # Asked first because the only picture of some formats has an index that seek() refuses.
            if self.image.tell() != index:
                self.image.seek(index)
            self.image.load()
        return self.image


@contextmanager
def open_photo(path: str | os.PathLike[str]) -> Iterator[PhotoFile]:
    """Open a photo for the length of a ``with`` block.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Yields
    ------
    PhotoFile
        The open photo. Pillow's warnings become notes when the block ends.

    Raises
    ------
    ValueError
        If the content is empty, damaged, too large, or not an image that can be read.
    OSError
        If the file cannot be opened or read.
    """
    name = shown_name(path)
    check_regular(path, name)
    # A warning must neither stop the reading, where warnings are errors, nor vanish, where they are hidden.
    with open(path, "rb") as stream, recorded_warnings(*_NOTED, DeprecationWarning) as recorded:
        size = os.fstat(stream.fileno()).st_size
        if size == 0:
            msg = f"{name} is empty"
            raise ValueError(msg)
        with damage_as_value_error(name, _unknown_format(stream)):
            image = Image.open(stream, formats=_formats())
            if image.format == "PNG":
                _scale_transparent_grey(image)
        with image:
            photo = PhotoFile(name, image, stream, size)
            if not is_complete(image.format, stream):
                msg = f"{name} is truncated or damaged: its end is missing"
                raise ValueError(msg)
            yield photo
        notes = list(dict.fromkeys(_as_note(warning) for warning in recorded if issubclass(warning.category, _NOTED)))
        # Pillow only warns of a truncated directory, after which pictures may be missing, and of an unreadable colour
        # profile (tag 34675), without which colours would be wrong. Both are errors here.
        lost = r"Corrupt EXIF data|Truncated File Read|tag 34675$"
        if image.format == "TIFF" and any(re.search(lost, note) for note in notes):
            msg = f"{name} is truncated or damaged: the directory of its pictures is not whole"
            raise ValueError(msg)
        photo.notes += notes


def shown_name(path: str | os.PathLike[str]) -> str:
    """Return the file's name without folders, as text that can be printed and written."""
    # On Linux a name may hold bytes that are not UTF-8. Python represents them by surrogates, which cannot be encoded.
    return os.fsencode(os.path.basename(path)).decode(errors="replace")


def photo_suffixes() -> frozenset[str]:
    """Return the file name endings of all readable formats, in lower case and with the dot."""
    readable = set(_formats())
    return frozenset(suffix for suffix, name in Image.registered_extensions().items() if name in readable)


class UndecodableError(ValueError):
    """Content that a decoder refuses, because it is damaged or of a kind that is not supported.

    Attributes
    ----------
    reason : str
        The decoder's reason: the end of the message.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@contextmanager
def damage_as_value_error(name: str, if_unknown: str = "is not an image that can be read") -> Iterator[None]:
    """Turn the exceptions of decoders into a ValueError that names the file.

    Parameters
    ----------
    name : str
        Name of the file.
    if_unknown : str
        End of the sentence if Pillow does not recognize the format.

    Raises
    ------
    UndecodableError
        If the content is damaged, or of a kind that the decoder does not support.
    ValueError
        If the format is not known, or the image is too large.
    OSError
        If the disk cannot be read.
    """
    try:
        yield
    except Image.DecompressionBombError as error:
        raise ValueError(_too_large(name, error)) from error
    except UnidentifiedImageError as error:
        msg = f"{name} {if_unknown}"
        raise ValueError(msg) from error
    except MemoryError as error:
        msg = f"{name} needs more memory than there is"
        raise ValueError(msg) from error
    except (OSError, *_DAMAGE) as error:
        # Decoders raise OSError without a number. EINVAL comes from a seek to a damaged offset; any other number is a
        # fault of the disk.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        reason = _reason(error)
        # The file may be whole: the decoder knows that it lacks something.
        lacking = isinstance(error, NotImplementedError) or _UNSUPPORTED.search(reason)
        msg = f"{name} is {'of a kind that is not supported' if lacking else 'truncated or damaged'}: {reason}"
        raise UndecodableError(msg, reason) from error


@contextmanager
def logged_as_notes(library: str) -> Iterator[list[str]]:
    """Collect the warnings that a library logs in this thread, instead of printing them."""
    notes: list[str] = []
    # The logger is shared by all threads: others may read files at the same time.
    thread = threading.get_ident()

    def collect(record: logging.LogRecord) -> bool:
        if record.thread != thread:
            return True
        if record.levelno >= logging.WARNING:
            text = re.sub(r"^<[^>]*>\s*", "", " ".join(record.getMessage().split()))
            notes.append(f"{READING}{text:.200}")
        return False

    logger = logging.getLogger(library)
    logger.addFilter(collect)
    try:
        yield notes
    finally:
        logger.removeFilter(collect)


def _unknown_format(stream: BinaryIO) -> str:
    """Return the end of the sentence about an unknown format; name the common ones that Pillow cannot read."""
    head = stream.read(12)
    stream.seek(0)
    for beginning, kind in _UNREADABLE.items():
        if re.match(beginning, head, re.DOTALL):
            return f"is a {kind} file, which cannot be read here: save it as JPEG, PNG or TIFF"
    return "is not an image that can be read"


def _scale_transparent_grey(image: Image.Image) -> None:
    """Scale the transparent grey of a PNG of 2 or 4 bits to 8 bits: Pillow scales only the pixels."""
    tiles, grey = getattr(image, "tile", []), image.info.get("transparency")
    bits = {"L;2": 2, "L;4": 4}.get(str(tiles[0].args)) if tiles else None
    # A larger value means that this release of Pillow has scaled it already.
    if bits is not None and isinstance(grey, int) and grey < 1 << bits:
        image.info["transparency"] = grey * 255 // ((1 << bits) - 1)


def _formats() -> tuple[str, ...]:
    Image.preinit()  # Pillow tries formats in this order: the common ones come first
    Image.init()
    return tuple(name for name in Image.ID if name not in NOT_PHOTOS)


def _reason(error: BaseException) -> str:
    text = "" if isinstance(error, LookupError) else str(error)  # the text of a KeyError is the key alone
    return text.splitlines()[0] if text else f"the decoder says {type(error).__name__}"


def _too_large(name: str, error: Image.DecompressionBombError) -> str:
    numbers = re.findall(r"\d+", str(error))
    if len(numbers) < 2:  # another release of Pillow may word it differently
        return f"{name} has more pixels than the safety limit allows: {error}"
    return f"{name} has {int(numbers[0]):,} pixels: more than the safety limit of {int(numbers[1]):,} pixels"


def _as_note(warning: warnings.WarningMessage) -> str:
    text = str(warning.message)
    if issubclass(warning.category, Image.DecompressionBombWarning):
        numbers = re.findall(r"\d+", text)
        return f"The image is unusually large: {int(numbers[0]):,} pixels." if numbers else text
    return f"{READING}{' '.join(text.split())}"


def is_complete(image_format: str | None, stream: BinaryIO) -> bool:
    """Return whether a file is complete up to its end marker.

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
        False if the end is missing. Pillow would read a GIF cut between two frames, or a JPEG 2000 cut before its
        first tile, without an error.
    """
    if image_format not in ("GIF", "JPEG2000"):
        return True
    position = stream.tell()
    stream.seek(0)
    data = stream.read()
    stream.seek(position)
    return _gif_has_end(data) if image_format == "GIF" else b"\xff\xd9" in data


def _gif_has_end(data: bytes) -> bool:
    # GIF89a: a header of 13 bytes and the global colour table, then images (","), extensions ("!")
    # and the trailer (";"). The low 3 bits of a flag byte give the length of a colour table: 3 · 2^(n + 1) bytes.
    def table(flags: int) -> int:
        return 3 << (flags & 7) + 1 if flags & 128 else 0

    position = 13 + table(data[10])
    while position < len(data) - 10:
        kind = data[position]
        if kind == ord(";"):
            return True
        # Behind the header of an image or an extension stand data blocks, each with its length in the first byte.
        position += {ord(","): 11 + table(data[position + 9]), ord("!"): 2}.get(kind, 1)
        if kind in b",!":
            while position < len(data) and data[position]:
                position += data[position] + 1
            position += 1
    return b";" in data[position:]
