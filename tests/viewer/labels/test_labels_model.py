"""Labels without a window: their axes, colours and tables of areas."""

from dataclasses import replace

import numpy as np
import pytest
from axes_of_layers import axes_of
from napari.layers import Image, Labels
from scipy.ndimage import binary_fill_holes
from skimage.color import rgb2lab
from skimage.filters import gaussian
from skimage.measure import label, regionprops

from napari_quantize import classify, fit, sweep
from napari_quantize.plots.class_colors import class_colors
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels import model
from napari_quantize.viewer.labels.colors import MAX_COLORS, label_colors, repeated_colors
from napari_quantize.viewer.labels.features import SavedTable, World, spreadsheet_rows
from napari_quantize.viewer.labels.model import LabelsRequest, digest_of, make_labels, own_channels, why_no_labels
from napari_quantize.viewer.labels.options import LabelOptions
from napari_quantize.viewer.layers.labels_provenance import LabelsProvenance, labels_provenance_of, result_id_of
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.messages import NO_RESULT

RGB = np.random.default_rng(1).integers(0, 200, (12, 16, 3), dtype=np.uint8)


def world_of(n, scale=1.0, translate=0.0):
    return World(np.diag(np.broadcast_to(np.asarray(scale, float), n)), np.broadcast_to(translate, n).astype(float))


def labels_of(image, codebook, options, axes=None, **more):
    axes = axes or axes_of(*"abcd"[: image.ndim])
    world = more.pop("world", None) or world_of(len(axes.names), axes.scale)
    request = LabelsRequest(codebook, image, axes, options, world, **more)
    return make_labels(request, lambda: None, lambda _: None)


def new_labels(image, options, *, k=3, axes=None, **how):
    [new] = labels_of(image, fit(image, k, **how), options, axes)
    return new


def test_known_areas_are_measured_in_square_micrometres():
    image = np.full((60, 80), 10, dtype=np.uint16)
    image[5:15, 5:25] = 900  # 200 pixels
    image[30:50, 40:70] = 905  # 600 pixels
    image[30:32, 10:13] = 903  # 6 pixels: dust
    image[40:50, 10:20] = 400  # another class
    axes = axes_of("y", "x", units="um", scale=(0.5, 0.2))
    new = new_labels(image, LabelOptions(split=True, joined=False, smallest=1), axes=axes)  # 10 pixels
    table = new.features
    assert new.n == 3
    np.testing.assert_allclose(table["area (µm²)"], [20, 60, 10])
    np.testing.assert_array_equal(table["class"], [3, 3, 2])
    np.testing.assert_array_equal(table["mean"], [900, 905, 400])
    np.testing.assert_allclose(table["centroid_x (µm)"], np.array([14.5, 54.5, 14.5]) * 0.2)
    for region in regionprops(new.labels, image, spacing=(0.5, 0.2)):
        row = region.label - 1
        assert table["index"][row] == region.label
        assert table["area (µm²)"][row] == pytest.approx(region.area)
        assert (table["centroid_y (µm)"][row], table["centroid_x (µm)"][row]) == pytest.approx(region.centroid)


@pytest.mark.parametrize(("smallest", "n"), [(0, 3), (0.5, 3), (0.6, 2), (2, 2), (2.1, 1), (2.2, 0)])
def test_the_smallest_size_is_an_area_in_the_layers_units(smallest, n):
    image = np.zeros((20, 30), np.uint8)
    image[1:2, 1:6] = 200  # 5 pixels
    image[5:9, 1:6] = 200  # 20
    image[12:19, 1:4] = 200  # 21
    axes = axes_of("y", "x", units="um", scale=(0.5, 0.2))
    assert new_labels(image, LabelOptions(split=True, smallest=smallest), k=2, axes=axes).n == n
    assert new_labels(image, LabelOptions(split=True, smallest=10 * smallest), k=2).n == n


def test_classes_are_joined_before_objects_are_told_apart():
    image = np.random.default_rng(2).integers(0, 200, (40, 50), dtype=np.uint8)
    codebook = fit(image, 4)
    numbers = codebook.encode(image) + 1
    for foreground in (1, 2, 3):
        [new] = labels_of(image, codebook, LabelOptions(foreground=foreground, split=True))
        np.testing.assert_array_equal(new.labels, label(numbers >= foreground))
        assert set(new.features["class"]) == {f"≥{foreground}"}
        assert "center" not in new.features
    [brightest] = labels_of(image, codebook, LabelOptions(foreground=4, split=True))
    assert set(brightest.features["class"]) == {4}


