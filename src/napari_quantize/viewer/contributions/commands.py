"""Commands of napari's menus and its command palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from napari.qt.threading import create_worker
from napari.utils.notifications import show_error
from qtpy.QtWidgets import QFileDialog

from napari_quantize.formats.photo.open import photo_suffixes
from napari_quantize.viewer.contributions.palette_reader import read_png_layer
from napari_quantize.viewer.contributions.photo_reader import read_layer

if TYPE_CHECKING:
    import napari.viewer

    from napari_quantize.viewer.contributions.photo_reader import LayerData
    from napari_quantize.viewer.widget import QuantizeWidget

PLUGIN = "napari-quantize"
WIDGET = "K-means Quantization"


def quantize_active_layer(viewer: napari.viewer.Viewer) -> None:
    """Open the dock with the active image chosen."""
    active = viewer.layers.selection.active
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)
    dock = cast("QuantizeWidget", widget)
    if active is not None and active in dock.image.choices:
        dock.image.value = active


def ask_and_open_photos(viewer: napari.viewer.Viewer) -> None:
    """Ask for photos, and open them in a background thread; several photos become one stack."""
    patterns = " ".join(f"*{suffix}" for suffix in sorted(photo_suffixes()))
    paths, _ = QFileDialog.getOpenFileNames(None, "Open photo to quantize", "", f"Photos ({patterns})")
    if not paths:
        return

    def add(read: list[LayerData] | str) -> None:
        if isinstance(read, str):
            show_error(read)
            return
        for data, attributes, _ in read:
            viewer.add_image(data, **attributes)

    worker = create_worker(_read, paths, _start_thread=False)
    worker.returned.connect(add)
    worker.start()


def _read(paths: list[str]) -> list[LayerData] | str:
    """Return the layers, or a sentence that tells why the files could not be read."""
    # Call the reader directly: napari would pass it only the few suffixes that the manifest claims.
    try:
        if len(paths) == 1 and paths[0].lower().endswith(".png"):  # it may hold a codebook of this plugin
            return read_png_layer(paths[0])
        return read_layer(paths)
    except (ValueError, OSError) as error:
        return str(error)
