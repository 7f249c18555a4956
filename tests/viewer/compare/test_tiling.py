"""Tile shows one family and nothing else; leaving it restores the user's arrangement."""

import numpy as np
import pytest
from driving import (
    GREY,
    RGB,
    button,
    captions,
    click_box,
    column,
    compare_of,
    current_row,
    menu_action,
    names,
    open_dock,
    press,
    same_camera,
    settle,
    shown,
    table,
)
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QHelpEvent
from slow_cases import slow_except

from napari_quantize.viewer.layers.compat import camera_of, cell_of, grid_of, grid_shape
from napari_quantize.viewer.widgets.canvas import find_canvas

SETTINGS = ("enabled", "shape", "stride", "spacing")


def grid_state(viewer):
    return {name: getattr(grid_of(viewer), name) for name in SETTINGS}


def camera_state(viewer):
    return {name: getattr(camera_of(viewer), name) for name in ("center", "zoom", "angles")}


@pytest.fixture
def arranged_viewer(viewer):
    """A viewer with an image, other layers, a camera and a grid of the user's own."""
    viewer.add_image(GREY, name="cells")
    viewer.add_points([[1, 1]], name="points")
    viewer.add_image(GREY.T.copy(), name="hidden image", visible=False)
    viewer.layers.selection = [viewer.layers["cells"]]
    camera_of(viewer).zoom = 3.5
    camera_of(viewer).center = (0, 4, 2)
    grid_of(viewer).shape = (2, -1)
    grid_of(viewer).stride = -1
    return viewer


@pytest.mark.parametrize("how", slow_except(["tile button", "grid button", "one"], "one"))
def test_leaving_restores_grid_camera_visibility_and_selection(how, arranged_viewer, qtbot):
    before, camera = grid_state(arranged_viewer), camera_state(arranged_viewer)
    widget = open_dock(arranged_viewer, tile=True)
    press(qtbot, widget)
    assert shown(arranged_viewer) == ["cells", "K=2 · cells", "K=4 · cells"]
    assert grid_of(arranged_viewer).enabled
    assert len(captions()) == 3
    if how == "tile button":
        button(widget, "Tile").click()
    elif how == "one":
        button(widget, "One").click()
    else:
        grid_of(arranged_viewer).enabled = False
    assert grid_state(arranged_viewer) == before
    assert same_camera(camera_state(arranged_viewer), camera)
    assert shown(arranged_viewer) == (["points", "K=4 · cells"] if how == "one" else ["cells", "points"])
    assert names(arranged_viewer.layers.selection) == ["cells"]
    assert captions() == []
    assert not button(widget, "Tile").isChecked()


def test_the_grid_button_leaves_tile_and_switches_the_grid_off(arranged_viewer, qtbot):
    grid_of(arranged_viewer).enabled = True
    widget = open_dock(arranged_viewer, tile=True)
    press(qtbot, widget)
    grid_of(arranged_viewer).enabled = False
    assert not grid_of(arranged_viewer).enabled
    assert not button(widget, "Tile").isChecked()
    assert shown(arranged_viewer) == ["cells", "points"]


def test_the_tile_button_restores_the_user_s_grid(arranged_viewer, qtbot):
    grid_of(arranged_viewer).enabled = True
    before = grid_state(arranged_viewer)
    widget = open_dock(arranged_viewer, tile=True)
    press(qtbot, widget)
    button(widget, "Tile").click()
    assert grid_state(arranged_viewer) == before


def test_tile_can_be_pressed_repeatedly(arranged_viewer, qtbot):
    widget = open_dock(arranged_viewer, tile=True)
    before = grid_state(arranged_viewer)
    press(qtbot, widget)
    for _ in range(2):
        button(widget, "Tile").click()
        assert shown(arranged_viewer) == ["cells", "points"]
        button(widget, "Tile").click()
        assert shown(arranged_viewer) == ["cells", "K=2 · cells", "K=4 · cells"]
        assert button(widget, "Tile").isChecked()
    press(qtbot, widget)
    assert shown(arranged_viewer) == ["cells", "K=2 · cells", "K=4 · cells"]
    button(widget, "Tile").click()
    assert grid_state(arranged_viewer) == before