def test_darker_classes_than_the_foreground_are_background():
    image = np.random.default_rng(2).integers(0, 200, (40, 50), dtype=np.uint8)
    codebook = fit(image, 5)
    [new] = labels_of(image, codebook, LabelOptions(foreground=4))
    np.testing.assert_array_equal(new.labels, classify(codebook, image, foreground=4))
    np.testing.assert_array_equal(new.features["index"], [4, 5])
    np.testing.assert_array_equal(new.features["class"], [4, 5])


def test_holes_are_filled_but_not_with_pixels_without_a_value():
    rows, columns = np.indices((40, 40))
    radius = np.hypot(rows - 20, columns - 20)
    image = np.where((radius < 15) & (radius > 6), 100.0, 0.0)
    image[20, 20] = np.nan
    [new] = labels_of(image, fit(image, 2), LabelOptions(split=True, fill_holes=True))
    expected = binary_fill_holes(image == 100)
    expected[20, 20] = False
    np.testing.assert_array_equal(new.labels, expected)
    assert new.features["pixels"] == expected.sum()
    assert new.n_without == 1


def test_the_image_is_smoothed_before_its_classes_are_found_and_measured_as_it_is():
    image = np.random.default_rng(2).normal(100, 20, (40, 50))
    image[10:30, 10:40] += 60
    codebook = fit(image, 2)
    [new] = labels_of(image, codebook, LabelOptions(smooth=2.0))
    np.testing.assert_array_equal(new.labels, classify(codebook, gaussian(image, 2, mode="nearest")))
    assert new.features["mean"] == pytest.approx(image[new.labels == 2].mean())
    assert (new.labels != classify(codebook, image)).any()


def test_smoothing_reaches_as_far_in_each_direction():
    stack = np.random.default_rng(2).normal(100, 20, (9, 20, 20))
    axes = axes_of("z", "y", "x", units="um", scale=(2, 1, 0.5))
    codebook = fit(stack, 2)
    [new] = labels_of(stack, codebook, LabelOptions(smooth=2.0), axes)
    np.testing.assert_array_equal(new.labels, classify(codebook, gaussian(stack, (0.5, 1, 2), mode="nearest")))
    film = axes_of("t", "y", "x", units=("s", "um", "um"))
    [new] = labels_of(stack, codebook, LabelOptions(smooth=2.0), film)
    np.testing.assert_array_equal(new.labels, classify(codebook, gaussian(stack, (0, 2, 2), mode="nearest")))


def test_each_channel_has_labels_of_its_own_levels():
    image = np.random.default_rng(3).integers(0, 4000, (3, 20, 30), dtype=np.uint16)
    codebook = fit(image, 4, mode="per_channel", channel_axis=0)
    axes, names = axes_of("y", "x"), ("c0", "c1", "c2")
    made = labels_of(image, codebook, LabelOptions(), axes, channel_axis=0, channel_names=names, channels=(0, 1, 2))
    for channel, new in enumerate(made):
        assert new.channel == channel
        np.testing.assert_array_equal(new.labels, classify(fit(image[channel], 4), image[channel]))
        np.testing.assert_allclose(new.features["center"], codebook.levels[channel][1:])
        for other in range(3):
            expected = [image[other][new.labels == number].mean() for number in (2, 3, 4)]
            np.testing.assert_allclose(new.features[f"mean_c{other}"], expected)
    [shown] = labels_of(image, codebook, LabelOptions(), axes, channel_axis=0, channel_names=names, channels=(1,))
    np.testing.assert_array_equal(shown.labels, made[1].labels)


def test_slices_with_levels_of_their_own_share_labels_but_not_centers():
    stack = np.random.default_rng(3).integers(0, 200, (3, 20, 30), dtype=np.uint8)
    stack += np.array([0, 20, 50], np.uint8)[:, None, None]
    codebook = fit(stack, 3, mode="per_channel", channel_axis=0)
    axes = axes_of("t", "y", "x", channel=0)
    [classes] = labels_of(stack, codebook, LabelOptions(), axes, slice_axis=0)
    np.testing.assert_array_equal(classes.labels, classify(codebook, stack))
    assert "center" not in classes.features
    [objects] = labels_of(stack, codebook, LabelOptions(split=True, joined=False), axes, slice_axis=0)
    table = objects.features
    for t, number, center in zip(table["t"], table["class"], table["center"], strict=True):
        assert center == codebook.levels[t][number - 1]
    for row, number in enumerate(table["index"]):
        assert set(np.nonzero(objects.labels == number)[0]) == {table["t"][row]}


