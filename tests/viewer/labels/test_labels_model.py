"""Labels without a window: their axes, colours and tables of areas."""

import numpy as np
import pytest
from axes_of_layers import axes_of
from napari.layers import Image, Labels
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.measure import regionprops

from napari_quantize import fit, sweep
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels import model
from napari_quantize.viewer.labels.colors import MAX_COLORS, label_colors, qualitative, repeated_colors
from napari_quantize.viewer.labels.model import LabelOptions, LabelsRequest, digest_of, make_labels, why_no_labels
from napari_quantize.viewer.layers.labels_provenance import LabelsProvenance, labels_provenance_of, result_id_of
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.messages import NO_RESULT

RGB = np.random.default_rng(1).integers(0, 200, (12, 16, 3), dtype=np.uint8)


def new_labels(image, options, *, k=3, axes=None, **how):
    axes = axes or axes_of(*"abcd"[: image.ndim])
    return make_labels(LabelsRequest(fit(image, k, **how), image, (), axes, options), lambda: None, lambda _: None)


def test_known_areas_are_measured_in_square_micrometres():
    image = np.full((60, 80), 10, dtype=np.uint16)
    image[5:15, 5:25] = 900  # 200 pixels
    image[30:50, 40:70] = 905  # 600 pixels
    image[30:32, 10:13] = 903  # 6 pixels: dust
    image[40:50, 10:20] = 400  # another class
    axes = axes_of("y", "x", units="um", scale=(0.5, 0.2))
    new = new_labels(image, LabelOptions(split=True, smallest=10), axes=axes)
    table = new.features
    assert new.n == 3
    np.testing.assert_allclose(table["area_um2"], [20, 60, 10])
    np.testing.assert_array_equal(table["class"], [3, 3, 2])
    np.testing.assert_array_equal(table["mean"], [900, 905, 400])
    np.testing.assert_allclose(table["centroid_1"], [14.5, 54.5, 14.5])
    for region in regionprops(new.labels, image, spacing=(0.5, 0.2)):
        row = region.label - 1
        assert table["index"][row] == region.label
        assert table["area_um2"][row] == pytest.approx(region.area)


def test_only_objects_have_volumes_through_planes():
    image = np.random.default_rng(3).integers(0, 99, (3, 5, 6), dtype=np.uint8)
    axes = axes_of("-3", "-2", "-1", scale=(9, 0.5, 0.5))
    assert "area" in new_labels(image, LabelOptions(through=True), axes=axes).features
    assert "volume" in new_labels(image, LabelOptions(through=True, split=True), axes=axes).features


@pytest.mark.parametrize("background", [True, False])
def test_the_table_has_a_row_for_each_class(background):
    image = np.random.default_rng(3).normal(size=(20, 30)).astype(np.float32)
    image[0, :7] = np.nan
    new = new_labels(image, LabelOptions(background=background), k=4)
    classes = np.arange(4) + (not background)
    table = new.features
    assert list(table) == ["index", "class", "center", "pixels", "mean"]
    np.testing.assert_array_equal(table["index"], classes)
    np.testing.assert_array_equal(table["class"], [1, 2, 3, 4])
    np.testing.assert_array_equal(table["center"], fit(image, 4).centers)
    for row, label in enumerate(classes):
        under = (new.labels == label) & np.isfinite(image)
        assert table["pixels"][row] == under.sum()
        assert table["mean"][row] == pytest.approx(image[under].mean(dtype=np.float64))
    assert new.n_without == 7
    assert (new.labels[0, :7] == 0).all()


def test_colours_have_columns_for_each_channel():
    codebook = fit(RGB, 4, mode="color", channel_axis=-1)
    request = LabelsRequest(codebook, RGB, ("R", "G", "B"), axes_of("y", "x"), LabelOptions(split=True))
    table = make_labels(request, lambda: None, lambda _: None).features
    assert list(table)[:9] == [
        "index",
        "class",
        "center_R",
        "center_G",
        "center_B",
        "pixels",
        "mean_R",
        "mean_G",
        "mean_B",
    ]
    np.testing.assert_array_equal(table["center_G"], codebook.centers[table["class"] - 1, 1])


def test_too_many_objects_have_no_table(monkeypatch):
    monkeypatch.setattr(model, "MAX_ROWS", 10)
    image = np.random.default_rng(4).integers(0, 200, (30, 30), dtype=np.uint8)
    options = LabelOptions(split=True)
    new = new_labels(image, options)
    assert new.n == new.labels.max() > 10
    assert new.features == {}
    assert "too many for a table" in model.done_sentence("objects", new, options, "")


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


@pytest.mark.parametrize("n", [1, 2, 8, 9, 20])
def test_neighbouring_classes_have_clearly_different_colours(n):
    colors = qualitative(n)
    assert colors.shape == (n, 3)
    assert (colors >= 0).all()
    assert (colors <= 1).all()
    lab = rgb2lab(colors)
    assert (deltaE_ciede2000(lab[1:], lab[:-1]) > 20).all()
    assert len({tuple(color) for color in colors}) == n


def test_the_palette_is_used_only_if_its_colours_differ_clearly():
    palette = np.array([[0, 0, 0], [0.9, 0.1, 0.1], [0.1, 0.2, 0.9]])
    own = label_colors(3, 0, palette)
    np.testing.assert_array_equal(own[0], [0, 0, 0, 0])
    np.testing.assert_array_equal(own[2], [*palette[2], 1])
    assert set(own) == {0, 1, 2, None}
    np.testing.assert_array_equal(label_colors(3, 1, palette)[3], [*palette[2], 1])
    alike = np.array([[0, 0, 0], [0.5, 0.5, 0.5], [0.52, 0.5, 0.5]])
    np.testing.assert_array_equal(label_colors(3, 0, alike)[1][:3], qualitative(2)[0])
    assert label_colors(MAX_COLORS + 1, 0) is None


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
    ("shown", "reason"),
    [
        (FamilySnapshot(), NO_RESULT),
        (shown_of(RGB[..., 0]), ""),
        (shown_of(RGB, mode="global", channel_axis=0), ""),
        (shown_of(RGB, mode="per_channel", channel_axis=2), labels_messages.OWN_LEVELS),
        (shown_of(RGB, rgb=True, mode="per_channel", channel_axis=-1), labels_messages.OWN_LEVELS),
        (shown_of(RGB, rgb=True, mode="global", channel_axis=-1), labels_messages.LEVELS_OF_COLOURS),
        (shown_of(RGB, rgb=True, mode="color", channel_axis=-1), ""),
        (shown_of(RGB, mode="color", channel_axis=1), ""),
    ],
)
def test_why_no_labels_returns_the_reason(shown, reason):
    assert why_no_labels(shown) == reason


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
