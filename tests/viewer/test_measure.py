"""What a pixel measures, beside sums done by hand."""

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize.viewer.measure import measure_of

PLANE, STACK, FILM = np.zeros((4, 5)), np.zeros((3, 4, 5)), np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("image", "place", "axes", "title", "size"),
    [
        (PLANE, {}, (0, 1), None, None),
        (PLANE, {"scale": (0.5, 0.25)}, (0, 1), "area", 0.125),
        (PLANE, {"scale": (-0.5, 0.25)}, (0, 1), "area", 0.125),
        (PLANE, {"scale": (0.65, 0.65), "units": ("um", "um")}, (0, 1), "area µm²", 0.65 * 0.65),
        (PLANE, {"units": ("nm", "nm")}, (0, 1), "area nm²", 1),
        (PLANE, {"scale": (2, 500), "units": ("µm", "nm")}, (0, 1), "area nm²", 2000 * 500),
        (STACK, {"scale": (2, 0.5, 0.5), "units": ("µm",) * 3}, (0, 1, 2), "volume µm³", 0.5),
        (STACK, {"scale": (2, 0.5, 0.5), "units": ("µm",) * 3}, (1, 2), "area µm²", 0.25),
        (STACK, {"scale": (60, 0.5, 0.5), "units": ("s", "µm", "µm")}, (0, 1, 2), "area µm²", 0.25),
        (STACK, {"scale": (60, 0.5, 0.5), "units": ("s", "µm", "µm")}, (0, 2), "length µm", 0.5),
        (STACK, {"scale": (9, 0.5, 0.5)}, (0, 1, 2), "area", 0.25),
        (STACK, {"scale": (9, 0.5, 0.5), "axis_labels": ("z", "y", "x")}, (0, 1, 2), "volume", 2.25),
        (STACK, {"scale": (9, 1, 1)}, (0, 1, 2), None, None),
        (FILM, {"scale": (1, 3, 2, 2), "units": ("s", "mm", "mm", "mm")}, (0, 1, 2, 3), "volume mm³", 12),
    ],
)
def test_measures(image, place, axes, title, size):
    measure = measure_of(Image(image, **place), axes)
    if title is None:
        assert measure is None
    else:
        assert measure.title == title
        assert measure.size == pytest.approx(size, rel=1e-12)
