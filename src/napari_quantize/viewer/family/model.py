"""The model of a family: a source and its results, the current result, and the view mode."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_quantize.text.results import result_caption
from napari_quantize.viewer.family.find_layers import layer_by_id, list_results
from napari_quantize.viewer.family.pair import Pair
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.family.tiled_results import TiledResults
from napari_quantize.viewer.family.view_modes import (
    MAX_TILES,
    ViewConditions,
    ViewMode,
    mode_after_change,
    mode_after_press,
    view_mode_problem,
)
from napari_quantize.viewer.layers.axes import pixel_at, plain_shape
from napari_quantize.viewer.layers.cache import SliceFactsCache, cached_facts, cached_samples
from napari_quantize.viewer.layers.labels_provenance import result_id_of
from napari_quantize.viewer.layers.provenance import provenance_of

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.viewer.layers.provenance import Provenance

# Before any run or choice, the panels show the result with the largest K up to this one: its levels can still be told
# apart in the histogram.
_MAX_DEFAULT_K = 8


@dataclass(frozen=True)
class Display:
    """Layers to show, and the view mode to show them in.

    Attributes
    ----------
    view_mode : ViewMode
        View mode; `ViewMode.NONE` restores the user's own arrangement.
    members : tuple of Image
        The source and its results, and those of layers that were quantized together with it.
    single : tuple of Image
        The layers that `ViewMode.ONE` shows: one member, and the other channels of an image of several layers.
    tiles : dict of Image to str
        Caption of each layer that `ViewMode.TILE` shows, in reading order.
    n_columns : int
        Columns of tiles come in groups of so many: the layers that were quantized together.
    pair : Pair or None
        The source and the result that are compared.
    n_cells : int
        Number of tiles to leave room for during a run, which adds members; else 0.
    restores_selection : bool
        True if leaving the view mode restores the selection, too.
    """

    view_mode: ViewMode = ViewMode.NONE
    members: tuple[Image, ...] = ()
    single: tuple[Image, ...] = ()
    tiles: Mapping[Image, str] = field(default_factory=dict)
    n_columns: int = 1
    pair: Pair | None = None
    n_cells: int = 0
    restores_selection: bool = True


class Family:
    """The source that the dock shows, with its results.

    The family keeps ids instead of layers, so that a removed layer can be freed. Each access looks the layers up in the
    viewer, so the family never disagrees with it.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        The viewer that holds the layers.

    Attributes
    ----------
    note : str
        Reason why the view mode is not the one that the user asked for; may be empty.
    tried : Codebook or None
        The codebook that *Try* shows.
    """

    source_changed = Signal(str, str)
    """Emitted with the ids of the new source and of the one before."""

    display_changed = Signal(Display)
    """Emitted with what to show when the view mode or the shown members change."""

    changed = Signal()
    """Emitted when the views of the dock must be drawn again."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._source_id = ""
        self._view_mode = ViewMode.NONE
        self._n_cells = 0
        self._ids_before_run: frozenset[str] = frozenset()
        self._current_ids: dict[str, str] = {}  # of each source's current result
        self._row_id = ""
        self._saved_row = ("", "")
        self._tiled_results = TiledResults()
        self._mode_before_pair = ViewMode.NONE
        self._slice_facts = SliceFactsCache()
        self.note = ""
        self.tried: Codebook | None = None

    # The layers

    @property
    def source_id(self) -> str:
        """Id of the source; empty if there is none. Another source ends the view mode."""
        return self._source_id

    @source_id.setter
    def source_id(self, source_id: str) -> None:
        if source_id == self._source_id:
            return
        self.leave_view_mode(restores_selection=False)
        self.note = ""
        before, self._source_id = self._source_id, source_id
        self._row_id = self._current_ids.get(source_id, "")
        self.source_changed.emit(source_id, before)

    @property
    def source(self) -> Image | None:
        """The source; None if there is none, or if it was removed."""
        return layer_by_id(self._viewer, self._source_id)

    @property
    def results(self) -> list[tuple[Image, Provenance]]:
        """The results in ascending order of K."""
        return list_results(self._viewer, self._source_id)

    @property
    def members(self) -> list[Image]:
        """The source and its results, then those of layers that were quantized together with it."""
        own = [provenance for _, provenance in self.results]
        ids = dict.fromkeys([self._source_id, *(layer_id for each in own for layer_id, _ in each.together)])
        found: list[Image] = []
        for source_id in ids:
            source = layer_by_id(self._viewer, source_id)
            found += [source] if source is not None else []
            results = list_results(self._viewer, source_id)
            found += [
                layer
                for layer, provenance in results
                if source_id == self._source_id or self._source_id in dict(provenance.together)
            ]
        return found

    @property
    def tiles(self) -> dict[Image, str]:
        """Captions of the layers to show side by side: the source, the results of the last run, and those to stay."""
        chosen = self._tiled_results.choose(self._source_id, self.results)
        captions = {layer: "source" for layer in [self.source] if layer is not None}
        together = chosen[0][1].together if chosen else ()
        for layer_id, name in together:
            layer = layer_by_id(self._viewer, layer_id)
            if layer is not None:
                captions[layer] = f"source · {name}"
        for layer, provenance in chosen:
            for channel, of_channel in self._channels(layer, provenance):
                own = f" · {of_channel.source_name}" if together else ""
                captions[channel] = f"{result_caption(of_channel)}{own}"
        order = list(self._viewer.layers)
        return dict(sorted(captions.items(), key=lambda pair: order.index(pair[0])))

    def _channels(self, layer: Image, provenance: Provenance) -> list[tuple[Image, Provenance]]:
        """Return a result, or all channels of a result of several layers, in the order of these."""
        if not provenance.together:
            return [(layer, provenance)]
        return [
            pair
            for layer_id, _ in provenance.together
            for pair in list_results(self._viewer, layer_id)
            if pair[1].settings_key[1:] == provenance.settings_key[1:]
        ]

    @property
    def ids_to_stay(self) -> frozenset[str]:
        """Ids of results that stay among the tiles after the next run."""
        return frozenset(self._tiled_results.ids_to_stay)

    def set_to_stay(self, layer_id: str, stays: bool) -> None:
        """Let a result stay among the tiles after the next run, or no longer."""
        ids = self._tiled_results.ids_to_stay
        (ids.add if stays else ids.discard)(layer_id)
        if self._view_mode is ViewMode.TILE:
            self._display(ViewMode.TILE)
            self.leave_view_mode_if_impossible()
        self.changed.emit()

    @property
    def row_id(self) -> str:
        """Id of the member in the current row: the one chosen last, or the middle result of the last run."""
        if layer_by_id(self._viewer, self._row_id) is not None:
            return self._row_id
        current = self.current
        return current[1].layer_id if current is not None else ""

    @property
    def current(self) -> tuple[Image, Provenance] | None:
        """The result in the current row, or the last one that was; before any choice, one with few levels."""
        return self.current_of(self._source_id, self.results)

    def current_of(
        self, source_id: str, results: Sequence[tuple[Image, Provenance]]
    ) -> tuple[Image, Provenance] | None:
        """Return the current one of a source's `results`; None if there are none."""
        current_id = self._current_ids.get(source_id)
        chosen = [pair for pair in results if pair[1].layer_id == current_id]
        with_few_levels = [pair for pair in results if pair[1].k <= _MAX_DEFAULT_K]
        return next(iter(chosen or with_few_levels[-1:] or results[:1]), None)

    def activate(self, layer_id: str) -> None:
        """Make a member napari's active layer, and so its row the current one."""
        layer, selection = layer_by_id(self._viewer, layer_id), self._viewer.layers.selection
        if layer is None:
            return
        if selection.active is not layer:
            selection.active = layer
        elif layer_id != self._row_id:  # napari emits nothing
            self.follow_active_layer()

    def _choose(self, layer_id: str) -> None:
        """Make the row of a member the current one; do nothing if there is no such member."""
        if any(layer_id == provenance.layer_id for _, provenance in self.results):
            self._row_id = self._current_ids[self._source_id] = layer_id
        elif layer_id == self._source_id:
            self._row_id = layer_id

    @property
    def displayed_slice(self) -> int | None:
        """Index of the displayed slice if each slice of the current result has levels of its own, else None."""
        source, current = self.source, self.current
        axis = current[1].slice_axis if current is not None else None
        if source is None or current is None or axis is None or cached_facts(source) is None:
            return None
        index = pixel_at(self._viewer.dims, source)[axis]
        return index if index < len(current[1].codebook.levels) else None  # the stack may have grown since

    def snapshot(self) -> FamilySnapshot:
        """Return a snapshot of the family for the panels."""
        source, current = self.source, self.current
        facts = cached_facts(source)
        if source is not None and current is not None and not current[1].together:
            facts = cached_facts(source, current[1].facts_axis) or facts
        index = self.displayed_slice
        if index is not None and source is not None and facts is not None and current is not None:
            samples = cached_samples(source, current[1].request)
            facts = self._slice_facts.get(facts, samples[index]) if samples else facts
        return FamilySnapshot(source, facts, tuple(self.results), current, index, self._tried_like(current))

    def _tried_like(self, current: tuple[Image, Provenance] | None) -> Codebook | None:
        """Return the tried codebook if the histogram of the current result has the bars for it."""
        if self.tried is None or current is None or current[1].each_slice or current[1].together:
            return None
        shown, tried = current[1].request, self.tried.request
        return self.tried if (tried.mode, tried.channel_axis) == (shown.mode, shown.channel_axis) else None

    # The view mode

    @property
    def view_mode(self) -> ViewMode:
        """The view mode. Setting one that is not possible changes nothing but `note`, which tells the reason."""
        return self._view_mode

    @view_mode.setter
    def view_mode(self, mode: ViewMode) -> None:
        if mode is not self._view_mode:
            self.toggle_view_mode(mode)

    def toggle_view_mode(self, mode: ViewMode) -> None:
        """Enter a view mode, or leave it if it is the present one, as its button does.

        A mode that compares two members goes back to the mode before it.
        """
        if mode is self._view_mode and mode.compares_two:
            before = self._mode_before_pair
            mode = before if view_mode_problem(before, self._conditions()) is None else ViewMode.NONE
        mode, note = mode_after_press(self._view_mode, mode, self._conditions())
        if mode is ViewMode.NONE and not note:
            self.leave_view_mode()
            return
        self.note = note
        if not note:
            self._display(mode)
        self.changed.emit()

    def leave_view_mode(self, reason: str = "", *, restores_selection: bool = True) -> None:
        """Leave the view mode, and restore the user's own arrangement.

        Parameters
        ----------
        reason : str
            Sentence to show if the user may wonder; may be empty.
        restores_selection : bool
            Restore the selection, too. False if the user has just selected another layer.
        """
        if self._view_mode is ViewMode.NONE:
            return
        self._view_mode = ViewMode.NONE
        self.display_changed.emit(Display(restores_selection=restores_selection))
        if restores_selection:
            self._restore_row()
        self.note = reason
        self.changed.emit()

    def release_canvas(self) -> None:
        """Leave a view mode that hides other layers, because one of these is to be shown."""
        self.note = ""
        if self._view_mode.has_own_view:
            self.leave_view_mode(restores_selection=False)

    def refresh(self) -> None:
        """Draw the views again."""
        self.changed.emit()

    def leave_view_mode_if_impossible(self, *, is_intact: bool = True) -> None:
        """Leave the view mode if its layers are no longer there or no longer fit together.

        Parameters
        ----------
        is_intact : bool
            True if all temporary layers of the view mode are still in the viewer.
        """
        mode, reason = mode_after_change(self._view_mode, self._conditions(), results_expected=self.expects_results)
        if mode is not self._view_mode or not is_intact:
            self.leave_view_mode(reason)

    def follow_active_layer(self) -> None:
        """Update row and view mode after another layer became active: a member, or the labels of a result."""
        active = self._viewer.layers.selection.active
        if active is not None:
            self._choose(result_id_of(active))
        if self._view_mode is ViewMode.ONE and active in self.members:
            self._display(ViewMode.ONE)
        self.changed.emit()

    def pair(self) -> Pair | None:
        """Return the source and the current result; None unless both are in the viewer."""
        source, current = self.source, self.current
        return Pair(source, current[0]) if source is not None and current is not None else None

    def _conditions(self) -> ViewConditions:
        pair = self.pair()
        shapes = (plain_shape(pair.source), plain_shape(pair.result)) if pair is not None else None
        n_tiles = max(len(self.tiles), self._room)
        return ViewConditions(len(self.members), shapes, self._viewer.dims.ndisplay, n_tiles)

    @property
    def _room(self) -> int:
        """Number of tiles to leave room for during a run that adds members to this family; else 0."""
        return self._n_cells if self.expects_results else 0

    def _display(self, mode: ViewMode) -> None:
        """Show the family in a view mode other than the user's own arrangement."""
        before, self._view_mode = self._view_mode, mode
        if before is ViewMode.NONE:
            self._save_row()
        if not before.compares_two:
            self._mode_before_pair = before
        tiles = self.tiles if mode is ViewMode.TILE else {}
        together = max((len(found.together) for layer in tiles if (found := provenance_of(layer))), default=0)
        self.display_changed.emit(
            Display(mode, tuple(self.members), self._single(), tiles, max(1, together), self.pair(), self._room)
        )

    def _save_row(self) -> None:
        self._saved_row = self._row_id, self._current_ids.get(self._source_id, "")

    def _restore_row(self) -> None:
        """Go back to the row before the view modes, as to the selection: a comparison ends where it began."""
        row, current = self._saved_row
        for layer_id in (current, row):
            self._choose(layer_id)

    def _single(self) -> tuple[Image, ...]:
        """Return the layers for `ViewMode.ONE`: those of the current row, else of the current result, or the source."""
        row, current = layer_by_id(self._viewer, self.row_id) or self.source, self.current
        if row is None:
            return ()
        provenance = provenance_of(row)
        if provenance is not None:
            return tuple(layer for layer, _ in self._channels(row, provenance))
        together = current[1].together if current is not None else ()
        sources = [layer_by_id(self._viewer, layer_id) for layer_id, _ in together]
        return tuple(dict.fromkeys([row, *(layer for layer in sources if layer is not None)]))

    # A run

    @property
    def is_running(self) -> bool:
        """True during a run that began with its source shown, whichever source is shown now."""
        return bool(self._tiled_results.running_id)

    @property
    def expects_results(self) -> bool:
        """True during a run of this source, which will add results."""
        return self.is_running and self._source_id == self._tiled_results.running_id

    def begin_run(
        self,
        *,
        tile: bool,
        new_ks: Collection[int],
        replaced: Collection[str] = (),
        n_channels: int = 1,
        adds: bool = False,
    ) -> None:
        """Prepare the view for the results of a run.

        Parameters
        ----------
        tile : bool
            Show the results side by side, unless they are too many.
        new_ks : collection of int
            K of the results that the run will add.
        replaced : collection of str
            Ids of results that the run will replace.
        n_channels : int
            Number of layers that are quantized together.
        adds : bool
            True if the run adds to the results of the last run, instead of taking their place among the tiles.
        """
        self._ids_before_run = frozenset(provenance.layer_id for _, provenance in self.results)
        n_new = self._tiled_results.begin_run(self._source_id, self.results, new_ks, replaced, adds=adds)
        self.note = ""
        self._n_cells = max(len(self.tiles), n_channels) + n_channels * n_new
        if tile and self._n_cells <= MAX_TILES:
            self._display(ViewMode.TILE)
        self.changed.emit()

    def show_added(self, layers: Sequence[Image]) -> None:
        """Show the results that the run has added so far."""
        added = [provenance.layer_id for layer, provenance in self.results if layer in layers]
        self._tiled_results.add(self._source_id, added)
        if self._view_mode is ViewMode.TILE:
            self._display(ViewMode.TILE)
        self.changed.emit()

    def end_run(self, layers: Sequence[Image], *, show: bool = True, adds: bool = False) -> None:
        """Make the middle result of a run the current one, and show it: among the tiles, or else alone.

        The user's arrangement stays as it is if the run only replaced results, or if two members are compared.

        Parameters
        ----------
        layers : sequence of Image
            Layers that the run added or replaced.
        show : bool
            Show the result in the viewer, too.
        adds : bool
            As in `begin_run`.
        """
        of_run = [provenance for layer in layers if (provenance := provenance_of(layer)) is not None]
        has_new = any(
            provenance.layer_id not in self._ids_before_run and provenance.source_id == self._source_id
            for provenance in of_run
        )
        shows_row = self._view_mode is ViewMode.ONE and self._is_alone(self._single())
        self._ids_before_run = frozenset()
        by_source: dict[str, list[Provenance]] = {}
        for provenance in sorted(of_run, key=lambda each: each.k):
            by_source.setdefault(provenance.source_id, []).append(provenance)
        ids = {source_id: frozenset(each.layer_id for each in found) for source_id, found in by_source.items()}
        self._tiled_results.end_run(ids, adds=adds)
        self._choose_middle(by_source)
        if self._view_mode is ViewMode.TILE:
            self._display(ViewMode.TILE)
            self.leave_view_mode_if_impossible()
        elif show and (has_new or shows_row) and not self._view_mode.compares_two:
            self._display(ViewMode.ONE)
        self.changed.emit()

    def _choose_middle(self, by_source: Mapping[str, Sequence[Provenance]]) -> None:
        """Make the middle result of each source current: of an even number, the upper one of the two."""
        for source_id, of_source in by_source.items():
            self._current_ids[source_id] = of_source[len(of_source) // 2].layer_id
        if self._source_id in by_source:
            self._row_id = self._current_ids[self._source_id]
            self._save_row()

    def _is_alone(self, layers: Collection[Image]) -> bool:
        """Return whether these are the only visible members, as `ViewMode.ONE` shows them."""
        return {layer for layer in self.members if layer.visible} == set(layers)
