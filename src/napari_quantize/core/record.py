"""How a result was made: one record for dock, files, report and command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Self, get_type_hints

from napari_quantize._version import __version__
from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.codebook.serialization import shortened
from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.core.quality.quality import Quality
from napari_quantize.core.request.request import Request


@dataclass(frozen=True, kw_only=True)
class Record:
    """How a result was made. Immutable.

    Attributes
    ----------
    version : str
        Version of napari-quantize.
    source_name : str
        Name of the source image.
    codebook : Codebook
        Codebook that was applied, with the request that it was learnt by.
    samples : tuple of str
        Hashes of the source's counted samples, one for each group of channels.
    quality : Quality
        Figures of loss.
    together : tuple of (str, str)
        Id and name of each image that was quantized as a channel of one image with the others.
    learnt_from : tuple of str
        Id and name of the image that the codebook was learnt from, if it is another image; else empty.
    each_slice : bool
        Whether the groups of channels are slices of a stack, each with levels of its own.
    part : str
        Name of the part of the image that the codebook was learnt from, if it has one: of a layer, or a slice.
    """

    version: str = __version__
    source_name: str = ""
    codebook: Codebook
    samples: tuple[str, ...] = ()
    quality: Quality
    together: tuple[tuple[str, str], ...] = ()
    learnt_from: tuple[str, ...] = ()
    each_slice: bool = False
    part: str = ""

    @property
    def k(self) -> int:
        """Requested number of values."""
        return self.codebook.k

    @property
    def n_used(self) -> int:
        """Number of values in use: the largest of any channel."""
        return max(map(len, self.codebook.levels))

    @property
    def request(self) -> Request:
        """How the codebook was learnt."""
        return self.codebook.request

    @property
    def white(self) -> float:
        """Value of a full channel of the source; the largest value of the dtype if the record does not hold it."""
        known = self.quality.white
        return white_of(self.codebook.dtype) if known is None else known

    @property
    def in_colors(self) -> bool:
        """Whether the centers are colours, not levels."""
        return self.codebook.mode == "color"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain numbers, strings, lists and dicts; `from_dict` reads it."""
        return {
            **vars(self),
            "codebook": self.codebook.to_dict(),
            "quality": asdict(self.quality),
            "samples": list(self.samples),
            "together": [list(pair) for pair in self.together],
            "learnt_from": list(self.learnt_from),
        }

    @classmethod
    def from_dict(cls, content: object) -> Self:
        """Return the record of a dict that `to_dict` returned, and check all of it. Unknown keys are ignored.

        Raises
        ------
        ValueError
            If an entry is missing or wrong; the message names it.
        """
        if not isinstance(content, Mapping):
            raise ValueError("the record is no mapping of names to values")
        values = {}
        for field in fields(cls):
            if field.name in content:
                try:
                    values[field.name] = _READERS.get(field.name, _text)(content[field.name], field.name)
                except ValueError as error:
                    raise ValueError(shortened(str(error))) from None
            elif field.default is MISSING:
                raise ValueError(f"the record lacks {field.name!r}")
        return cls(**values)


def _quality(content: object, _name: str) -> Quality:
    if not isinstance(content, Mapping):
        raise ValueError("the record's quality is no mapping of names to figures")
    figures = {field.name: content.get(field.name) for field in fields(Quality)}
    for name, hint in get_type_hints(Quality).items():
        figure = figures[name]
        if type(figure) not in (int, float) and not (figure is None and isinstance(None, hint)):
            raise ValueError(f"the record's quality has {name}={figure!r}, which is no number")
    return Quality(**figures)  # type: ignore[arg-type]


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"the record's {name}={value!r} is no text")
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"the record's {name}={value!r} is no list of texts")
    return tuple(_text(entry, name) for entry in value)


def _pairs(value: object, name: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"the record's {name}={value!r} is no list of pairs")
    return tuple(_pair(entry, name) for entry in value)


def _pair(value: object, name: str) -> tuple[str, str]:
    texts = _texts(value, name)
    if len(texts) != 2:
        raise ValueError(f"the record's {name} holds {value!r}, which is no id and name")
    return texts[0], texts[1]


def _pair_or_none(value: object, name: str) -> tuple[str, ...]:
    return _pair(value, name) if _texts(value, name) else ()


def _flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"the record's {name}={value!r} is neither true nor false")
    return value


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "codebook": lambda content, _: Codebook.from_dict(content),
    "quality": _quality,
    "samples": _texts,
    "together": _pairs,
    "learnt_from": _pair_or_none,
    "each_slice": _flag,
}
