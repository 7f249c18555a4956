"""*Try*: follows the fields, the slider and the viewer, and keeps one temporary layer up to date."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from qtpy.compat import isalive
from qtpy.QtCore import QObject
from superqt.utils import qdebounced

from napari_quantize.core.pixels.masks import mask_digest
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.cache import cache_samples, cached_samples, data_version
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import GEOMETRY, JoinedChannels, Source
from napari_quantize.viewer.plan.regions import SLICE, region_mask
from napari_quantize.viewer.plan.resolve import FieldValues, resolve
from napari_quantize.viewer.preview.layer import PreviewLayer
from napari_quantize.viewer.preview.model import LEAST, DisplayedPart, LearnerCache, PreviewTask
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    import numpy as np
    from magicgui.widgets import ComboBox
    from napari.layers import Image, Layer
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_quantize.core.request.request import Request

# Learning ahead waits until the user seems to rest.
_REST_MS = 250


class Fields(Protocol):
    """The fields of the dock that say what is tried."""

    @property
    def image(self) -> ComboBox:
        """The chosen image layer."""

    @property
    def channel_axis(self) -> ComboBox:
        """The axis of the channels."""

    @property
    def learn_from(self) -> ComboBox:
        """The region to learn from."""

    def asked(self) -> FieldValues:
        """Return what the fields say."""


class PreviewController(QObject):
    """Shows the chosen image with the slider's K values left, as long as the row is ticked.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    inputs : Fields
        Say what is tried.
    dock : QWidget
        The docked widget.

    Attributes
    ----------
    row : TryRow
        What the user sees.
    """

    def __init__(self, viewer: Viewer, inputs: Fields, dock: QWidget) -> None:
        super().__init__(dock)
        self._viewer, self._inputs, self._dock = viewer, inputs, dock
        self.row = TryRow()
        self._preview = PreviewLayer(viewer)
        self._background = Background(self)
        self._image: Image | None = None
        self._learner: LearnerCache | None = None
        self._task: PreviewTask | None = None
        self._is_ahead = False
        self._mask: tuple[Any, np.ndarray | None, str | None] | None = None
        self._learn_ahead_soon = qdebounced(self._learn_ahead, timeout=_REST_MS, parent=self)
        self._follow_painting = qdebounced(self._on_painted, timeout=_REST_MS, parent=self)
        self._busy = False
        self.row.changed.connect(self._on_row_changed)

    def follow(self, *, busy: bool) -> None:
        """Try what the fields say now.

        Parameters
        ----------
        busy : bool
            Whether a run is going on.
        """
        self._busy = busy
        asked = self._inputs.asked()
        offer = resolve(asked, (LEAST,))
        problem = offer.problem or (messages.BUSY if busy and not self.row.is_on else "")
        self.row.allow(problem, busy=busy)
        if not self.row.is_on:
            return
        if self._preview.was_removed or (self._image is not None and self._image not in self._viewer.layers):
            self.stop()
        elif offer.request is None:
            self._drop("")
        else:
            self._learn_as(asked, offer.request)

    def on_dims_changed(self, _event: Any = None) -> None:
        """Follow the viewer's sliders."""
        if not self.row.is_on or self._learner is None:
            return
        if self._inputs.learn_from.value == SLICE:
            self.follow(busy=self._busy)
        else:
            self._ask()

    def on_layer_event(self, layer: Layer, what: str) -> None:
        """Follow what happens to a layer, but for what the fields tell of."""
        if not self.row.is_on:
            return
        if layer is self._image and what in GEOMETRY:
            self._preview.follow_place()
        elif layer is self._image and what == "set_data":
            self._ask()  # another level or field of view of a multiscale layer may be displayed
        elif layer is self._image and what == "contrast_limits" and self._inputs.asked().ignore == "outside":
            self.follow(busy=self._busy)
        elif layer is self._inputs.learn_from.value and what in ("data", "labels_update"):
            self._follow_painting()  # not with every move of the brush: the whole mask is made anew
        elif what == "visible" and layer.visible and self._is_result(layer) and not self._preview.gives_back(layer):
            self.stop()  # that is what the user wants to see now

    def on_temporary_removed(self) -> None:
        """Follow the user who removes the preview."""
        if self._preview.was_removed:
            self.stop()

    def _on_painted(self) -> None:
        self._mask = None
        self.follow(busy=self._busy)

    def on_active_changed(self) -> None:
        """Make room for the result that the user has chosen."""
        if self.row.is_on and self._is_result(self._viewer.layers.selection.active):
            self.stop()

    def stop(self) -> None:
        """Switch off, and give back what was hidden."""
        if self.row.is_on:
            self.row.switch_off()
            self._drop("")

    def close(self) -> None:
        """Leave the viewer for good; the thread ends once its work has left."""
        self.stop()
        self._learn_ahead_soon.cancel()
        self._background.close()

    def _is_result(self, layer: Any) -> bool:
        made = provenance_of(layer) if layer is not None else None
        return made is not None and self._image is not None and made.source_id == str(self._image.unique_id)

    def _on_row_changed(self) -> None:
        if not self.row.is_on:
            self._drop("")
        elif self._learner is None:
            self._image = None
            self.follow(busy=self._busy)
        else:
            self._ask()

    def _drop(self, reason: str) -> None:
        """Show nothing, and say why."""
        self._learn_ahead_soon.cancel()
        self._follow_painting.cancel()
        self._background.cancel()
        self._image, self._learner, self._task, self._mask = None, None, None, None
        self._is_ahead = False
        self._preview.remove()
        self.row.say(reason)

    def _learn_as(self, asked: FieldValues, request: Request) -> None:
        image, source = self._inputs.image.value, asked.source
        try:
            mask, digest = self._mask_of(image)
        except ValueError as error:
            self._drop(messages.sentence(str(error)))
            return
        request = replace(request, mask_digest=digest)
        if source is None or (self._learner is not None and self._learner.is_of(source, request)):
            self._ask()
            return
        if image is not self._image:
            self._preview.remove()
        samples = None if isinstance(source.data, JoinedChannels) else cached_samples(image, request)
        self._image = image
        self._learner = LearnerCache(source, request, mask, samples, self._background.tick)
        self._ask()

    def _mask_of(self, image: Image) -> tuple[np.ndarray | None, str | None]:
        """Return where to learn, with its digest; computed anew only if something has changed that it depends on."""
        choice, axis, dims = self._inputs.learn_from.value, self._inputs.channel_axis.value, self._viewer.dims
        place = (*dims.point, *dims.displayed) if choice == SLICE else ()
        key = (choice, image, axis, data_version(image), place)
        if self._mask is None or self._mask[0] != key:
            mask = region_mask(choice, self._viewer, image, axis)
            self._mask = key, mask, mask_digest(mask)
        return self._mask[1:]

    def _ask(self) -> None:
        """Have the preview made, unless that has been asked for."""
        learner, image = self._learner, self._image
        if learner is None or image is None or not learner.uses(Source.of(image)):
            return  # of other data the fields will tell
        task = self._task_for(learner, image)
        if task.is_same(self._task):
            return
        self._task = task
        if not learner.knows(task.k):
            self.row.say(messages.LEARNING, soon=True)
        self._learn_ahead_soon.cancel()
        if self._is_ahead:
            self._background.cancel()  # what is wanted now goes first
            self._is_ahead = False
        self._background.submit(task.run, partial(self._on_ready, task), partial(self._on_failed, task))

    def _task_for(self, learner: LearnerCache, image: Image) -> PreviewTask:
        data = learner.source.data
        if isinstance(data, JoinedChannels):
            part = DisplayedPart.of(image, self._viewer.dims, full_resolution=True)
            own = [array is Source.of(image).data for array in data.arrays].index(True)
            return PreviewTask(learner, self.row.k, part, data, own)
        part = DisplayedPart.of(image, self._viewer.dims)
        return PreviewTask(learner, self.row.k, part, image.data[part.level] if image.multiscale else image.data, 0)

    def _on_ready(self, task: PreviewTask, data: np.ndarray) -> None:
        image, learner = self._image, task.learner
        if not isalive(self._dock) or image is None or learner is not self._learner:
            return
        self.row.say("")
        self._preview.show(image, task.k, data, task.part)
        if self._is_lasting(learner) and learner.samples is not None:
            cache_samples(image, learner.request, learner.samples)
        self._learn_ahead_soon()

    def _is_lasting(self, learner: LearnerCache) -> bool:
        """Return whether to keep its samples: not those of single slices, or of momentary display limits."""
        whole = learner.request.mask_digest is None and self._inputs.asked().ignore != "outside"
        return whole and not isinstance(learner.source.data, JoinedChannels)

    def _on_failed(self, task: PreviewTask, message: str) -> None:
        if isalive(self._dock) and task.learner is self._learner:
            self._preview.remove()
            self.row.say(messages.sentence(message))

    def _learn_ahead(self) -> None:
        """Learn what the slider may reach next while nothing else is to be done."""
        k = self._learner.next_unknown(self.row.k) if self._learner is not None else None
        if k is not None and self._learner is not None and not self._background.busy:
            self._is_ahead = True
            self._background.submit(partial(self._learner.codebook, k), self._on_learnt, self._on_not_learnt)

    def _on_learnt(self, _codebook: Any) -> None:
        self._is_ahead = False
        if isalive(self._dock):
            self._learn_ahead()

    def _on_not_learnt(self, _message: str) -> None:
        self._is_ahead = False  # it is said when this K is chosen