def test_tiles_lie_in_reading_order_under_their_captions(arranged_viewer, qtbot):
    widget = open_dock(arranged_viewer, "8, 2, 4, 1", tile=True)
    press(qtbot, widget)
    family = [layer for layer in arranged_viewer.layers if layer.visible]
    cells = [cell_of(arranged_viewer, layer) for layer in family]
    assert cells == sorted(cells)
    assert len(set(cells)) == 5
    rows, columns = grid_shape(arranged_viewer)
    assert all(row < rows and column < columns for row, column in cells)
    assert [text.split(" · ")[0] for text in captions()] == ["source", "K=1 (mean)", "K=2", "K=4", "K=8"]


def test_captions_are_broken_in_narrow_cells(arranged_viewer, qtbot):
    layer = arranged_viewer.layers["cells"]
    layer.data = np.random.default_rng(4).integers(0, 200, (400, 8), dtype=np.uint8)
    widget = open_dock(arranged_viewer, "1-4", tile=True)
    press(qtbot, widget)
    compare_captions = compare_of(widget).captions
    compare_captions._canvas.resize(5 * 90, 600)
    compare_captions.update_positions()  # a window that is not shown gets no resize event
    assert any("\n" in label.text() for label in compare_captions._labels.values())
    assert captions() == compare_captions.texts()
    compare_captions._canvas.resize(5 * 400, 600)
    compare_captions.update_positions()  # a window that is not shown gets no resize event
    assert not any("\n" in label.text() for label in compare_captions._labels.values())


def test_a_layer_of_the_user_s_added_while_tiled_stays_visible(arranged_viewer, qtbot):
    widget = open_dock(arranged_viewer, tile=True)
    press(qtbot, widget)
    arranged_viewer.add_points([[2, 2]], name="new")
    button(widget, "Tile").click()
    assert shown(arranged_viewer) == ["cells", "points", "new"]


def test_members_removed_while_tiled(arranged_viewer, qtbot):
    widget = open_dock(arranged_viewer, tile=True)
    two, four = press(qtbot, widget)
    arranged_viewer.layers.remove(two)
    assert [text.split(" · ")[0] for text in captions()] == ["source", "K=4"]
    arranged_viewer.layers.remove("points")
    arranged_viewer.layers.remove(four)
    assert captions() == []
    assert not grid_of(arranged_viewer).enabled
    assert shown(arranged_viewer) == ["cells"]


def test_removing_all_results_ends_the_tiles(arranged_viewer, qtbot):
    before = grid_state(arranged_viewer)
    widget = open_dock(arranged_viewer, tile=True)
    press(qtbot, widget)
    menu_action(widget, "Remove results").trigger()
    settle(qtbot)
    assert grid_state(arranged_viewer) == before
    assert shown(arranged_viewer) == ["cells", "points"]
    assert captions() == []


def test_captions_follow_a_member_that_is_hidden(arranged_viewer, qtbot):
    widget = open_dock(arranged_viewer, tile=True)
    two, _ = press(qtbot, widget)
    two.visible = False
    assert [text.split(" · ")[0] for text in captions()] == ["source", "K=4"]
    two.visible = True
    assert [text.split(" · ")[0] for text in captions()] == ["source", "K=2", "K=4"]


def test_choosing_another_image_ends_the_tiles(arranged_viewer, qtbot):
    widget = open_dock(arranged_viewer, tile=True)
    press(qtbot, widget)
    arranged_viewer.layers.selection.active = arranged_viewer.layers["hidden image"]
    assert widget.image.value.name == "hidden image"
    assert not grid_of(arranged_viewer).enabled
    assert captions() == []
    assert arranged_viewer.layers.selection.active.name == "hidden image"


