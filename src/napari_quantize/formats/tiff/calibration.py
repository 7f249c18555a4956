"""Read the axes, pixel sizes and units of a TIFF from ImageJ's metadata, OME-XML or the resolution tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_quantize.formats.raster import PIXEL, Calibration
from napari_quantize.formats.units import check_step

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

    Steps = dict[str, tuple[float, str]]

_CENTIMETER = 3  # of the tag ResolutionUnit


def calibration_of(tif: TiffFile, page: TiffPage, axes: str) -> tuple[Calibration, list[str]]:
    """Return the calibration of an image.

    Parameters
    ----------
    tif : tifffile.TiffFile
        The open file.
    page : tifffile.TiffPage
        Its first page.
    axes : str
        Letters of the image's axes, without the axis of colours.

    Returns
    -------
    calibration : Calibration
        Axes in lower case; ``"-3"`` (counted from the end, as napari does) for those without a name. Resolutions in
        pixels per inch describe a print, not the specimen, and are ignored.
    notes : list of str
        Sentences on units and scales that are left out.
    """
    notes: list[str] = []
    if tif.is_ome and tif.ome_metadata:
        steps = _ome_steps(tif.ome_metadata, notes)
    elif tif.is_imagej and tif.imagej_metadata:
        steps = _imagej_steps(tif.imagej_metadata, page, notes)
    else:
        steps = {}
    if not steps and page.resolutionunit == _CENTIMETER:
        steps = _page_steps(page, 1e4, dict.fromkeys("XY", "micrometer"), notes)
    names = [_name(letter, index - len(axes), axes) for index, letter in enumerate(axes)]
    found = [steps.get(letter, (1.0, PIXEL)) for letter in axes]
    return Calibration(tuple(names), tuple(size for size, _ in found), tuple(unit for _, unit in found)), notes


def _name(letter: str, index: int, axes: str) -> str:
    # tifffile calls a sequence of pages I, an unknown axis Q and other axes O: these are no names.
    return f"{index}" if letter in "IQO" or axes.count(letter) > 1 else letter.lower()


def _imagej_steps(metadata: dict[str, Any], page: TiffPage, notes: list[str]) -> Steps:
    steps: Steps = {}
    if "unit" in metadata:
        unit = str(metadata["unit"])
        units = {"X": unit} | {letter: str(metadata.get(f"{letter.lower()}unit", unit)) for letter in "YZ"}
        steps |= _page_steps(page, 1.0, units, notes)
        steps |= _step("Z", metadata.get("spacing", 1.0), units["Z"], notes)  # ImageJ leaves a spacing of 1 out
    return steps | _step("T", metadata.get("finterval"), str(metadata.get("tunit", "sec")), notes)


def _page_steps(page: TiffPage, factor: float, units: dict[str, str], notes: list[str]) -> Steps:
    """Return the size of a pixel from the tags XResolution and YResolution."""
    steps: Steps = {}
    for letter, density in zip("XY", page.resolution, strict=True):
        # The tags are fractions, usually with the denominator 1,000,000: only six digits are significant.
        steps |= _step(letter, float(f"{factor / density:.6g}") if density else None, units[letter], notes)
    return steps


def _ome_steps(xml: str, notes: list[str]) -> Steps:
    from tifffile import xml2dict

    image = xml2dict(xml).get("OME", {}).get("Image", {})
    first = image[0] if isinstance(image, list) else image
    metadata = first.get("Pixels", {})
    steps: Steps = {}
    for letter in "XYZ":  # µm and s are the defaults of the OME schema
        unit = str(metadata.get(f"PhysicalSize{letter}Unit", "µm"))
        steps |= _step(letter, metadata.get(f"PhysicalSize{letter}"), unit, notes)
    unit = str(metadata.get("TimeIncrementUnit", "s"))
    return steps | _step("T", metadata.get("TimeIncrement"), unit, notes)


def _step(letter: str, size: object, unit: str, notes: list[str]) -> Steps:
    """Return the size of a pixel along one axis; nothing if the file gives none that can be used."""
    if isinstance(size, bool) or not isinstance(size, int | float) or not size > 0:
        return {}
    step = check_step(letter.lower(), float(size), unit, notes)
    return {} if step is None else {letter: step}
