"""The sample images are what their menu entries say."""

import numpy as np
import pytest
from driving import PLUGIN, labels, open_dock_and_widget, press
from npe2 import PluginManifest

from napari_quantize.viewer.contributions import sample_data
from napari_quantize.viewer.fields.fields import DEFAULT_KS
from napari_quantize.viewer.table.columns import COLUMNS


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


def test_levels_of_the_grey_samples_are_the_best_possible_without_any_choice(viewer, qtbot):
    samples = PluginManifest.from_distribution(PLUGIN).contributions.sample_data
    grey = [layer for each in samples for layer in viewer.open_sample(PLUGIN, each.key) if not layer.rgb]
    assert grey
    _, widget = open_dock_and_widget(viewer)
    shown = widget._results_view.table
    shown.choose_columns(frozenset(COLUMNS))
    for layer in grey:
        viewer.layers.selection.active = layer
        results = press(qtbot, widget)
        assert len(results) == len(DEFAULT_KS.split(","))
        above_best = [row.cell("excess").text for row in shown.sheet.rows if row.used is not None]
        assert [text[-1] for text in above_best] == ["%"] * len(results)
        assert not any("⚠" in text for text in (*above_best, widget.table_text, *labels(widget)))
