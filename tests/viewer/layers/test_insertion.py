"""Layers are inserted without changing the selection, and without events of the selection."""

import numpy as np
import pytest
from driving import GREY, names, open_dock, press
from napari.components import ViewerModel
from napari.layers import Image

from napari_quantize.viewer.layers.insertion import insert_layer
from napari_quantize.viewer.layers.temporary import add_temporary, is_temporary


@pytest.mark.parametrize("selected", [[], ["a"], ["a", "b"], ["a", "b", "c"]])
@pytest.mark.parametrize(("index", "order"), [(None, "abcx"), (0, "xabc"), (2, "abxc")])
def test_inserting_keeps_the_selection_and_emits_nothing_of_it(selected, index, order):
    viewer = ViewerModel()
    for name in "abc":
        viewer.add_image(GREY, name=name)
    selection = viewer.layers.selection
    viewer.layers.selection = {viewer.layers[name] for name in selected}
    before, active = set(selection), selection.active
    emitted = []
    for emitter in (selection.events.active, selection.events.changed):
        emitter.connect(emitted.append)
    insert_layer(viewer, Image(GREY, name="x"), index)
    assert "".join(names(viewer.layers)) == order
    assert (set(selection), selection.active) == (before, active)
    assert emitted == []
    viewer.layers.selection.active = viewer.layers["x"]
    assert emitted != []


def test_a_temporary_layer_is_marked_before_inserted_is_emitted():
    viewer = ViewerModel()
    is_marked = []
    viewer.layers.events.inserted.connect(lambda event: is_marked.append(is_temporary(event.value)))
    add_temporary(viewer, Image(np.zeros((2, 2)), name="x"))
    assert is_marked == [True]


def test_a_run_leaves_the_selection_alone(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    other = viewer.add_image(GREY, name="other")
    widget = open_dock(viewer, "2, 8, 4", tile=True)
    emitted = []
    viewer.layers.selection.events.active.connect(lambda event: emitted.append(event.value))
    press(qtbot, widget)
    assert emitted == []
    press(qtbot, widget)  # in place
    assert emitted == []
    assert viewer.layers.selection.active is widget.image.value is other
    assert [name for name in names(viewer.layers) if name.startswith("K")] == [f"K={k} · other" for k in (2, 4, 8)]
