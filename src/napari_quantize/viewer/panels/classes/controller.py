"""Connect the panel of classes to the viewer: count pixels, highlight classes, ask for results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.notifications import show_error
from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal

from napari_quantize.viewer.family.find_layers import layer_by_id, list_channels
from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.world import to_world
from napari_quantize.viewer.messages import sentence
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.class_image import ClassImage
from napari_quantize.viewer.panels.classes.comparison import ComparedImage, Comparison, compare_classes
from napari_quantize.viewer.panels.classes.comparison_dialog import ComparisonDialog
from napari_quantize.viewer.panels.classes.highlight import Highlight
from napari_quantize.viewer.panels.classes.model import ClassSummary, EncodedImage, summarize_classes
from napari_quantize.viewer.panels.classes.over_planes import AreasOverPlanes, areas_over_planes
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Image, Layer
    from napari.viewer import Viewer

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.family.snapshot import FamilySnapshot
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.panels.classes.over_planes import PlaneAxis
    from napari_quantize.viewer.panels.classes.panel import ClassesPanel


class ClassesController(QObject):
    """Count the pixels of classes in the background, highlight a class in the viewer, and ask for results.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        The viewer.
    family : Family
        The model.
    panel : ClassesPanel
        The panel.
    """

    result_requested = Signal(int, object)
    """Emitted with K and the request of a result that the user asks for."""

    def __init__(self, viewer: Viewer, family: Family, panel: ClassesPanel) -> None:
        super().__init__(panel)
        self._viewer, self._family, self._panel = viewer, family, panel
        self._background, self._comparing = Background(panel), Background(panel)
        self._highlight = Highlight(viewer)
        self._class_image: ClassImage | None = None
        self._last_count: tuple[Any, ...] = ()  # all that the numbers depend on
        self._was_tiled = False  # whether the end of the highlight brings back the tiles
        panel.family_shown.connect(self._on_family_shown)
        panel.count_requested.connect(self._on_count_requested)
        panel.areas_view.chosen.connect(self._on_plane_chosen)
        panel.highlight_requested.connect(self._on_highlight_requested)
        panel.requantize_requested.connect(self._on_requantize_requested)
        panel.hidden.connect(self._on_hidden)
        panel.closing.connect(self._on_closing)

    # What is shown

    def _on_family_shown(self, shown: FamilySnapshot) -> None:
        if shown.current is None:
            return
        layer, provenance = shown.current
        together = self._together(provenance)
        if self._class_image is None or not self._class_image.is_of(layer, provenance, together):
            self._was_tiled = False  # the user has gone on to another result, shown alone
            self._on_highlight_requested(-1)
            channels = list_channels(self._viewer, provenance)
            self._show_class_image(ClassImage.of(layer, provenance, shown.source, together, channels))
        elif self._panel.highlighted >= 0 and self._family.view_mode.has_own_view:
            self._was_tiled = False  # the user has pressed a view mode, which stays
            self._on_highlight_requested(-1)
        self._count(self._planes())

    def on_temporary_removed(self) -> None:
        """End the highlight if the user has removed its layer."""
        if self._panel.highlighted >= 0 and not self._highlight.is_on:
            self._was_tiled = False
            self._on_highlight_requested(-1)

    def on_layer_event(self, layer: Layer, event_type: str) -> None:
        """Show the classes of several layers in other colours if one of these gets another colormap."""
        shown = self._class_image
        if event_type == "colormap" and shown and str(layer.unique_id) in dict(shown.provenance.together):
            self._on_family_shown(self._family.snapshot())

    def _together(self, provenance: Provenance) -> list[Image]:
        """Return those layers that were quantized together which are still there; none if it was one layer."""
        layers = [layer_by_id(self._viewer, layer_id) for layer_id, _ in provenance.together]
        return [layer for layer in layers if layer is not None]

    def _show_class_image(self, class_image: ClassImage) -> None:
        self._class_image, self._last_count = class_image, ()
        self._panel.show_summary(None)
        self._panel.show_choices(class_image.channels, colours=class_image.shows_colours)
        self._show_slices(class_image, self._planes())
        self._follow_channel(class_image)
        self._panel.show_locked(_locked_indices(class_image.codebook), can_lock=not class_image.provenance.together)

    # Counting

    def _on_count_requested(self) -> None:
        if self._panel.over_planes:
            self._panel.end_highlight()
        self._update_highlight()
        self._count(self._planes())

    def _planes(self) -> PlaneAxis | None:
        """Return the axis of time points or planes of the shown result; None if there is none."""
        return None if self._class_image is None else self._class_image.planes(self._viewer.dims)

    def _on_plane_chosen(self, index: int) -> None:
        """Show a time point or plane in the viewer."""
        class_image, dims, planes = self._class_image, self._viewer.dims, self._planes()
        if class_image is not None and planes is not None and index < len(planes.positions):
            position = np.zeros(class_image.layer.ndim)
            position[planes.axis] = index
            point = to_world(dims, class_image.layer, position)
            dims.set_point(dims.ndim - class_image.layer.ndim + planes.axis, point[planes.axis])

    def _count(self, planes: PlaneAxis | None) -> None:
        """Count the pixels in the background, unless the panel shows or awaits just these numbers."""
        class_image, dims = self._class_image, self._viewer.dims
        if class_image is None:
            return
        if planes is not None and self._panel.over_planes:
            self._count_over(class_image, planes)
            return
        channel, this_slice = max(0, self._panel.channel.currentIndex()), self._panel.this_slice
        index = class_image.slice_at(dims) if this_slice else ()
        pixel_size = class_image.pixel_size(dims, this_slice=this_slice)
        count = (class_image.encoded, channel, repr(index), pixel_size)
        if count == self._last_count:
            return
        self._last_count = count
        encoded, rgb, tick = class_image.encoded, class_image.layer.rgb, self._background.tick

        def work() -> tuple[EncodedImage, ClassSummary]:
            return encoded, summarize_classes(encoded, channel, index, pixel_size, rgb=rgb, tick=tick)

        self._background.submit(work, self._on_summary, self._on_failed)

    def _count_over(self, class_image: ClassImage, planes: PlaneAxis) -> None:
        """Count the pixels of each time point or plane in the background."""
        each_slice = class_image.provenance.each_slice
        channel = 0 if each_slice else max(0, self._panel.channel.currentIndex())
        pixel_size = class_image.plane_pixel_size(self._viewer.dims, planes)
        count = (class_image.encoded, channel, planes, pixel_size)
        if count == self._last_count:
            return
        self._last_count = count
        self._panel.show_summary(None)
        encoded, rgb, tick = class_image.encoded, class_image.layer.rgb, self._background.tick

        def work() -> tuple[EncodedImage, AreasOverPlanes]:
            areas = areas_over_planes(encoded, channel, planes, pixel_size, each_slice=each_slice, rgb=rgb, tick=tick)
            return encoded, areas

        self._background.submit(work, self._on_areas, self._on_failed)

    def _on_areas(self, result: tuple[EncodedImage, AreasOverPlanes]) -> None:
        encoded, areas = result
        class_image = self._class_image
        if (
            isalive(self._panel)
            and class_image is not None
            and encoded is class_image.encoded
            and self._panel.over_planes
        ):
            self._panel.show_areas(areas, class_image.plane_at(self._viewer.dims, areas.along))

    def _on_summary(self, result: tuple[EncodedImage, ClassSummary]) -> None:
        encoded, summary = result
        if isalive(self._panel) and self._class_image is not None and encoded is self._class_image.encoded:
            self._panel.show_summary(summary)

    def _on_failed(self, message: str) -> None:
        if isalive(self._panel):
            self._panel.show_summary(None, sentence(message))

    # The sliders

    def on_dims_changed(self, _event: Any = None) -> None:
        """Follow the sliders, and changes between 2-D and 3-D."""
        class_image = self._class_image
        if (
            class_image is None
            or class_image.layer not in self._viewer.layers
            or class_image.layer.ndim > self._viewer.dims.ndim
        ):
            return
        self._highlight.follow_dims()
        self._follow_channel(class_image)
        planes = self._planes()
        self._show_slices(class_image, planes)
        if planes is not None:
            self._panel.areas_view.show_present(class_image.plane_at(self._viewer.dims, planes))
        self._count(planes)

    def _show_slices(self, class_image: ClassImage, planes: PlaneAxis | None) -> None:
        over = "" if planes is None else planes.name
        self._panel.show_slices(bool(class_image.sliced(self._viewer.dims)), over)

    def _follow_channel(self, class_image: ClassImage) -> None:
        channel = class_image.channel_at(self._viewer.dims)
        if channel is not None and channel != self._panel.channel.currentIndex():
            self._panel.show_channel(channel)
            self._update_highlight()

    # Several images

    def compare(self, layers: Sequence[Image]) -> None:
        """Count the classes of results of one codebook in the background, and show them side by side."""
        found = [(layer, provenance) for layer in layers if (provenance := provenance_of(layer)) is not None]
        images = [self._compared(layer, provenance) for layer, provenance in found]
        if len(images) > 1:
            tick = self._comparing.tick
            self._comparing.submit(lambda: compare_classes(images, tick), self._on_compared, self._on_not_compared)

    def _compared(self, layer: Image, provenance: Provenance) -> ComparedImage:
        class_image = ClassImage.of(layer, provenance, layer_by_id(self._viewer, provenance.source_id), ())
        return ComparedImage(
            provenance.source_name,
            class_image.encoded,
            tuple(class_image.channels),
            class_image.channel_title,
            class_image.pixel_size(self._viewer.dims, this_slice=False),
            bool(layer.rgb),
        )

    def _on_compared(self, comparison: Comparison) -> None:
        if isalive(self._panel):
            ComparisonDialog(self._panel, comparison).show()

    def _on_not_compared(self, message: str) -> None:
        show_error(sentence(message))

    # The highlight
    def _on_highlight_requested(self, highlighted: int) -> None:
        """Highlight a class; -1 ends the highlight."""
        if self._class_image is None:
            return
        if highlighted >= 0:
            self._start_highlight(self._class_image, highlighted)
            self._panel.show_highlighted(highlighted)
        elif self._panel.highlighted >= 0:
            # Before the layer is removed: else `on_temporary_removed` would take that for a removal by the user.
            self._panel.show_highlighted(-1)
            self._end_highlight()

    def _update_highlight(self) -> None:
        """Highlight the same class in the present channel."""
        if self._panel.highlighted >= 0:
            self._on_highlight_requested(self._panel.highlighted)

    def _start_highlight(self, class_image: ClassImage, highlighted: int) -> None:
        if self._family.view_mode.has_own_view:
            # In the grid the highlight's layer would get a cell of its own, beside the result that it should cover.
            self._was_tiled = self._family.view_mode is ViewMode.TILE
            self._family.view_mode = ViewMode.ONE
        classes = class_image.encoded.classes_of(max(0, self._panel.channel.currentIndex()))
        summary = self._panel.summary
        name = summary.name(highlighted) if summary is not None else ""
        self._highlight.show(
            class_image.layer, classes, highlighted, classes_messages.highlight_name(name, class_image.provenance)
        )

    def _end_highlight(self) -> None:
        was_tiled, self._was_tiled = self._was_tiled, False
        self._highlight.remove()
        if was_tiled:
            self._family.view_mode = ViewMode.TILE

    # Quantizing again
    def _on_requantize_requested(self) -> None:
        summary = self._panel.summary
        if self._class_image is None or summary is None or summary.palette is None:
            return
        colors = {tuple(map(float, summary.palette[index].tolist())) for index in self._panel.locked}
        request = self._class_image.codebook.request.learning(keep=tuple(sorted(colors)))
        self.result_requested.emit(self._class_image.provenance.k, request)

    def _on_hidden(self) -> None:
        self._on_highlight_requested(-1)
        self._background.cancel()
        self._class_image, self._last_count = None, ()

    def _on_closing(self) -> None:
        self._was_tiled = False  # the dock restores the view itself when it is closed
        self._on_hidden()
        self._background.close()
        self._comparing.close()


def _locked_indices(codebook: Codebook) -> frozenset[int]:
    """Return the indices of colours that were kept when the palette was learnt."""
    kept = set(codebook.request.keep)
    colors = codebook.levels[0].tolist() if kept else []
    return frozenset(index for index, color in enumerate(colors) if tuple(color) in kept)
