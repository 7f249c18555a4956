"""What is seen of one family: its rows, its histogram, its layers one by one or side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from napari_quantize.text.results import result_caption
from napari_quantize.viewer.compare.controller import Comparison, FamilyLayers
from napari_quantize.viewer.compare.pair import Pair
from napari_quantize.viewer.family.finders import layer_by_id, list_results
from napari_quantize.viewer.family.shown import Shown
from napari_quantize.viewer.family.view_modes import (
    MAX_TILES,
    ViewConditions,
    ViewMode,
    mode_after_change,
    mode_after_press,
)
from napari_quantize.viewer.labels.model import why_none
from napari_quantize.viewer.layers.axes import pixel_at, plain_shape
from napari_quantize.viewer.layers.cache import SliceFacts, recall, recall_samples
from napari_quantize.viewer.layers.labels_provenance import result_id_of
from napari_quantize.viewer.table.controller import TableView

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.viewer.dock.lower_half import Results
    from napari_quantize.viewer.layers.provenance import Provenance

# Few enough classes to tell apart: what the histogram shows while no result is chosen.
_FIRST_SHOWN_K = 8


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
        self.table = TableView(viewer, panel, dock)
        self._source_id = ""
        self._cells = 0
        self._running = False
        self._note = ""
        self._known: set[Image] = set()
        self._slice: int | None = None
        self._slice_facts = SliceFacts()
        self._compared_id = ""  # by its id: a layer that is removed shall be gone
        self._comparison = Comparison(viewer, dock)
        self._later = QTimer(dock)
        self._later.setSingleShot(True)
        self._connect()

    def _connect(self) -> None:
        bar, swipe = self._panel.compare, self._comparison.swipe
        self._comparison.left.connect(self._on_left)
        self._later.timeout.connect(self._follow)
        bar.asked.connect(self.press)
        bar.line_moved.connect(self._on_line_moved)
        swipe.moved.connect(self._on_line_dragged)

    @property
    def source(self) -> Image | None:
        """The family's source, if it is still there."""
        return layer_by_id(self._viewer, self._source_id)

    @property
    def view_mode(self) -> ViewMode:
        """In which mode the family is seen."""
        return self._comparison.mode

    def results(self) -> list[tuple[Image, Provenance]]:
        """Return the family's results by ascending K."""
        return list_results(self._viewer, self._source_id)

    def members(self) -> dict[Image, str]:
        """Return the source and its results with a caption for each, in reading order."""
        source = self.source
        captions = {source: "source"} if source is not None else {}
        return captions | {layer: result_caption(made) for layer, made in self.results()}

    def current(self) -> tuple[Image, Provenance] | None:
        """Return the result that is napari's active layer, else one that shows its classes well."""
        results = self.results()
        active = self._viewer.layers.selection.active
        chosen = [pair for pair in results if active is not None and pair[1].layer_id == result_id_of(active)]
        few = [pair for pair in results if pair[1].k <= _FIRST_SHOWN_K]
        return next(iter(chosen or few[-1:] or results[:1]), None)

    def show(self, source_id: str) -> None:
        """Turn to another family."""
        if source_id != self._source_id:
            self._note = ""
            self._comparison.leave(selection=False)
            if self.source is None:  # it was removed, and its results may all be hidden
                self._light_up()
        self._source_id = source_id
        self.refresh()

    def refresh(self) -> None:
        """Show the family as it is now."""
        source, results = self.source, self.results()
        self.table.show_family(source, results, running=self._running)
        mode, swipe = self._comparison.mode, self._comparison.swipe
        self._panel.compare.show_view_mode(mode, self._comparison.note or self._note)
        self._panel.compare.show_line(swipe.position, level=swipe.level)
        if mode.compares_two:
            self._later.start()
        if not self._running:  # a plot for each result would only hold up the next one
            shown = self.shown()
            self._panel.panels.show_family(shown)
            self._panel.take_home.labels.show_reason(why_none(shown))

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
            self._slice = pixel_at(self._viewer.dims, source)[axis]
            facts = self._slice_facts.of(facts, samples[self._slice]) if samples else facts
        return Shown(source, facts, tuple(self.results()), current, self._slice)

    def on_slice_changed(self, _event: Any = None) -> None:
        """Follow the sliders where slices have levels of their own."""
        source, current, before = self.source, self.current(), self._slice
        if before is None or source is None or current is None or self._running:
            return
        if pixel_at(self._viewer.dims, source)[current[1].codebook["channel_axis"]] != before:
            self._panel.panels.show_family(self.shown())

    def begin(self, *, tile: bool, cells: int) -> None:
        """Make room for results that are going to come."""
        self._cells = cells
        self._running = True
        self._known = {layer for layer, _ in self.results()}
        self._note = ""
        if tile and cells <= MAX_TILES:
            self._comparison.switch(ViewMode.TILE, self._family_layers(cells))
        self.refresh()

    def on_result_added(self) -> None:
        """Show a result that has just come."""
        if self._comparison.mode is ViewMode.TILE:
            self._comparison.switch(ViewMode.TILE, self._family_layers(self._cells))
        self.refresh()

    def end(self, made: list[Image]) -> None:
        """Show what a run has brought: everything tiled, else the result that the histogram shows.

        Where it has only replaced what was there, or two are compared, the user sees what was seen before.
        """
        self._running = False
        current = self.current()
        new = self.members().keys() & set(made) - self._known
        self._known = set()
        mode = self._comparison.mode
        if mode is ViewMode.TILE:
            self._comparison.switch(ViewMode.TILE, self._family_layers())
            self._check()
        elif new and current is not None and not mode.compares_two:
            self._comparison.switch(ViewMode.ONE, replace(self._family_layers(), shown=current[0]))
        self.refresh()

    def press(self, name: str) -> None:
        """See the family in another mode, or leave the present one if it is the same."""
        mode, self._note = mode_after_press(self._comparison.mode, ViewMode(name), self._conditions())
        if not self._note:
            self._comparison.switch(mode, self._family_layers())
        self.refresh()

    def see(self, mode: ViewMode) -> None:
        """See the family in a mode, unless it is seen so already."""
        if self.view_mode is not mode:
            self.press(mode.value)

    def leave(self) -> None:
        """Leave a mode that has the whole canvas for itself: something else is to be seen."""
        self._note = ""
        if self.view_mode.has_own_view:
            self._comparison.leave(selection=False)

    def choose(self, layer_id: str) -> None:
        """Make a row's layer napari's active one."""
        layer = layer_by_id(self._viewer, layer_id)
        if layer is not None:
            self._viewer.layers.selection.active = layer

    def on_active_changed(self) -> None:
        """Follow napari's active layer."""
        if self._comparison.mode is ViewMode.ONE and self._viewer.layers.selection.active in self.members():
            self._comparison.switch(ViewMode.ONE, self._family_layers())
        self.refresh()

    def on_visibility_changed(self) -> None:
        """Follow the user who hides or shows a tile: the others close up."""
        self._comparison.captions.update_positions()

    def on_layers_changed(self) -> None:
        """Follow layers that were removed."""
        if not self._comparison.mode.compares_two:  # they follow in a moment
            self._check()
        self._comparison.captions.update_positions()
        self.refresh()

    def on_grid_changed(self, _event: Any = None) -> None:
        """Follow the user who presses napari's own grid button."""
        self._comparison.on_grid_changed()

    def on_ndisplay_changed(self, _event: Any = None) -> None:
        """Follow the user who turns to the 3-D display."""
        self._later.start()

    def close(self) -> None:
        """Give back what the user had, and end what goes on in the background."""
        self._comparison.close()
        self._later.stop()
        self.table.close()  # last: what is given back is shown, and so measured, once more

    def _family_layers(self, cells: int = 0) -> FamilyLayers:
        members, current = self.members(), self.current()
        active = self._viewer.layers.selection.active
        shown = active if active in members else current[0] if current else self.source
        return FamilyLayers(members, shown, self._pair(), cells)

    def _pair(self) -> Pair | None:
        """Return the source and the result that is napari's active layer, else the one that was compared last."""
        source, results = self.source, [layer for layer, _ in self.results()]
        if source is None or not results:
            return None
        active, current = self._viewer.layers.selection.active, self.current()
        compared = layer_by_id(self._viewer, self._compared_id)
        if compared is None or active in results or compared not in results:
            compared = current[0] if current else results[0]
            self._compared_id = str(compared.unique_id)
        return Pair(source, compared)

    def _conditions(self) -> ViewConditions:
        pair = self._pair()
        shapes = (plain_shape(pair.source), plain_shape(pair.result)) if pair is not None else None
        return ViewConditions(len(self.members()), shapes, self._viewer.dims.ndisplay)

    def _check(self) -> None:
        """Leave the mode in which the family is seen if there is no sense in it any more."""
        now = self._comparison.mode
        mode, why = mode_after_change(now, self._conditions(), coming=self._running)
        if mode is now and self._comparison.is_intact:
            return
        self._comparison.leave(why)
        if now is ViewMode.ONE:
            self._light_up()

    def _follow(self) -> None:
        """Compare what is to be compared now: all that happens in one turn of the event loop is one change."""
        self._check()
        self._comparison.follow(self._pair())
        self._panel.compare.show_view_mode(self._comparison.mode, self._comparison.note or self._note)

    def _light_up(self) -> None:
        """Show a member if none is to be seen."""
        members = list(self.members())
        if members and not any(layer.visible for layer in members):
            current = self.current()
            (current[0] if current else members[0]).visible = True

    def _on_left(self, why: str) -> None:
        self._note = why
        self.refresh()

    def _on_line_moved(self, position: float, level: bool) -> None:
        self._comparison.swipe.move_to(position, level=level)

    def _on_line_dragged(self) -> None:
        swipe = self._comparison.swipe
        self._panel.compare.show_line(swipe.position, level=swipe.level)
