"""Figures that take long: what their cached values depend on."""

import numpy as np

from napari_quantize.text.figures import NOISE
from napari_quantize.viewer.layers.axes import Plane
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.measure.slow_figures import FigureTask


def test_the_noise_depends_on_which_axis_holds_channels(viewer):
    random = np.random.default_rng(0)
    data = np.stack([random.normal(100, 3, (40, 50)), random.normal(9_000, 3, (40, 50))], axis=-1)
    image = viewer.add_image(data, rgb=False)
    plane = Plane.displayed(viewer.dims, image)
    found = {}
    for axis in (None, 2):
        task = FigureTask.of(NOISE.name, Source.of(image), image, image, plane, axis)
        assert task.recall() is None
        found[axis] = task.run(lambda: None).value
        task.remember(task.run(lambda: None))
    assert abs(found[2] - 3) < 0.5
    assert found[None] != found[2]
