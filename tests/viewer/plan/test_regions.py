"""*Learn from*: a slice, or the inside of another layer, becomes the mask to learn from."""

import numpy as np
import pytest
from driving import GREY, RGB, open_dock, press
from labels_driver import make_labels

from napari_quantize import quantize
from napari_quantize.text.methods import methods_sentence
from napari_quantize.text.results import format_k
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.plan.field_choices import UNANSWERED
from napari_quantize.viewer.plan.regions import EACH_SLICE, SLICE, WHOLE, part_name, region_choices, region_mask

STACK = np.random.default_rng(2).integers(0, 250, (6, 12, 16), dtype=np.uint8)
INSIDE = np.zeros((12, 16), dtype=bool)
INSIDE[2:9, 3:11] = True


def test_regions_that_are_offered(viewer):
    assert [value for _, value in region_choices(viewer, None, None)] == [WHOLE]
    flat = viewer.add_image(GREY)
    stack = viewer.add_image(STACK)
    cells = viewer.add_labels(INSIDE.astype(int), name="cells")
    assert [value for _, value in region_choices(viewer, flat, None)] == [WHOLE, cells]
    assert [value for _, value in region_choices(viewer, stack, None)] == [WHOLE, SLICE, EACH_SLICE, cells]
    assert [value for _, value in region_choices(viewer, stack, 0)] == [WHOLE, SLICE, cells]


def test_this_slice_is_learnt_from(viewer, qtbot):
    viewer.add_image(STACK, name="film", scale=(2, 1, 1))
    widget = open_dock(viewer, "3")
    [whole] = press(qtbot, widget)
    viewer.dims.set_current_step(0, 4)
    widget.learn_from.value = SLICE
    [layer] = press(qtbot, widget)
    assert layer is not whole
    assert layer.name == "K=3 slice 4 · film"
    np.testing.assert_array_equal(layer.data, quantize(STACK, 3, mask=np.arange(6)[:, None, None] == 4))
    viewer.dims.set_current_step(0, 1)
    [other] = press(qtbot, widget)
    assert other is not layer  # learnt from another slice: another way
    assert other.name == "K=3 slice 1 · film"
    again = press(qtbot, widget)
    assert again == [other]


def test_slices_of_transposed_stacks_and_of_channels(viewer):
    stack = viewer.add_image(STACK)
    viewer.dims.order = (2, 0, 1)
    viewer.dims.set_current_step(2, 7)
    mask = np.broadcast_to(region_mask(SLICE, viewer, stack, None), STACK.shape)
    assert mask[..., 7].all()
    assert mask.sum() == 6 * 12
    viewer.dims.order = (0, 1, 2)
    viewer.dims.set_current_step(0, 2)
    assert region_mask(SLICE, viewer, stack, 0) is None  # the sliders choose a channel: all are learnt from
    film = viewer.add_image(np.stack([RGB] * 5), rgb=True)
    viewer.dims.set_current_step(0, 3)
    assert np.broadcast_to(region_mask(SLICE, viewer, film, None), (5, 12, 16)).any(axis=(1, 2)).tolist() == [
        False, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("axis_labels", "channel_axis", "name"),
    [
        (("t", "z", "y", "x"), None, "t 2, z 1"),
        (("c", "z", "y", "x"), 0, "z 1"),
        (("z", "c", "y", "x"), 1, "z 2"),
        (None, None, "slice 2, slice 1"),
        (None, 0, "slice 1"),
        (("", "z ", "y", "x"), None, "slice 2, z 1"),
        (("z", "z", "y", "x"), None, "slice 2, slice 1"),
    ],
)
def test_a_slice_is_named_by_its_axes_without_that_of_channels(axis_labels, channel_axis, name, viewer):
    image = viewer.add_image(np.zeros((4, 3, 12, 16), np.uint8), rgb=False, axis_labels=axis_labels)
    viewer.dims.set_current_step((0, 1), (2, 1))
    assert part_name(SLICE, viewer, image, channel_axis, "digest", {}) == name


def test_a_slice_that_is_the_whole_image_is_no_part(viewer, qtbot):
    viewer.add_image(STACK, name="stack", axis_labels=("c", "y", "x"))
    widget = open_dock(viewer, "3")
    widget.channel_axis.value = 0
    [whole] = press(qtbot, widget)
    widget.learn_from.value = SLICE
    assert press(qtbot, widget) == [whole]
    assert whole.name == "K=3 own · stack"


@pytest.mark.parametrize("kind", ["labels", "shapes"])
def test_the_inside_of_a_layer_is_learnt_from(kind, viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "4")
    if kind == "labels":
        region = viewer.add_labels(INSIDE.astype(int), name="area")
    else:
        region = viewer.add_shapes([np.array([[2, 3], [2, 10], [8, 10], [8, 3]])], name="area")
    widget.image.value = viewer.layers["photo"]
    widget.learn_from.value = region
    [layer] = press(qtbot, widget)
    np.testing.assert_array_equal(layer.data, quantize(RGB, 4, mode="color", channel_axis=-1, mask=INSIDE))
    assert provenance_of(layer).request.mask_digest
    viewer.layers.remove(region)
    assert widget.learn_from.value == WHOLE


