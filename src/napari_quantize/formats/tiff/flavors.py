"""Choose the flavor of TIFF for an image (ImageJ, OME or plain) and write its metadata in that flavor's terms."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import NAMESPACE_URL, uuid5

from napari_quantize.formats.raster import PIXEL
from napari_quantize.formats.tiff.metadata import KEY, encode_annotation
from napari_quantize.formats.units import METERS, SECONDS, SYMBOLS
from napari_quantize.text.names import CHANNEL_AXES, DEPTH_AXES, TIME_AXES, is_named

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Raster

    Steps = dict[str, tuple[float, str]]

_IMAGEJ_DTYPES = frozenset({"uint8", "uint16", "float32"})  # all pixel types of ImageJ, beside RGB
_IMAGEJ_UNITS = {"micrometer": "um", "inch": "inch", "angstrom": "angstrom"}  # all others by their symbols
_OME_DTYPES = frozenset({"bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64"})

#: Largest image in a classic TIFF: offsets have 32 bits, and metadata need some room.
CLASSIC_BYTES = 2**32 - 2**25

_LETTERS = (("T", TIME_AXES), ("Z", DEPTH_AXES), ("C", CHANNEL_AXES))
# Units for ImageJ where the resolution tags cannot hold a size in the layer's own unit.
_OTHER_UNITS = ("nanometer", "micrometer", "millimeter", "meter")


@dataclass(frozen=True)
class Flavor:
    """Arguments with which tifffile writes an image.

    Attributes
    ----------
    kind : {"imagej", "ome", "shaped"}
        Flavor, as tifffile calls it.
    metadata : dict
        Metadata in the terms of the flavor.
    resolution : dict
        Arguments for the resolution tags; empty if the pixel size is not known.
    """

    kind: Literal["imagej", "ome", "shaped"]
    metadata: dict[str, Any]
    resolution: dict[str, Any] = field(default_factory=dict)


def choose_flavor(raster: Raster, *, ome: bool) -> Flavor:
    """Choose a flavor that holds an image exactly.

    Parameters
    ----------
    raster : Raster
        The image.
    ome : bool
        Prefer OME-TIFF to ImageJ.

    Returns
    -------
    Flavor
        Arguments for tifffile.
    """
    axes, dtype = letters(raster), raster.image.dtype.name
    annotation = encode_annotation(raster)
    if axes is None:
        return Flavor("shaped", {KEY: annotation})
    steps = dict(zip(axes, zip(raster.calibration.scale, raster.calibration.units, strict=True), strict=False))
    wide = raster.rgb or raster.image.shape[-1] > 1  # without OME tifffile takes a last axis of 1 for colours
    # ImageJ has one order of axes, and colours only instead of channels.
    in_order = list(axes) == sorted(axes, key="TZCYXS".index) and not {"C", "S"} <= set(axes)
    if (
        not ome
        and wide
        and in_order
        and dtype in (("uint8",) if raster.rgb else _IMAGEJ_DTYPES)
        and raster.image.nbytes <= CLASSIC_BYTES
    ):
        imagej = {"axes": axes, "Info": f"{KEY}: {annotation}"} | _imagej_metadata(steps)
        return Flavor("imagej", imagej, _imagej_resolution(steps))
    if dtype in _OME_DTYPES:
        metadata = {"axes": axes, "MapAnnotation": {"Namespace": KEY, KEY: annotation}, "Creator": KEY}
        # tifffile would draw a random UUID. One that is made from the content gives the same bytes for the same image.
        metadata["UUID"] = str(uuid5(NAMESPACE_URL, annotation))
        return Flavor("ome", metadata | _ome_metadata(steps), _centimeters(steps))
    return Flavor("shaped", {KEY: annotation}, _centimeters(steps) if wide else {})


def letters(raster: Raster) -> str | None:
    """Return the letters of an image's axes, with S for colours; None if TZCYX are not enough, or colours are bits.

    The last two become Y and X, whatever their names are, because napari displays them so. Other axes get the letter of
    their name, once each. Of those without one, the first with a unit of time becomes T, and others Z, or T if Z is
    taken.
    """
    # Four names without a letter are more than Z and T can stand in for, so an image of one axis gets None.
    *others, _, _ = raster.calibration.axes if len(raster.calibration.axes) > 1 else ("",) * 6
    found: list[str] = []
    for axis in others:
        letter = next((letter for letter, names in _LETTERS if is_named(axis, names)), "")
        found.append("" if letter in found else letter)
    for index, unit in enumerate(raster.calibration.units[: len(others)]):
        if not found[index] and unit in SECONDS and "T" not in found:
            found[index] = "T"
    free = [letter for letter in "ZT" if letter not in found]
    found = [letter or (free.pop(0) if free else "") for letter in found]
    if "" in found or (raster.rgb and raster.image.dtype == bool):
        return None
    return "".join(found) + "YX" + "S" * raster.rgb


def _imagej_metadata(steps: Steps) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    found = _imagej_sizes(steps)
    if found is not None:
        unit, sizes = found
        metadata["unit"] = _IMAGEJ_UNITS.get(unit, SYMBOLS.get(unit, unit))
        unknown = {"zunit": PIXEL} if "Z" in steps else {}  # ImageJ takes the distance of planes for 1 unit otherwise
        metadata |= {"spacing": sizes["Z"]} if "Z" in sizes else unknown
    time, unit = steps.get("T", (1.0, PIXEL))
    if unit in SECONDS and _is_positive(time):
        metadata["finterval"] = time * SECONDS[unit]
    return metadata


def _imagej_resolution(steps: Steps) -> dict[str, Any]:
    found = _imagej_sizes(steps)
    if found is None:
        return {}
    sizes = found[1]
    return {"resolution": (1 / sizes["X"], 1 / sizes["Y"]), "resolutionunit": "none"}


def _imagej_sizes(steps: Steps) -> tuple[str, dict[str, float]] | None:
    """Return the size of a voxel and its unit, because ImageJ has one unit for all axes; None if unknown."""
    own = steps["X"][1]
    ratios = METERS if own in METERS else {PIXEL: 1.0}
    known = {letter: steps[letter] for letter in "XYZ" if letter in steps and steps[letter][1] in ratios}
    if "X" not in known or "Y" not in known or set(known.values()) == {(1.0, PIXEL)}:
        return None
    for unit in (own, *_OTHER_UNITS) if own in METERS else (own,):
        sizes = {letter: scale * (ratios[other] / ratios[unit]) for letter, (scale, other) in known.items()}
        if _is_size(sizes["X"]) and _is_size(sizes["Y"]):
            # The distance of planes is written as text, which holds any number.
            return unit, {letter: size for letter, size in sizes.items() if _is_positive(size)}
    return None


def _ome_metadata(steps: Steps) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    for letter, name, known in (
        ("X", "PhysicalSizeX", METERS),
        ("Y", "PhysicalSizeY", METERS),
        ("Z", "PhysicalSizeZ", METERS),
        ("T", "TimeIncrement", SECONDS),
    ):
        scale, unit = steps.get(letter, (1.0, PIXEL))
        if _is_positive(scale) and (unit in known or (unit == PIXEL and letter != "T" and scale != 1)):
            metadata |= {name: scale, f"{name}Unit": SYMBOLS.get(unit, unit)}
    return metadata


def _centimeters(steps: Steps) -> dict[str, Any]:
    """Return the resolution tags in pixels per centimetre, for programs that read only these."""
    (width, x_unit), (height, y_unit) = steps["X"], steps["Y"]
    if x_unit not in METERS or y_unit not in METERS:
        return {}
    sizes = width * METERS[x_unit] / METERS["centimeter"], height * METERS[y_unit] / METERS["centimeter"]
    if not all(map(_is_size, sizes)):
        return {}
    return {"resolution": (1 / sizes[0], 1 / sizes[1]), "resolutionunit": "centimeter"}


def _is_positive(scale: float) -> bool:
    return math.isfinite(scale) and scale > 0


def _is_size(scale: float) -> bool:
    """Return whether the resolution tags, fractions of 32-bit integers, can hold a size to six digits."""
    return 1e-8 < scale < 1e4
