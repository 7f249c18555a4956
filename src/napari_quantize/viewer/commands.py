"""Commands of napari's menus and its command palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from napari.utils.notifications import show_info

if TYPE_CHECKING:
    import napari.viewer

    from napari_quantize.viewer.widget import QuantizeWidget

PLUGIN = "napari-quantize"
WIDGET = "K-means Quantization"


def quantize_active_layer(viewer: napari.viewer.Viewer) -> None:
    """Open the dock with the active image chosen."""
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)
    dock = cast("QuantizeWidget", widget)
    active = viewer.layers.selection.active
    if active is not None and active in dock.image.choices:
        dock.image.value = active


def open_photo(viewer: napari.viewer.Viewer) -> None:
    """Ask for photos and open them with this plugin's reader."""
    from qtpy.QtWidgets import QFileDialog

    from napari_quantize.files.opening import photo_suffixes

    patterns = " ".join(f"*{suffix}" for suffix in sorted(photo_suffixes()))
    paths, _ = QFileDialog.getOpenFileNames(None, "Open photo to quantize", "", f"Photos ({patterns})")
    if paths:
        viewer.open(paths, stack=len(paths) > 1, plugin=PLUGIN)
        show_info(f"Opened {len(paths)} {'photo' if len(paths) == 1 else 'photos'}")
