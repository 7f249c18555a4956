"""The dock *K-means Quantization*: collects what is asked, starts the work, hands on the results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from magicgui.widgets import CheckBox, ComboBox, Container, Label, LineEdit, PushButton, SpinBox, Widget
from psygnal import Signal
from superqt.utils import signals_blocked

from napari_quantize.viewer.compare.selection_guard import SelectionGuard
from napari_quantize.viewer.dock import settings
from napari_quantize.viewer.dock.family_controller import FamilyController
from napari_quantize.viewer.dock.result_actions import ResultActions
from napari_quantize.viewer.dock.results_view import ResultsView
from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.family.model import Family
from napari_quantize.viewer.fields.fields import InputFields
from napari_quantize.viewer.layers.cache import cached_facts, invalidate
from napari_quantize.viewer.layers.compat import grid_of, unlink
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.panels.classes.controller import ClassesController
from napari_quantize.viewer.plan.resolve import ResolvedRun, resolve
from napari_quantize.viewer.preview.controller import PreviewController
from napari_quantize.viewer.run.apply import ApplyController
from napari_quantize.viewer.run.controller import RunController
from napari_quantize.viewer.run.launch import RunLauncher
from napari_quantize.viewer.run.use_palette import PaletteController
from napari_quantize.viewer.widgets.connections import DockWatcher, Listeners
from napari_quantize.viewer.widgets.theme import plot_theme

if TYPE_CHECKING:
    import napari.viewer


class QuantizeWidget(Container[Widget]):
    """Quantize an image layer for several K, and compare the results.

    Parameters
    ----------
    napari_viewer : napari.viewer.Viewer
        Where the layers are.

    Attributes
    ----------
    image, mode, k_values, method, channel_axis, learn_from, ignore, random_state, tile, keep_earlier : magicgui widgets
        The fields.
    run, cancel : PushButton
        Pressed by ``.native.click()``.
    message : Label
        The inline notice.
    """

    finished = Signal(list)
    """Emitted with the layers that a run made or replaced, also after it was cancelled or failed."""

    # The container makes its fields attributes by their names.
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
        # Through add_plugin_dock_widget comes a proxy, whose layers are no layers to napari's own models.
        self._viewer = getattr(napari_viewer, "__wrapped__", napari_viewer)
        self._inputs = InputFields(self._viewer)
        super().__init__(widgets=self._inputs.fields, labels=False)
        self._inputs.lay_out()
        self._preview = PreviewController(self._viewer, self._inputs, self.native)
        self._results_view = ResultsView()
        self._results_view.compare.asked.connect(self._preview.stop)  # first of all: it gives back what it had hidden
        layout = self.native.layout()
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._inputs)
        layout.addWidget(self._preview.row)
        layout.addWidget(self._results_view, 1)
        self._family = Family(self._viewer)
        self._family_controller = FamilyController(self._viewer, self._family, self._results_view, self.native)
        self._run_controller = RunController(self._viewer, self._inputs, self._family, self.native)
        self._run_launcher = RunLauncher(self._viewer, self._inputs, self._family, self._run_controller, self._preview)
        self._result_actions = ResultActions(self._viewer, self._family, self._results_view, self._inputs.say)
        self._classes = ClassesController(self._viewer, self._family, self._results_view.classes)
        self._apply_controller = ApplyController(self._viewer, self._inputs, self._family, self._run_controller)
        self._palette_controller = PaletteController(self._viewer, self._inputs, self._run_controller)
        self._listeners = Listeners()
        self._selection_guard = SelectionGuard(self._viewer, self.native)
        self._dock_watcher = DockWatcher(self.native)
        settings.restore(self._inputs, self._results_view)
        self._connect()
        self._listen()

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
        self._preview.row.check.toggled.connect(self._on_try)
        self._preview.row.kept.connect(self._run_launcher.keep)
        panel = self._results_view
        panel.table.chosen.connect(self._family.activate)
        panel.compare.apply.connect(self._apply_controller.ask)
        panel.curve.chosen.connect(self._family.activate)
        panel.curve.result_requested.connect(self._run_launcher.make)
        self._family_controller.table.result_requested.connect(self._run_launcher.make)
        self._family_controller.table.source_changed.connect(self._on_fields_changed)
        self._classes.result_requested.connect(self._run_launcher.make)
        self._dock_watcher.changed.connect(self._on_docked)
        self.native.destroyed.connect(self._on_destroyed)

    def _listen(self) -> None:
        layers, listen = self._viewer.layers, self._listeners.connect
        listen(layers.events.inserted, self._on_inserted)
        listen(layers.events.removed, self._on_removed)
        listen(layers.events.reordered, self._on_layers_changed)
        # Layers pass their own events on through the list: one connection hears all renamings.
        listen(layers.events, self._on_any_layer_event)
        dims = self._viewer.dims.events
        for emitter in (dims.point, dims.order, dims.ndisplay):
            listen(emitter, self._preview.on_dims_changed)
        listen(layers.selection.events.active, self._on_active_changed)
        listen(layers.selection.events.changed, self._on_fields_changed)  # several can be taken together
        listen(layers.selection.events.active, self._selection_guard.on_selection_changed)
        listen(layers.selection.events.changed, self._palette_controller.on_active_changed)
        listen(layers.selection.events.changed, self._selection_guard.on_selection_changed)
        listen(grid_of(self._viewer).events.enabled, self._family_controller.on_grid_changed)
        listen(self._viewer.dims.events, self._family_controller.table.on_plane_changed)
        listen(self._viewer.dims.events.ndisplay, self._family_controller.on_ndisplay_changed)
        listen(self._viewer.events.theme, self._on_theme_changed)
        listen(self._viewer.dims.events, self._classes.on_dims_changed)
        listen(dims.current_step, self._family_controller.on_slice_changed)
        for emitter in (dims.order, dims.ndisplay):  # they decide which axis slices lie along
            listen(emitter, self._on_fields_changed)
        self._on_theme_changed()
        self._on_layers_changed()
        self._on_active_changed()

    # The fields

    def _on_fields_changed(self, _event: Any = None) -> None:
        self._show_source()
        self._offer()

    def _show_source(self) -> None:
        source = self._inputs.source()
        self._inputs.show_source(source, cached_facts(self.image.value))
        self._family.source_id = source.layer_id if source else ""
        self._family_controller.refresh()

    def _offer(self) -> ResolvedRun:
        offer = resolve(self._inputs.asked())
        if not self.busy:
            self._inputs.show_offer(offer)
            self._results_view.expect(not offer.problem)
            self._results_view.invite(not offer.problem)
        self._preview.follow(busy=self.busy)
        return offer

    # A run

    def _on_run(self) -> None:
        settings.keep(self._inputs, self._results_view)
        self._run_launcher.carry_out(self._offer())

    def _on_started(self) -> None:
        self._results_view.expect(False)
        self._preview.follow(busy=True)

    def _on_try(self, on: bool) -> None:
        if on:
            self._family.release_canvas()

    def _on_ended(self) -> None:
        self.finished.emit(list(self._run_controller.made))

    # The viewer

    def _on_inserted(self, event: Any) -> None:
        # Parts of the dock add these two kinds of layers, and know it.
        if not is_temporary(event.value) and not self._run_controller.brings(event.value):
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
        """Offer the layers that are there now; napari calls this, too. The chosen one stays so under a new name."""
        with signals_blocked(self._inputs):
            chosen = self.image.value
            super().reset_choices()
            if chosen in self.image.choices:
                self.image.value = chosen

    def _on_layers_changed(self, _event: Any = None) -> None:
        self.reset_choices()
        self._show_source()
        self._family_controller.on_layers_changed()
        self._offer()
        self._run_controller.cancel_orphan()

    def _on_any_layer_event(self, event: Any) -> None:
        layer = event.sources[0]
        if layer is self._viewer.layers or is_temporary(layer):
            return
        self._preview.on_layer_event(layer, event.type)
        if event.type == "name":
            self._on_layers_changed()
        elif event.type == "visible":
            self._family_controller.on_visibility_changed()
            if not layer.visible:
                self._family_controller.table.on_hidden(layer)
        elif event.type == "set_data":
            self._family_controller.table.on_drawn(layer)
        elif event.type == "data":
            invalidate(layer)
            if not self._run_controller.brings(layer):
                self._on_fields_changed()

    def _on_active_changed(self, _event: Any = None) -> None:
        active = self._viewer.layers.selection.active
        self._preview.on_active_changed()
        made = provenance_of(active) if active is not None else None
        source = active if made is None else layer_by_id(self._viewer, made.source_id)
        if source is not None and source in self.image.choices and source is not self.image.value:
            self.image.value = source
        self._family.follow_active_layer()

    def _on_theme_changed(self, _event: Any = None) -> None:
        self._results_view.panels.set_theme(plot_theme(self._viewer))

    def _on_docked(self, docked: bool) -> None:
        if docked and not self._listeners:
            self._listen()
        elif not docked:
            settings.keep(self._inputs, self._results_view)
            self._run_controller.cancel()
            self._preview.close()
            self._selection_guard.stop()
            self._family_controller.close()
            self._results_view.panels.close_down()
            self._result_actions.close_down()
            self._palette_controller.close_down()
            self._listeners.disconnect()
            self._dock_watcher.delete_soon()

    def _on_destroyed(self) -> None:
        self._listeners.disconnect()
        self._run_controller.cancel()
