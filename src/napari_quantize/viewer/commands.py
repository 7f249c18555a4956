"""Commands of napari's menus and its command palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from napari.qt.threading import create_worker
from qtpy.QtWidgets import QFileDialog

from napari_quantize.files.opening import photo_suffixes
from napari_quantize.viewer.reader import read_layer

if TYPE_CHECKING:
    import napari.viewer

    from napari_quantize.viewer.reader import LayerData
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


def open_photo(viewer: napari.viewer.Viewer) -> None:
    """Ask for photos, and open them upright and with their file facts; several become one stack."""
    patterns = " ".join(f"*{suffix}" for suffix in sorted(photo_suffixes()))
    paths, _ = QFileDialog.getOpenFileNames(None, "Open photo to quantize", "", f"Photos ({patterns})")
    if not paths:
        return

    def add(layers: list[LayerData]) -> None:
        for data, attributes, _ in layers:
            viewer.add_image(data, **attributes)

    # The reader is called itself: napari would take it only for the few endings that the manifest claims.
    worker = create_worker(read_layer, paths, _start_thread=False)
    worker.returned.connect(add)
    worker.start()
