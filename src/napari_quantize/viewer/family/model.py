"""The model of a family: a source and its results, which of them is current, and in which view mode they are shown."""

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
from napari_quantize.viewer.layers.cache import SliceFacts, cached_facts, cached_samples
from napari_quantize.viewer.layers.labels_provenance import result_id_of

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

    from napari_quantize.viewer.layers.provenance import Provenance

# Few enough classes to tell apart in the histogram, which shows this result while none is active.
_FIRST_SHOWN_K = 8


@dataclass(frozen=True)
class Display:
    """What the viewer is to show of a family.

    Attributes
    ----------
    view_mode : ViewMode
        How the members are shown; with `ViewMode.NONE` the user gets back what was there before.
    members : dict of Image to str
        The source and its results with a caption for each, in reading order.
    alone : Image or None
        The member that `ViewMode.ONE` shows.
    pair : Pair or None
        The source and the result that are compared.
    n_cells : int
        The number of tiles to make room for, if more members are to come; else 0.
    restores_selection : bool
        Whether leaving the view mode restores the selection, too.
    """

    view_mode: ViewMode = ViewMode.NONE
    members: Mapping[Image, str] = field(default_factory=dict)
    alone: Image | None = None
    pair: Pair | None = None
    n_cells: int = 0
    restores_selection: bool = True


