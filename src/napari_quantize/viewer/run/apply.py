"""*Apply these levels to…*: apply the codebook of a result to other layers, one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import layer_by_id, list_sources
from napari_quantize.viewer.family.view_modes import MAX_TILES, ViewMode
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import Source, result_attributes
from napari_quantize.viewer.plan.compatibility import list_targets
from napari_quantize.viewer.plan.plan import Plan
from napari_quantize.viewer.run.apply_dialog import TargetDialog

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.fields.fields import InputFields
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.run.controller import RunController


class ApplyController(QObject):
    """Ask for target layers, and start a run for each.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the layers.
    inputs : InputFields
        Upper half of the dock; says whether to tile and to keep earlier results.
    family : Family
        The shown family, whose current result has the levels.
    run_controller : RunController
        Runs plans, one at a time.
    """

    applied = Signal(list)
    """Emitted with the result that has the levels, unless it was removed, and the new results."""

    def __init__(self, viewer: Viewer, inputs: InputFields, family: Family, run_controller: RunController) -> None:
        super().__init__(inputs)
        self._viewer, self._inputs, self._family, self._run_controller = viewer, inputs, family, run_controller
        self._waiting: deque[str] = deque()
        self._target_id = ""  # of the layer of the present run
        self._dialog_provenance: Provenance | None = None
        self._provenance: Provenance | None = None
        self._layers: list[Image] = []

    def open_dialog(self) -> None:
        """Open the dialog that asks which layers get the levels of the current result."""
        source, current = self._family.source, self._family.current
        others = [Source.of(layer) for layer in list_sources(self._viewer) if layer is not source]
        problem = self._problem(current[1] if current else None, others)
        if problem or source is None or current is None:
            self._inputs.show_message(problem or messages.NO_RESULT)
            return
        provenance = current[1]
        learnt_from = (provenance.learnt_from or (provenance.source_id,))[0]
        targets = list_targets(provenance.codebook, Source.of(source), learnt_from, others)
        self._dialog_provenance = provenance
        dialog = TargetDialog(self._inputs, messages.apply_question(provenance), targets)
        dialog.chosen.connect(self.start)
        dialog.open()

    def _problem(self, provenance: Provenance | None, others: Sequence[Source]) -> str:
        if provenance is None:
            return messages.NO_RESULT
        if self._run_controller.busy:
            return messages.BUSY
        if provenance.together:
            return messages.OF_SEVERAL_LAYERS
        return "" if others else messages.NO_OTHER_IMAGE

    def start(self, layer_ids: Sequence[str]) -> None:
        """Apply the levels that the dialog was opened for to these layers."""
        if self._run_controller.busy:
            self._inputs.show_message(messages.BUSY)
            return
        self._provenance, self._waiting, self._layers = self._dialog_provenance, deque(layer_ids), []
        self._next()

    def _next(self) -> None:
        provenance = self._provenance
        while self._waiting and provenance is not None:
            layer = layer_by_id(self._viewer, self._waiting.popleft())
            if layer is not None:
                learnt_from = provenance.learnt_from or (provenance.source_id, provenance.source_name)
                self._target_id = str(layer.unique_id)
                part = (Source.of(layer), result_attributes(layer))
                plan = Plan.applying(
                    provenance.codebook,
                    learnt_from,
                    part,
                    each_slice=provenance.each_slice,
                    part_name=provenance.part,
                )
                self._run_controller.start(plan, tile=False, keep_earlier=self._inputs.keep_earlier.value)
                return
        self._end()

    def on_ended(self) -> None:
        """Continue with the next layer after a run, unless the run was cancelled or failed.

        A run is cancelled, too, if its layer was removed: then there is nothing more to do for this one.
        """
        if self._provenance is None:
            return
        self._layers += self._run_controller.layers
        if self._run_controller.has_completed or layer_by_id(self._viewer, self._target_id) is None:
            self._next()
            return
        why = self._inputs.message.value
        waiting = [layer for layer_id in self._waiting if (layer := layer_by_id(self._viewer, layer_id)) is not None]
        self._waiting.clear()
        self._end()
        left_out = messages.not_applied([layer.name for layer in waiting]) if waiting else ""
        self._inputs.show_message(f"{why} {left_out}".rstrip())

    def close_down(self) -> None:
        """Apply the levels to no more layers."""
        self._waiting.clear()
        self._provenance, self._layers = None, []

    def _end(self) -> None:
        """Show the first of the new results, and a message that names all of them."""
        provenance, self._provenance = self._provenance, None
        layers = [layer for layer in self._layers if layer in self._viewer.layers]
        self._layers = []
        if provenance is None or not layers:
            return
        self._viewer.layers.selection.active = layers[0]  # makes the dock show that layer's family
        tiled = self._inputs.tile.value and len(self._family.tiles) <= MAX_TILES
        self._family.view_mode = ViewMode.TILE if tiled else ViewMode.ONE
        names = [found.source_name for layer in layers if (found := provenance_of(layer))]
        self._inputs.show_message(messages.applied(provenance, names))
        control = layer_by_id(self._viewer, provenance.layer_id)
        self.applied.emit([*([] if control is None else [control]), *layers])
