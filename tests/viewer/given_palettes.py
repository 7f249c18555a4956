"""Palettes for tests, and a helper that applies one to an image."""

import numpy as np
from driving import open_dock, settle

from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.palettes.palette import Palette
from napari_quantize.viewer.layers.sources import Source, result_attributes
from napari_quantize.viewer.plan.plan import Plan

COLORS = Palette(np.array([[0, 0, 0], [0, 99, 50], [190, 0, 20], [255, 255, 255]], np.uint8), "four")
GREYS = Palette(np.repeat(np.array([[0], [90], [255]], np.uint8), 3, axis=1), "three")


def apply_palette(viewer, qtbot, image, palette, axis):
    """Apply a palette to an image; return the dock and the result."""
    source = viewer.add_image(image, name="it")
    widget = open_dock(viewer, "2")
    codebook = codebook_from(palette, image.dtype, channel_axis=axis)
    plan = Plan.applying(codebook, (), (Source.of(source), result_attributes(source)), each_slice=False)
    with qtbot.waitSignal(widget.finished) as ended:
        widget._run_controller.start(plan, tile=False, keep_earlier=True)
    [layer] = ended.args[0]
    viewer.layers.selection.active = layer
    settle(qtbot)
    return widget, layer