def test_objects_of_a_film_have_time_point_time_and_world_position():
    film = np.zeros((3, 20, 30), np.uint8)
    film[1, 2:6, 3:9] = 200
    film[2, 10:12, 20:22] = 200
    axes = axes_of("t", "y", "x", units=("s", "um", "um"), scale=(60, 0.5, 0.5))
    world = world_of(3, (60, 0.5, 0.5), (0, 100, 200))
    [new] = labels_of(film, fit(film, 2), LabelOptions(split=True), axes, world=world)
    table = new.features
    np.testing.assert_array_equal(table["t"], [1, 2])
    np.testing.assert_array_equal(table["t (s)"], [60, 120])
    np.testing.assert_allclose(table["centroid_y (µm)"], [100 + 3.5 / 2, 100 + 10.5 / 2])
    np.testing.assert_allclose(table["centroid_x (µm)"], [200 + 5.5 / 2, 200 + 20.5 / 2])
    [stack] = labels_of(film, fit(film, 2), LabelOptions(split=True, through=False))
    np.testing.assert_array_equal(stack.features["a"], [1, 2])


def test_further_images_are_measured_under_their_names():
    image = np.random.default_rng(3).integers(0, 200, (20, 30), dtype=np.uint8)
    red = image.astype(np.float64) * 2
    red[0, 0] = np.nan
    photo = np.random.default_rng(4).integers(0, 200, (20, 30, 3), dtype=np.uint8)
    others = (Source("1", "RFP", red, False, ("y", "x")), Source("2", "H&E", photo, True, ("y", "x")))
    [new] = labels_of(image, fit(image, 3), LabelOptions(foreground=1), others=others)
    assert list(new.features)[-4:] == ["mean_RFP", "mean_H&E_R", "mean_H&E_G", "mean_H&E_B"]
    for row, number in enumerate(new.features["index"]):
        inside = new.labels == number
        assert new.features["mean_RFP"][row] == pytest.approx(np.nanmean(red[inside]))
        assert new.features["mean_H&E_G"][row] == pytest.approx(photo[inside, 1].mean())


def test_a_saved_table_names_file_channel_and_time_of_each_object():
    columns = {"index": np.array([1, 2]), "t": np.array([0, 4]), "class": np.array(["≥2"] * 2), "mean": [np.nan, 0.5]}
    tables = [SavedTable("a.tif", "channel 0", columns), SavedTable("a.tif", "channel 1", {"index": [7], "class": [3]})]
    assert list(spreadsheet_rows(tables)) == [
        ["file", "channel", "label", "t", "class", "mean"],
        ["a.tif", "channel 0", 1, 0, "≥2", ""],
        ["a.tif", "channel 0", 2, 4, "≥2", 0.5],
        ["a.tif", "channel 1", 7, "", 3, ""],
    ]
    assert list(spreadsheet_rows([SavedTable("a.tif", "", {"index": [7]})])) == [["file", "label"], ["a.tif", 7]]


def test_only_objects_have_volumes_through_planes():
    image = np.random.default_rng(3).integers(0, 99, (3, 5, 6), dtype=np.uint8)
    axes = axes_of("-3", "-2", "-1", scale=(9, 0.5, 0.5))
    classes = new_labels(image, LabelOptions(through=True, foreground=1), axes=axes)
    # Areas of several planes have no sum.
    np.testing.assert_allclose(classes.features["mean area"], classes.features["pixels"] * 0.25 / 3)
    assert "volume" in new_labels(image, LabelOptions(through=True, split=True), axes=axes).features


@pytest.mark.parametrize("foreground", [1, 2, 4])
def test_the_table_has_a_row_for_each_class_of_the_foreground(foreground):
    image = np.random.default_rng(3).normal(size=(20, 30)).astype(np.float32)
    image[0, :7] = np.nan
    new = new_labels(image, LabelOptions(foreground=foreground), k=4)
    classes = np.arange(foreground, 5)
    table = new.features
    assert list(table) == ["index", "class", "center", "pixels", "mean"]
    np.testing.assert_array_equal(table["index"], classes)
    np.testing.assert_array_equal(table["class"], classes)
    np.testing.assert_array_equal(table["center"], fit(image, 4).centers[foreground - 1 :])
    for row, number in enumerate(classes):
        under = (new.labels == number) & np.isfinite(image)
        assert table["pixels"][row] == under.sum()
        assert table["mean"][row] == pytest.approx(image[under].mean(dtype=np.float64))
    assert new.n_without == 7
    assert (new.labels[0, :7] == 0).all()


def test_colours_have_columns_for_each_channel():
    codebook = fit(RGB, 4, mode="color", channel_axis=-1)
    [new] = labels_of(
        RGB,
        codebook,
        LabelOptions(split=True, joined=False),
        axes_of("y", "x"),
        rgb=True,
        channel_axis=-1,
        channel_names=("R", "G", "B"),
    )
    table = new.features
    assert list(table) == [
        *("index", "class", "center_R", "center_G", "center_B", "pixels", "centroid_y", "centroid_x"),
        *("mean_R", "mean_G", "mean_B"),
    ]
    np.testing.assert_array_equal(table["center_G"], codebook.centers[table["class"] - 1, 1])


