"""*Use a palette*: apply the colours or levels of a palette, a codebook or a result to the chosen image."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.compat import isalive
from qtpy.QtCore import QObject
from qtpy.QtWidgets import QFileDialog

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.palettes.io import ENDINGS, read_palette
from napari_quantize.palettes.palette import Palette
from napari_quantize.text.results import FILE_ID_PREFIX, palette_phrase
from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.layers.cache import cached_facts
from napari_quantize.viewer.layers.palettes import is_palette, palette_in
from napari_quantize.viewer.layers.provenance import provenance_in
from napari_quantize.viewer.layers.sources import Source, result_attributes
from napari_quantize.viewer.plan.compatibility import codebook_for, codebook_origin, layers_with_palettes, menu_entry
from napari_quantize.viewer.plan.plan import Plan
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_quantize.viewer.fields.fields import InputFields
    from napari_quantize.viewer.preview.controller import PreviewController
    from napari_quantize.viewer.run.controller import RunController

CHOOSE_FILE = "From a file…"
NOTHING_CHOSEN = "Choose an image first: the palette is given to it."


class PaletteController(QObject):
    """Fill the menu of palettes, and start a run for the palette that the user chooses.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with images and palettes.
    inputs : InputFields
        Upper half of the dock, with the button and the chosen image.
    run_controller : RunController
        Runs the plan.
    preview : PreviewController
        The preview, which is switched off before a run.
    """

    def __init__(
        self, viewer: Viewer, inputs: InputFields, run_controller: RunController, preview: PreviewController
    ) -> None:
        super().__init__(inputs)
        self._viewer, self._inputs, self._run_controller, self._preview = viewer, inputs, run_controller, preview
        self._background = Background(self)
        self._menu = inputs.palette.menu()
        self._menu.aboutToShow.connect(self._fill)
        self._menu.triggered.connect(self._on_triggered)

    def close_down(self) -> None:
        """Stop reading files."""
        self._background.close()

    def on_active_changed(self, _event: object = None) -> None:
        """Show a message how to use a palette when the user opens or selects one."""
        active, image = self._viewer.layers.selection.active, self._inputs.image.value
        if active is not None and is_palette(active) and image is not None and not self._run_controller.busy:
            self._inputs.show_message(
                f"“{active.name}” is a palette: Options → Use a palette gives it to “{image.name}”."
            )

    def use_file(self, path: Path) -> None:
        """Read a palette from a file, and apply it to the chosen image."""
        self._background.submit(partial(_read, path), partial(self._on_read, path.name), self._on_failed)

    def use_layer(self, layer: Layer) -> None:
        """Apply the palette that a layer shows, or the codebook of a result, to the chosen image."""
        palette = palette_in(layer.metadata)
        if palette is not None:
            provenance = provenance_in(layer.metadata)
            each_slice = None if provenance is None else provenance.each_slice
            self._use(palette, codebook_origin(layer), each_slice=each_slice)

    def _fill(self) -> None:
        self._menu.clear()
        for layer in layers_with_palettes(self._viewer.layers):
            palette = palette_in(layer.metadata)
            if palette is not None:
                action = self._menu.addAction(menu_entry(layer.name, palette).replace("&", "&&"))
                action.setData(str(layer.unique_id))
        if not self._menu.isEmpty():
            self._menu.addSeparator()
        self._menu.addAction(CHOOSE_FILE)

    def _on_triggered(self, action: object) -> None:
        chosen = action.data()  # type: ignore[attr-defined]
        if chosen is None:
            self._ask_for_file()
            return
        for layer in self._viewer.layers:
            if str(layer.unique_id) == chosen:
                self.use_layer(layer)
                return

    def _ask_for_file(self) -> None:
        patterns = " ".join(f"*{ending}" for ending in ENDINGS)
        path, _ = QFileDialog.getOpenFileName(self._inputs, "Use a palette", "", f"Palettes ({patterns})")
        if path:
            self.use_file(Path(path))

    def _on_read(self, name: str, palette: Palette | Codebook) -> None:
        if isalive(self):
            self._use(palette, (f"{FILE_ID_PREFIX}{name}", name))

    def _on_failed(self, problem: str) -> None:
        if isalive(self):
            # Not capitalized, since it starts with the file's name.
            self._inputs.show_message(f"{problem.removesuffix('.')}.")

    def _use(self, palette: Palette | Codebook, origin: tuple[str, str], *, each_slice: bool | None = None) -> None:
        """Apply a palette to the chosen image.

        `each_slice` tells whether its channels are slices; None if that is not known, as of a file.
        """
        image = self._inputs.image.value
        if image is None or self._run_controller.busy:
            self._inputs.show_message(messages.BUSY if self._run_controller.busy else NOTHING_CHOSEN)
            return
        source, facts = Source.of(image), cached_facts(image)
        target = (source, result_attributes(image))
        high = None if facts is None else facts.high
        self._background.submit(  # the whole image may have to be read
            partial(codebook_for, palette, source, high, self._background.tick),
            partial(self._start, target, origin, each_slice),
            self._on_misfit,
        )

    def _on_misfit(self, problem: str) -> None:
        if isalive(self):
            self._inputs.show_message(messages.sentence(problem))

    def _start(
        self,
        target: tuple[Source, dict[str, Any]],
        origin: tuple[str, str],
        each_slice: bool | None,
        codebook: Codebook,
    ) -> None:
        """Start the run of a codebook that fits, unless meanwhile another was started, or the image removed."""
        if not isalive(self) or layer_by_id(self._viewer, target[0].layer_id) is None:
            return
        if self._run_controller.busy:
            self._inputs.show_message(messages.BUSY)
            return
        learnt_from = () if palette_phrase(codebook) else origin
        self._preview.stop()
        if each_slice is None:
            axis = codebook.channel_axis if codebook.mode == "per_channel" else None
            each_slice = axis is not None and target[0].holds_slices(axis)
        plan = Plan.applying(codebook, learnt_from, target, each_slice=each_slice)
        self._run_controller.start(plan, tile=self._inputs.tile.value, keep_earlier=self._inputs.keep_earlier.value)


def _read(path: Path) -> Palette | Codebook:
    try:
        return read_palette(path)
    except OSError as error:  # shown inline like all errors in the file, not as a notification
        raise ValueError(f"“{path.name}” could not be read: {error.strerror or error}") from None