class Family:
    """The source that the dock shows, with its results.

    The layers are the viewer's: nothing is kept of them but ids, so that a layer that is removed can be freed.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        The viewer that holds the layers.

    Attributes
    ----------
    note : str
        Why the view mode is another than the user asked for; empty if there is nothing to explain.
    """

    source_changed = Signal(str, str)
    """Emitted with the ids of the new source and of the one before."""

    displayed = Signal(Display)
    """Emitted when the viewer is to show the members in another view mode, or other members in the same one."""

    changed = Signal()
    """Emitted when the view mode or a run has changed what there is to draw."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._source_id = ""
        self._view_mode = ViewMode.NONE
        self._is_running = False
        self._n_cells = 0
        self._ids_before_run: frozenset[str] = frozenset()
        self._compared_id = ""
        self._slice_facts = SliceFacts()
        self.note = ""

    # Which layers

    @property
    def source_id(self) -> str:
        """Id of the source; empty if there is none. Another source ends the view mode."""
        return self._source_id

    @source_id.setter
    def source_id(self, source_id: str) -> None:
        if source_id == self._source_id:
            return
        self.leave(restores_selection=False)
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
        """The source and its results with a caption for each, in reading order."""
        source = self.source
        captions = {source: "source"} if source is not None else {}
        return captions | {layer: result_caption(made) for layer, made in self.results}

    @property
    def current(self) -> tuple[Image, Provenance] | None:
        """The result that is napari's active layer, or whose labels are; else one that shows its classes well."""
        return self.current_of(self.results)

    def current_of(self, results: Sequence[tuple[Image, Provenance]]) -> tuple[Image, Provenance] | None:
        """Return which of these results is current; None if there are none."""
        active = self._viewer.layers.selection.active
        active_id = None if active is None else result_id_of(active)
        chosen = [pair for pair in results if pair[1].layer_id == active_id]
        few = [pair for pair in results if pair[1].k <= _FIRST_SHOWN_K]
        return next(iter(chosen or few[-1:] or results[:1]), None)

    def activate(self, layer_id: str) -> None:
        """Make a member napari's active layer."""
        layer = layer_by_id(self._viewer, layer_id)
        if layer is not None:
            self._viewer.layers.selection.active = layer

    @property
    def displayed_slice(self) -> int | None:
        """Index of the displayed slice where each slice of the current result has levels of its own; else None."""
        source, current = self.source, self.current
        axis = current[1].slice_axis if current is not None else None
        if source is None or axis is None or cached_facts(source) is None:
            return None
        return pixel_at(self._viewer.dims, source)[axis]

    def snapshot(self) -> FamilySnapshot:
        """Return what the panels show."""
        source, current = self.source, self.current
        facts = cached_facts(source)
        if source is not None and current is not None and not current[1].together:
            axis = None if current[1].each_slice else current[1].codebook.channel_axis
            facts = cached_facts(source, axis) or facts
        index = self.displayed_slice
        if index is not None and source is not None and facts is not None and current is not None:
            samples = cached_samples(source, current[1].request)
            facts = self._slice_facts.of(facts, samples[index]) if samples else facts
        return FamilySnapshot(source, facts, tuple(self.results), current, index)

    # How they are shown

    @property
    def view_mode(self) -> ViewMode:
        """How the members are shown. A view mode that makes no sense is not entered, and `note` says why."""
        return self._view_mode

    @view_mode.setter
    def view_mode(self, mode: ViewMode) -> None:
        if mode is not self._view_mode:
            self.press(mode)

    def press(self, mode: ViewMode) -> None:
        """Show the members as the button of a view mode says: pressed once more, it leaves the mode."""
        mode, self.note = mode_after_press(self._view_mode, mode, self._conditions())
        if not self.note:
            self._display(mode)
        self.changed.emit()

    def leave(self, why: str = "", *, restores_selection: bool = True) -> None:
        """Leave the view mode: the user gets back what was there before.

        Parameters
        ----------
        why : str
            The reason, if the user may wonder.
        restores_selection : bool
            Whether the selection is restored, too; not so where the user has just selected what to see next.
        """
        if self._view_mode is ViewMode.NONE:
            return
        self._view_mode = ViewMode.NONE
        self._remember_compared()
        self.displayed.emit(Display(restores_selection=restores_selection))
        self.note = why
        self.changed.emit()

    def free_canvas(self) -> None:
        """Leave a view mode that takes the whole canvas: something else is to be seen."""
        self.note = ""
        if self._view_mode.has_own_view:
            self.leave(restores_selection=False)

    def refresh(self) -> None:
        """Have the views drawn again."""
        self.changed.emit()

    def leave_if_pointless(self, *, is_intact: bool = True) -> None:
        """Leave the view mode if there is nothing left to compare.

        Parameters
        ----------
        is_intact : bool
            Whether all temporary layers of the view mode are there.
        """
        mode, why = mode_after_change(self._view_mode, self._conditions(), coming=self._is_running)
        if mode is not self._view_mode or not is_intact:
            self.leave(why)

    def follow_active(self) -> None:
        """Show the active layer if one member is shown at a time; remember it if it is compared now."""
        self._remember_compared()
        if self._view_mode is ViewMode.ONE and self._viewer.layers.selection.active in self.members:
            self._display(ViewMode.ONE)
        self.changed.emit()

    def pair(self) -> Pair | None:
        """Return the source and the active result; while another layer is active, the result compared so far.

        Where nothing is compared yet, it is the current result, which the table and the panels show.
        """
        source, current = self.source, self.current
        if source is None or current is None:
            return None
        results = [layer for layer, _ in self.results]
        compared = layer_by_id(self._viewer, self._compared_id)
        if compared in results and self._viewer.layers.selection.active not in results:
            return Pair(source, compared)
        return Pair(source, current[0])

    def _remember_compared(self) -> None:
        pair = self.pair() if self._view_mode.compares_two else None
        self._compared_id = "" if pair is None else str(pair.result.unique_id)

    def _conditions(self) -> ViewConditions:
        pair = self.pair()
        shapes = (plain_shape(pair.source), plain_shape(pair.result)) if pair is not None else None
        return ViewConditions(len(self.members), shapes, self._viewer.dims.ndisplay)

    def _display(self, mode: ViewMode, *, alone: Image | None = None, n_cells: int = 0) -> None:
        self._view_mode = mode
        self._remember_compared()
        self.displayed.emit(Display(mode, self.members, alone or self._alone(), self.pair(), n_cells))

    def _alone(self) -> Image | None:
        """Return the member that is shown alone: the active one, else the current result, else the source."""
        active, current = self._viewer.layers.selection.active, self.current
        if active in self.members:
            return active
        return current[0] if current else self.source

    # A run

    @property
    def is_running(self) -> bool:
        """Whether a run is going to bring results."""
        return self._is_running

    def begin_run(self, *, tile: bool, n_cells: int) -> None:
        """Make room for results.

        Parameters
        ----------
        tile : bool
            Whether all members are shown side by side.
        n_cells : int
            The number of members after the run.
        """
        self._n_cells = n_cells
        self._is_running = True
        self._ids_before_run = frozenset(made.layer_id for _, made in self.results)
        self.note = ""
        if tile and n_cells <= MAX_TILES:
            self._display(ViewMode.TILE, n_cells=n_cells)
        self.changed.emit()

    def show_added(self) -> None:
        """Show a result that a run has added."""
        if self._view_mode is ViewMode.TILE:
            self._display(ViewMode.TILE, n_cells=self._n_cells)
        self.changed.emit()

    def end_run(self, layers: Sequence[Image]) -> None:
        """Show what a run has added: all members side by side, else the current result.

        Where the run only replaced results, or where two members are compared, the view stays as it is.

        Parameters
        ----------
        layers : sequence of Image
            The layers that the run added or replaced.
        """
        self._is_running = False
        current = self.current
        new = [made for layer, made in self.results if layer in layers and made.layer_id not in self._ids_before_run]
        self._ids_before_run = frozenset()
        if self._view_mode is ViewMode.TILE:
            self._display(ViewMode.TILE)
            self.leave_if_pointless()
        elif new and current is not None and not self._view_mode.compares_two:
            self._display(ViewMode.ONE, alone=current[0])
        self.changed.emit()
