"""A raster's calibration fits its image, or it is none."""

import numpy as np
import pytest

from napari_quantize.formats.raster import Calibration, Raster


@pytest.mark.parametrize(
    ("shape", "rgb", "axes"),
    [
        ((3, 4), False, "yx"),
        ((3, 4, 3), True, "yx"),
        ((2, 3, 4), False, "zyx"),
        ((2, 3, 4, 4), True, "tyx"),
        ((5,), False, "x"),
    ],
)
def test_axes_include_all_but_the_colour_axis(shape, rgb, axes):
    raster = Raster(np.zeros(shape), rgb, Calibration.of_pixels(*axes))
    assert raster.calibration == Calibration(tuple(axes), (1.0,) * len(axes), ("pixel",) * len(axes))


@pytest.mark.parametrize(
    ("shape", "rgb", "axes", "sentence"),
    [
        ((3, 4), False, "zyx", "an image of shape (3, 4) does not have the axes z, y, x"),
        ((3, 4, 3), True, "zyx", "an image of shape (3, 4, 3) does not have the axes z, y, x"),
        ((3, 4), True, "y", "an image of shape (3, 4) has no RGB or RGBA as its last axis"),
        ((3, 4, 5), True, "yx", "an image of shape (3, 4, 5) has no RGB or RGBA as its last axis"),
    ],
)
def test_axes_that_do_not_match_the_shape_are_refused(shape, rgb, axes, sentence):
    with pytest.raises(ValueError) as caught:
        Raster(np.zeros(shape), rgb, Calibration.of_pixels(*axes))
    assert str(caught.value) == sentence


def test_a_calibration_has_a_scale_and_a_unit_for_each_axis():
    with pytest.raises(ValueError) as caught:
        Calibration(("y", "x"), (1.0,), ("pixel", "pixel", "pixel"))
    assert str(caught.value) == "2 axes do not go with 1 scales and 3 units"
