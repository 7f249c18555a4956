"""Run one plan at a time: show its progress, add its results to the viewer, and report its end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from weakref import ref

from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal

from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.layers.cache import DataVersion, cache_facts, cache_mask, cache_samples, data_version
from napari_quantize.viewer.layers.compat import leave_3d
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import data_of
from napari_quantize.viewer.measure.staleness import record_new_result
from napari_quantize.viewer.plan.plan import Plan
from napari_quantize.viewer.plan.resolve import resolve
from napari_quantize.viewer.run.results import add_results, replaced_results
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
    """Run one plan at a time.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer that gets the results.
    inputs : InputFields
        Upper half of the dock, which shows progress and messages.
    family : Family
        The shown family.
    dock : QWidget
        The docked widget. Qt deletes it before this controller, which is its descendant: from then on, show nothing.
    """

    started = Signal(object)
    """Emitted with the `Plan` when a run begins, before it reads anything."""

    changed = Signal()
    """Emitted when facts about the source are known, and when the run adds no more layers."""

    results_shown = Signal()
    """Emitted when the results of a run are shown: if another one is selected now, the notice on the run stays."""

    ended = Signal()
    """Emitted at the very end of a run; `layers` are those that it added or replaced."""

    def __init__(self, viewer: Viewer, inputs: InputFields, family: Family, dock: QWidget) -> None:
        super().__init__(inputs)
        self._dock = dock
        self._viewer = viewer
        self._inputs = inputs
        self._family = family
        self._run: Run | None = None
        self._keep_earlier, self._show_results, self._adds, self._is_source_shown = False, True, False, True
        self._has_left_3d = False
        self._layer_refs: list[ref[Image]] = []  # weak, so that a removed layer can be freed
        self._versions: dict[str, DataVersion] = {}  # of the data that the run reads, when it began, by layer id
        self.has_completed = False
        """True if the last run ended without being cancelled or failing."""

    @property
    def busy(self) -> bool:
        """True during a run."""
        return self._run is not None

    @property
    def layers(self) -> list[Image]:
        """The layers that the last run added or replaced and that are still in the viewer."""
        layers = (reference() for reference in self._layer_refs)
        return [layer for layer in layers if layer is not None and layer in self._viewer.layers]

    def start(self, plan: Plan, *, tile: bool, keep_earlier: bool, show: bool = True, adds: bool = False) -> None:
        """Start a run, unless another is running.

        Parameters
        ----------
        plan : Plan
            Plan of the run.
        tile : bool
            Show the results side by side.
        keep_earlier : bool
            Keep results of the same settings, instead of replacing them.
        show : bool
            Show the results after the run; else one of them becomes the current row only.
        adds : bool
            Show the results among the tiles of the last run, instead of in their place.
        """
        if self.busy:
            return
        self._layer_refs = []
        self._keep_earlier, self._show_results, self._adds = keep_earlier, show, adds
        self._run = Run(
            plan,
            self._dock,
            on_facts=self._on_facts,
            on_result=self._on_result,
            on_added=self._on_added,
            on_progress=self._on_progress,
            on_end=self._on_end,
        )
        # Before the results are tiled, which arranges the layers for the present view.
        self._has_left_3d = leave_3d(self._viewer, [part for part, _ in plan.parts])
        self._inputs.show_running(True)
        self._inputs.show_message("")
        self.started.emit(plan)
        # After `started`, at which data that may have been written in place are taken for others.
        self._versions = {  # none of a layer that has got other data since the plan was made
            part.layer_id: data_version(layer)
            for part, _ in plan.parts
            if (layer := layer_by_id(self._viewer, part.layer_id)) is not None and data_of(layer) is part.data
        }
        replaced = {} if keep_earlier else replaced_results(self._viewer, plan)
        # A codebook that is applied to another image does not change the view of the shown one.
        shown = self._family.source
        self._is_source_shown = plan.given is None or (
            shown is not None and str(shown.unique_id) == plan.source.layer_id
        )
        # The run calls this in a turn of the event loop of its own, since laying out tiles draws all layers again.
        begin = partial(
            self._family.begin_run,
            tile=tile,
            new_ks=set(plan.ks) - set(replaced),
            replaced=replaced.values(),
            n_channels=len(plan.parts),
            adds=adds,
        )
        self._run.start(begin if self._is_source_shown else self._family.refresh)

    def cancel(self) -> None:
        """Cancel the run, if there is one."""
        if self._run is not None:
            self._run.cancel()

    def cancel_orphan(self) -> None:
        """Cancel the run if its source was removed."""
        if self._run is not None and layer_by_id(self._viewer, self._run.plan.source.layer_id) is None:
            self._run.cancel()

    def is_own_result(self, layer: Layer) -> bool:
        """Return whether a layer is a result of a source of the run, whose changes the run reports itself."""
        provenance = provenance_of(layer)
        return (
            self._run is not None
            and provenance is not None
            and provenance.source_id in [part.layer_id for part, _ in self._run.plan.parts]
        )

    def _on_facts(self, facts: ImageFacts) -> None:
        if self._run is None or not isalive(self._dock):
            return
        plan = self._run.plan
        layer = layer_by_id(self._viewer, plan.source.layer_id)
        if layer is not None and self._is_as_it_was(layer):
            cache_facts(layer, facts, plan.facts_axis)
            self.changed.emit()

    def _is_as_it_was(self, source: Layer) -> bool:
        """Return whether the source has the data that the run reads; it may have got others since the run began."""
        return data_version(source) == self._versions.get(str(source.unique_id))

    def _on_result(self, result: Result) -> None:
        if self._run is None or not isalive(self._dock):
            return
        plan = self._run.plan
        source = layer_by_id(self._viewer, plan.source.layer_id)
        # The request of a codebook from elsewhere may name a mask of another image, but here all pixels were counted:
        # these are not the samples of that request.
        has_own_mask = plan.mask is not None or plan.request.mask_digest is None
        if source is not None and not plan.together and has_own_mask and self._is_as_it_was(source):
            cache_samples(source, plan.request, result.samples)
        # The user may have entered the 3-D view since the run began.
        self._has_left_3d |= leave_3d(self._viewer, [part for part, _ in plan.parts])
        layers = add_results(self._viewer, plan, result, keep_earlier=self._keep_earlier)
        self._layer_refs += map(ref, layers)
        read = tuple(self._versions.values()) if len(self._versions) == len(plan.parts) else ()
        for layer in layers:
            record_new_result(layer, read)
            if plan.mask is not None:
                cache_mask(layer, plan.mask)

    def _on_added(self) -> None:
        if self._run is not None and isalive(self._dock) and self._is_source_shown:
            self._family.show_added(self.layers)

    def _on_progress(self, k: int, done: int) -> None:
        if self._run is not None and isalive(self._dock):
            self._inputs.show_progress(k, done, len(self._run.plan.ks))

    def _on_end(self, problem: str | None) -> None:
        run, self._run = self._run, None
        if run is None or not isalive(self._dock):
            return
        self.has_completed = problem is None and not run.is_cancelled
        self._inputs.show_running(False)
        self.changed.emit()
        self._family.end_run(self.layers, show=self._show_results, adds=self._adds)
        self.results_shown.emit()
        self._show_end(self._notice(run, problem))
        self.ended.emit()

    def _show_end(self, notice: str) -> None:
        """Show the notice on the run, and a problem in the fields, which the user may have changed meanwhile."""
        texts = [messages.LEFT_3D if self._has_left_3d else "", notice]
        if any(texts):  # else the message of the fields, which is shown already, stays
            texts.append(self._inputs.message_of(resolve(self._inputs.values()).problem))
            self._inputs.show_message(" ".join(filter(None, texts)))

    def _notice(self, run: Run, problem: str | None) -> str:
        if problem is not None:
            return messages.sentence(problem)
        provenances = [provenance for layer in self.layers if (provenance := provenance_of(layer))]
        n_results = len({each.k for each in provenances})  # layers that are the channels of one image share a K
        if run.is_cancelled:
            return messages.stopped(n_results, len(run.plan.ks))
        chosen, source = self._inputs.source(), run.plan.source
        if chosen is None or chosen.layer_id != source.layer_id:
            return messages.ready(source.name, n_results)
        return messages.result_notice(provenances, rgb=source.rgb)
