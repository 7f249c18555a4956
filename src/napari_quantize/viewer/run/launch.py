"""Turn the requests of the button, *Try* and the panels into plans, and start their run_controller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_quantize.core.pixels.masks import mask_digest
from napari_quantize.viewer import messages
from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.layers.sources import Source, inherited_attributes
from napari_quantize.viewer.plan.plan import Plan
from napari_quantize.viewer.plan.regions import WHOLE, region_mask
from napari_quantize.viewer.plan.resolve import ResolvedRun, resolve
from napari_quantize.viewer.table import messages as table_messages

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.core.request.request import Request
    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.fields.fields import InputFields
    from napari_quantize.viewer.preview.controller import PreviewController
    from napari_quantize.viewer.run.controller import RunController

Parts = Sequence[tuple[Source, "Image"]]


class RunLauncher(QObject):
    """Starts what the button, *Try* and the panels ask for, one run at a time.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    inputs : InputFields
        Say what is quantized, and how.
    family : Family
        The family that is shown.
    run_controller : RunController
        Carry it out.
    preview : PreviewController
        Makes room for what is to be seen.
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
        self._active: object = None
        self._goes_there = False
        run_controller.ended.connect(self._on_ended)

    def carry_out(self, offer: ResolvedRun) -> None:
        """Quantize as the fields say, if that is possible."""
        source = self._inputs.asked().source
        if offer.request is not None and source is not None and not self._run_controller.busy:
            tile = bool(self._inputs.tile.value)
            self._start(offer.ks, offer.request, source, self._inputs.parts(), self._inputs.learn_from.value, tile=tile)

    def keep(self, k: int) -> None:
        """Make the K that is being tried a result: it is seen already."""
        self._make_one(k, show=False)

    def make(self, k: int, request: Request | None = None) -> None:
        """Make one more result, and go to it: as the fields say, or of the shown family by another result's request."""
        if self._run_controller.busy:
            self._inputs.say(messages.BUSY)
            return
        self._active = self._viewer.layers.selection.active
        # Who looks at one after the other, or compares two, goes on so.
        tile = bool(self._inputs.tile.value) and self._family.view_mode in (ViewMode.NONE, ViewMode.TILE)
        if request is None:
            self._make_one(k, tile=tile)
        elif self._family.source is not None:
            source = Source.of(self._family.source)
            region = WHOLE if request.mask_digest is None else self._inputs.learn_from.value
            self._start((k,), request, source, [(source, self._family.source)], region, again=True, tile=tile)
        self._goes_there = self._run_controller.busy

    def _on_ended(self) -> None:
        """Go to the one result that was made, unless the user has gone elsewhere meanwhile."""
        goes_there, self._goes_there = self._goes_there, False
        active, self._active = self._active, None
        if goes_there and self._run_controller.made and self._viewer.layers.selection.active is active:
            self._family.activate(str(self._run_controller.made[-1].unique_id))

    def _make_one(self, k: int, *, tile: bool = False, show: bool = True) -> None:
        asked = self._inputs.asked()
        request = resolve(asked, (k,)).request
        if request is not None and asked.source is not None and not self._run_controller.busy:
            region = self._inputs.learn_from.value
            self._start((k,), request, asked.source, self._inputs.parts(), region, tile=tile, show=show)

    def _start(
        self,
        ks: tuple[int, ...],
        request: Request,
        source: Source,
        parts: Parts,
        region: object,
        *,
        tile: bool,
        again: bool = False,
        show: bool = True,
    ) -> None:
        """Start a run; `again`: learnt where an earlier result was, as its request says."""
        inputs = self._inputs
        try:
            mask = region_mask(region, self._viewer, inputs.image.value, inputs.channel_axis.value)
        except ValueError as error:
            inputs.say(messages.sentence(str(error)))
            return
        digest = mask_digest(mask)
        if again and digest != request.mask_digest:
            inputs.say(table_messages.OTHER_REGION)
            return
        if show:
            self._preview.stop()
        own = request.mode == "per_channel" and not source.rgb
        each_slice = own and request.channel_axis != inputs.channel_axis.value
        named = tuple((part, inherited_attributes(layer)) for part, layer in parts)
        plan = Plan(source, ks, replace(request, mask_digest=digest), named, mask, each_slice)
        self._run_controller.start(plan, tile=tile, keep_earlier=inputs.keep_earlier.value, show=show)