def test_regions_that_do_not_fit_are_declined(viewer, qtbot):
    viewer.add_image(GREY, name="cells", scale=(2, 2))
    widget = open_dock(viewer, "4")
    wrong = viewer.add_labels(np.ones((5, 5), int), name="small")
    empty = viewer.add_labels(np.zeros((12, 16), int), name="empty")
    elsewhere = viewer.add_labels(np.ones((12, 16), int), name="elsewhere", scale=(2, 2), translate=(100, 0))
    for region in (wrong, empty):
        region.scale = (2, 2)
    for region, message in [
        (elsewhere, "another scale or place"),
        (wrong, "(5, 5)"),
        (empty, "Nothing lies inside"),
    ]:
        widget.learn_from.value = region
        widget.run.native.click()
        assert not widget.busy
        assert message in widget.message.value
    widget.learn_from.value = WHOLE
    assert len(press(qtbot, widget)) == 1


def test_a_renamed_region_is_still_learnt_from(viewer):
    viewer.add_image(RGB, name="photo", rgb=True)
    stack = viewer.add_image(STACK, name="stack")
    region = viewer.add_labels(INSIDE.astype(int), name="Labels")
    widget = open_dock(viewer, "4")
    widget.image.value = stack
    widget.learn_from.value = region
    region.name = "nuclei"
    assert widget.learn_from.value is region
    for choice in (SLICE, EACH_SLICE):  # which the photo, the first image, does not have
        widget.learn_from.value = choice
        stack.name += " again"
        assert widget.image.value is stack
        assert widget.learn_from.value == choice


@pytest.mark.parametrize(
    "geometry",
    [
        {"scale": (3, 1, 1)},
        {"translate": (1, 0, 0)},
        {"translate": (0, 0, 0.1)},
        {"translate": (0, 50_000.5, 0)},
        {"rotate": 10},
    ],
)
def test_labels_that_lie_elsewhere_are_declined(geometry, viewer):
    place = {"scale": (2, 1, 1), "translate": (0, 50_000, 0)}
    image = viewer.add_image(STACK, **place)
    same = viewer.add_labels((STACK > 100).astype(int), **place)
    np.testing.assert_array_equal(region_mask(same, viewer, image, None), STACK > 100)
    other = viewer.add_labels((STACK > 100).astype(int), name="other", **place | geometry)
    with pytest.raises(ValueError, match="“other” has another scale or place than the image"):
        region_mask(other, viewer, image, None)


@pytest.mark.parametrize("unit", ["m", "nm"])
def test_places_are_compared_in_pixels_whatever_the_unit(unit, viewer):
    place = {"scale": (1e-9, 1e-9), "units": (unit, unit)}
    image = viewer.add_image(GREY, **place)
    moved = viewer.add_labels(INSIDE.astype(int), translate=(5e-9, 0), **place)
    with pytest.raises(ValueError, match="another scale or place"):
        region_mask(moved, viewer, image, None)


@pytest.mark.parametrize(
    ("image_place", "shapes_place"),
    [
        ({"translate": (100, -50)}, {}),
        ({"scale": (0.5, 2), "translate": (3, 4)}, {"scale": (2, 2), "translate": (-1, 0)}),
        ({"scale": (2, 2), "rotate": 30}, {"rotate": -20}),
        ({"affine": [[1, 0.2, 3], [0, 2, 1], [0, 0, 1]]}, {}),
    ],
)
def test_shapes_are_where_they_were_drawn_wherever_the_image_lies(image_place, shapes_place, viewer):
    image = viewer.add_image(GREY, **image_place)
    shapes = viewer.add_shapes(**shapes_place)
    shapes.add_polygons([[shapes.world_to_data(image.data_to_world(corner)) for corner in BOX]])
    expected = np.zeros(GREY.shape, bool)
    expected[2:9, 3:11] = True
    np.testing.assert_array_equal(region_mask(shapes, viewer, image, None), expected)


def test_shapes_in_planes_that_the_image_lacks_are_no_part_of_it(viewer):
    image = viewer.add_image(STACK)
    shapes = viewer.add_shapes([placed(BOX, 3, [1, 2], plane) for plane in (-2, 6, 20, 5)], name="boxes")
    mask = region_mask(shapes, viewer, image, None)
    assert mask.any(axis=(1, 2)).tolist() == [False] * 5 + [True]
    shapes.selected_data = {3}
    shapes.remove_selected()
    with pytest.raises(ValueError, match="nothing lies inside “boxes”"):
        region_mask(shapes, viewer, image, None)


