"""A result never becomes the source, and a run leaves the user's selection alone."""

import pytest
from driving import GREY, RGB, names, open_dock, press


def test_results_cannot_be_chosen_as_image(viewer, qtbot):
    source = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    first, _ = press(qtbot, widget)
    assert widget.image.choices == (source,)
    viewer.layers.selection.active = first
    assert widget.image.value is source


def test_selecting_a_result_chooses_its_source(viewer, qtbot):
    cells = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    [of_cells] = press(qtbot, widget)
    photo = viewer.add_image(RGB, name="photo", rgb=True)
    assert widget.image.value is photo
    [of_photo] = press(qtbot, widget)
    viewer.layers.selection.active = of_cells
    assert widget.image.value is cells
    viewer.layers.selection.active = of_photo
    assert widget.image.value is photo
    labels = viewer.add_labels(GREY.astype(int) // 100, name="labels")
    assert viewer.layers.selection.active is labels
    assert widget.image.value is photo


@pytest.mark.parametrize("tile", [False, True])
def test_the_selection_is_restored_after_a_run(tile, viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    viewer.add_points([[1, 1]], name="points")
    widget = open_dock(viewer, "2", tile=tile)
    for number, chosen in enumerate((["cells"], ["points"], ["cells", "points"], [])):
        viewer.layers.selection = [viewer.layers[name] for name in chosen]
        active = viewer.layers.selection.active
        widget.random_state.value = number  # new layers each time
        assert len(press(qtbot, widget)) == 1
        assert set(names(viewer.layers.selection)) == set(chosen)
        assert viewer.layers.selection.active is active


def test_a_second_dock_does_not_take_a_result_for_an_image(viewer, qtbot):
    from napari_quantize.viewer.widget import QuantizeWidget

    source = viewer.add_image(GREY, name="cells")
    second = QuantizeWidget(viewer)
    viewer.window.add_dock_widget(second, name="second")
    first = open_dock(viewer)
    taken = []
    second.image.changed.connect(taken.append)
    press(qtbot, first)
    assert taken == []
    assert second.image.choices == first.image.choices == (source,)
    assert (first.image.value, second.image.value) == (source, source)


def test_renaming_the_source_keeps_it_chosen(viewer, qtbot):
    viewer.add_image(GREY, name="a")
    chosen = viewer.add_image(GREY, name="b")
    viewer.add_image(GREY, name="c")
    viewer.layers.selection.active = chosen
    widget = open_dock(viewer, "2")
    chosen.name = "z"
    assert widget.image.value is chosen
    assert len(widget.image.choices) == 3
    [result] = press(qtbot, widget)
    assert result.name == "K=2 · z"
    chosen.name = "y"
    assert widget.image.value is chosen
    assert result.name == "K=2 · z"


def test_removing_the_source_chooses_another(viewer, qtbot):
    cells = viewer.add_image(GREY, name="cells")
    other = viewer.add_image(GREY, name="other")
    viewer.layers.selection.active = cells
    widget = open_dock(viewer, tile=True)
    press(qtbot, widget)
    viewer.layers.remove(cells)
    assert widget.image.value is other
    viewer.layers.remove(other)
    assert widget.image.value is None
    assert not widget.run.native.isEnabled()
    assert "Open an image first" in widget.message.value


def test_the_message_of_a_run_names_its_image_if_another_one_is_chosen(viewer, qtbot, gate):
    viewer.add_image(GREY, name="cells")
    other = viewer.add_image(GREY.T.copy(), name="other")
    widget = open_dock(viewer, "2, 4")
    widget.image.value = viewer.layers["cells"]
    with qtbot.waitSignal(widget.finished):
        widget.run.native.click()
        widget.image.value = other
        gate.open()
    assert widget.message.value == "“cells” is done: 2 results."
