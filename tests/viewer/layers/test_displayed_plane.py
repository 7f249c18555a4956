"""Displayed axes and planes of layers, against transposed stacks."""

from itertools import permutations

import numpy as np
import pytest
from driving import GREY, RGB, shown_plane
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


def test_planes_of_scaled_layers_photos_and_pyramids_follow_the_sliders():
    viewer = ViewerModel()
    stack = np.random.default_rng(0).integers(0, 99, (6, 7, 8, 9), dtype=np.uint8)
    layer = viewer.add_image(stack, name="stack", scale=(1, 0.5, 1, 1), translate=(0, 10, 0, 0))
    for t, z in ((0, 0), (5, 6), (2, 3)):
        viewer.dims.set_current_step(0, t)
        viewer.dims.set_current_step(1, z)
        np.testing.assert_array_equal(shown_plane(viewer.dims, layer), stack[t, z])
    colour = viewer.add_image(np.stack([RGB] * 9 + [RGB // 2] * 9), name="movie", rgb=True)
    assert shown_plane(viewer.dims, colour).shape == RGB.shape
    flat = viewer.add_image(GREY, name="flat")
    np.testing.assert_array_equal(shown_plane(viewer.dims, flat), GREY)
    pyramid = viewer.add_image([stack[0, 0], stack[0, 0, ::2, ::2]], name="pyramid", multiscale=True)
    np.testing.assert_array_equal(shown_plane(viewer.dims, pyramid), stack[0, 0])


def test_planes_of_stacks_and_photos_follow_the_order_of_axes():
    viewer = ViewerModel()
    stack = np.random.default_rng(0).integers(0, 99, (6, 7, 8), dtype=np.uint8)
    layer = viewer.add_image(stack, name="stack")
    flat = viewer.add_image(GREY, name="flat")
    viewer.dims.set_current_step(0, 4)
    viewer.dims.transpose()
    np.testing.assert_array_equal(shown_plane(viewer.dims, layer), stack[4].T)
    np.testing.assert_array_equal(shown_plane(viewer.dims, flat), GREY.T)
    viewer.dims.order = (2, 0, 1)
    viewer.dims.set_current_step(2, 5)
    np.testing.assert_array_equal(shown_plane(viewer.dims, layer), stack[:, :, 5])
    # napari turns it, too: of the viewer's axes 2, 0, 1 it has 2 and 1.
    np.testing.assert_array_equal(shown_plane(viewer.dims, flat), GREY.T)
    film = viewer.add_image(np.stack([RGB] * 3), name="film", rgb=True)
    viewer.dims.order = (2, 1, 0)
    viewer.dims.set_current_step(2, 3)
    np.testing.assert_array_equal(shown_plane(viewer.dims, film), np.stack([RGB] * 3)[:, :, 3].swapaxes(0, 1))
