"""Show the family that the model holds: its rows, its panels, its layers one by one or side by side."""

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

    from napari_quantize.viewer.dock.results_view import ResultsView


class FamilyController:
    """Shows the family in the lower half of the dock and in the viewer.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    family : Family
        The model.
    panel : ResultsView
        Where the rows and the histogram are.
    dock : QWidget
        The docked widget.
    """

    def __init__(self, viewer: Viewer, family: Family, panel: ResultsView, dock: QWidget) -> None:
        self._viewer = viewer
        self._family = family
        self._panel = panel
        self.table = TableController(viewer, panel.table, panel.notice, panel.curve, dock)
        self._slice: int | None = None
        self._compare_controller = CompareController(viewer, dock)
        self._follow_soon = qdebounced(self._follow, timeout=0, parent=dock)
        self._connect()

    def _connect(self) -> None:
        bar, swipe = self._panel.compare, self._compare_controller.swipe
        self._family.source_changed.connect(self._on_source_changed)
        self._family.display_changed.connect(self._on_displayed)
        self._family.changed.connect(self._on_changed)
        self._compare_controller.leaving.connect(self._on_leaving)
        bar.asked.connect(self._on_asked)
        bar.line_moved.connect(self._on_line_moved)
        swipe.moved.connect(self._on_line_dragged)
        self.table.sheet_shown.connect(self._panel.show_sheet)
        self._panel.curve.figures_needed.connect(self.table.refresh)

    def refresh(self) -> None:
        """Show the family as it is now."""
        family, swipe = self._family, self._compare_controller.swipe
        self.table.show_family(family.source, family.results, running=family.is_running)
        self._show_view_mode()
        self._panel.compare.show_line(swipe.position, level=swipe.level)
        if family.view_mode.compares_two:
            self._follow_soon()
        if not family.is_running:  # a plot for each result would only hold up the next one
            shown = family.snapshot()
            self._slice = shown.slice
            self._panel.panels.show_family(shown)
            self._panel.action_bar.labels.show_reason(why_no_labels(shown))

    def on_slice_changed(self, _event: Any = None) -> None:
        """Follow the sliders where slices have levels of their own."""
        index = self._family.displayed_slice
        if self._family.is_running or self._slice is None or index is None or index == self._slice:
            return
        self._slice = index
        self._panel.panels.show_family(self._family.snapshot())

    def on_visibility_changed(self) -> None:
        """Follow the user who hides or shows a tile: the others close up."""
        self._compare_controller.captions.update_positions()

    def on_layers_changed(self) -> None:
        """Follow layers that were removed."""
        if not self._family.view_mode.compares_two:  # they follow in a moment
            self._leave_view_mode_if_impossible()
        self._compare_controller.captions.update_positions()
        self.refresh()

    def on_temporary_removed(self) -> None:
        """Follow the user who removes a part of what is compared."""
        if not self._compare_controller.is_intact:
            self.on_layers_changed()

    def on_grid_changed(self, _event: Any = None) -> None:
        """Follow the user who presses napari's own grid button."""
        self._compare_controller.on_grid_changed()

    def on_ndisplay_changed(self, _event: Any = None) -> None:
        """Follow the user who turns to the 3-D display."""
        self._follow_soon()

    def close(self) -> None:
        """Give back what the user had, and end what goes on in the background."""
        self._compare_controller.close()
        self._follow_soon.cancel()
        self.table.close()  # last: what is given back is shown, and so measured, once more

    # The model

    def _on_source_changed(self, _source_id: str, before: str) -> None:
        """Show a result if the former source was removed: its results may all be hidden."""
        if layer_by_id(self._viewer, before) is None:
            self._light_up(before)

    def _on_displayed(self, display: Display) -> None:
        self._compare_controller.show(display)

    def _on_changed(self) -> None:
        self.refresh()

    def _leave_view_mode_if_impossible(self) -> None:
        mode = self._family.view_mode
        self._family.leave_view_mode_if_impossible(is_intact=self._compare_controller.is_intact)
        if mode is ViewMode.ONE and self._family.view_mode is ViewMode.NONE:
            self._light_up(self._family.source_id)

    def _light_up(self, source_id: str) -> None:
        """Show a member if none is visible."""
        source, results = layer_by_id(self._viewer, source_id), list_results(self._viewer, source_id)
        members = [*([source] if source is not None else []), *(layer for layer, _ in results)]
        if members and not any(layer.visible for layer in members):
            current = self._family.current_of(results)
            (current[0] if current else members[0]).visible = True

    def _follow(self) -> None:
        """Compare what is to be compared now: all that happens in one turn of the event loop is one change."""
        self._leave_view_mode_if_impossible()
        self._compare_controller.follow(self._family.pair())
        self._show_view_mode()

    def _show_view_mode(self) -> None:
        self._panel.compare.show_view_mode(self._family.view_mode, self._compare_controller.note or self._family.note)

    # The user

    def _on_asked(self, name: str) -> None:
        self._family.toggle_view_mode(ViewMode(name))

    def _on_leaving(self, why: str) -> None:
        self._family.leave_view_mode(why)

    def _on_line_moved(self, position: float, level: bool) -> None:
        self._compare_controller.swipe.move_to(position, level=level)

    def _on_line_dragged(self) -> None:
        swipe = self._compare_controller.swipe
        self._panel.compare.show_line(swipe.position, level=swipe.level)
