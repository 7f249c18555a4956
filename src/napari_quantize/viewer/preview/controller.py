"""*Try*: update one temporary layer whenever the fields, the slider or the viewer change."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from napari.layers import Layer
from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal
from superqt.utils import qdebounced

from napari_quantize.core.pixels.masks import mask_digest
from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.layers.cache import (
    DataVersion,
    cache_samples,
    cached_facts,
    cached_samples,
    data_version,
)
from napari_quantize.viewer.layers.labels_provenance import result_id_of
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import GEOMETRY, JoinedChannels, Source
from napari_quantize.viewer.plan.regions import SLICE, region_mask
from napari_quantize.viewer.plan.resolve import FieldValues, resolve
from napari_quantize.viewer.preview.figures import TriedFigures, figures_line
from napari_quantize.viewer.preview.layer import PreviewLayer
from napari_quantize.viewer.preview.model import MIN_PREVIEW_K, DisplayedPart, LearnerCache, PreviewTask
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from magicgui.widgets import ComboBox
    from napari.layers import Image
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_quantize.core.request.request import Request

# Pause after the user's last change before figures are measured and codebooks of other K are learnt ahead.
_IDLE_MS = 250


class PreviewFields(Protocol):
    """The fields that the preview depends on."""

    @property
    def image(self) -> ComboBox:
        """The chosen image layer."""

    @property
    def channel_axis(self) -> ComboBox:
        """The axis of the channels."""

    @property
    def learn_from(self) -> ComboBox:
        """The region to learn from."""

    def values(self) -> FieldValues:
        """Return the values of the fields."""

    def parts(self) -> Sequence[tuple[Source, Image]]:
        """Return the layers that are quantized, with their data."""


class PreviewController(QObject):
    """Show the chosen image with K values left, as long as *Try K* is ticked.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the layers.
    inputs : PreviewFields
        Upper half of the dock.
    dock : QWidget
        The docked widget.

    Attributes
    ----------
    row : TryRow
        Check box, slider and number.
    """

    rested = Signal(object)
    """Emitted with the codebook that is tried once the slider rests; with None when the preview ends."""

    def __init__(self, viewer: Viewer, inputs: PreviewFields, dock: QWidget) -> None:
        super().__init__(dock)
        self._viewer, self._inputs, self._dock = viewer, inputs, dock
        self.row = TryRow()
        self._preview = PreviewLayer(viewer)
        self._background = Background(self)
        self._image: Image | None = None
        self._learner: LearnerCache | None = None
        self._versions: tuple[DataVersion, ...] = ()  # of the data that it learns from
        self._task: PreviewTask | None = None
        self._is_working_ahead = False
        self._mask: tuple[Any, np.ndarray | None, str | None] | None = None
        self._rest_soon = qdebounced(self._rest, timeout=_IDLE_MS, parent=self)
        self._shown: tuple[PreviewTask, np.ndarray] | None = None
        self._update_after_painting = qdebounced(self._on_painted, timeout=_IDLE_MS, parent=self)
        self._busy = False
        self.row.changed.connect(self._on_row_changed)

    def update_preview(self, *, busy: bool) -> None:
        """Update the preview from the fields.

        Parameters
        ----------
        busy : bool
            True during a run.
        """
        self._busy = busy
        values = self._inputs.values()
        resolved = resolve(values, (MIN_PREVIEW_K,))
        problem = resolved.problem or (messages.BUSY if busy and not self.row.is_on else "")
        self.row.set_available(problem, busy=busy)
        if not self.row.is_on:
            return
        if self._preview.was_removed or (self._image is not None and self._image not in self._viewer.layers):
            self.stop()
        elif resolved.request is None:
            self._clear("")
        else:
            self._set_learner(values, resolved.request)

    def on_dims_changed(self, _event: Any = None) -> None:
        """Update after the viewer's sliders or displayed axes have changed."""
        # napari adapts the sliders before the dock hears that the image was removed.
        if not self.row.is_on or self._learner is None or self._image not in self._viewer.layers:
            return
        if self._inputs.learn_from.value == SLICE:
            self.update_preview(busy=self._busy)
        else:
            self._request_preview()

    def on_layer_event(self, layer: Layer, event_type: str) -> None:
        """Update after an event of a layer; the fields report changes of the source's data themselves."""
        if not self.row.is_on:
            return
        region = self._inputs.learn_from.value
        if event_type in GEOMETRY and isinstance(region, Layer) and layer in (self._inputs.image.value, region):
            self._update_after_painting()  # the region lies over other pixels of the image now
        if layer is self._image and event_type in GEOMETRY:
            self._preview.update_geometry()
        elif layer is self._image and event_type == "set_data":
            self._request_preview()  # a multiscale layer may now display another level or field of view
        elif layer is self._image and event_type == "contrast_limits" and self._inputs.values().ignore == "outside":
            self.update_preview(busy=self._busy)
        elif layer is region and event_type in ("data", "labels_update"):
            self._update_after_painting()  # debounced, since each update computes the whole mask
        elif (
            event_type == "visible"
            and layer.visible
            and self._is_result(layer)
            and not self._preview.is_restored(layer)
        ):
            self.stop()  # the user has shown a result

    def on_temporary_removed(self) -> None:
        """Switch off if the user has removed the preview layer."""
        if self._preview.was_removed:
            self.stop()

    def _on_painted(self) -> None:
        self._mask = None
        self.update_preview(busy=self._busy)

    def on_active_changed(self) -> None:
        """Switch off if the user has selected a result."""
        if self.row.is_on and self._is_result(self._viewer.layers.selection.active):
            self.stop()

    def stop(self) -> None:
        """Switch off, and show the hidden layers again."""
        if self.row.is_on:
            self.row.switch_off()
            self._clear("")

    def close(self) -> None:
        """Switch off and end the thread, for good."""
        self.stop()
        self._rest_soon.cancel()
        self._background.close()

    def _is_result(self, layer: Any) -> bool:
        """Return whether a layer is a result of the tried image, or its labels."""
        result = layer_by_id(self._viewer, result_id_of(layer)) if layer is not None else None
        provenance = provenance_of(result) if result is not None else None
        return provenance is not None and self._image is not None and provenance.source_id == str(self._image.unique_id)

    def _on_row_changed(self) -> None:
        if not self.row.is_on:
            self._clear("")
        elif self._learner is None:
            self._image = None
            self.update_preview(busy=self._busy)
        else:
            self._request_preview()

    def _clear(self, reason: str) -> None:
        """Remove the preview, and show the reason under the row; it may be empty."""
        self._rest_soon.cancel()
        self._update_after_painting.cancel()
        self._background.cancel()
        self._image, self._learner, self._task, self._mask = None, None, None, None
        self._is_working_ahead, self._shown = False, None
        self._preview.remove()
        self.row.show_text(reason)
        self.rested.emit(None)

    def _set_learner(self, values: FieldValues, request: Request) -> None:
        image, source = self._inputs.image.value, values.source
        try:
            mask, digest = self._mask_of(image)
        except ValueError as error:
            self._clear(messages.sentence(str(error)))
            return
        request, versions = replace(request, mask_digest=digest), self._present_versions()
        learner = self._learner
        if source is None or (learner is not None and learner.matches(source, request) and versions == self._versions):
            self._request_preview()
            return
        if image is not self._image:
            self._preview.remove()
        samples = None if isinstance(source.data, JoinedChannels) else cached_samples(image, request)
        self._image, self._versions = image, versions
        self._learner = LearnerCache(source, request, mask, samples, self._background.tick, cached_facts(image))
        self.rested.emit(None)  # what was tried before is of other data or settings
        self._request_preview()

    def _present_versions(self) -> tuple[DataVersion, ...]:
        """Return the versions of the data that the fields name; pixels that were written in place count, too."""
        if self._inputs.image.value is None:
            return ()
        return tuple(data_version(layer) for _, layer in self._inputs.parts())

    def _mask_of(self, image: Image) -> tuple[np.ndarray | None, str | None]:
        """Return the mask of pixels to learn from and its digest, cached until something that it depends on changes."""
        choice, axis, dims = self._inputs.learn_from.value, self._inputs.channel_axis.value, self._viewer.dims
        position = (*dims.point, *dims.displayed) if choice == SLICE else ()
        key = (choice, image, axis, data_version(image), position)
        if self._mask is None or self._mask[0] != key:
            mask = region_mask(choice, self._viewer, image, axis)
            self._mask = key, mask, mask_digest(mask)
        return self._mask[1:]

    def _request_preview(self) -> None:
        """Start computing the preview, unless the same one was requested last."""
        learner, image = self._learner, self._image
        if learner is None or image is None or not learner.uses(Source.of(image)):
            return  # the source has other data now; the fields will report it
        task = self._task_for(learner, image)
        if task.is_same(self._task):
            return
        self._task = task
        if not learner.has_codebook(task.k):
            self.row.show_text(messages.LEARNING, delayed=True)
        self._rest_soon.cancel()
        if self._is_working_ahead:
            self._background.cancel()  # this preview goes first
            self._is_working_ahead = False
        self._shown = None
        self._background.submit(task.run, partial(self._on_ready, task), partial(self._on_failed, task))

    def _task_for(self, learner: LearnerCache, image: Image) -> PreviewTask:
        data = learner.source.data
        if isinstance(data, JoinedChannels):
            part = DisplayedPart.of(image, self._viewer.dims, full_resolution=True)
            own_index = [array is Source.of(image).data for array in data.arrays].index(True)
            return PreviewTask(learner, self.row.k, part, data, own_index)
        part = DisplayedPart.of(image, self._viewer.dims)
        return PreviewTask(learner, self.row.k, part, image.data[part.level] if image.multiscale else image.data, 0)

    def _on_ready(self, task: PreviewTask, data: np.ndarray) -> None:
        image, learner = self._image, task.learner
        # The task may belong to a learner that was replaced while it ran.
        if not isalive(self._dock) or image is None or learner is not self._learner:
            return
        self.row.show_text(figures_line(task.k, task.known_figures))
        self._preview.show(image, task.k, data, task.part)
        self._shown = task, data
        if self._is_cacheable(learner) and learner.samples is not None:
            cache_samples(image, learner.request, learner.samples)
        self._rest_soon()

    def _is_cacheable(self, learner: LearnerCache) -> bool:
        """Return whether to cache the learner's samples: not those of regions or of the present display limits."""
        whole = learner.request.mask_digest is None and self._inputs.values().ignore != "outside"
        is_single = not isinstance(learner.source.data, JoinedChannels)
        return whole and is_single and self._present_versions() == self._versions

    def _on_failed(self, task: PreviewTask, message: str) -> None:
        if isalive(self._dock) and task.learner is self._learner:
            self._preview.remove()
            self.row.show_text(messages.sentence(message))

    def _rest(self) -> None:
        """Tell the figures of the K that is tried, once the slider rests; then learn others ahead."""
        if self._shown is None or self._background.busy:
            return
        task, data = self._shown
        if task.known_figures is not None:
            self._on_figures(task, task.known_figures)
            return
        self._is_working_ahead = True
        self._background.submit(partial(task.figures, data), partial(self._on_figures, task), self._on_work_failed)

    def _on_figures(self, task: PreviewTask, figures: TriedFigures) -> None:
        self._is_working_ahead = False
        if isalive(self._dock) and self._shown is not None and self._shown[0] is task:
            task.learner.figures[task.key] = figures
            self.row.show_text(figures_line(task.k, figures))
            self.rested.emit(task.learner.codebook(task.k))
            self._learn_ahead()

    def _learn_ahead(self) -> None:
        """Learn the codebook of the nearest K on the slider while nothing else runs."""
        k = self._learner.next_unlearnt(self.row.k) if self._learner is not None else None
        if k is not None and self._learner is not None and not self._background.busy:
            self._is_working_ahead = True
            self._background.submit(partial(self._learner.codebook, k), self._on_learnt, self._on_work_failed)

    def _on_learnt(self, _codebook: Any) -> None:
        self._is_working_ahead = False
        if isalive(self._dock):
            self._learn_ahead()

    def _on_work_failed(self, _message: str) -> None:
        self._is_working_ahead = False  # the message is shown when this K is chosen
