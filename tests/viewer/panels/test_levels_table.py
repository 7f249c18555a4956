"""The titles of *Levels & areas* where the column is too narrow for a name and a unit."""

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_quantize.viewer.layers.pixel_size import PixelSize
from napari_quantize.viewer.panels.classes.model import ClassSummary
from napari_quantize.viewer.panels.classes.table import LevelsModel


@pytest.mark.parametrize(
    ("pixel_size", "long", "short"),
    [
        (None, "pixels", "pixels"),
        (PixelSize("area", "µm²", 0.25), "area µm²", "µm²"),
        (PixelSize("mean area", "µm²", 0.25), "mean area µm²", "µm²"),
        (PixelSize("mean area", "", 0.25), "mean area", "mean area"),
    ],
)
def test_a_narrow_column_has_the_unit_alone(pixel_size, long, short):
    model = LevelsModel()
    model.summary = ClassSummary(None, np.zeros((1, 3)), np.ones(1, int), pixel_size, ("#000000",))
    for model.unit_alone, title in ((False, long), (True, short)):
        assert model.headerData(4, Qt.Orientation.Horizontal) == title
