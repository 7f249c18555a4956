"""The dock *K-means Quantization*: creates its parts, connects them, and listens to the viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from magicgui.widgets import CheckBox, ComboBox, Container, Label, LineEdit, PushButton, SpinBox, Widget
from napari.settings import get_settings
from psygnal import Signal
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_quantize.viewer.compare.selection_guard import SelectionGuard
from napari_quantize.viewer.dock import settings
from napari_quantize.viewer.dock.family_controller import FamilyController
from napari_quantize.viewer.dock.remove_results import RemoveController
from napari_quantize.viewer.dock.result_actions import ResultActions
from napari_quantize.viewer.dock.result_geometry import ResultGeometry
from napari_quantize.viewer.dock.results_view import ResultsView
from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.family.model import Family
from napari_quantize.viewer.fields.fields import InputFields
from napari_quantize.viewer.fields.message_row import MESSAGE_LINES
from napari_quantize.viewer.layers.cache import cached_facts, invalidate
from napari_quantize.viewer.layers.compat import grid_of, unlink
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import GEOMETRY
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.panels.classes.controller import ClassesController
from napari_quantize.viewer.plan.resolve import ResolvedRun, resolve
from napari_quantize.viewer.preview.controller import PreviewController
from napari_quantize.viewer.run.apply import ApplyController
from napari_quantize.viewer.run.controller import RunController
from napari_quantize.viewer.run.launch import RunLauncher
from napari_quantize.viewer.run.use_palette import PaletteController
from napari_quantize.viewer.widgets.canvas import guard_context
from napari_quantize.viewer.widgets.connections import DockWatcher, Listeners
from napari_quantize.viewer.widgets.notices import StickyNotice
from napari_quantize.viewer.widgets.theme import fit_text, plot_theme
from napari_quantize.viewer.widgets.vertical_scroll import VerticalScroll

if TYPE_CHECKING:
    import napari.viewer

    from napari_quantize.viewer.plan.plan import Plan


class QuantizeWidget(Container[Widget]):
    """Quantize an image layer for several K, and compare the results.

    Parameters
    ----------
    napari_viewer : napari.viewer.Viewer
        Viewer with the layers.

    Attributes
    ----------
    image, mode, k_values, method, channel_axis, learn_from, ignore, random_state, tile, keep_earlier : magicgui widgets
        The fields.
    run, cancel : PushButton
        Pressed by ``.native.click()``.
    message : Label
        Message under the button.
    """

    finished = Signal(list)
    """Emitted after each run, also a cancelled or failed one, with the layers that it added or replaced."""

    # The magicgui container provides its fields as attributes, by their names.
    image: ComboBox
    mode: ComboBox
    k_values: LineEdit
    method: ComboBox
    channel_axis: ComboBox
    learn_from: ComboBox
    ignore: ComboBox
    random_state: SpinBox
    tile: CheckBox
    keep_earlier: CheckBox
    run: PushButton
    cancel: PushButton
    message: Label

    def __init__(self, napari_viewer: napari.viewer.Viewer) -> None:
        # `add_plugin_dock_widget` passes a proxy. The layers that it returns are proxies, too, and napari's own models
        # do not accept them.
        self._viewer = getattr(napari_viewer, "__wrapped__", napari_viewer)
        self._inputs = InputFields(self._viewer)
        super().__init__(widgets=self._inputs.fields, labels=False)
        self._inputs.lay_out()
        self._preview = PreviewController(self._viewer, self._inputs, self.native)
        self._results_view = ResultsView()
        # Connected first, so that the preview shows the layers that it has hidden before a view mode saves visibility.
        compare = self._results_view.compare
        for signal in (compare.mode_requested, compare.remove, self._inputs.message_row.undo):
            signal.connect(self._preview.stop)
        self._scroll = self._lay_out()
        self._family = Family(self._viewer)
        self._result_geometry = ResultGeometry(self._viewer)
        self._family_controller = FamilyController(self._viewer, self._family, self._results_view, self.native)
        self._run_controller = RunController(self._viewer, self._inputs, self._family, self.native)
        self._run_launcher = RunLauncher(self._viewer, self._inputs, self._family, self._run_controller, self._preview)
        self._result_actions = ResultActions(self._viewer, self._family, self._results_view, self._inputs)
        self._remove_controller = RemoveController(
            self._viewer, self._family, self._results_view, self._inputs, self._run_controller
        )
        self._classes = ClassesController(self._viewer, self._family, self._results_view.classes)
        self._apply_controller = ApplyController(self._viewer, self._inputs, self._family, self._run_controller)
        self._palette_controller = PaletteController(self._viewer, self._inputs, self._run_controller, self._preview)
        self._listeners = Listeners()
        self._selection_guard = SelectionGuard(self._viewer, self.native)
        self._dock_watcher = DockWatcher(self.native)
        self._fit_timer = QTimer(self.native)
        self._fit_timer.setSingleShot(True)
        self._fit_timer.timeout.connect(self._fit_text)
        settings.restore(self._inputs, self._results_view)
        self._connect()
        self._listen()

    def _lay_out(self) -> VerticalScroll:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(6, 6, 3, 6)  # the room of the scroll bar is at the right
        for part in (self._inputs, self._preview.row):
            column.addWidget(part)
        column.addWidget(self._results_view, 1)
        scroll = VerticalScroll(content)
        self._sticky_notice = StickyNotice(scroll, self.message.native, MESSAGE_LINES)
        self._inputs.message_shown.connect(self._sticky_notice.follow)
        layout = self.native.layout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        return scroll

    @property
    def busy(self) -> bool:
        """True during a run."""
        return self._run_controller.busy

    @property
    def table_text(self) -> str:
        """The table of results as tab-separated lines."""
        return self._results_view.table.text()

    def _connect(self) -> None:
        self._inputs.changed.connect(self._on_fields_changed)
        self.run.changed.connect(self._on_run)
        self.cancel.changed.connect(self._run_controller.cancel)
        self._run_controller.started.connect(self._on_started)
        self._run_controller.changed.connect(self._on_layers_changed)
        self._run_controller.ended.connect(self._on_ended)
        self._run_controller.ended.connect(self._apply_controller.on_ended)
        self._preview.row.check.toggled.connect(self._on_preview_toggled)
        self._preview.row.add_requested.connect(self._run_launcher.add_preview)
        self._preview.rested.connect(self._family_controller.show_tried)
        results_view = self._results_view
        results_view.panels.unfolded.connect(self._on_panel_unfolded)
        results_view.table.chosen.connect(self._family.activate)
        results_view.compare.apply.connect(self._apply_controller.open_dialog)
        self._apply_controller.applied.connect(self._classes.compare)
        results_view.curve.chosen.connect(self._family.activate)
        results_view.curve.result_requested.connect(self._run_launcher.make_result)
        self._family_controller.table.result_requested.connect(self._run_launcher.make_result)
        self._family_controller.table.best_requested.connect(self._run_launcher.make_best)
        self._family_controller.table.source_changed.connect(self._on_fields_changed)
        results_view.histogram.codebook_edited.connect(self._run_launcher.make_edited)
        self._classes.result_requested.connect(self._run_launcher.make_result)
        self._dock_watcher.changed.connect(self._on_docked)
        self._dock_watcher.shown.connect(self._on_shown)
        self.native.destroyed.connect(self._on_destroyed)

    def _listen(self) -> None:
        layers, listen = self._viewer.layers, self._listeners.connect
        listen(layers.events.inserted, self._on_inserted)
        listen(layers.events.removed, self._on_removed)
        listen(layers.events.reordered, self._on_layers_changed)
        # Events of layers reach the layer list, too: one connection receives those of all layers.
        listen(layers.events, self._on_any_layer_event)
        dims = self._viewer.dims.events
        for emitter in (dims.point, dims.order, dims.ndisplay):
            listen(emitter, self._preview.on_dims_changed)
        listen(layers.selection.events.active, self._on_active_changed)
        listen(layers.selection.events.changed, self._on_selection_changed)
        listen(layers.selection.events.active, self._selection_guard.on_selection_changed)
        listen(grid_of(self._viewer).events.enabled, self._family_controller.on_grid_changed)
        listen(self._viewer.dims.events, self._family_controller.table.on_plane_changed)
        listen(self._viewer.dims.events.ndisplay, self._family_controller.on_ndisplay_changed)
        listen(self._viewer.events.theme, self._on_theme_changed)
        listen(get_settings().appearance.events.font_size, self._fit_text)
        listen(self._viewer.dims.events, self._classes.on_dims_changed)
        listen(dims.current_step, self._family_controller.on_slice_changed)
        for emitter in (dims.order, dims.ndisplay):  # the axis of the slices depends on them
            listen(emitter, self._on_fields_changed)
        self._selection_guard.start()
        self._show_theme()
        self._on_layers_changed()
        self._on_active_changed()

    # The fields

    def _on_fields_changed(self, _event: Any = None) -> None:
        self._show_source()
        self._resolve_fields()

    def _show_source(self) -> None:
        source = self._inputs.source()
        self._inputs.show_source(source, cached_facts(self.image.value))
        self._family.source_id = source.layer_id if source else ""
        self._family_controller.refresh()

    def _resolve_fields(self) -> ResolvedRun:
        resolved = resolve(self._inputs.values())
        if not self.busy:
            self._inputs.show_resolved_run(resolved)
            self._results_view.prepare_plots(not resolved.problem)
            self._results_view.show_hint(not resolved.problem)
        self._preview.update_preview(busy=self.busy)
        return resolved

    # A run

    def _on_run(self) -> None:
        settings.save(self._inputs, self._results_view)
        self._run_launcher.quantize(self._resolve_fields())

    def _on_started(self, plan: Plan) -> None:
        self._family_controller.table.on_run_started(plan)
        self._results_view.prepare_plots(False)
        self._remove_controller.forget()  # removed results can be put back until the next run
        self._preview.update_preview(busy=True)

    def _on_preview_toggled(self, on: bool) -> None:
        if on:
            self._family.release_canvas()

    def _on_ended(self) -> None:
        if self._run_controller.layers:
            self._scroll.show_after_layout(self._results_view.summary)
        self.finished.emit(list(self._run_controller.layers))

    def _on_panel_unfolded(self, fold: QWidget) -> None:
        if fold.isVisible():
            self._scroll.show_after_layout(fold)

    # The viewer

    def _on_inserted(self, event: Any) -> None:
        # The dock itself adds these layers, and updates when it has.
        if not is_temporary(event.value) and not self._run_controller.is_own_result(event.value):
            self._on_layers_changed()

    def _on_removed(self, event: Any) -> None:
        unlink(self._viewer, event.value)
        if not is_temporary(event.value):
            self._on_layers_changed()
            return
        self._preview.on_temporary_removed()
        self._classes.on_temporary_removed()
        self._family_controller.on_temporary_removed()

    def reset_choices(self, *_: Any) -> None:
        """Update the choices of the fields, and keep the chosen layers, even if renamed. napari calls this, too."""
        # Each field that is reset may emit `changed`: update once, after all of them were reset.
        with signals_blocked(self._inputs):
            # magicgui tells choices apart by their texts. What can be learnt from depends on the image.
            chosen = [(field, field.value) for field in (self.image, self.learn_from)]
            super().reset_choices()
            for field, value in chosen:
                field.reset_choices()
                if value in field.choices:
                    field.value = value

    def _on_layers_changed(self, _event: Any = None) -> None:
        self.reset_choices()
        self._result_geometry.note_layers()
        self._show_source()
        self._family_controller.on_layers_changed()
        self._resolve_fields()
        self._run_controller.cancel_orphan()

    def _on_any_layer_event(self, event: Any) -> None:
        layer = event.sources[0]
        if layer is self._viewer.layers or is_temporary(layer):
            return
        self._preview.on_layer_event(layer, event.type)
        self._classes.on_layer_event(layer, event.type)
        if event.type == "name":
            self._on_layers_changed()
        elif event.type == "visible":
            self._family_controller.on_visibility_changed()
            if not layer.visible:
                self._family_controller.table.on_hidden(layer)
        elif event.type in GEOMETRY:
            if self._result_geometry.follow(layer):
                self._family_controller.on_results_moved()
        elif event.type == "set_data":
            self._family_controller.table.on_drawn(layer)
        elif event.type in ("data", "paint", "labels_update"):
            invalidate(layer)
            if event.type == "data" and not self._run_controller.is_own_result(layer):
                self._on_fields_changed()

    def _on_active_changed(self, _event: Any = None) -> None:
        active = self._viewer.layers.selection.active
        self._preview.on_active_changed()
        provenance = provenance_of(active) if active is not None else None
        source = active if provenance is None else layer_by_id(self._viewer, provenance.source_id)
        if source is not None and source in self.image.choices and source is not self.image.value:
            self.image.value = source
        self._family.follow_active_layer()

    def _on_selection_changed(self, event: Any) -> None:
        # napari emits this also when layers are linked or unlinked.
        if event.added or event.removed:
            self._on_fields_changed()  # several selected images can be quantized together
            self._palette_controller.on_active_changed()
            self._selection_guard.on_selection_changed()

    def _on_theme_changed(self, _event: Any = None) -> None:
        self._show_theme()
        self._fit_timer.start(0)  # napari 0.6 styles the window after this event, and gives fields another font

    def _show_theme(self) -> None:
        self._results_view.panels.set_theme(plot_theme(self._viewer))

    def _fit_text(self, _event: Any = None) -> None:
        fit_text(self.native)

    def _on_docked(self, docked: bool) -> None:
        if docked and not self._listeners:
            self._listen()
        elif not docked:
            settings.save(self._inputs, self._results_view)
            self._apply_controller.close_down()
            self._run_controller.cancel()
            self._inputs.close_down()
            self._preview.close()
            self._selection_guard.stop()
            self._family_controller.close()
            self._results_view.panels.close_down()
            self._result_actions.close_down()
            self._remove_controller.forget()
            self._palette_controller.close_down()
            self._listeners.disconnect()
            self._dock_watcher.delete_soon()

    def _on_shown(self) -> None:
        guard_context(self._viewer, self.native)  # only now is the dock in the window
        self._fit_text()  # napari 0.6 gives fields another font when it docks them

    def _on_destroyed(self) -> None:
        self._listeners.disconnect()
        self._run_controller.cancel()