def test_too_many_objects_have_no_table(monkeypatch):
    monkeypatch.setattr(model, "MAX_ROWS", 10)
    image = np.random.default_rng(4).integers(0, 200, (30, 30), dtype=np.uint8)
    options = LabelOptions(split=True, joined=False)
    new = new_labels(image, options)
    assert new.n == new.labels.max() > 10
    assert new.features == {}
    sentence = model.done_sentence(["objects"], [new], options, [])
    assert labels_messages.TOO_MANY in sentence
    assert labels_messages.TABLE not in sentence


def test_too_little_memory_is_an_error_before_the_work(monkeypatch):
    monkeypatch.setattr(model, "_BYTES_PER_PIXEL", 2**50)
    with pytest.raises(ValueError, match=r"needs .* GB of memory, and .* are free"):
        new_labels(RGB[..., 0], LabelOptions(split=True))


def test_digests_differ_for_any_change_of_labels():
    labels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    painted = labels.copy()
    painted[2, 3] = 0
    digests = {digest_of(array) for array in (labels, painted, labels.astype(int), labels.reshape(4, 3))}
    assert len(digests) == 4
    assert digest_of(np.asfortranarray(labels)) == digest_of(labels)


def test_labels_have_the_colours_of_the_panel():
    codebook = fit(RGB[..., 0], 5)
    colors = label_colors(class_colors(codebook, 0, rgb=False, white=255))
    assert set(colors) == {0, 1, 2, 3, 4, 5, None}
    assert not colors[0].any()
    for number, hexadecimal in enumerate(class_colors(codebook, 0, rgb=False, white=255), 1):
        np.testing.assert_allclose(colors[number] * 255, [*bytes.fromhex(hexadecimal[-6:]), 255])
    palette = fit(RGB, 5, mode="color", channel_axis=-1)
    [new] = labels_of(
        RGB, palette, LabelOptions(), axes_of("y", "x"), rgb=True, channel_axis=-1, channel_names=("R",) * 3
    )
    np.testing.assert_allclose(new.colors[4][:3] * 255, palette.outputs[0][3])
    assert label_colors(["#ffffff"] * (MAX_COLORS + 1)) is None


def test_repeated_colours_are_never_dark():
    colors = repeated_colors()
    assert not colors[0].any()
    assert (colors[1:, 3] == 1).all()
    assert rgb2lab(colors[1:, :3])[:, 0].min() > 25


def shown_of(image, *, rgb=False, **how):
    source = Image(image, rgb=rgb)
    [result] = sweep(image, (2,), **how)
    layer = Image(result.image, rgb=rgb)
    return FamilySnapshot(source, None, (), (layer, Provenance.of(result, str(source.unique_id), "image", layer)))


@pytest.mark.parametrize(
    ("image", "rgb", "how", "channels"),
    [
        (RGB[..., 0], False, {}, ()),
        (RGB, False, {"mode": "global", "channel_axis": 0}, ()),
        (RGB, False, {"mode": "per_channel", "channel_axis": 2}, ("channel 0", "channel 1", "channel 2")),
        (RGB, True, {"mode": "per_channel", "channel_axis": -1}, ("red", "green", "blue")),
        (RGB, True, {"mode": "global", "channel_axis": -1}, ("red", "green", "blue")),
        (RGB, True, {"mode": "color", "channel_axis": -1}, ()),
        (RGB, False, {"mode": "color", "channel_axis": 1}, ()),
    ],
)
def test_labels_of_every_kind_of_result_are_possible(image, rgb, how, channels):
    shown = shown_of(image, rgb=rgb, **how)
    assert why_no_labels(shown) == ""
    assert own_channels(shown.provenance, rgb=rgb) == channels


def test_a_refusal_tells_the_true_reason():
    assert why_no_labels(FamilySnapshot()) == NO_RESULT
    assert why_no_labels(replace(shown_of(RGB[..., 0]), source=None)) == labels_messages.SOURCE_REMOVED


def test_a_copied_mark_does_not_count():
    layer = Labels(np.zeros((3, 3), dtype=int), metadata={"mine": 1})
    assert labels_provenance_of(layer) is None
    assert result_id_of(layer) == str(layer.unique_id)
    mark = LabelsProvenance(str(layer.unique_id), "result", "result", {"split": False}, "digest", [])
    mark.write(layer)
    assert labels_provenance_of(layer) == mark
    assert layer.metadata["mine"] == 1
    assert result_id_of(layer) == "result"
    assert labels_provenance_of(Labels(layer.data, metadata=dict(layer.metadata))) is None