@pytest.mark.parametrize(("axis", "mode"), [(0, "per_channel"), (1, "per_channel"), (2, "per_channel"), (1, "color")])
def test_labels_that_were_made_of_a_result_are_a_region(axis, mode, viewer, qtbot):
    stack = np.stack([GREY, GREY // 2 + 100, 255 - GREY], axis=axis)
    image = viewer.add_image(stack, name="stack", rgb=False, scale=(2, 3, 4), translate=(5, 6, 7))
    widget = open_dock(viewer, "3")
    widget.channel_axis.value = axis
    widget.mode.value = mode
    press(qtbot, widget)
    labels = make_labels(viewer, qtbot, widget, foreground=2)
    mask = region_mask(labels, viewer, image, axis)
    np.testing.assert_array_equal(mask, (np.asarray(labels.data) > 0).reshape(mask.shape))


def test_labels_as_large_as_an_image_with_channels(viewer, qtbot):
    stack = np.stack([GREY, GREY // 2 + 100, 255 - GREY])
    viewer.add_image(stack, name="stack", rgb=False, axis_labels=("c", "y", "x"))
    widget = open_dock(viewer, "3")
    drawn = np.zeros(stack.shape, int)
    drawn[1, INSIDE] = 2
    drawn[0, ~INSIDE] = -1  # nothing below 1 is inside, whatever the image's shape
    region = viewer.add_labels(drawn, name="drawn")
    widget.image.value = viewer.layers["stack"]
    widget.learn_from.value = region
    widget.mode.value = "global"
    [layer] = press(qtbot, widget)
    np.testing.assert_array_equal(layer.data, quantize(stack, 3, channel_axis=0, mask=INSIDE))
    provenance = provenance_of(layer)
    assert "learnt from a part of the image" in methods_sentence(provenance)
    assert format_k(provenance) == "3 levels drawn"


BOX = np.array([[2, 3], [2, 10], [8, 10], [8, 3]], float)  # rows 2 to 8, columns 3 to 10
SMALL_BOX = np.array([[1, 2], [1, 5], [4, 5], [4, 2]], float)


def placed(corners, ndim, axes, at=1.0):
    """Return corners in the plane of two axes of an image with more axes."""
    vertices = np.full((len(corners), ndim), at)
    vertices[:, axes] = corners
    return vertices


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_shapes_are_where_they_were_drawn_however_the_view_is_turned(order, viewer):
    image = viewer.add_image(GREY)
    shapes = viewer.add_shapes([BOX])
    expected = np.zeros(GREY.shape, bool)
    expected[2:9, 3:11] = True
    viewer.dims.order = order
    np.testing.assert_array_equal(region_mask(shapes, viewer, image, None), expected)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2)])
def test_shapes_in_any_plane_of_a_stack(order, viewer):
    image = viewer.add_image(STACK)
    shapes = viewer.add_shapes([placed(BOX, 3, [1, 2], 4), placed(SMALL_BOX, 3, [0, 2], 9)])
    viewer.dims.order = order
    expected = np.zeros(STACK.shape, bool)
    expected[4, 2:9, 3:11] = True
    expected[1:5, 9, 2:6] = True
    np.testing.assert_array_equal(region_mask(shapes, viewer, image, None), expected)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 1, 3, 2)])
def test_shapes_of_an_image_with_channels(order, viewer):
    film = np.zeros((3, 2, 12, 16), np.uint8)
    image = viewer.add_image(film, rgb=False)
    shapes = viewer.add_shapes([placed(BOX, 4, [2, 3])])
    viewer.dims.order = order
    expected = np.zeros((3, 12, 16), bool)
    expected[1, 2:9, 3:11] = True
    np.testing.assert_array_equal(region_mask(shapes, viewer, image, 1), expected)


def test_shapes_that_do_not_fit_the_image_are_declined(viewer):
    image = viewer.add_image(np.zeros((3, 4, 12, 16), np.uint8), rgb=False)
    shapes = viewer.add_shapes([placed(BOX, 3, [1, 2])], name="box")
    with pytest.raises(ValueError, match="“box” has 3 axes, but the image 4: draw in a new layer"):
        region_mask(shapes, viewer, image, None)
    oblique = viewer.add_shapes(
        [np.array([[0, 0, 0, 0], [0, 1, 5, 5], [0, 2, 0, 5]])], shape_type="polygon", name="leaning"
    )
    with pytest.raises(ValueError, match="“leaning” holds a shape that lies in no plane of the image"):
        region_mask(oblique, viewer, image, None)


def test_labels_are_a_region_of_layers_whose_axes_were_not_said(viewer):
    image = viewer.add_image(STACK[:3])
    drawn = np.zeros((3, *GREY.shape), int)
    drawn[1, INSIDE] = 1
    region = viewer.add_labels(drawn, name="drawn")
    np.testing.assert_array_equal(region_mask(region, viewer, image, UNANSWERED), drawn > 0)
    assert part_name(region, viewer, image, UNANSWERED, "digest", {}) == "drawn"
    assert part_name(SLICE, viewer, image, UNANSWERED, "digest", {}).startswith("slice")
