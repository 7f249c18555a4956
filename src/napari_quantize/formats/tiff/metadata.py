"""Keep the exact calibration, the codebook and the record in a TIFF, as one line of JSON (the annotation)."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.formats.arrays import checksum
from napari_quantize.formats.raster import PIXEL, Calibration, Raster
from napari_quantize.formats.units import METERS, SECONDS, check_step

#: Name of the annotation in the file, in each of the three flavors of TIFF.
KEY = "napari-quantize"

#: Longest annotation that is read. The largest codebook, 65,536 colours of four channels, takes 6 MB.
MAX_CHARACTERS = 32 * 1024**2

#: Relative difference of scales that count as equal: files hold them as fractions and in other units.
_SAME_SCALE = 1e-5

CHANGED = "The pixels were changed after the file was written: the codebook and the record in it were left out."
DAMAGED = "The codebook and the record in the file are damaged and were left out: {}."


def encode_annotation(raster: Raster) -> str:
    """Return the annotation for the file of an image."""
    calibration = raster.calibration
    annotation = {
        "shape": list(raster.image.shape),
        "rgb": raster.rgb,
        "axes": list(calibration.axes),
        "scale": list(map(float, calibration.scale)),
        "units": list(calibration.units),
        "crc32": checksum(raster.image),
        "codebook": None if raster.codebook is None else raster.codebook.to_dict(),
        "record": raster.record,
    }
    return json.dumps(annotation, separators=(",", ":"))


def apply_annotation(raster: Raster, text: str) -> tuple[Raster, list[str]]:
    """Complete an image with the annotation in its file, as far as the annotation still fits.

    Parameters
    ----------
    raster : Raster
        The image, with the calibration from the metadata that all programs read.
    text : str
        The annotation. It may come from any program, so all of it is checked.

    Returns
    -------
    raster : Raster
        The image in its full shape, because files leave out axes of length 1. Its calibration is the exact one of the
        annotation unless another program changed it in the file. Codebook and record are there if the pixels are
        unchanged.
    notes : list of str
        Sentences for the user on what was left out.
    """
    notes: list[str] = []
    try:
        annotation = _parsed(text)
        raster = _completed(raster, annotation, notes)
        if annotation["codebook"] is None and annotation["record"] is None:
            return raster, notes
        if annotation["crc32"] != checksum(raster.image):
            return raster, [*notes, CHANGED]
        codebook = None if annotation["codebook"] is None else Codebook.from_dict(annotation["codebook"])
        return replace(raster, codebook=codebook, record=_dict_or_none(annotation["record"])), notes
    except (KeyError, RecursionError, TypeError, ValueError, OverflowError) as error:
        return raster, [*notes, DAMAGED.format(error)]


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"{len(text):,} characters are more than {MAX_CHARACTERS:,}")
    annotation = json.loads(text)
    if not isinstance(annotation, dict):
        raise TypeError("no JSON object")
    return annotation


def _completed(raster: Raster, annotation: dict[str, Any], notes: list[str]) -> Raster:
    """Restore axes of length 1, the names of all axes, and exact scales. Note those that are left out."""
    shape = tuple(map(int, annotation["shape"]))
    if [n for n in shape if n != 1] != [n for n in raster.image.shape if n != 1]:
        return raster  # cropped or projected since
    rgb = annotation["rgb"] is True and len(shape) > 2 and shape[-1] in (3, 4)
    axes, units = map(str, annotation["axes"]), map(str, annotation["units"])
    annotated = list(zip(axes, map(float, annotation["scale"]), units, strict=True))
    if len(annotated) != len(shape) - rgb or not all(math.isfinite(scale) for _, scale, _ in annotated):
        raise ValueError(f"{len(annotated)} axes do not go with the shape {shape}")
    lengths = raster.image.shape
    steps = zip(raster.calibration.scale, raster.calibration.units, strict=True)
    found = [step for step, n in zip(steps, lengths, strict=False) if n != 1]
    if sum(n != 1 for _, n in zip(annotated, shape, strict=False)) > len(found):
        raise ValueError(f"the axes {', '.join(axis for axis, _, _ in annotated)} are more than those of the image")
    stored = iter(found)
    columns: list[tuple[str, float, str]] = []
    for (axis, scale, unit), n in zip(annotated, shape, strict=False):
        now = None if n == 1 else next(stored)
        step = check_step(axis, scale, unit, notes) or now or (1.0, PIXEL)
        columns.append((axis, *(step if now is None or _scales_agree(now, step) else now)))
    calibration = Calibration(*zip(*columns, strict=True))
    return replace(raster, image=raster.image.reshape(shape), rgb=rgb, calibration=calibration)


def _scales_agree(stored: tuple[float, str], annotated: tuple[float, str]) -> bool:
    """Return whether the file's own scale agrees with the annotation, or is missing."""
    if stored == (1.0, PIXEL):
        return True
    return any(
        math.isclose(
            stored[0] * sizes.get(stored[1], 0), annotated[0] * sizes.get(annotated[1], 0), rel_tol=_SAME_SCALE
        )
        for sizes in (METERS, SECONDS, {PIXEL: 1.0})
        if stored[1] in sizes and annotated[1] in sizes
    )


def _dict_or_none(record: object) -> dict[str, Any] | None:
    if record is not None and not isinstance(record, dict):
        raise TypeError("the record is no JSON object")
    return record
