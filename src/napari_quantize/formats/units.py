"""Units in files: pint's names, their spellings, their sizes in metres and seconds, and which scales are taken."""

from __future__ import annotations

import math

from napari_quantize.formats.raster import PIXEL

#: Symbols of OME-XML's UnitsLength and UnitsTime. ImageJ knows them, too.
SYMBOLS = {
    "picometer": "pm",
    "angstrom": "Å",
    "nanometer": "nm",
    "micrometer": "µm",
    "millimeter": "mm",
    "centimeter": "cm",
    "meter": "m",
    "kilometer": "km",
    "inch": "in",
    "nanosecond": "ns",
    "microsecond": "µs",
    "millisecond": "ms",
    "second": "s",
    "minute": "min",
    "hour": "h",
    "day": "d",
}

METERS = {
    "picometer": 1e-12,
    "angstrom": 1e-10,
    "nanometer": 1e-9,
    "micrometer": 1e-6,
    "millimeter": 1e-3,
    "centimeter": 1e-2,
    "meter": 1.0,
    "kilometer": 1e3,
    "inch": 0.0254,
}

SECONDS = {
    "nanosecond": 1e-9,
    "microsecond": 1e-6,
    "millisecond": 1e-3,
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
}

#: Further units of napari's layers that files of ours keep.
_OTHER_UNITS = frozenset(
    {"femtometer", "decimeter", "femtosecond", "picosecond", "degree", "radian", "hertz", "volt", "kelvin"}
)

#: Smallest and largest size of a pixel that is read. napari cannot draw layers far outside.
MIN_STEP, MAX_STEP = 1e-12, 1e12

_MAX_SHOWN = 20  # characters of a file that a note quotes

_OTHER_NAMES = {
    "": PIXEL,
    "px": PIXEL,
    "reference frame": PIXEL,  # OME's arbitrary unit
    "um": "micrometer",
    "\\u00b5m": "micrometer",  # as ImageJ writes it into files
    "micron": "micrometer",
    "\\u00c5": "angstrom",
    "\\u00e5": "angstrom",
    "sec": "second",
    "msec": "millisecond",
    "us": "microsecond",
    "hr": "hour",
    "inche": "inch",  # "inches" without its s
}


def unit_of(word: str) -> str | None:
    """Return pint's name for a unit as a file spells it; None if it is unknown."""
    # Files use either the Greek letter mu (U+03BC) or the micro sign (U+00B5), which look the same.
    folded = word.strip().casefold().replace("\u03bc", "\u00b5")
    names = {symbol.casefold().replace("\u03bc", "\u00b5"): unit for unit, symbol in SYMBOLS.items()} | _OTHER_NAMES
    for candidate in (folded, folded.removesuffix("s")):
        spelled = candidate.replace("metre", "meter")
        if spelled == PIXEL or spelled in SYMBOLS:
            return spelled
        if candidate in names:
            return names[candidate]
    return None


def check_step(axis: str, scale: float, unit: str, notes: list[str]) -> tuple[float, str] | None:
    """Return the scale and the unit of an axis as a file says them, if napari can use them.

    Parameters
    ----------
    axis : str
        Name of the axis.
    scale : float
        Size of a pixel; negative if the axis is reversed.
    unit : str
        Unit. pint would evaluate any text, for example ``"9**9**9**9"``, so only known units are taken.
    notes : list of str
        A sentence is appended if something is left out.

    Returns
    -------
    (float, str) or None
        Scale and pint's name of the unit; None if the unit is not known, or the scale is not between `MIN_STEP` and
        `MAX_STEP`.
    """
    known = unit if unit in _OTHER_UNITS else unit_of(unit)
    if known is None:
        _append(notes, f"The unit “{_shown(unit)}” in the file is not known; sizes in it were left out.")
        return None
    if not (math.isfinite(scale) and MIN_STEP <= abs(scale) <= MAX_STEP):
        limits = f"{MIN_STEP:g} and {MAX_STEP:g}"
        _append(
            notes,
            f"The scale {scale:g} of the axis {_shown(axis)} in the file is not between {limits}; it was left out.",
        )
        return None
    return scale, known


def _shown(text: str) -> str:
    """Return the beginning of a text from a file, without control characters."""
    return "".join(character if character.isprintable() else "?" for character in text[:_MAX_SHOWN])


def _append(notes: list[str], sentence: str) -> None:
    if sentence not in notes:
        notes.append(sentence)
