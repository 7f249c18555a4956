"""The model of a family: a source and its results, the current result, and the view mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_quantize.text.results import result_caption
from napari_quantize.viewer.family.find_layers import layer_by_id, list_results
from napari_quantize.viewer.family.pair import Pair
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.family.view_modes import (
    MAX_TILES,
    ViewConditions,
    ViewMode,
    mode_after_change,
    mode_after_press,
)
from napari_quantize.viewer.layers.axes import pixel_at, plain_shape
from napari_quantize.viewer.layers.cache import SliceFactsCache, cached_facts, cached_samples
from napari_quantize.viewer.layers.labels_provenance import result_id_of

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

    from napari_quantize.viewer.layers.provenance import Provenance

# While no result is active, the panels show the result with the largest K up to this one: its levels can still be told
# apart in the histogram.
_MAX_DEFAULT_K = 8


@dataclass(frozen=True)
class Display:
    """Layers to show, and the view mode to show them in.

    Attributes
    ----------
    view_mode : ViewMode
        View mode; `ViewMode.NONE` restores the user's own arrangement.
    members : dict of Image to str
        Caption of each member: the source, then its results.
    single : Image or None
        The member that `ViewMode.ONE` shows.
    pair : Pair or None
        The source and the result that are compared.
    n_cells : int
        Number of tiles to leave room for during a run, which adds members; else 0.
    restores_selection : bool
        True if leaving the view mode restores the selection, too.
    """

    view_mode: ViewMode = ViewMode.NONE
    members: Mapping[Image, str] = field(default_factory=dict)
    single: Image | None = None
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
        self._is_running = False
        self._n_cells = 0
        self._ids_before_run: frozenset[str] = frozenset()
        self._compared_id = ""
        self._slice_facts = SliceFactsCache()
        self.note = ""

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
    def members(self) -> dict[Image, str]:
        """Caption of each member: the source, then its results."""
        source = self.source
        captions = {source: "source"} if source is not None else {}
        return captions | {layer: result_caption(provenance) for layer, provenance in self.results}

    @property
    def current(self) -> tuple[Image, Provenance] | None:
        """The result that is napari's active layer, or whose labels layer is; else one with few levels."""
        return self.current_of(self.results)

    def current_of(self, results: Sequence[tuple[Image, Provenance]]) -> tuple[Image, Provenance] | None:
        """Return the current one of `results`; None if there are none."""
        active = self._viewer.layers.selection.active
        active_id = None if active is None else result_id_of(active)
        chosen = [pair for pair in results if pair[1].layer_id == active_id]
        with_few_levels = [pair for pair in results if pair[1].k <= _MAX_DEFAULT_K]
        return next(iter(chosen or with_few_levels[-1:] or results[:1]), None)

    def activate(self, layer_id: str) -> None:
        """Make a member napari's active layer."""
        layer = layer_by_id(self._viewer, layer_id)
        if layer is not None:
            self._viewer.layers.selection.active = layer

    @property
    def displayed_slice(self) -> int | None:
        """Index of the displayed slice if each slice of the current result has levels of its own, else None."""
        source, current = self.source, self.current
        axis = current[1].slice_axis if current is not None else None
        if source is None or axis is None or cached_facts(source) is None:
            return None
        return pixel_at(self._viewer.dims, source)[axis]

    def snapshot(self) -> FamilySnapshot:
        """Return a snapshot of the family for the panels."""
        source, current = self.source, self.current
        facts = cached_facts(source)
        if source is not None and current is not None and not current[1].together:
            axis = None if current[1].each_slice else current[1].codebook.channel_axis
            facts = cached_facts(source, axis) or facts
        index = self.displayed_slice
        if index is not None and source is not None and facts is not None and current is not None:
            samples = cached_samples(source, current[1].request)
            facts = self._slice_facts.get(facts, samples[index]) if samples else facts
        return FamilySnapshot(source, facts, tuple(self.results), current, index)

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
        """Enter a view mode, or leave it if it is the present one, as its button does."""
        mode, self.note = mode_after_press(self._view_mode, mode, self._conditions())
        if not self.note:
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
        self._store_compared()
        self.display_changed.emit(Display(restores_selection=restores_selection))
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
        mode, reason = mode_after_change(self._view_mode, self._conditions(), results_expected=self._is_running)
        if mode is not self._view_mode or not is_intact:
            self.leave_view_mode(reason)

    def follow_active_layer(self) -> None:
        """Update the view mode after another layer became active."""
        self._store_compared()
        if self._view_mode is ViewMode.ONE and self._viewer.layers.selection.active in self.members:
            self._display(ViewMode.ONE)
        self.changed.emit()

    def pair(self) -> Pair | None:
        """Return the source and the result to compare it with; None unless both are in the viewer.

        While no result is active, the pair stays the one that was compared before. If there is none, take the current
        result, which the table and the panels show.
        """
        source, current = self.source, self.current
        if source is None or current is None:
            return None
        results = [layer for layer, _ in self.results]
        compared = layer_by_id(self._viewer, self._compared_id)
        if compared in results and self._viewer.layers.selection.active not in results:
            return Pair(source, compared)
        return Pair(source, current[0])

    def _store_compared(self) -> None:
        pair = self.pair() if self._view_mode.compares_two else None
        self._compared_id = "" if pair is None else str(pair.result.unique_id)

    def _conditions(self) -> ViewConditions:
        pair = self.pair()
        shapes = (plain_shape(pair.source), plain_shape(pair.result)) if pair is not None else None
        return ViewConditions(len(self.members), shapes, self._viewer.dims.ndisplay)

    def _display(self, mode: ViewMode, *, single: Image | None = None, n_cells: int = 0) -> None:
        self._view_mode = mode
        self._store_compared()
        self.display_changed.emit(Display(mode, self.members, single or self._single_member(), self.pair(), n_cells))

    def _single_member(self) -> Image | None:
        """Return the member for `ViewMode.ONE`: the active one, else the current result, else the source."""
        active, current = self._viewer.layers.selection.active, self.current
        if active in self.members:
            return active
        return current[0] if current else self.source

    # A run

    @property
    def is_running(self) -> bool:
        """True during a run, which will add results."""
        return self._is_running

    def begin_run(self, *, tile: bool, n_cells: int) -> None:
        """Prepare the view for the results of a run.

        Parameters
        ----------
        tile : bool
            Show all members side by side, unless they are too many.
        n_cells : int
            Number of members after the run.
        """
        self._n_cells = n_cells
        self._is_running = True
        self._ids_before_run = frozenset(provenance.layer_id for _, provenance in self.results)
        self.note = ""
        if tile and n_cells <= MAX_TILES:
            self._display(ViewMode.TILE, n_cells=n_cells)
        self.changed.emit()

    def show_added(self) -> None:
        """Show a result that the run has just added."""
        if self._view_mode is ViewMode.TILE:
            self._display(ViewMode.TILE, n_cells=self._n_cells)
        self.changed.emit()

    def end_run(self, layers: Sequence[Image]) -> None:
        """Show the results after a run: all members side by side, or else the current result alone.

        The view stays as it is if the run only replaced results, or if two members are compared.

        Parameters
        ----------
        layers : sequence of Image
            Layers that the run added or replaced.
        """
        self._is_running = False
        current = self.current
        new = [
            provenance
            for layer, provenance in self.results
            if layer in layers and provenance.layer_id not in self._ids_before_run
        ]
        self._ids_before_run = frozenset()
        if self._view_mode is ViewMode.TILE:
            self._display(ViewMode.TILE)
            self.leave_view_mode_if_impossible()
        elif new and current is not None and not self._view_mode.compares_two:
            self._display(ViewMode.ONE, single=current[0])
        self.changed.emit()
