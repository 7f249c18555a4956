"""The axes of a result's classes without a window: the size of a pixel of all planes, of one, and of each."""

import numpy as np
import pytest
from napari.components import Dims
from napari.layers import Image

from napari_quantize import sweep
from napari_quantize.viewer.layers.pixel_size import PixelSize
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.panels.classes.class_image import ClassImage

# Wells have no length, so that they are neither planes of a volume nor time points.
FILM = np.random.default_rng(0).integers(0, 200, (5, 2, 6, 8), dtype=np.uint8)
GEOMETRY = {"axis_labels": ("t", "well", "y", "x"), "units": ("s", "pixel", "um", "um"), "scale": (60, 1, 0.5, 0.5)}


@pytest.fixture
def class_image():
    [result] = sweep(FILM, (3,))
    layer = Image(result.image, **GEOMETRY)
    return ClassImage.of(layer, Provenance.of(result, "source", "film", layer), None, ())


def test_areas_of_a_time_point_are_means_of_its_planes(class_image):
    dims = Dims(ndim=4)
    planes = class_image.planes(dims)
    assert planes.name == "t"
    assert class_image.plane_pixel_size(dims, planes) == PixelSize("mean area", "µm²", 0.25 / 2)


def test_areas_of_all_planes_are_means_and_that_of_one_is_its_own(class_image):
    dims = Dims(ndim=4)
    assert class_image.pixel_size(dims, this_slice=False) == PixelSize("mean area", "µm²", 0.25 / 10)
    assert class_image.pixel_size(dims, this_slice=True) == PixelSize("area", "µm²", 0.25)
