"""Build the section of a report for one image: pictures, palettes, table and sentences as plain texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.record import Record
from napari_quantize.report.palettes import ReportPalette, palettes
from napari_quantize.report.pictures import Picture, PlaneView, pixels_per_picture
from napari_quantize.report.table import (
    TITLES,
    facts_line,
    mean_delta_e,
    notes_on_size,
    python_lines,
    result_cells,
    result_kb,
    source_cells,
)
from napari_quantize.text.methods import methods_sentence
from napari_quantize.text.numbers import format_number
from napari_quantize.text.results import format_k, result_caption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.api import Result
    from napari_quantize.report.item import ReportItem

_EACH_SLICE = "If each slice has levels of its own, histogram and palette are those of the slice that is shown."
# A page with many images lists only the most frequent colours.
_MAX_SWATCHES, _MAX_SWATCHES_OF_MANY = 256, 32


@dataclass(frozen=True)
class Card:
    """The source or one result, which stand side by side.

    Attributes
    ----------
    k : int
        Requested number of values; 0 for the source.
    k_text, caption : str
        K with its notes as in the table, and the caption of the picture.
    picture : Picture or None
        Picture; None in a long report.
    plot : str
        Histogram as an ``svg`` element; empty in a long report.
    palettes : tuple of ReportPalette
        Palette of each group of channels; empty for the source.
    methods : str
        Methods sentence for a paper.
    """

    k: int
    k_text: str
    caption: str
    picture: Picture | None
    plot: str
    palettes: tuple[ReportPalette, ...] = ()
    methods: str = ""


@dataclass(frozen=True)
class Section:
    """All that a report shows of one image.

    Attributes
    ----------
    name, facts : str
        Name of the image, and a line that describes it.
    notes : tuple of str
        Sentences on reading, on the pictures and on file sizes.
    cards : tuple of Card
        The source and its results.
    curve, curve_sentence : str
        Plot of the error against K as an ``svg`` element, and its conclusion; empty in a long report.
    titles : tuple of str
        Titles of the columns of the table.
    rows : tuple of tuple of str
        Rows of the table; the first is the source.
    python : str
        Python lines that reproduce the results.
    """

    name: str
    facts: str
    notes: tuple[str, ...]
    cards: tuple[Card, ...]
    curve: str
    curve_sentence: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    python: str

    @property
    def ks(self) -> tuple[int, ...]:
        """Requested numbers of values, one for each result."""
        return tuple(card.k for card in self.cards[1:])

    @property
    def columns(self) -> int:
        """Number of columns of cards, 3 or 4, that leaves fewer positions empty."""
        return min((4, 3), key=lambda columns: -len(self.cards) % columns)

    def column(self, title: str) -> tuple[str, ...]:
        """Return the cells of the results in a column of the table."""
        return tuple(row[self.titles.index(title)] for row in self.rows[1:])


def build_section(item: ReportItem, index: int, n_pictured: int, *, plots: bool) -> Section:
    """Build the section of the image with this index in the report; without pictures if `n_pictured` is 0."""
    raster, results = item.source, item.results
    request = results[0].codebook.request
    records = item.records or [_record(item, result) for result in results]
    axis = None if records[0].each_slice else request.channel_axis  # facts summed over slices mean nothing
    facts = image_facts(raster.image, channel_axis=axis, alpha=request.alpha)
    view = PlaneView.of(raster, pixels_per_picture(n_pictured * (1 + len(results))))
    histograms = _Histograms(item, view, {axis: facts})
    delta_es = item.color_differences or [mean_delta_e(item, result) for result in results]
    sizes = [result_kb(item, position) for position in range(len(results))]
    files = [(written.file, written.codebook) for written in item.written] or [("", "")] * len(results)
    rows = [source_cells(item, facts), *map(result_cells, records, delta_es, sizes, files)]
    columns = [name for name in TITLES if any(row.get(name) for row in rows[1:])]
    plot = _histogram(facts, rgb=raster.rgb, key=f"{index}-source") if plots else ""
    cards = [_source_card(item, view if n_pictured else None, plot)]
    for position, (result, record, kb) in enumerate(zip(results, records, sizes, strict=True)):
        cards.append(
            Card(
                k=result.k,
                k_text=format_k(record),
                caption=result_caption(record) + ("" if kb is None else f" · {format_number(kb)} KB"),
                picture=view.picture(result.image) if n_pictured else None,
                plot=histograms.draw(result, record, f"{index}-{position}") if plots else "",
                palettes=tuple(
                    palettes(
                        raster.image,
                        result.codebook,
                        view,
                        _MAX_SWATCHES if plots else _MAX_SWATCHES_OF_MANY,
                        each_slice=record.each_slice,
                    )
                ),
                methods=methods_sentence(record),
            )
        )
    curve, curve_sentence = _curve(item, records, delta_es, index) if plots and len(results) > 1 else ("", "")
    return Section(
        name=item.name,
        facts=facts_line(item, facts),
        notes=(
            *item.info.get("notes", ()),
            *(view.notes if n_pictured else ()),
            *[_EACH_SLICE] * any(record.each_slice for record in records),
            *notes_on_size(item, records, sizes),
        ),
        cards=tuple(cards),
        curve=curve,
        curve_sentence=curve_sentence,
        titles=tuple(TITLES[name] for name in columns),
        rows=tuple(tuple(row.get(name) or "–" for name in columns) for row in rows),
        python=python_lines(item),
    )


def _record(item: ReportItem, result: Result) -> Record:
    learnt_from = ("", item.learnt_from) if item.learnt_from else ()
    return Record(codebook=result.codebook, quality=result.quality, learnt_from=learnt_from)


def _source_card(item: ReportItem, view: PlaneView | None, plot: str) -> Card:
    kb = item.info.get("file_kb")
    caption = "original" if kb is None else f"original · {format_number(kb)} KB"
    return Card(0, "original", caption, view.picture(item.source.image) if view else None, plot)


@dataclass(frozen=True, eq=False)
class _Histograms:
    """Draws histograms with the classes of results. Caches the facts of the image by channel axis."""

    item: ReportItem
    view: PlaneView
    facts: dict[int | None, ImageFacts]

    def draw(self, result: Result, record: Record, key: str) -> str:
        image, request = self.item.source.image, result.codebook.request
        axis = request.channel_axis
        leading = image.ndim if axis is None else axis % image.ndim
        if record.each_slice and leading < len(self.view.index):
            position = self.view.index[leading]
            return _histogram(
                image_facts(np.take(image, position, leading)), result, rgb=False, key=key, group=position
            )
        if axis not in self.facts:
            self.facts[axis] = image_facts(image, channel_axis=axis, alpha=request.alpha)
        return _histogram(self.facts[axis], result, rgb=self.item.source.rgb, key=key)


def _histogram(
    facts: ImageFacts, result: Result | None = None, *, rgb: bool, key: str, group: int | None = None
) -> str:
    from napari_quantize.report.plots import histogram

    return histogram(facts, result, rgb=rgb, key=key, group=group)


def _curve(
    item: ReportItem, records: Sequence[Record], delta_es: Sequence[float | None], index: int
) -> tuple[str, str]:
    from napari_quantize.report.plots import curve

    origins = [tuple(record.learnt_from) for record in records]
    return curve(item.source.image, item.results, delta_es, f"{index}-curve", origins)
