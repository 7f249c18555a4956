"""What a TIFF cannot say in its own words: the exact calibration, the codebook and the record, as one line of JSON."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.formats.arrays import checksum
from napari_quantize.formats.raster import PIXEL, Calibration, Raster
from napari_quantize.formats.units import METERS, SECONDS

#: Name of the entry in the file, in each of the forms that a file may have.
KEY = "napari-quantize"

#: No text of ours is longer: 65,536 colours of four channels take 6 MB.
MAX_CHARACTERS = 32 * 1024**2

#: Scales that differ by less are the same one: files hold them as fractions and in other units.
_SAME_SCALE = 1e-5

CHANGED = "The pixels were changed after the file was written: the codebook and the record in it were left out."
DAMAGED = "The codebook and the record in the file are damaged and were left out: {}."


def note_of(raster: Raster) -> str:
    """Return what is to be noted in the file of an image."""
    calibration = raster.calibration
    note = {
        "shape": list(raster.image.shape),
        "rgb": raster.rgb,
        "axes": list(calibration.axes),
        "scale": list(map(float, calibration.scale)),
        "units": list(calibration.units),
        "crc32": checksum(raster.image),
        "codebook": None if raster.codebook is None else raster.codebook.to_dict(),
        "record": raster.record,
    }
    return json.dumps(note, separators=(",", ":"))


def with_note(raster: Raster, text: str) -> tuple[Raster, list[str]]:
    """Complete an image by what is noted in its file, as far as it still holds.

    Parameters
    ----------
    raster : Raster
        The image, and the calibration that the file tells to all programs.
    text : str
        The note, from who knows where.

    Returns
    -------
    raster : Raster
        The image in its full shape (files leave out axes of length 1), its calibration exact where it is still that of
        the file, and the codebook and record of pixels that are still the same.
    notes : list of str
        Sentences for the user on what was left out.
    """
    try:
        note = _parsed(text)
        raster = _completed(raster, note)
        if note["codebook"] is None and note["record"] is None:
            return raster, []
        if note["crc32"] != checksum(raster.image):
            return raster, [CHANGED]
        codebook = None if note["codebook"] is None else Codebook.from_dict(note["codebook"])
        return replace(raster, codebook=codebook, record=_dict_or_none(note["record"])), []
    except (KeyError, RecursionError, TypeError, ValueError, OverflowError) as error:
        return raster, [DAMAGED.format(error)]


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"{len(text):,} characters are more than {MAX_CHARACTERS:,}")
    note = json.loads(text)
    if not isinstance(note, dict):
        raise TypeError("no JSON object")
    return note


def _completed(raster: Raster, note: dict[str, Any]) -> Raster:
    """Give an image back its axes of length 1, the names of all, and scales to the last digit."""
    shape = tuple(map(int, note["shape"]))
    if [n for n in shape if n != 1] != [n for n in raster.image.shape if n != 1]:
        return raster  # cropped or projected since
    rgb = note["rgb"] is True and len(shape) > 2 and shape[-1] in (3, 4)
    noted = list(zip(map(str, note["axes"]), map(float, note["scale"]), map(str, note["units"]), strict=True))
    if len(noted) != len(shape) - rgb or not all(math.isfinite(scale) for _, scale, _ in noted):
        raise ValueError(f"{len(noted)} axes do not go with the shape {shape}")
    lengths = raster.image.shape
    steps = zip(raster.calibration.scale, raster.calibration.units, strict=True)
    found = [step for step, n in zip(steps, lengths, strict=False) if n != 1]
    if sum(n != 1 for _, n in zip(noted, shape, strict=False)) > len(found):
        raise ValueError(f"the axes {', '.join(axis for axis, _, _ in noted)} are more than those of the image")
    told = iter(found)
    columns: list[tuple[str, float, str]] = []
    for (axis, scale, unit), n in zip(noted, shape, strict=False):
        now = (scale, unit) if n == 1 else next(told)
        columns.append((axis, *((scale, unit) if _agree(now, (scale, unit)) else now)))
    axes, scales, units = zip(*columns, strict=True)
    calibration = Calibration(axes, scales, units)
    return replace(raster, image=raster.image.reshape(shape), rgb=rgb, calibration=calibration)


def _agree(told: tuple[float, str], noted: tuple[float, str]) -> bool:
    """Tell whether what a file tells to all programs is what is noted, or nothing."""
    if told == (1.0, PIXEL):
        return True
    return any(
        math.isclose(told[0] * sizes.get(told[1], 0), noted[0] * sizes.get(noted[1], 0), rel_tol=_SAME_SCALE)
        for sizes in (METERS, SECONDS, {PIXEL: 1.0})
        if told[1] in sizes and noted[1] in sizes
    )


def _dict_or_none(record: object) -> dict[str, Any] | None:
    if record is not None and not isinstance(record, dict):
        raise TypeError("the record is no JSON object")
    return record
