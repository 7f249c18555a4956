"""What the tests of the panel of classes have in common."""

import numpy as np
from driving import settle

from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.panels.classes.highlight import LIT


def open_panel(widget, qtbot):
    """Open the panel and wait for its numbers."""
    widget._results_view.panels.open("Classes")
    panel = widget._results_view.classes
    counted(panel, qtbot)
    return panel


def counted(panel, qtbot):
    qtbot.waitUntil(lambda: panel.summary is not None, timeout=20_000)
    settle(qtbot)


def light_of(viewer):
    found = [layer for layer in viewer.layers if is_temporary(layer)]
    return found[0] if found else None


def lit_pixels(layer):
    """Return which pixels of the layer of labels have the bright colour."""
    colors = layer.colormap.map(np.asarray(layer.data))
    return np.all(np.isclose(colors, LIT), axis=-1)


def encoded(layer):
    made = provenance_of(layer)
    return made.codebook


def cells(panel, column):
    model = panel.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def title_of(widget):
    panels = widget._results_view.panels
    return panels.folds[widget._results_view.classes]._button.text()
