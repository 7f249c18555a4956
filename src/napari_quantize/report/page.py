"""One self-contained web page that shows images, their results side by side, and what was lost."""

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
from napari_quantize.report.section import Section, section_of

if TYPE_CHECKING:
    import os

    from jinja2 import Template


MAX_PICTURED = 60
# Of more images, plots would make the page heavy, and long to draw.
_MAX_PLOTTED = 12
# What HTML allows in no page; file names can hold it.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def draw_section(item: ReportItem, number: int = 0, of: int = 1) -> Section:
    """Draw what a report shows of one image: little beside the image itself, and picklable.

    Parameters
    ----------
    item : ReportItem
        Image and results.
    number, of : int
        Its place among the images of the report, from 0, and how many these are. The more, the smaller the pictures;
        more than 12 have no plots, and those behind the 60th no pictures.

    Returns
    -------
    Section
        For `write_report`.
    """
    return section_of(item, number, min(of, MAX_PICTURED) if number < MAX_PICTURED else 0, plots=of <= _MAX_PLOTTED)


def write_report(
    path: str | os.PathLike[str],
    items: Sequence[ReportItem | Section],
    *,
    title: str = "",
    command: str = "",
    overwrite: bool = False,
) -> None:
    """Write one HTML page that holds all it shows, whole or not at all.

    Parameters
    ----------
    path : str or os.PathLike
        The page's file.
    items : sequence of ReportItem or Section
        The images. `draw_section` turns an item into a section. Call it while an image is in memory, for example in
        another process, and the images need not all be in memory at once.
    title : str
        The page's heading; made of the images' names if left out.
    command : str
        What makes all of it again, for instance the command line.
    overwrite : bool
        Whether a file that is there is replaced.

    Raises
    ------
    ValueError
        If there are no items.
    FileExistsError
        If there is a file already that is not to be replaced.
    OSError
        If it cannot be written.

    Examples
    --------
    >>> write_report("photo.html", [ReportItem("photo.jpg", raster, list(sweep(raster.image)))])  # doctest: +SKIP
    """
    if not items:
        raise ValueError("a report needs at least one image")
    with atomic_write(path, overwrite=overwrite) as stream:
        sections = [
            item if isinstance(item, Section) else draw_section(item, number, len(items))
            for number, item in enumerate(items)
        ]
        page = _template().generate(
            title=title or _title(sections),
            sections=sections,
            ks=_common_ks(sections),
            command=command,
            version=__version__,
            max_pictured=MAX_PICTURED,
            plotted=len(sections) <= _MAX_PLOTTED,
            style=_part("page.css"),
            script=_part("page.js"),
            script_hash=base64.b64encode(hashlib.sha256(_part("page.js").encode()).digest()).decode(),
        )
        for part in page:
            stream.write(part.encode())


def _title(sections: Sequence[Section]) -> str:
    return sections[0].name if len(sections) == 1 else f"{len(sections):,} images"


def _common_ks(sections: Sequence[Section]) -> tuple[int, ...]:
    """Return the Ks of all images, where they are the same: then a table can compare the images."""
    ks = {section.ks for section in sections}
    return ks.pop() if len(sections) > 1 and len(ks) == 1 else ()


@cache
def _part(name: str) -> str:
    return resources.files("napari_quantize.report").joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_allowed
    )
    return environment.from_string(_part("page.html.j2"))


def _allowed(value: Any) -> Any:
    """Put a mark in place of characters that no page may hold, in texts from outside."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value
