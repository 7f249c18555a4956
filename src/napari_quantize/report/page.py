"""Write a report: one self-contained HTML page with images, their results side by side, and figures of loss."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from napari_quantize._version import __version__
from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.report.item import ReportItem
from napari_quantize.report.section import Section, build_section
from napari_quantize.report.table import DEFINITIONS

if TYPE_CHECKING:
    import os

    from jinja2 import Template


MAX_PICTURED = 60
# Plots of more images would make the page large and slow to write.
_MAX_PLOTTED = 12
# Control characters, surrogates and noncharacters, which HTML forbids (WHATWG, 13.2.3.5). File names may hold them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def draw_section(item: ReportItem, index: int = 0, n_images: int = 1) -> Section:
    """Draw the section of one image. It is much smaller than the image, and can be pickled.

    Parameters
    ----------
    item : ReportItem
        Image and results.
    index, n_images : int
        Index of the image in the report, from 0, and the number of images. Pictures are smaller if there are many
        images. More than 12 images have no plots, and those after the 60th no pictures.

    Returns
    -------
    Section
        For `write_report`.
    """
    n_pictured = min(n_images, MAX_PICTURED) if index < MAX_PICTURED else 0
    return build_section(item, index, n_pictured, plots=n_images <= _MAX_PLOTTED)


def write_report(
    path: str | os.PathLike[str],
    items: Sequence[ReportItem | Section],
    *,
    title: str = "",
    command: str = "",
    overwrite: bool = False,
) -> None:
    """Write one self-contained HTML page. An error leaves no partial file.

    Parameters
    ----------
    path : str or os.PathLike
        The page's file.
    items : sequence of ReportItem or Section
        The images. `draw_section` turns an item into a section. Call it while an image is in memory, for example in
        another process, and the images need not all be in memory at once.
    title : str
        Heading of the page; by default from the images' names.
    command : str
        Command that reproduces the results, for example the command line.
    overwrite : bool
        Replace an existing file.

    Raises
    ------
    ValueError
        If there are no items.
    FileExistsError
        If the file exists and `overwrite` is False.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> write_report("photo.html", [ReportItem("photo.jpg", raster, list(sweep(raster.image)))])  # doctest: +SKIP
    """
    if not items:
        raise ValueError("a report needs at least one image")
    with atomic_write(path, overwrite=overwrite) as stream:
        sections = [
            item if isinstance(item, Section) else draw_section(item, index, len(items))
            for index, item in enumerate(items)
        ]
        page = _template().generate(
            title=title or _title(sections),
            sections=sections,
            ks=_common_ks(sections),
            command=command,
            version=__version__,
            max_pictured=MAX_PICTURED,
            definitions=DEFINITIONS,
            plotted=len(sections) <= _MAX_PLOTTED,
            style=_read_resource("page.css"),
            script=_read_resource("page.js"),
            script_hash=base64.b64encode(hashlib.sha256(_read_resource("page.js").encode()).digest()).decode(),
        )
        for part in page:
            stream.write(part.encode())


def _title(sections: Sequence[Section]) -> str:
    return sections[0].name if len(sections) == 1 else f"{len(sections):,} images"


def _common_ks(sections: Sequence[Section]) -> tuple[int, ...]:
    """Return the Ks that all images share, for a table that compares the images; empty if they differ."""
    ks = {section.ks for section in sections}
    return ks.pop() if len(sections) > 1 and len(ks) == 1 else ()


@cache
def _read_resource(name: str) -> str:
    return resources.files("napari_quantize.report").joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_replace_forbidden
    )
    return environment.from_string(_read_resource("page.html.j2"))


def _replace_forbidden(value: Any) -> Any:
    """Replace characters that HTML forbids. Jinja calls this for every value."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value
