"""*Apply these levels to…*: what was learnt from one layer is given to others, one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import layer_by_id, list_sources
from napari_quantize.viewer.family.view_modes import MAX_TILES, ViewMode
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import Source, inherited_attributes
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
    """Asks for the layers, and starts a run for each.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    inputs : InputFields
        Says whether to tile and to keep earlier results; shows notices.
    family : Family
        Knows the current result.
    run_controller : RunController
        Carries out plans one at a time.
    """

    def __init__(self, viewer: Viewer, inputs: InputFields, family: Family, run_controller: RunController) -> None:
        super().__init__(inputs)
        self._viewer, self._inputs, self._family, self._run_controller = viewer, inputs, family, run_controller
        self._waiting: deque[str] = deque()
        self._asked: Provenance | None = None
        self._made: Provenance | None = None
        self._done: list[Image] = []

    def ask(self) -> None:
        """Ask which layers get the levels of the current result."""
        source, current = self._family.source, self._family.current
        others = [Source.of(layer) for layer in list_sources(self._viewer) if layer is not source]
        problem = self._problem(current[1] if current else None, others)
        if problem or source is None or current is None:
            self._inputs.say(problem or messages.NO_RESULT)
            return
        made = current[1]
        learnt_from = (made.learnt_from or (made.source_id,))[0]
        targets = list_targets(made.codebook, Source.of(source), learnt_from, others)
        self._asked = made
        dialog = TargetDialog(self._inputs, messages.apply_question(made), targets)
        dialog.chosen.connect(self.start)
        dialog.open()

    def _problem(self, made: Provenance | None, others: Sequence[Source]) -> str:
        if made is None:
            return messages.NO_RESULT
        if self._run_controller.busy:
            return messages.BUSY
        if made.together:
            return messages.OF_SEVERAL_LAYERS
        return "" if others else messages.NO_OTHER_IMAGE

    def start(self, layer_ids: Sequence[str]) -> None:
        """Apply the levels that were asked about to these layers."""
        if self._run_controller.busy:
            self._inputs.say(messages.BUSY)
            return
        self._made, self._waiting, self._done = self._asked, deque(layer_ids), []
        self._next()

    def _next(self) -> None:
        made = self._made
        while self._waiting and made is not None:
            layer = layer_by_id(self._viewer, self._waiting.popleft())
            if layer is not None:
                learnt_from = made.learnt_from or (made.source_id, made.source_name)
                part = (Source.of(layer), inherited_attributes(layer))
                plan = Plan.applying(made.codebook, learnt_from, part, each_slice=made.each_slice)
                self._run_controller.start(plan, tile=False, keep_earlier=self._inputs.keep_earlier.value)
                return
        self._end()

    def on_ended(self) -> None:
        """Go on with the next layer once a run has ended, unless that was cancelled or failed."""
        if self._made is None:
            return
        self._done += self._run_controller.made
        if self._run_controller.completed:
            self._next()
        else:
            self._waiting.clear()
            self._made, self._done = None, []

    def _end(self) -> None:
        """Show the first of the new results, and say which there are."""
        made, self._made = self._made, None
        done = [layer for layer in self._done if layer in self._viewer.layers]
        self._done = []
        if made is None or not done:
            return
        self._viewer.layers.selection.active = done[0]  # turns the dock to that layer's family
        tiled = self._inputs.tile.value and len(self._family.members) <= MAX_TILES
        self._family.view_mode = ViewMode.TILE if tiled else ViewMode.ONE
        names = [found.source_name for layer in done if (found := provenance_of(layer))]
        self._inputs.say(messages.applied(made, names))