def test_without_tiles_one_member_is_shown(arranged_viewer, qtbot):
    widget = open_dock(arranged_viewer)
    results = press(qtbot, widget)
    assert shown(arranged_viewer) == ["points", "K=4 · cells"]
    assert not grid_of(arranged_viewer).enabled
    for layer in (*results, arranged_viewer.layers["cells"]):
        arranged_viewer.layers.selection.active = layer
        assert shown(arranged_viewer) == [
            name for name in names(arranged_viewer.layers) if name in ("points", layer.name)
        ]


def test_one_shows_the_current_row(arranged_viewer, qtbot):
    widget = open_dock(arranged_viewer, tile=True)
    two, _ = press(qtbot, widget)
    arranged_viewer.layers.selection.active = two
    button(widget, "One").click()
    assert shown(arranged_viewer) == ["points", "K=2 · cells"]
    assert arranged_viewer.layers.selection.active is two


def test_one_shows_a_member_even_if_none_is_active(arranged_viewer, qtbot):
    arranged_viewer.layers.selection.active = None
    widget = open_dock(arranged_viewer, tile=True)
    press(qtbot, widget)
    arranged_viewer.layers.selection.active = arranged_viewer.layers["points"]
    button(widget, "One").click()
    assert len({"cells", "K=2 · cells", "K=4 · cells"} & set(shown(arranged_viewer))) == 1


def test_tiles_of_stacks_and_colour(viewer, qtbot):
    viewer.add_image(np.stack([RGB] * 6), name="movie", rgb=True)
    viewer.dims.set_point(0, 4)
    widget = open_dock(viewer, tile=True)
    press(qtbot, widget)
    assert len(captions()) == 3
    assert viewer.dims.point[0] == 4


@pytest.mark.parametrize(("order", "shape"), [((0, 1, 2), (3, 1)), ((1, 0, 2), (1, 3))])
def test_tiles_are_arranged_for_the_displayed_axes(viewer, qtbot, order, shape):
    viewer.add_image(np.random.default_rng(1).integers(0, 200, (200, 12, 60), dtype=np.uint8), name="stack")
    viewer.dims.order = order
    press(qtbot, open_dock(viewer, "2, 4", tile=True))
    assert grid_shape(viewer) == shape


def test_a_plane_beside_a_stack(viewer, qtbot):
    viewer.add_image(np.stack([GREY] * 7), name="stack")
    viewer.add_image(GREY, name="plane")
    results = press(qtbot, open_dock(viewer, "2, 4", tile=True))
    assert shown(viewer) == ["plane", *names(results)]
    assert grid_of(viewer).enabled


