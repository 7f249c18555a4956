"""Runs of the dock: started with a plan, their results put into the viewer, their ends told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from weakref import ref

from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal

from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.layers.cache import cache_facts, cache_samples
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.measure.staleness import record_new_result
from napari_quantize.viewer.plan.plan import Plan
from napari_quantize.viewer.run.results import add_results, count_results_after
from napari_quantize.viewer.run.worker import Run

if TYPE_CHECKING:
    from napari.layers import Image, Layer
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.api import Result
    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.fields.fields import InputFields


class RunController(QObject):
    """Carries out one plan at a time.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Gets the results.
    inputs : InputFields
        Shows progress and notices.
    family : Family
        Is told of the results as they come.
    dock : QWidget
        The docked widget. It is gone before its children are, this controller among them: nothing is shown any more.
    """

    started = Signal()
    """Emitted when a run begins."""

    changed = Signal()
    """Emitted when more is known of the source, and when no more layers will come."""

    ended = Signal()
    """Emitted at the very end of a run; `made` are the layers that it made or replaced."""

    def __init__(self, viewer: Viewer, inputs: InputFields, family: Family, dock: QWidget) -> None:
        super().__init__(inputs)
        self._dock = dock
        self._viewer = viewer
        self._inputs = inputs
        self._family = family
        self._run: Run | None = None
        self._keep_earlier, self._show, self._is_seen = False, True, True
        self._made: list[ref[Image]] = []  # not kept: a layer that is removed shall be gone
        self.completed = False
        """True if the last run ended without being cancelled or failing."""

    @property
    def busy(self) -> bool:
        """True during a run."""
        return self._run is not None

    @property
    def made(self) -> list[Image]:
        """The layers that the last run made or replaced, as far as they are still there."""
        made = (found() for found in self._made)
        return [layer for layer in made if layer is not None and layer in self._viewer.layers]

    def start(self, plan: Plan, *, tile: bool, keep_earlier: bool, show: bool = True) -> None:
        """Carry out a plan, unless another is being carried out.

        Parameters
        ----------
        plan : Plan
            What to do.
        tile : bool
            Whether the results are tiled.
        keep_earlier : bool
            Whether results made in the same way stay beside the new ones.
        show : bool
            Whether a new result is shown where results are not tiled.
        """
        if self.busy:
            return
        self._made = []
        self._keep_earlier, self._show = keep_earlier, show
        self._run = Run(
            plan,
            self._dock,
            on_facts=self._on_facts,
            on_result=self._on_result,
            on_added=self._on_added,
            on_progress=self._on_progress,
            on_end=self._on_end,
        )
        self._inputs.show_running(True)
        self._inputs.say("")
        self.started.emit()
        cells = 1 + count_results_after(self._viewer, plan, keep_earlier=keep_earlier)
        # What is given to other images does not change what is seen of this one.
        shown = self._family.source
        self._is_seen = plan.given is None or (shown is not None and str(shown.unique_id) == plan.source.layer_id)
        begin = partial(self._family.begin_run, tile=tile, n_cells=cells)
        self._run.start(begin if self._is_seen else self._family.refresh)

    def cancel(self) -> None:
        """End the run, if there is one."""
        if self._run is not None:
            self._run.cancel()

    def cancel_orphan(self) -> None:
        """End the run if its source has been removed."""
        if self._run is not None and layer_by_id(self._viewer, self._run.plan.source.layer_id) is None:
            self._run.cancel()

    def brings(self, layer: Layer) -> bool:
        """Return whether a layer is a result of the image that is being quantized: the run itself tells of those."""
        made = provenance_of(layer)
        return (
            self._run is not None
            and made is not None
            and made.source_id in [part.layer_id for part, _ in self._run.plan.parts]
        )

    def _on_facts(self, facts: ImageFacts) -> None:
        if self._run is None or not isalive(self._dock):
            return
        plan = self._run.plan
        layer = layer_by_id(self._viewer, plan.source.layer_id)
        if layer is not None:
            cache_facts(layer, facts, plan.facts_axis)
            self.changed.emit()

    def _on_result(self, result: Result) -> None:
        if self._run is None or not isalive(self._dock):
            return
        plan = self._run.plan
        source = layer_by_id(self._viewer, plan.source.layer_id)
        # What was counted for a codebook that was learnt elsewhere was not counted within its mask; a palette has none.
        elsewhere = plan.given is not None and plan.request.method != "given"
        if source is not None and not plan.together and not elsewhere:
            cache_samples(source, plan.request, result.samples)
        made = add_results(self._viewer, plan, result, keep_earlier=self._keep_earlier)
        self._made += map(ref, made)
        parts = [(layer_by_id(self._viewer, part.layer_id), part.data) for part, _ in plan.parts]
        there = [(layer, data) for layer, data in parts if layer is not None]
        for layer in made:
            record_new_result(layer, [source for source, _ in there], [data for _, data in there])

    def _on_added(self) -> None:
        if self._run is not None and isalive(self._dock) and self._is_seen:
            self._family.show_added()

    def _on_progress(self, k: int, done: int) -> None:
        if self._run is not None and isalive(self._dock):
            self._inputs.show_progress(k, done, len(self._run.plan.ks))

    def _on_end(self, problem: str | None) -> None:
        run, self._run = self._run, None
        if run is None or not isalive(self._dock):
            return
        self.completed = problem is None and not run.is_cancelled
        self._inputs.show_running(False)
        self.changed.emit()
        self._family.end_run(self.made if self._show else [])
        self._inputs.say(self._notice(run, problem))
        self.ended.emit()

    def _notice(self, run: Run, problem: str | None) -> str:
        if problem is not None:
            return messages.sentence(problem)
        if run.is_cancelled:
            return messages.stopped(len(self.made), len(run.plan.ks))
        made = [provenance for layer in self.made if (provenance := provenance_of(layer))]
        chosen, source = self._inputs.source(), run.plan.source
        if chosen is None or chosen.layer_id != source.layer_id:
            return messages.ready(source.name, len(made))
        return messages.result_notice(made, rgb=source.rgb)
