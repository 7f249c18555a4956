"""Units of length and time: pint's names, the spellings in files, and their sizes in metres and seconds."""

from __future__ import annotations

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
