"""A member stays visible whatever is removed, and a new dock still knows the facts of the image."""

import numpy as np
from driving import GREY, open_dock, press, results_of


def test_removing_results_while_one_is_shown_leaves_the_source(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4", tile=False)
    press(qtbot, widget)
    assert not source.visible
    for layer in results_of(viewer):
        viewer.layers.remove(layer)
    assert source.visible


def test_removing_the_source_leaves_a_result(viewer, qtbot):
    for tile in (True, False):
        source = viewer.add_image(GREY, name="cells")
        widget = open_dock(viewer, "2, 4", tile=tile)
        widget.image.value = source
        press(qtbot, widget)
        viewer.layers.remove(source)
        assert sum(layer.visible for layer in results_of(viewer)) == 1
        viewer.layers.clear()


def test_a_dock_opened_again_shows_the_facts_of_the_image(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    before = widget.table_text
    viewer.window.remove_dock_widget(widget.native)
    assert open_dock(viewer).table_text == before
    viewer.layers["cells"].data = GREY[::-1].copy()
    assert open_dock(viewer).table_text != before


def test_more_than_max_tiles_are_not_tiled(viewer, qtbot, monkeypatch):
    # Lower than it is: napari 0.6.6 takes minutes for so many layers.
    monkeypatch.setattr("napari_quantize.viewer.family.model.MAX_TILES", 4)
    viewer.add_image(np.arange(100, dtype=np.uint8).reshape(10, 10), name="ramp")
    widget = open_dock(viewer, "1-4", tile=True)
    assert len(press(qtbot, widget)) == 4
    assert sum(layer.visible for layer in viewer.layers) == 1
