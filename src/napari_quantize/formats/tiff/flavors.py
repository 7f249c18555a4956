"""The forms that a TIFF may have, and what each says of an image in words that other programs read."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import NAMESPACE_URL, uuid5

from napari_quantize.formats.raster import PIXEL
from napari_quantize.formats.tiff.metadata import KEY, note_of
from napari_quantize.formats.units import METERS, SECONDS, SYMBOLS

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Raster

    Steps = dict[str, tuple[float, str]]

_IMAGEJ_DTYPES = frozenset({"uint8", "uint16", "float32"})
_OME_DTYPES = frozenset({"bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64"})

#: Where offsets of 32 bits end, with room for what is not pixels.
CLASSIC_BYTES = 2**32 - 2**25

_LETTERS = {"t": "T", "time": "T", "z": "Z", "c": "C", "channel": "C"}


@dataclass(frozen=True)
class Form:
    """How tifffile is to write an image.

    Attributes
    ----------
    kind : {"imagej", "ome", "shaped"}
        The form, by tifffile's name of it.
    metadata : dict
        What is said in the form's own way.
    resolution : dict
        Arguments for the tags of the resolution; none if there is nothing to tell.
    """

    kind: Literal["imagej", "ome", "shaped"]
    metadata: dict[str, Any]
    resolution: dict[str, Any] = field(default_factory=dict)


def form_of(raster: Raster, *, ome: bool) -> Form:
    """Choose a form that holds an image exactly, OME wherever possible if `ome`."""
    axes, dtype = letters(raster), raster.image.dtype.name
    note = note_of(raster)
    if axes is None:
        return Form("shaped", {KEY: note})
    steps = dict(zip(axes, zip(raster.calibration.scale, raster.calibration.units, strict=True), strict=False))
    wide = raster.rgb or raster.image.shape[-1] > 1  # without OME tifffile takes a last axis of 1 for colours
    in_order = list(axes) == sorted(axes, key="TZCYXS".index) and not {"C", "S"} <= set(axes)
    if (
        not ome
        and wide
        and in_order
        and dtype in (("uint8",) if raster.rgb else _IMAGEJ_DTYPES)
        and raster.image.nbytes <= CLASSIC_BYTES
    ):
        return Form(
            "imagej", {"axes": axes, "Info": f"{KEY}: {note}"} | _imagej_words(steps), _imagej_resolution(steps)
        )
    if dtype in _OME_DTYPES:
        words = {"axes": axes, "MapAnnotation": {"Namespace": KEY, KEY: note}, "Creator": KEY}
        # Of the content, so that the same image makes the same file.
        words["UUID"] = str(uuid5(NAMESPACE_URL, note))
        return Form("ome", words | _ome_words(steps), _centimeters(steps))
    return Form("shaped", {KEY: note}, _centimeters(steps) if wide else {})


def letters(raster: Raster) -> str | None:
    """Return TIFF's letters of an image's axes, S for colours; None where TZCYX are not enough, or colours are bits.

    The last two are Y and X, however they are called, because that is how the image is seen. Other names than those of
    T, Z and C become Z, or T where that is taken.
    """
    *others, _, _ = raster.calibration.axes if len(raster.calibration.axes) > 1 else ("",) * 6
    found = [_LETTERS.get(axis.lower(), "") for axis in others]
    free = [letter for letter in "ZT" if letter not in found]
    found = [letter or (free.pop(0) if free else "") for letter in found]
    if len(set(found)) < len(others) or "" in found or (raster.rgb and raster.image.dtype == bool):
        return None
    return "".join(found) + "YX" + "S" * raster.rgb


def _imagej_words(steps: Steps) -> dict[str, Any]:
    words: dict[str, Any] = {}
    sizes = _imagej_sizes(steps)
    if sizes is not None:
        unit = steps["X"][1]
        words["unit"] = {"micrometer": "um", "inch": "inch", "angstrom": "angstrom"}.get(unit, SYMBOLS.get(unit, unit))
        words |= {"spacing": sizes["Z"]} if "Z" in sizes else {}
    time, unit = steps.get("T", (1.0, PIXEL))
    if unit in SECONDS and _is_size(time):
        words["finterval"] = time * SECONDS[unit]
    return words


def _imagej_resolution(steps: Steps) -> dict[str, Any]:
    sizes = _imagej_sizes(steps)
    if sizes is None:
        return {}
    return {"resolution": (1 / sizes["X"], 1 / sizes["Y"]), "resolutionunit": "none"}


def _imagej_sizes(steps: Steps) -> dict[str, float] | None:
    """Return the sizes of a voxel in the unit of X, the only one that ImageJ has; None if there is none to tell."""
    spatial = {letter: steps[letter] for letter in "XYZ" if letter in steps}
    unit = steps["X"][1]
    ratios = METERS if unit in METERS else {PIXEL: 1.0}
    if set(spatial.values()) == {(1.0, PIXEL)} or any(other not in ratios for _, other in spatial.values()):
        return None
    sizes = {letter: scale * ratios[other] / ratios[unit] for letter, (scale, other) in spatial.items()}
    return sizes if all(map(_is_size, sizes.values())) else None


def _ome_words(steps: Steps) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for letter, name, known in (
        ("X", "PhysicalSizeX", METERS),
        ("Y", "PhysicalSizeY", METERS),
        ("Z", "PhysicalSizeZ", METERS),
        ("T", "TimeIncrement", SECONDS),
    ):
        scale, unit = steps.get(letter, (1.0, PIXEL))
        if math.isfinite(scale) and scale > 0 and (unit in known or (unit == PIXEL and letter != "T" and scale != 1)):
            words |= {name: scale, f"{name}Unit": SYMBOLS.get(unit, unit)}
    return words


def _centimeters(steps: Steps) -> dict[str, Any]:
    """Return the density of pixels for whoever reads no more than the common tags."""
    (width, x_unit), (height, y_unit) = steps["X"], steps["Y"]
    if x_unit not in METERS or y_unit not in METERS:
        return {}
    sizes = width * METERS[x_unit] / METERS["centimeter"], height * METERS[y_unit] / METERS["centimeter"]
    if not all(map(_is_size, sizes)):
        return {}
    return {"resolution": (1 / sizes[0], 1 / sizes[1]), "resolutionunit": "centimeter"}


def _is_size(scale: float) -> bool:
    """Tell whether the tags, fractions of 32-bit numbers, hold a size to six digits."""
    return 1e-8 < scale < 1e4
