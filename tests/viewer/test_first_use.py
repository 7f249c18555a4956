"""The usual first steps: open a sample, open the dock, press the button, see six pictures."""

import numpy as np
from driving import RGB, captions, column, names, open_dock, open_dock_and_widget, press, shown

from napari_quantize import quantize
from napari_quantize.viewer.layers.compat import grid_of, grid_shape


def test_a_sample_is_quantized_and_tiled(viewer, qtbot):
    viewer.open_sample("napari-quantize", "astronaut")
    source = viewer.layers["astronaut"]
    before, contents = source.data, source.data.copy()
    _, widget = open_dock_and_widget(viewer)
    assert (widget.k_values.value, widget.tile.value, widget.busy) == ("1, 2, 4, 8, 16, 32", True, False)
    results = press(qtbot, widget)
    expected = [f"K={k} · astronaut" for k in (1, 2, 4, 8, 16, 32)]
    assert names(results) == expected
    assert names(viewer.layers) == ["astronaut", *expected]
    assert shown(viewer) == ["astronaut", *expected[1:]]  # of so many, the mean is not among the tiles
    assert grid_of(viewer).enabled
    assert np.prod(grid_shape(viewer)) >= 6
    texts = captions()
    assert texts[0] == "source"
    assert [text.split(" ")[0].rstrip("·") for text in texts[1:]] == ["K=2", "K=4", "K=8", "K=16", "K=32"]
    assert all("±" in text for text in texts[1:])
    assert source.data is before
    np.testing.assert_array_equal(source.data, contents)
    np.testing.assert_array_equal(results[3].data, quantize(contents, 8, mode="color", channel_axis=-1))
    assert column(widget, 0) == ["source", "1 (mean)", "2", "4", "8", "16", "32"]
    assert not widget.busy
    assert widget.run.native.isEnabled()


def test_layer_names_tell_settings_that_differ(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "8")
    widget.mode.value = "per_channel"
    assert names(press(qtbot, widget)) == ["K=8 own · photo"]
    widget.random_state.value = 3
    assert names(press(qtbot, widget)) == ["K=8 own seed 3 · photo"]
    widget.mode.value = "global"
    assert names(press(qtbot, widget)) == ["K=8 levels seed 3 · photo"]
    widget.random_state.value = 0
    assert names(press(qtbot, widget)) == ["K=8 levels · photo"]
    assert len(viewer.layers) == 5
