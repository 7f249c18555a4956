"""The dock *K-means Quantization*: collects what is asked, starts the work, hands on the results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from magicgui.widgets import CheckBox, ComboBox, Container, Label, LineEdit, PushButton, SpinBox, Widget
from psygnal import Signal
from superqt.utils import signals_blocked

from napari_quantize.viewer.compare.temporary_layers import SelectionGuard
from napari_quantize.viewer.dock import settings
from napari_quantize.viewer.dock.family_controller import FamilyView
from napari_quantize.viewer.dock.lower_half import Results
from napari_quantize.viewer.dock.result_actions import ResultActions
from napari_quantize.viewer.family.finders import layer_by_id
from napari_quantize.viewer.family.model import Family
from napari_quantize.viewer.fields.fields import Inputs
from napari_quantize.viewer.layers.cache import forget, recall
from napari_quantize.viewer.layers.compat import grid_of, unlink
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.panels.classes.controller import ClassesControl
from napari_quantize.viewer.plan.resolve import Offer, resolve
from napari_quantize.viewer.preview.controller import PreviewController
from napari_quantize.viewer.run.apply import Transfers
from napari_quantize.viewer.run.controller import Runs
from napari_quantize.viewer.run.launch import Orders
from napari_quantize.viewer.run.use_palette import PaletteUse
from napari_quantize.viewer.widgets.connections import Docking, Listeners
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
        self._inputs = Inputs(self._viewer)
        super().__init__(widgets=self._inputs.fields, labels=False)
        self._inputs.lay_out()
        self._try = PreviewController(self._viewer, self._inputs, self.native)
        self._results = Results()
        self._results.compare.asked.connect(self._try.stop)  # first of all: it gives back what it had hidden
        layout = self.native.layout()
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._inputs)
        layout.addWidget(self._try.row)
        layout.addWidget(self._results, 1)
        self._family = Family(self._viewer)
        self._view = FamilyView(self._viewer, self._family, self._results, self.native)
        self._runs = Runs(self._viewer, self._inputs, self._family, self.native)
        self._orders = Orders(self._viewer, self._inputs, self._family, self._runs, self._try)
        self._result_actions = ResultActions(self._viewer, self._family, self._results, self._inputs.say)
        self._classes = ClassesControl(self._viewer, self._family, self._results.classes)
        self._transfers = Transfers(self._viewer, self._inputs, self._family, self._runs)
        self._palettes = PaletteUse(self._viewer, self._inputs, self._runs)
        self._listeners = Listeners()
        self._selection_guard = SelectionGuard(self._viewer, self.native)
        self._docking = Docking(self.native)
        settings.restore(self._inputs, self._results)
        self._connect()
        self._listen()

    @property
    def busy(self) -> bool:
        """True during a run."""
        return self._runs.busy

    @property
    def table_text(self) -> str:
        """The table of results as tab-separated lines."""
        return self._results.table.text()

    def _connect(self) -> None:
        self._inputs.changed.connect(self._on_fields_changed)
        self.run.changed.connect(self._on_run)
        self.cancel.changed.connect(self._runs.cancel)
        self._runs.started.connect(self._on_started)
        self._runs.changed.connect(self._on_layers_changed)
        self._runs.ended.connect(self._on_ended)
        self._runs.ended.connect(self._transfers.on_ended)
        self._try.row.check.toggled.connect(self._on_try)
        self._try.row.kept.connect(self._orders.keep)
        panel = self._results
        panel.table.chosen.connect(self._family.activate)
        panel.compare.apply.connect(self._transfers.ask)
        panel.curve.chosen.connect(self._family.activate)
        panel.curve.wanted.connect(self._orders.make)
        self._view.table.result_requested.connect(self._orders.make)
        self._view.table.source_changed.connect(self._on_fields_changed)
        self._classes.wanted.connect(self._orders.make)
        self._docking.changed.connect(self._on_docked)
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
            listen(emitter, self._try.on_dims_changed)
        listen(layers.selection.events.active, self._on_active_changed)
        listen(layers.selection.events.changed, self._on_fields_changed)  # several can be taken together
        listen(layers.selection.events.active, self._selection_guard.on_selection_changed)
        listen(layers.selection.events.changed, self._palettes.on_active_changed)
        listen(layers.selection.events.changed, self._selection_guard.on_selection_changed)
        listen(grid_of(self._viewer).events.enabled, self._view.on_grid_changed)
        listen(self._viewer.dims.events, self._view.table.on_plane_changed)
        listen(self._viewer.dims.events.ndisplay, self._view.on_ndisplay_changed)
        listen(self._viewer.events.theme, self._on_theme_changed)
        listen(self._viewer.dims.events, self._classes.on_dims_changed)
        listen(dims.current_step, self._view.on_slice_changed)
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
        self._inputs.show_source(source, recall(self.image.value))
        self._family.source_id = source.layer_id if source else ""
        self._view.refresh()

    def _offer(self) -> Offer:
        offer = resolve(self._inputs.asked())
        if not self.busy:
            self._inputs.show_offer(offer)
            self._results.expect(not offer.problem)
            self._results.invite(not offer.problem)
        self._try.follow(busy=self.busy)
        return offer

    # A run

    def _on_run(self) -> None:
        settings.keep(self._inputs, self._results)
        self._orders.carry_out(self._offer())

    def _on_started(self) -> None:
        self._results.expect(False)
        self._try.follow(busy=True)

    def _on_try(self, on: bool) -> None:
        if on:
            self._family.free_canvas()

    def _on_ended(self) -> None:
        self.finished.emit(list(self._runs.made))

    # The viewer

    def _on_inserted(self, event: Any) -> None:
        # Parts of the dock add these two kinds of layers, and know it.
        if not is_temporary(event.value) and not self._runs.brings(event.value):
            self._on_layers_changed()

    def _on_removed(self, event: Any) -> None:
        unlink(self._viewer, event.value)
        if not is_temporary(event.value):
            self._on_layers_changed()
            return
        self._try.on_temporary_removed()
        self._classes.on_temporary_removed()
        self._view.on_temporary_removed()

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
        self._view.on_layers_changed()
        self._offer()
        self._runs.cancel_orphan()

    def _on_any_layer_event(self, event: Any) -> None:
        layer = event.sources[0]
        if layer is self._viewer.layers or is_temporary(layer):
            return
        self._try.on_layer_event(layer, event.type)
        if event.type == "name":
            self._on_layers_changed()
        elif event.type == "visible":
            self._view.on_visibility_changed()
            if not layer.visible:
                self._view.table.on_hidden(layer)
        elif event.type == "set_data":
            self._view.table.on_drawn(layer)
        elif event.type == "data":
            forget(layer)
            if not self._runs.brings(layer):
                self._on_fields_changed()

    def _on_active_changed(self, _event: Any = None) -> None:
        active = self._viewer.layers.selection.active
        self._try.on_active_changed()
        made = provenance_of(active) if active is not None else None
        source = active if made is None else layer_by_id(self._viewer, made.source_id)
        if source is not None and source in self.image.choices and source is not self.image.value:
            self.image.value = source
        self._family.follow_active()

    def _on_theme_changed(self, _event: Any = None) -> None:
        self._results.panels.set_theme(plot_theme(self._viewer))

    def _on_docked(self, docked: bool) -> None:
        if docked and not self._listeners:
            self._listen()
        elif not docked:
            settings.keep(self._inputs, self._results)
            self._runs.cancel()
            self._try.close()
            self._selection_guard.stop()
            self._view.close()
            self._results.panels.close_down()
            self._result_actions.close_down()
            self._palettes.close_down()
            self._listeners.disconnect()
            self._docking.delete_soon()

    def _on_destroyed(self) -> None:
        self._listeners.disconnect()
        self._runs.cancel()
