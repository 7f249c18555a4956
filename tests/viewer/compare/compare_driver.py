"""Helpers of the tests of view modes: families of each kind, and the displayed value at a position."""

import numpy as np
from driving import GREY, RGB, open_dock, press, settle

from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.layers.temporary import is_temporary

RGBA = np.dstack([RGB, np.full(RGB.shape[:2], 255, np.uint8)])
STACK = np.random.default_rng(2).integers(0, 200, (3, 10, 14), dtype=np.uint8)

KINDS = {
    "grey": (GREY, {}),
    "rgb": (RGB, {"rgb": True}),
    "rgba": (RGBA, {"rgb": True}),
    "stack": (STACK, {"axis_labels": ("z", "y", "x")}),
    "floats": (GREY / 7.0, {}),
    "transformed": (GREY, {"scale": (2, 0.5), "translate": (30, -4), "rotate": 20, "shear": [0.3]}),
    "affine": (GREY, {"scale": (2, 3), "affine": [[0, 2, 5], [1, 0, 7], [0, 0, 1]]}),
    "rgb floats": (RGB / np.float32(200), {"rgb": True}),
    "12 bits": (np.stack([RGB.astype(np.uint16), RGB.astype(np.uint16) * 20]), {"rgb": True}),
    "multiscale": ([RGB, RGB[::2, ::2]], {"rgb": True, "multiscale": True}),
}


def open_family(viewer, qtbot, kind="grey", ks="2, 4", **more):
    """Open the dock on an image of a kind and quantize it; make the last result active."""
    data, options = KINDS[kind]
    layer = viewer.add_image(data, name="cells", **options, **more)
    widget = open_dock(viewer, ks)
    results = press(qtbot, widget)
    viewer.layers.selection.active = results[-1]
    return widget, layer, results


def press_mode(widget, qtbot, name):
    """Press the button of a mode, and let it be entered, or left if it was on."""
    [mode] = [mode for mode in ViewMode if mode.value == name]
    widget._results_view.compare._buttons[mode].click()
    settle(qtbot)


def temporary_layers(viewer):
    return [layer for layer in viewer.layers if is_temporary(layer)]


def displayed_value(viewer, world):
    """Return the value of the topmost visible layer at a world position; None if there is none."""
    for layer in reversed(viewer.layers):
        data = layer.data[0] if layer.multiscale else layer.data
        position = np.rint(layer.world_to_data(world)).astype(int)
        shape = data.shape[: len(position)]
        if layer.visible and all(0 <= at < length for at, length in zip(position, shape, strict=True)):
            return np.asarray(data[tuple(position)])
    return None
