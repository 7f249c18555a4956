"""What is seen of one family: its rows, its histogram, its layers one by one or side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QWidget

from napari_quantize.viewer import words
from napari_quantize.viewer.captions import Captions
from napari_quantize.viewer.compare import Comparison
from napari_quantize.viewer.compat import grid_of
from napari_quantize.viewer.family import layer_by_id, list_results
from napari_quantize.viewer.known import recall, recall_samples
from napari_quantize.viewer.layers import Source
from napari_quantize.viewer.shown import Shown
from napari_quantize.viewer.slices import SliceFacts, displayed_slice
from napari_quantize.viewer.table import Row, header, result_row, source_row

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.viewer.provenance import Provenance
    from napari_quantize.viewer.results import Results

# Few enough classes to tell apart: what the histogram shows while no result is chosen.
_FIRST_SHOWN_K = 8
# More are too small to compare, and every one is painted with every change of the others.
MAX_TILES = 36


class FamilyView:
    """Shows one source with its results in the lower half of the dock and in the viewer.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    panel : Results
        Where the rows and the histogram are.
    dock : QWidget
        The docked widget.
    """

    def __init__(self, viewer: Viewer, panel: Results, dock: QWidget) -> None:
        self._viewer = viewer
        self._panel = panel
        self.dock = dock
        self._source_id = ""
        self._one = False
        self._cells = 0
        self._running = False
        self._known: set[Image] = set()
        self._slice: int | None = None
        self._slice_facts = SliceFacts()
        self._captions = Captions(viewer, dock)
        self._comparison = Comparison(viewer, self._captions.show)

    @property
    def source(self) -> Image | None:
        """The family's source, if it is still there."""
        return layer_by_id(self._viewer, self._source_id)

    def results(self) -> list[tuple[Image, Provenance]]:
        """Return the family's results by ascending K."""
        return list_results(self._viewer, self._source_id)

    def members(self) -> dict[Image, str]:
        """Return the source and its results with a caption for each, in reading order."""
        source = self.source
        captions = {source: "source"} if source is not None else {}
        return captions | {layer: words.caption(made) for layer, made in self.results()}

    def current(self) -> tuple[Image, Provenance] | None:
        """Return the result that is napari's active layer, else one that shows its classes well."""
        results = self.results()
        active = self._viewer.layers.selection.active
        chosen = [pair for pair in results if pair[0] is active]
        few = [pair for pair in results if pair[1].k <= _FIRST_SHOWN_K]
        return next(iter(chosen or few[-1:] or results[:1]), None)

    def show(self, source_id: str) -> None:
        """Turn to another family."""
        if source_id != self._source_id:
            self._comparison.leave(selection=False)
            if self.source is None:  # it was removed, and its results may all be hidden
                self._light_up()
        self._source_id = source_id
        self.refresh()

    def refresh(self) -> None:
        """Show the family as it is now."""
        source, results = self.source, self.results()
        rows: list[Row] = [] if source is None else [source_row(Source.of(source), recall(source))]
        colours = any(layer.rgb for layer, _ in results)
        rows += [result_row(made, colours=colours) for _, made in results]
        active = self._viewer.layers.selection.active
        self._panel.show_rows(header(colours=colours), rows, str(active.unique_id) if active is not None else None)
        self._panel.compare.show_way(tiled=self._comparison.is_tiled, one=self._one)
        if not self._running:  # a plot for each result would only hold up the next one
            self._panel.panels.show_family(self.shown())

    def shown(self) -> Shown:
        """Return what the panels show."""
        source, current = self.source, self.current()
        facts = recall(source)
        if source is not None and current is not None and not current[1].together:
            axis = None if current[1].each_slice else current[1].codebook["channel_axis"]
            facts = recall(source, axis) or facts
        self._slice = None
        if source is not None and facts is not None and current is not None and current[1].each_slice:
            axis, samples = current[1].codebook["channel_axis"], recall_samples(source, current[1].request)
            self._slice = displayed_slice(self._viewer, source, axis)
            facts = self._slice_facts.of(facts, samples[self._slice]) if samples else facts
        return Shown(source, facts, tuple(self.results()), current, self._slice)

    def on_slice_changed(self, _event: Any = None) -> None:
        """Follow the sliders where slices have levels of their own."""
        source, current, before = self.source, self.current(), self._slice
        if before is None or source is None or current is None or self._running:
            return
        if displayed_slice(self._viewer, source, current[1].codebook["channel_axis"]) != before:
            self._panel.panels.show_family(self.shown())

    def begin(self, *, tile: bool, cells: int) -> None:
        """Make room for results that are going to come."""
        self._cells = cells
        self._running = True
        self._known = {layer for layer, _ in self.results()}
        self._one = False
        if tile and cells <= MAX_TILES:
            self._comparison.tile(self.members(), cells=cells)
        self.refresh()

    def welcome(self) -> None:
        """Show a result that has just come."""
        if self._comparison.is_tiled:
            self._comparison.tile(self.members(), cells=self._cells)
        self.refresh()

    def end(self, made: list[Image]) -> None:
        """Show what a run has brought: everything tiled, else the result that the histogram shows.

        Where it has only replaced what was there, the user sees what was seen before.
        """
        self._running = False
        current = self.current()
        new = self.members().keys() & set(made) - self._known
        if self._comparison.is_tiled:
            self.tile(True)
        elif new and current is not None:
            self._one = True
            self._comparison.show_only(current[0], self.members())
        self.refresh()

    def tile(self, tiled: bool) -> None:
        """Show all members side by side, or go back to what was there before."""
        members = self.members()
        if tiled and 1 < len(members) <= MAX_TILES:
            self._comparison.tile(members)
        else:
            self._comparison.leave()
        self.refresh()

    def one(self) -> None:
        """Show only the current row's layer."""
        self._comparison.leave(selection=False)
        self._one = True
        self._show_active()
        self._light_up()
        self.refresh()

    def choose(self, layer_id: str) -> None:
        """Make a row's layer napari's active one."""
        layer = layer_by_id(self._viewer, layer_id)
        if layer is not None:
            self._viewer.layers.selection.active = layer

    def on_active_changed(self) -> None:
        """Follow napari's active layer."""
        if self._one:
            self._show_active()
        self.refresh()

    def _show_active(self) -> None:
        members = self.members()
        active = self._viewer.layers.selection.active
        if active in members:
            self._comparison.show_only(active, members)

    def on_visibility_changed(self) -> None:
        """Follow the user who hides or shows a tile: the others close up."""
        self._captions.place()

    def _light_up(self) -> None:
        """Show a member if none is to be seen."""
        members = list(self.members())
        if members and not any(layer.visible for layer in members):
            current = self.current()
            self._comparison.show_only(current[0] if current else members[0], members)

    def on_layers_changed(self) -> None:
        """Follow layers that were removed."""
        if len(self.members()) < 2 and not self._running:
            self._comparison.leave()
            if self._one:
                self._one = False
                self._light_up()
        self._captions.place()
        self.refresh()

    def on_grid_changed(self, _event: Any = None) -> None:
        """Follow the user who leaves the grid by napari's own button."""
        if self._comparison.is_tiled and not grid_of(self._viewer).enabled:
            self._comparison.forget()
            self.refresh()

    def close(self) -> None:
        """Give back what the user had."""
        self._comparison.leave()
