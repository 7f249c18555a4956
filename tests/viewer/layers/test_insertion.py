"""Layers of ours are inserted where they belong, and nobody hears of a selection that is no doing of the user's."""

import numpy as np
import pytest
from driving import GREY, names, open_dock, press
from napari.components import ViewerModel
from napari.layers import Image

from napari_quantize.viewer.layers.insertion import insert_layer
from napari_quantize.viewer.layers.temporary import add_temporary, is_temporary


@pytest.mark.parametrize("selected", [[], ["a"], ["a", "b"], ["a", "b", "c"]])
@pytest.mark.parametrize(("index", "order"), [(None, "abcx"), (0, "xabc"), (2, "abxc")])
def test_the_selection_stays_and_is_silent(selected, index, order):
    viewer = ViewerModel()
    for name in "abc":
        viewer.add_image(GREY, name=name)
    selection = viewer.layers.selection
    viewer.layers.selection = {viewer.layers[name] for name in selected}
    before, active = set(selection), selection.active
    heard = []
    for emitter in (selection.events.active, selection.events.changed):
        emitter.connect(heard.append)
    insert_layer(viewer, Image(GREY, name="x"), index)
    assert "".join(names(viewer.layers)) == order
    assert (set(selection), selection.active) == (before, active)
    assert heard == []
    viewer.layers.selection.active = viewer.layers["x"]
    assert heard != []


def test_a_temporary_layer_is_marked_before_it_is_told_of():
    viewer = ViewerModel()
    told = []
    viewer.layers.events.inserted.connect(lambda event: told.append(is_temporary(event.value)))
    add_temporary(viewer, Image(np.zeros((2, 2)), name="x"))
    assert told == [True]


def test_a_run_selects_nothing_and_napari_shows_what_is_selected(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    other = viewer.add_image(GREY, name="other")
    widget = open_dock(viewer, "2, 8, 4", tile=True)
    heard = []
    viewer.layers.selection.events.active.connect(lambda event: heard.append(event.value))
    press(qtbot, widget)
    assert heard == []
    press(qtbot, widget)  # in place
    assert heard == []
    assert viewer.layers.selection.active is widget.image.value is other
    assert [name for name in names(viewer.layers) if name.startswith("K")] == [f"K={k} · other" for k in (2, 4, 8)]
