"""Displayed axes and planes of layers, against transposed stacks."""

from itertools import permutations

import numpy as np
import pytest
from driving import shown_plane
from napari.components import ViewerModel

from napari_quantize.viewer.layers.axes import displayed_axes, pixel_at, plane_axes

RNG = np.random.default_rng(0)
WHOLE, STACK, FLAT = (RNG.integers(0, 99, (4, 5, 6, 7)[-ndim:], dtype=np.uint8) for ndim in (4, 3, 2))


@pytest.fixture
def viewer():
    viewer = ViewerModel()
    for data in (WHOLE, STACK, FLAT):
        viewer.add_image(data)
    return viewer


def test_planes_match_those_of_a_transposed_stack(viewer):
    for order in permutations(range(4)):
        viewer.dims.order = order
        viewer.dims.current_step = (3, 2, 4, 5)
        for layer in viewer.layers:
            missing = 4 - layer.ndim
            if min(order[-2:]) >= missing:
                whole = layer.data[(np.newaxis,) * missing].transpose(order)
                steps = [0 if axis < missing else viewer.dims.current_step[axis] for axis in order[:2]]
                np.testing.assert_array_equal(shown_plane(viewer.dims, layer), whole[tuple(steps)], str(order))


def test_layers_without_one_of_the_displayed_axes_are_shown_whole(viewer):
    viewer.dims.order = (2, 1, 0, 3)
    np.testing.assert_array_equal(shown_plane(viewer.dims, viewer.layers[2]), FLAT)


def test_three_axes_are_displayed_in_3d(viewer):
    viewer.dims.ndisplay, viewer.dims.order = 3, (2, 0, 3, 1)
    assert displayed_axes(viewer.dims, 4) == [0, 3, 1]
    assert displayed_axes(viewer.dims, 3) == [1, 2, 0]
    assert displayed_axes(viewer.dims, 2) == [0, 1]
    assert plane_axes(viewer.dims, 4) == (3, 1)


def test_positions_outside_a_layer_are_clipped(viewer):
    far = viewer.add_image(STACK, translate=(-10, 100, 0.4), scale=(1, 0.5, 1))
    viewer.dims.point = (0, 2, 3, 5)
    assert pixel_at(viewer.dims, far) == (4, 0, 5)


def test_positions_in_a_coarse_level_are_in_its_own_pixels(viewer):
    pyramid = viewer.add_image([STACK, STACK[::2, ::2, ::2]], multiscale=True)
    viewer.dims.point = (0, 4, 4, 2)
    assert pixel_at(viewer.dims, pyramid) == (4, 4, 2)
    assert pixel_at(viewer.dims, pyramid, (3, 3, 4)) == (2, 2, 1)
