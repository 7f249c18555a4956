"""The sample images are what their menu entries say."""

import numpy as np
import pytest
from npe2 import PluginManifest

from napari_quantize.viewer.contributions import sample_data


@pytest.mark.parametrize(
    ("name", "shape", "rgb"),
    [("astronaut", (512, 512, 3), True), ("cell", (660, 550), False)],
)
def test_sample_images(name, shape, rgb):
    [(data, attributes, kind)] = getattr(sample_data, name)()
    assert (data.shape, data.dtype, kind) == (shape, np.uint8, "image")
    assert attributes == {"name": name, "rgb": rgb}


def test_each_declared_sample_is_here():
    manifest = PluginManifest.from_distribution("napari-quantize")
    assert {sample.key for sample in manifest.contributions.sample_data} == {"astronaut", "cell"}
