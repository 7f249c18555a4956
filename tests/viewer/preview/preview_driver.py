"""Helpers of the tests of Try."""

import numpy as np
from qtpy.QtWidgets import QApplication

from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.preview.row import TryRow


def try_row(widget):
    return widget.native.findChild(TryRow)


def preview_layers(viewer):
    QApplication.processEvents()  # a layer is removed a turn after it was hidden
    return [layer for layer in viewer.layers if is_temporary(layer)]


def try_k(qtbot, viewer, widget, k):
    """Choose K, and return the layer that shows it."""
    try_row(widget).number.setValue(k)
    if not try_row(widget).is_on:
        try_row(widget).check.click()
    return wait_for_preview(qtbot, viewer, k)


def wait_for_preview(qtbot, viewer, k, holds=lambda layer: True):
    def seen():
        return any(layer.name.startswith(f"Try K={k} ·") and holds(layer) for layer in preview_layers(viewer))

    qtbot.waitUntil(seen)
    [layer] = preview_layers(viewer)
    return layer


def has_data(layer, data):
    return layer.data.shape == data.shape and np.array_equal(layer.data, data)
