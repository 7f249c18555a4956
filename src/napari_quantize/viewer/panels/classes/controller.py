"""Connect the panel of classes to the viewer: count pixels, light up classes, ask for results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal

from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.messages import sentence
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.class_image import Looked
from napari_quantize.viewer.panels.classes.highlight import Spotlight
from napari_quantize.viewer.panels.classes.model import Encoded, Summary, summarize_classes
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.family.snapshot import FamilySnapshot
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.panels.classes.panel import ClassesPanel


class ClassesControl(QObject):
    """Counts, lights up, and asks for results, as the panel says.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    family : Family
        The model.
    panel : ClassesPanel
        Shows its classes.
    """

    wanted = Signal(int, object)
    """Emitted with the K and the request of a result that shall be made."""

    def __init__(self, viewer: Viewer, family: Family, panel: ClassesPanel) -> None:
        super().__init__(panel)
        self._viewer, self._family, self._panel = viewer, family, panel
        self._background = Background(panel)
        self._light = Spotlight(viewer)
        self._looked: Looked | None = None
        self._asked: tuple[Any, ...] = ()
        self._was_tiled = False
        panel.looked_at.connect(self._on_looked_at)
        panel.counted.connect(self._on_counted)
        panel.lighting.connect(self._on_lighting)
        panel.again.connect(self._on_again)
        panel.left.connect(self._on_left)
        panel.closing.connect(self._on_closing)

    # What is shown

    def _on_looked_at(self, shown: FamilySnapshot) -> None:
        if shown.current is None:
            return
        layer, made = shown.current
        if self._looked is None or not self._looked.is_of(layer, made):
            self._was_tiled = False  # the user goes on with one at a time
            self._on_lighting(-1)
            self._turn_to(layer, made, shown.source)
        elif self._panel.lit >= 0 and self._family.view_mode.has_own_view:
            self._was_tiled = False  # the user has tiled them
            self._on_lighting(-1)
        self._count()

    def on_temporary_removed(self) -> None:
        """Follow the user who removes the light."""
        if self._panel.lit >= 0 and not self._light.is_on:
            self._was_tiled = False
            self._on_lighting(-1)

    def _turn_to(self, layer: Image, made: Provenance, source: Image | None) -> None:
        parts = [layer_by_id(self._viewer, layer_id) for layer_id, _ in made.together]
        looked = Looked.of(layer, made, source, [part for part in parts if part is not None])
        self._looked, self._asked = looked, ()
        self._panel.show_summary(None)
        self._panel.show_choices(looked.channels, colours=looked.shows_colours)
        self._panel.show_slices(bool(looked.sliced(self._viewer.dims)))
        self._follow_channel(looked)
        self._panel.show_pins(_kept_places(looked.codebook), can_keep=not made.together)

    # Counting

    def _on_counted(self) -> None:
        self._relight()
        self._count()

    def _count(self) -> None:
        """Count in the background what is asked for, unless that has been asked before."""
        looked, dims = self._looked, self._viewer.dims
        if looked is None:
            return
        channel, this_slice = max(0, self._panel.channel.currentIndex()), self._panel.this_slice
        index = looked.slice_at(dims) if this_slice else (slice(None),) * looked.layer.ndim
        measure = looked.measure(dims, this_slice=this_slice)
        asked = (looked.encoded, channel, repr(index), measure)
        if asked == self._asked:
            return
        self._asked = asked
        encoded, rgb, tick = looked.encoded, looked.layer.rgb, self._background.tick

        def work() -> tuple[Encoded, Summary]:
            return encoded, summarize_classes(encoded, channel, index, measure, rgb=rgb, tick=tick)

        self._background.submit(work, self._on_summary, self._on_failed)

    def _on_summary(self, found: tuple[Encoded, Summary]) -> None:
        encoded, summary = found
        if isalive(self._panel) and self._looked is not None and encoded is self._looked.encoded:
            self._panel.show_summary(summary)

    def _on_failed(self, message: str) -> None:
        if isalive(self._panel):
            self._panel.show_summary(None, sentence(message))

    # The sliders

    def on_dims_changed(self, _event: Any = None) -> None:
        """Follow the sliders, and the change between 2-D and 3-D."""
        looked = self._looked
        if looked is None or looked.layer not in self._viewer.layers or looked.layer.ndim > self._viewer.dims.ndim:
            return
        self._light.follow_dims()
        self._follow_channel(looked)
        self._panel.show_slices(bool(looked.sliced(self._viewer.dims)))
        self._count()

    def _follow_channel(self, looked: Looked) -> None:
        channel = looked.channel_at(self._viewer.dims)
        if channel is not None and channel != self._panel.channel.currentIndex():
            self._panel.show_channel(channel)
            self._relight()

    # The light

    def _on_lighting(self, lit: int) -> None:
        if self._looked is None:
            return
        if lit >= 0:
            self._light_up(self._looked, lit)
            self._panel.show_lit(lit)
        elif self._panel.lit >= 0:
            self._panel.show_lit(-1)  # first of all: nobody misses the light then
            self._go_dark()

    def _relight(self) -> None:
        """Light up the same class of the channel that is chosen now."""
        if self._panel.lit >= 0:
            self._on_lighting(self._panel.lit)

    def _light_up(self, looked: Looked, lit: int) -> None:
        if self._family.view_mode.has_own_view:
            # In the grid the light would have a cell of its own, beside what it is to lie on.
            self._was_tiled = self._family.view_mode is ViewMode.TILE
            self._family.view_mode = ViewMode.ONE
        classes = looked.encoded.classes_of(max(0, self._panel.channel.currentIndex()))
        summary = self._panel.summary
        name = summary.name(lit) if summary is not None else ""
        self._light.show(looked.layer, classes, lit, classes_messages.lit_name(name, looked.made))

    def _go_dark(self) -> None:
        was_tiled, self._was_tiled = self._was_tiled, False
        self._light.off()
        if was_tiled:
            self._family.view_mode = ViewMode.TILE

    # Again

    def _on_again(self) -> None:
        summary = self._panel.summary
        if self._looked is None or summary is None or summary.palette is None:
            return
        colors = {tuple(map(float, summary.palette[place].tolist())) for place in self._panel.pins}
        request = self._looked.codebook.request.learning(keep=tuple(sorted(colors)))
        self.wanted.emit(self._looked.made.k, request)

    def _on_left(self) -> None:
        self._on_lighting(-1)
        self._background.cancel()
        self._looked, self._asked = None, ()

    def _on_closing(self) -> None:
        self._was_tiled = False  # the whole view is given back
        self._on_left()
        self._background.close()


def _kept_places(codebook: Codebook) -> frozenset[int]:
    """Return which colours of a palette were kept when it was learnt."""
    kept = set(codebook.request.keep)
    colors = codebook.levels[0].tolist() if kept else []
    return frozenset(place for place, color in enumerate(colors) if tuple(color) in kept)
