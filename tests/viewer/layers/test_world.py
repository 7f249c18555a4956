"""Layers in other units than the viewer's: the same pixels are meant as those that are shown."""

import numpy as np
import pytest
from driving import accordion_of, find_panel, open_dock, press, settle

from napari_quantize.viewer.layers.axes import pixel_at
from napari_quantize.viewer.layers.compat import camera_of, fit_tiles, grid_of
from napari_quantize.viewer.layers.world import to_data, to_world, world_extent
from napari_quantize.viewer.panels.classes.panel import ClassesPanel
from napari_quantize.viewer.plan.regions import SLICE, region_mask

STACK = np.random.default_rng(2).integers(0, 250, (8, 12, 16), dtype=np.uint8)
MICROMETERS = {"scale": (2, 0.5, 0.5), "units": ("um", "um", "um")}
NANOMETERS = {"scale": (2000, 500, 500), "units": ("nm", "nm", "nm")}
MIXED = {"scale": (0.002, 0.5, 0.5), "units": ("mm", "um", "um")}


def together(viewer):
    """Return whether the viewer shows layers of other units in their true sizes, as napari does since 0.9."""
    return getattr(viewer.dims, "units", None) is not None


def opened(viewer, *layers):
    """Add the layers; only the first one where napari takes all numbers for those of one unit."""
    first = viewer.add_image(STACK, name="0", **layers[0])
    others = enumerate(layers[1:], 1) if together(viewer) else ()
    return [first, *(viewer.add_image(STACK, name=str(number), **options) for number, options in others)]


@pytest.mark.parametrize("layers", [(MIXED,), (MICROMETERS, NANOMETERS), (NANOMETERS, MICROMETERS)])
def test_the_slice_that_is_shown_is_meant(layers, viewer):
    added = opened(viewer, *layers)
    for index in (0, 3, 7):
        viewer.dims.set_current_step(0, index)
        for layer in added:
            assert pixel_at(viewer.dims, layer)[0] == index
            mask = region_mask(SLICE, viewer, layer, None)
            assert np.flatnonzero(mask.reshape(-1)).tolist() == [index]


def test_points_go_there_and_back(viewer):
    viewer.add_image(np.zeros((2, *STACK.shape)))  # more axes
    for layer in opened(viewer, MIXED, NANOMETERS, MICROMETERS):
        position = (3.0, 4.5, 7.25)
        point = to_world(viewer.dims, layer, position)
        np.testing.assert_allclose(to_data(viewer.dims, layer, point), position)
        np.testing.assert_allclose(to_data(viewer.dims, layer, [99, *point]), position)


def test_tiles_are_fitted_in_the_units_of_the_viewer(viewer):
    added = opened(viewer, MICROMETERS, NANOMETERS)
    grid_of(viewer).enabled = True
    fit_tiles(viewer, added, (400, 600))
    low, high = viewer.layers.extent.world
    for layer in added:
        np.testing.assert_allclose(world_extent(viewer.dims, layer), [low, high])
    np.testing.assert_allclose(camera_of(viewer).center[1:], (low + high)[1:] / 2, rtol=0.2)


def test_a_region_in_other_units_is_where_it_is_shown(viewer):
    image, *_ = opened(viewer, MICROMETERS)
    drawn = np.zeros(STACK.shape, int)
    drawn[2, 3:5] = 1
    same = viewer.add_labels(drawn, name="same place", **NANOMETERS)
    if together(viewer):
        np.testing.assert_array_equal(region_mask(same, viewer, image, None), drawn > 0)
    elsewhere = viewer.add_labels(drawn, name="elsewhere", scale=NANOMETERS["scale"], units=("um", "um", "um"))
    with pytest.raises(ValueError, match="“elsewhere” has another scale or place"):
        region_mask(elsewhere, viewer, image, None)


def test_a_chosen_plane_is_shown(viewer, qtbot):
    viewer.add_image(STACK, name="stack", axis_labels=("z", "y", "x"), **MIXED)
    widget = open_dock(viewer, "3")
    widget.channel_axis.value = None
    press(qtbot, widget)
    accordion_of(widget).open(ClassesPanel.name)
    panel = find_panel(widget, "Classes")
    qtbot.waitUntil(lambda: panel.summary is not None)
    panel.scope.setCurrentIndex(panel.scope.findData("over"))
    qtbot.waitUntil(lambda: panel.areas is not None)
    for index in (5, 0, 7):
        panel.areas_view.chosen.emit(index)
        settle(qtbot)
        assert viewer.dims.current_step[0] == index
