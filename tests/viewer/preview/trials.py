"""What the tests of Try have in common."""

import numpy as np
from driving import TIMEOUT_MS

from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.preview.row import TryRow


def row(widget):
    return widget.native.findChild(TryRow)


def trials(viewer):
    return [layer for layer in viewer.layers if is_temporary(layer)]


def try_k(qtbot, viewer, widget, k):
    """Choose K, and return the layer that shows it."""
    row(widget).number.setValue(k)
    if not row(widget).is_on:
        row(widget).check.click()
    return wait_for(qtbot, viewer, k)


def wait_for(qtbot, viewer, k, holds=lambda layer: True):
    def seen():
        return any(layer.name.startswith(f"Try K={k} ·") and holds(layer) for layer in trials(viewer))

    qtbot.waitUntil(seen, timeout=TIMEOUT_MS)
    [layer] = trials(viewer)
    return layer


def looks(layer, data):
    return layer.data.shape == data.shape and np.array_equal(layer.data, data)