def test_tiles_show_the_last_run_and_what_is_ticked(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4", tile=True)
    press(qtbot, widget)
    widget.k_values.value = "3, 5"
    press(qtbot, widget)
    assert shown(viewer) == ["cells", "K=3 · cells", "K=5 · cells"]
    assert column(widget, 0) == ["source", "2", "3", "4", "5"]
    click_box(table(widget), table(widget).item(1, 0))
    settle(qtbot)
    assert shown(viewer) == ["cells", "K=2 · cells", "K=3 · cells", "K=5 · cells"]
    assert len(captions()) == 4
    widget.k_values.value = "7"
    press(qtbot, widget)
    assert shown(viewer) == ["cells", "K=2 · cells", "K=7 · cells"]
    assert current_row(widget) == column(widget, 0).index("7")
    click_box(table(widget), table(widget).item(1, 0))
    settle(qtbot)
    assert shown(viewer) == ["cells", "K=7 · cells"]
    button(widget, "Tile").click()
    button(widget, "Tile").click()
    assert shown(viewer) == ["cells", "K=7 · cells"]
    assert table(widget).item(0, 0).data(Qt.ItemDataRole.CheckStateRole) is None


def test_an_added_preview_joins_the_tiles(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4", tile=True)
    press(qtbot, widget)
    with qtbot.waitSignal(widget.finished):
        widget._run_launcher.make_result(3)
    assert shown(viewer) == ["cells", "K=2 · cells", "K=3 · cells", "K=4 · cells"]


@pytest.mark.parametrize("n_results", [4, 5])
def test_the_mean_is_left_out_of_many_tiles(viewer, qtbot, n_results):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, f"1-{n_results}", tile=True)
    press(qtbot, widget)
    assert ("K=1 · cells" in shown(viewer)) == (n_results == 4)
    assert len(captions()) == 5
    assert "1 (mean)" in column(widget, 0)


@pytest.mark.parametrize("stranger", [np.zeros((700, 900), np.uint8), np.zeros((4, 700, 900), np.uint8)])
def test_tiles_fill_their_cells_whatever_else_is_hidden(arranged_viewer, qtbot, stranger):
    viewer = arranged_viewer
    viewer.add_image(stranger, name="large", visible=False)
    cells = np.random.default_rng(0).integers(0, 200, (120, 160), dtype=np.uint8)
    viewer.add_image(cells, name="small", scale=(0.5, 0.5), translate=(30, 40))
    widget = open_dock(viewer, "2, 4, 8", tile=True)
    press(qtbot, widget)
    canvas = find_canvas(widget.native)
    rows, columns = grid_shape(viewer)
    zoom = camera_of(viewer).zoom
    filled = max(60 * zoom / (canvas.height() / rows), 80 * zoom / (canvas.width() / columns))
    assert 0.9 < filled <= 1
    np.testing.assert_allclose(camera_of(viewer).center[-2:], (30 + 29.75, 40 + 39.75), atol=0.5)


def test_results_of_several_layers_are_all_seen(viewer, qtbot):
    names_of_layers = ["DAPI", "GFP"]
    layers = [viewer.add_image(GREY // n, name=name, blending="additive") for n, name in enumerate(names_of_layers, 1)]
    viewer.layers.selection = set(layers)
    viewer.add_points([[1, 1]], name="points")
    viewer.layers.selection = set(layers)
    widget = open_dock(viewer, "3, 5", tile=True)
    widget.image.value = layers[0]
    widget.mode.value = "together"
    press(qtbot, widget)
    of_runs = [f"K={k} of 2 channels · {name}" for k in (3, 5) for name in names_of_layers]
    assert shown(viewer) == [*names_of_layers, *of_runs]
    texts = captions()
    assert texts[:2] == ["source · DAPI", "source · GFP"]
    assert [text.split(" · ")[0] for text in texts[2:]] == ["K=3 of 2 channels"] * 2 + ["K=5 of 2 channels"] * 2
    assert [text.split(" · ")[-1] for text in texts[2:]] == names_of_layers * 2
    assert grid_shape(viewer)[1] % 2 == 0
    widget.k_values.value = "4"
    press(qtbot, widget)
    assert [name for name in names(viewer.layers) if "K=" in name] == [
        f"K={k} of 2 channels · {name}" for k in (3, 4, 5) for name in names_of_layers
    ]
    button(widget, "One").click()
    assert shown(viewer) == ["points", "K=4 of 2 channels · DAPI", "K=4 of 2 channels · GFP"]
    viewer.layers.selection.active = layers[0]
    assert shown(viewer) == ["DAPI", "GFP", "points"]
    button(widget, "Tile").click()
    button(widget, "Tile").click()
    assert shown(viewer) == ["DAPI", "GFP", "points"]


def test_captions_explain_themselves(arranged_viewer, qtbot):
    widget = open_dock(arranged_viewer, "1, 2", tile=True)
    press(qtbot, widget)
    canvas = find_canvas(widget.native)
    overlay = compare_of(widget).captions
    tips = []
    for label in overlay._labels.values():
        position = label.geometry().center()
        event = QHelpEvent(QEvent.Type.ToolTip, position, canvas.mapToGlobal(position))
        assert overlay.eventFilter(canvas, event)
        tips.append(label.toolTip())
    assert "every pixel gets the mean, and ± is the standard deviation" in tips[1]
    assert "by how much a value is off" in tips[2]
    assert "every pixel gets the mean" not in tips[2]
    beside = QPoint(0, canvas.height() - 1)
    assert not overlay.eventFilter(canvas, QHelpEvent(QEvent.Type.ToolTip, beside, canvas.mapToGlobal(beside)))
