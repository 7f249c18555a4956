"""Start the runs that the button *Quantize*, *Try* and the panels request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_quantize.core.pixels.masks import mask_digest
from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import list_results
from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.layers.cache import cached_mask
from napari_quantize.viewer.layers.chosen import mark_added_by_try
from napari_quantize.viewer.layers.sources import Source, result_attributes
from napari_quantize.viewer.plan.plan import Plan
from napari_quantize.viewer.plan.regions import WHOLE, part_name, region_mask
from napari_quantize.viewer.plan.resolve import ResolvedRun, resolve
from napari_quantize.viewer.table import messages as table_messages

if TYPE_CHECKING:
    from napari.layers import Image, Layer
    from napari.viewer import Viewer

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.request import Request
    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.fields.fields import InputFields
    from napari_quantize.viewer.preview.controller import PreviewController
    from napari_quantize.viewer.run.controller import RunController

Parts = Sequence[tuple[Source, "Image"]]


class RunLauncher(QObject):
    """Turn requests of the button, *Try* and the panels into plans, and start their runs.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the layers.
    inputs : InputFields
        Upper half of the dock.
    family : Family
        The shown family.
    run_controller : RunController
        Runs the plans.
    preview : PreviewController
        The preview, which is switched off before results are shown.
    """

    def __init__(
        self,
        viewer: Viewer,
        inputs: InputFields,
        family: Family,
        run_controller: RunController,
        preview: PreviewController,
    ) -> None:
        super().__init__(inputs)
        self._viewer, self._inputs, self._family = viewer, inputs, family
        self._run_controller, self._preview = run_controller, preview
        self._active: Layer | None = None
        self._activates_result = self._adds_preview = False
        self._pending: list[tuple[str, tuple[int, ...], Request]] = []
        # After all that listens to the end of a run has seen the layers of that run.
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._start_pending)
        run_controller.results_shown.connect(self._on_results_shown)

    def quantize(self, resolved: ResolvedRun) -> None:
        """Quantize the chosen image with the values of the fields, if that is possible."""
        values = self._inputs.values()
        if resolved.request is not None and values.source is not None and not self._run_controller.busy:
            self._start(
                resolved.ks,
                resolved.request,
                values.source,
                self._inputs.parts(),
                self._inputs.learn_from.value,
                each_slice=values.slice_axis is not None,
                tile=bool(self._inputs.tile.value),
            )

    def add_preview(self, k: int) -> None:
        """Make the previewed K a result, without showing it: the preview shows it already."""
        self._start_from_fields(k, show=False, adds=True)
        self._adds_preview = self._run_controller.busy

    def make_result(self, k: int, request: Request | None = None) -> None:
        """Make one more result, and activate it.

        Parameters
        ----------
        k : int
            Number of values to keep.
        request : Request, optional
            Request of an earlier result of the shown family; by default, that of the fields.
        """
        if self._run_controller.busy:
            self._inputs.show_message(messages.BUSY)
            return
        active = self._viewer.layers.selection.active
        if request is None:
            self._start_from_fields(k, tile=self._tiles_one_more, adds=True)
        else:
            self._start_again((k,), request)
        self._activate_result_of_run(active)

    def _activate_result_of_run(self, active: Layer | None) -> None:
        """Activate the result of the run that was just started, if it was, as long as `active` is the active layer."""
        self._activates_result = self._run_controller.busy
        self._active = active if self._activates_result else None

    def make_best(self, wanted: Sequence[tuple[int, Request]]) -> None:
        """Make results of the shown family by the exact method, and choose that method for the next run, too.

        Parameters
        ----------
        wanted : sequence of (int, Request)
            K and request of each.
        """
        if self._run_controller.busy:
            self._inputs.show_message(messages.BUSY)
            return
        self._inputs.choose_exact_method()
        source_id, requests = self._family.source_id, dict.fromkeys(request for _, request in wanted)
        # A run has one request: results in other modes need another run.
        ks_of = {request: tuple(sorted({k for k, of in wanted if of == request})) for request in requests}
        self._pending = [(source_id, ks, request) for request, ks in ks_of.items()]
        self._start_pending()

    def _start_pending(self) -> None:
        while self._pending and not self._run_controller.busy:
            source_id, ks, request = self._pending.pop(0)
            if source_id == self._family.source_id:  # else the user has chosen another image meanwhile
                self._start_again(ks, request)

    @property
    def _tiles_one_more(self) -> bool:
        """Whether one more result is tiled: a view mode that shows one, or compares two, stays as it is."""
        return bool(self._inputs.tile.value) and self._family.view_mode in (ViewMode.NONE, ViewMode.TILE)

    def _start_again(self, ks: tuple[int, ...], request: Request) -> None:
        """Start a run of the shown family with the request of an earlier result."""
        if self._family.source is not None:
            source = Source.of(self._family.source)
            region = WHOLE if request.mask_digest is None else self._inputs.learn_from.value
            parts = [(source, self._family.source)]
            tile = self._tiles_one_more
            each_slice = self._is_each_slice(request)
            self._start(ks, request, source, parts, region, same_mask=True, each_slice=each_slice, tile=tile, adds=True)

    def _is_each_slice(self, request: Request) -> bool:
        """Return whether the channels of an earlier result's request are slices; the current result goes first."""
        current, results = self._family.current, [provenance for _, provenance in self._family.results]
        known = [*([current[1]] if current is not None else []), *results]
        same = (each for each in known if _channels_of(each.request) == _channels_of(request))
        return next((each.each_slice for each in same), False)

    def make_edited(self, codebook: Codebook) -> None:
        """Make a result of the codebook that the histogram shows with other borders, and activate it."""
        source, current = self._family.source, self._family.current
        if self._run_controller.busy:
            self._inputs.show_message(messages.BUSY)
            return
        if source is None or current is None:
            return
        digest = codebook.request.mask_digest
        # *Try* may learn from another part than the current result, whose mask is the only one that is known.
        mask = cached_mask(current[0]) if digest == current[1].request.mask_digest else None
        if mask is None and digest is not None:
            self._inputs.show_message(table_messages.OTHER_REGION)
            return
        active = self._viewer.layers.selection.active
        self._preview.stop()
        part = (Source.of(source), result_attributes(source))
        plan = Plan.applying(
            codebook,
            (),
            part,
            each_slice=current[1].each_slice,
            mask=mask,
            part_name=self._known_parts(part[0]).get(digest or "", ""),
        )
        self._run_controller.start(plan, tile=self._tiles_one_more, keep_earlier=False, adds=True)
        self._activate_result_of_run(active)

    def _known_parts(self, source: Source) -> dict[str, str]:
        """Return the names of the parts that results of an image were learnt from, by the digests of their masks."""
        earlier = [provenance for _, provenance in list_results(self._viewer, source.layer_id)]
        return {each.request.mask_digest: each.part for each in earlier if each.request.mask_digest and each.part}

    def _on_results_shown(self) -> None:
        """Start the pending run, mark a result added by *Try*, or activate one unless the user has selected a layer."""
        if not self._run_controller.has_completed:
            self._pending = []
        elif self._pending:
            self._next.start()
        activates_result, self._activates_result = self._activates_result, False
        active, self._active = self._active, None
        adds_preview, self._adds_preview = self._adds_preview, False
        if adds_preview:
            for layer in self._run_controller.layers:
                mark_added_by_try(layer)
        if activates_result and self._run_controller.layers and self._viewer.layers.selection.active is active:
            self._family.activate(str(self._run_controller.layers[-1].unique_id))

    def _start_from_fields(self, k: int, *, tile: bool = False, show: bool = True, adds: bool = False) -> None:
        values = self._inputs.values()
        request = resolve(values, (k,)).request
        if request is not None and values.source is not None and not self._run_controller.busy:
            region, each_slice = self._inputs.learn_from.value, values.slice_axis is not None
            parts = self._inputs.parts()
            self._start(
                (k,), request, values.source, parts, region, each_slice=each_slice, tile=tile, show=show, adds=adds
            )

    def _start(
        self,
        ks: tuple[int, ...],
        request: Request,
        source: Source,
        parts: Parts,
        region: object,
        *,
        each_slice: bool,
        tile: bool,
        same_mask: bool = False,
        show: bool = True,
        adds: bool = False,
    ) -> None:
        """Start a run. With `same_mask`, the region must have the mask that the request was made with."""
        inputs, image, channel_axis = self._inputs, self._inputs.image.value, self._inputs.channel_axis.value
        try:
            mask = region_mask(region, self._viewer, image, channel_axis)
        except ValueError as error:
            inputs.show_message(messages.sentence(str(error)))
            return
        digest = mask_digest(mask)
        if same_mask and digest != request.mask_digest:
            inputs.show_message(table_messages.OTHER_REGION)
            return
        if show:
            self._preview.stop()
        parts_with_attributes = tuple((part, result_attributes(layer)) for part, layer in parts)
        name = part_name(region, self._viewer, image, channel_axis, digest, self._known_parts(source))
        plan = Plan(
            source,
            ks,
            replace(request, mask_digest=digest),
            parts_with_attributes,
            mask,
            each_slice,
            part_name=name,
        )
        keep_earlier = inputs.keep_earlier.value
        self._run_controller.start(plan, tile=tile, keep_earlier=keep_earlier, show=show, adds=adds)


def _channels_of(request: Request) -> tuple[str, int | None]:
    """Return what a request says of channels; slices with levels of their own are channels, too."""
    return request.mode, request.channel_axis
