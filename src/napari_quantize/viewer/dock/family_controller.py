"""Show the family model in the dock and in the viewer, and pass the user's commands to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QWidget
from superqt.utils import qdebounced

from napari_quantize.viewer.compare.controller import CompareController
from napari_quantize.viewer.family.find_layers import layer_by_id, list_results
from napari_quantize.viewer.family.model import Display, Family
from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.labels.model import why_no_labels
from napari_quantize.viewer.table.controller import TableController

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.viewer.dock.results_view import ResultsView

# Pause after the last move before all is drawn again: dragging a layer moves it with every move of the mouse.
_REST_MS = 100


class FamilyController:
    """Show the family in the lower half of the dock and in the viewer.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the layers.
    family : Family
        The model to show.
    results_view : ResultsView
        Lower half of the dock.
    dock : QWidget
        The docked widget.
    """

    def __init__(self, viewer: Viewer, family: Family, results_view: ResultsView, dock: QWidget) -> None:
        self._viewer = viewer
        self._family = family
        self._results_view = results_view
        self.table = TableController(viewer, results_view.table, results_view.notice, results_view.curve, dock)
        self._shown_id = ""  # of the source that the panels show
        self._shown_slice: int | None = None
        self._compare_controller = CompareController(viewer, dock)
        self._update_comparison_soon = qdebounced(self._update_comparison, timeout=0, parent=dock)
        self._refresh_soon = qdebounced(self.refresh, timeout=_REST_MS, parent=dock)
        self._connect()

    def _connect(self) -> None:
        bar, swipe = self._results_view.compare, self._compare_controller.swipe
        self._family.source_changed.connect(self._on_source_changed)
        self._family.display_changed.connect(self._on_displayed)
        self._family.changed.connect(self._on_changed)
        self._compare_controller.leave_requested.connect(self._on_leave_requested)
        bar.mode_requested.connect(self._on_mode_requested)
        bar.line_moved.connect(self._on_line_moved)
        swipe.moved.connect(self._on_line_dragged)
        self.table.sheet_shown.connect(self._results_view.show_sheet)
        self._results_view.curve.figures_needed.connect(self.table.refresh)
        self._results_view.table.stay_toggled.connect(self._family.set_to_stay)

    def refresh(self) -> None:
        """Draw table, view mode and panels again."""
        family, swipe = self._family, self._compare_controller.swipe
        self.table.show_family(
            family.source, family.results, family.row_id, family.ids_to_stay, running=family.is_running
        )
        self._show_view_mode()
        self._results_view.compare.show_line(swipe.position, horizontal=swipe.horizontal)
        if family.view_mode.compares_two:
            self._update_comparison_soon()
        # Drawing plots for each result would delay the next one.
        if not family.expects_results or self._shown_id != family.source_id:
            shown = family.snapshot()
            self._shown_id, self._shown_slice = family.source_id, shown.slice
            self._results_view.panels.show_family(shown)
            self._results_view.action_bar.labels.show_reason(why_no_labels(shown))

    def on_slice_changed(self, _event: Any = None) -> None:
        """Show the levels of the displayed slice if slices have levels of their own."""
        index = self._family.displayed_slice
        if self._family.expects_results or self._shown_slice is None or index is None or index == self._shown_slice:
            return
        self._shown_slice = index
        self._results_view.panels.show_family(self._family.snapshot())

    def show_tried(self, codebook: Codebook | None) -> None:
        """Show the levels or colours that *Try* shows in the histogram; None for those of the current result."""
        if codebook is not self._family.tried:
            self._family.tried = codebook
            if not self._family.expects_results:
                self._results_view.panels.show_family(self._family.snapshot())

    def on_visibility_changed(self) -> None:
        """Move the captions: when a tile is hidden, the other tiles close up."""
        self._compare_controller.captions.update_positions()

    def on_layers_changed(self) -> None:
        """Update after layers were added, removed or moved."""
        if not self._family.view_mode.compares_two:  # `refresh` schedules this for the modes that compare two
            self._leave_view_mode_if_impossible()
        self._compare_controller.captions.update_positions()
        self.refresh()

    def on_results_moved(self) -> None:
        """Update once results that follow their source rest."""
        self._refresh_soon()

    def on_temporary_removed(self) -> None:
        """Update after the user has removed a temporary layer of the view mode."""
        if not self._compare_controller.is_intact:
            self.on_layers_changed()

    def on_grid_changed(self, _event: Any = None) -> None:
        """Update after the user has pressed napari's grid button."""
        self._compare_controller.on_grid_changed()

    def on_ndisplay_changed(self, _event: Any = None) -> None:
        """Update after a change between the 2-D and the 3-D display."""
        self._update_comparison_soon()

    def close(self) -> None:
        """Restore the user's arrangement, and end all background work."""
        self._compare_controller.close()
        self._update_comparison_soon.cancel()
        self._refresh_soon.cancel()
        self.table.close()  # last, since restored layers are drawn, which starts measurements again

    # Signals of the model

    def _on_source_changed(self, _source_id: str, before: str) -> None:
        """Show a result of the source before if that was removed: all its results may be hidden."""
        if layer_by_id(self._viewer, before) is None:
            self._show_a_member(before)

    def _on_displayed(self, display: Display) -> None:
        self._compare_controller.show(display)

    def _on_changed(self) -> None:
        self.refresh()

    def _leave_view_mode_if_impossible(self) -> None:
        mode = self._family.view_mode
        self._family.leave_view_mode_if_impossible(is_intact=self._compare_controller.is_intact)
        if mode is ViewMode.ONE and self._family.view_mode is ViewMode.NONE:
            self._show_a_member(self._family.source_id)

    def _show_a_member(self, source_id: str) -> None:
        """Show a member of a family if none is visible."""
        source, results = layer_by_id(self._viewer, source_id), list_results(self._viewer, source_id)
        members = [*([source] if source is not None else []), *(layer for layer, _ in results)]
        if members and not any(layer.visible for layer in members):
            current = self._family.current_of(source_id, results)
            (current[0] if current else members[0]).visible = True

    def _update_comparison(self) -> None:
        """Show the present pair. Runs once for all changes within one turn of the event loop."""
        self._leave_view_mode_if_impossible()
        self._compare_controller.follow(self._family.pair())
        self._show_view_mode()

    def _show_view_mode(self) -> None:
        self._results_view.compare.show_view_mode(
            self._family.view_mode, self._compare_controller.note or self._family.note
        )

    # Signals of the bar and of *Swipe*

    def _on_mode_requested(self, name: str) -> None:
        self._family.toggle_view_mode(ViewMode(name))

    def _on_leave_requested(self, reason: str) -> None:
        self._family.leave_view_mode(reason)

    def _on_line_moved(self, position: float, horizontal: bool) -> None:
        self._compare_controller.swipe.move_to(position, horizontal=horizontal)

    def _on_line_dragged(self) -> None:
        swipe = self._compare_controller.swipe
        self._results_view.compare.show_line(swipe.position, horizontal=swipe.horizontal)
