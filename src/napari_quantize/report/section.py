"""What a report says of one image: pictures, palettes, table and sentences as plain texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.record import Record
from napari_quantize.report.palettes import ReportPalette, palettes
from napari_quantize.report.pictures import Picture, PlaneView, pixels_each
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

_EACH_SLICE = "Where each slice has levels of its own, histogram and palette are those of the slice that is shown."
# A page with many images lists the colours that most pixels have.
_SWATCHES, _FEW_SWATCHES = 256, 32


@dataclass(frozen=True)
class Card:
    """One result, or the source: what stands side by side.

    Attributes
    ----------
    k : int
        How many values were asked for; 0 for the source.
    kept, caption : str
        Its K in words, and what stands under the picture.
    picture : Picture or None
        None in a long report.
    plot : str
        An ``svg`` element, or nothing.
    palettes : tuple of ReportPalette
        None for the source.
    methods : str
        The sentence for a paper.
    """

    k: int
    kept: str
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
        What it is called, and what it is.
    notes : tuple of str
        What a reader has to know of it.
    cards : tuple of Card
        The source and its results.
    curve, enough : str
        Error against K, an ``svg`` element, and what it says; nothing in a long report.
    titles : tuple of str
        Of the table's columns.
    rows : tuple of tuple of str
        The table.
    python : str
        Lines that make it again.
    """

    name: str
    facts: str
    notes: tuple[str, ...]
    cards: tuple[Card, ...]
    curve: str
    enough: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    python: str

    @property
    def ks(self) -> tuple[int, ...]:
        """How many values were asked for."""
        return tuple(card.k for card in self.cards[1:])

    @property
    def columns(self) -> int:
        """In how many columns the cards stand where there is room: those that leave the fewest places empty."""
        return min((4, 3), key=lambda columns: -len(self.cards) % columns)

    def column(self, title: str) -> tuple[str, ...]:
        """Return what a column of the table says of the results."""
        return tuple(row[self.titles.index(title)] for row in self.rows[1:])


def section_of(item: ReportItem, number: int, of: int, *, plots: bool) -> Section:
    """Describe an image, the `number`-th of so many; of 0, without pictures."""
    raster, results = item.source, item.results
    request = results[0].codebook.request
    records = item.records or [_record(item, result) for result in results]
    axis = None if records[0].each_slice else request.channel_axis  # what is summed over slices means nothing
    facts = image_facts(raster.image, channel_axis=axis, alpha=request.alpha)
    view = PlaneView.of(raster, pixels_each(of * (1 + len(results))))
    seen = _Seen(item, view, {axis: facts})
    moved = [mean_delta_e(item, result) for result in results]
    sizes = [result_kb(item, place) for place in range(len(results))]
    files = [(written.file, written.codebook) for written in item.written] or [("", "")] * len(results)
    rows = [source_cells(item, facts), *map(result_cells, records, moved, sizes, files)]
    columns = [name for name in TITLES if any(row.get(name) for row in rows[1:])]
    plot = _histogram(facts, rgb=raster.rgb, key=f"{number}-source") if plots else ""
    cards = [_source_card(item, view if of else None, plot)]
    for place, (result, one, kb) in enumerate(zip(results, records, sizes, strict=True)):
        cards.append(
            Card(
                k=result.k,
                kept=format_k(one),
                caption=result_caption(one) + ("" if kb is None else f" · {format_number(kb)} KB"),
                picture=view.picture(result.image) if of else None,
                plot=seen.histogram(result, one, f"{number}-{place}") if plots else "",
                palettes=tuple(
                    palettes(
                        raster.image,
                        result.codebook,
                        view,
                        _SWATCHES if plots else _FEW_SWATCHES,
                        each_slice=one.each_slice,
                    )
                ),
                methods=methods_sentence(one),
            )
        )
    curve, enough = _curve(item, records, moved, number) if plots and len(results) > 1 else ("", "")
    return Section(
        name=item.name,
        facts=facts_line(item, facts),
        notes=(
            *item.info.get("notes", ()),
            *(view.notes if of else ()),
            *[_EACH_SLICE] * any(one.each_slice for one in records),
            *notes_on_size(item, records, sizes),
        ),
        cards=tuple(cards),
        curve=curve,
        enough=enough,
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
class _Seen:
    """An image as its results divide it: facts by the axis of their channels, where each is found once."""

    item: ReportItem
    view: PlaneView
    facts: dict[int | None, ImageFacts]

    def histogram(self, result: Result, record: Record, key: str) -> str:
        image, request = self.item.source.image, result.codebook.request
        axis = request.channel_axis
        leading = image.ndim if axis is None else axis % image.ndim
        if record.each_slice and leading < len(self.view.index):
            place = self.view.index[leading]
            return _histogram(image_facts(np.take(image, place, leading)), result, rgb=False, key=key, group=place)
        if axis not in self.facts:
            self.facts[axis] = image_facts(image, channel_axis=axis, alpha=request.alpha)
        return _histogram(self.facts[axis], result, rgb=self.item.source.rgb, key=key)


def _histogram(
    facts: ImageFacts, result: Result | None = None, *, rgb: bool, key: str, group: int | None = None
) -> str:
    from napari_quantize.report.plots import histogram

    return histogram(facts, result, rgb=rgb, key=key, group=group)


def _curve(item: ReportItem, records: Sequence[Record], moved: Sequence[float | None], number: int) -> tuple[str, str]:
    from napari_quantize.report.plots import curve

    origins = [tuple(one.learnt_from) for one in records]
    return curve(item.source.image, item.results, moved, f"{number}-curve", origins)
