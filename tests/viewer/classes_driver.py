"""Helpers of the tests of the panel of classes."""

import numpy as np
from driving import accordion_of, find_panel, settle
from qtpy.QtWidgets import QApplication

from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.panels.classes.highlight import HIGHLIGHT_COLOR


def open_panel(widget, qtbot):
    """Open the panel and wait for its numbers."""
    accordion_of(widget).open("Classes")
    panel = find_panel(widget, "Classes")
    wait_until_counted(panel, qtbot)
    return panel


def wait_until_counted(panel, qtbot):
    qtbot.waitUntil(lambda: panel.summary is not None)
    settle(qtbot)


def highlight_of(viewer):
    QApplication.processEvents()  # a layer is removed a turn after it was hidden
    found = [layer for layer in viewer.layers if is_temporary(layer)]
    return found[0] if found else None


def highlighted_pixels(layer):
    """Return which pixels of the layer of labels have the bright colour."""
    colors = layer.colormap.map(np.asarray(layer.data))
    return np.all(np.isclose(colors, HIGHLIGHT_COLOR), axis=-1)


def codebook_of(layer):
    result = provenance_of(layer)
    return result.codebook


def cells(panel, column):
    model = panel.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def title_of(widget):
    panels = accordion_of(widget)
    return panels.folds[find_panel(widget, "Classes")]._button.text()
