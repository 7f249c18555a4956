"""The dock does not update for events of napari that tell nothing new."""

from driving import GREY, open_dock, press


def test_linking_layers_does_not_update_the_dock(viewer, qtbot):
    image = viewer.add_image(GREY, name="cells")
    other = viewer.add_image(GREY, name="other")
    widget = open_dock(viewer)
    sheets = []
    widget._family_controller.table.sheet_shown.connect(sheets.append)
    viewer.layers.link_layers([image, other], ["gamma"])
    viewer.layers.unlink_layers([image, other])
    assert sheets == []
    viewer.layers.selection = {image, other}
    assert sheets


def test_a_run_updates_the_dock_a_few_times_a_result(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "1, 2, 4, 8, 16, 32")
    sheets = []
    widget._family_controller.table.sheet_shown.connect(sheets.append)
    results = press(qtbot, widget)
    assert len(sheets) <= 2 * len(results)


def test_results_are_linked_with_one_event_each(viewer, qtbot):
    image = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "1, 2, 4, 8, 16, 32")
    events = []
    viewer.layers.selection.events.changed.connect(lambda event: events.append((event.added, event.removed)))
    results = press(qtbot, widget)
    assert sum(not added and not removed for added, removed in events) == len(results)
    image.gamma = 0.5
    assert {layer.gamma for layer in results} == {0.5}
    results[0].gamma = 0.7
    assert {layer.gamma for layer in viewer.layers} == {0.7}
