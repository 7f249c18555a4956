"""The options of *Make labels*, chosen in its form, against scikit-image and scipy; and lazy images."""

import dask.array as da
import numpy as np
import pytest
from driving import GREY, RGB, open_dock, press
from labels_driver import button_of, make_labels, open_options
from scipy.ndimage import binary_fill_holes, distance_transform_edt
from skimage.filters import gaussian
from skimage.measure import label
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import watershed
from slow_cases import slow_except

from napari_quantize.viewer.layers.provenance import provenance_of

RNG = np.random.default_rng(3)
ROWS, COLUMNS = np.indices((60, 90))
# Two discs that touch, one of them with a hole, and a third one apart.
DISCS = np.any(
    [(ROWS - y) ** 2 + (COLUMNS - x) ** 2 <= r**2 for y, x, r in [(30, 25, 14), (30, 49, 14), (8, 80, 6)]], 0
)
DISCS &= (ROWS - 30) ** 2 + (COLUMNS - 25) ** 2 > 4
CELLS = np.where(DISCS, 200, 20).astype(np.uint8)
NOISY = (CELLS + RNG.normal(0, 60, CELLS.shape)).astype(np.float32)
STACK = RNG.integers(0, 4000, (6, 12, 16), dtype=np.uint16)


@pytest.fixture
def widget(viewer, qtbot):
    """A dock with a result of K=2 of the discs."""
    viewer.add_image(CELLS, name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    return widget


def cut(mask):
    """Return the parts into which a watershed of the whole plane cuts a mask, in the order of their first pixels."""
    distance = distance_transform_edt(mask)
    centers = label(local_maxima(reconstruction(distance - 1, distance)) & mask)
    parts = watershed(-distance, centers, connectivity=mask.ndim, mask=mask)
    first = sorted(range(1, parts.max() + 1), key=lambda part: np.flatnonzero(parts == part)[0])
    numbers = np.zeros(len(first) + 1, int)
    numbers[first] = np.arange(1, len(first) + 1)
    return numbers[parts]


def test_an_image_is_smoothed_first(viewer, qtbot):
    viewer.add_image(NOISY, name="noisy")
    widget = open_dock(viewer, "3")
    [result] = press(qtbot, widget)
    [centers] = provenance_of(result).levels
    made = [make_labels(viewer, qtbot, widget, smooth=sigma).data.copy() for sigma in (0.0, 1.5)]
    for labels, image in zip(made, (NOISY, gaussian(NOISY, 1.5, mode="nearest")), strict=True):
        nearest = np.abs(image[..., np.newaxis] - centers).argmin(axis=-1) + 1
        np.testing.assert_array_equal(labels, np.where(nearest > 1, nearest, 0))
    assert not np.array_equal(*made)


@pytest.mark.parametrize("split", [False, True])
def test_holes_are_filled(split, widget, viewer, qtbot):
    filled = binary_fill_holes(DISCS)
    assert filled.sum() > DISCS.sum()
    for fill, mask in ((False, DISCS), (True, filled)):
        layer = make_labels(viewer, qtbot, widget, fill_holes=fill, split=split)
        np.testing.assert_array_equal(layer.data, label(mask) if split else 2 * mask)
        assert layer.features["pixels"].sum() == mask.sum()


def test_touching_objects_are_separated(widget, viewer, qtbot):
    layer = make_labels(viewer, qtbot, widget, fill_holes=True, split=True)
    np.testing.assert_array_equal(layer.data, label(binary_fill_holes(DISCS)))
    assert layer.data.max() == 2
    assert make_labels(viewer, qtbot, widget, separate=True) is layer
    np.testing.assert_array_equal(layer.data, cut(binary_fill_holes(DISCS)))
    assert layer.data.max() == len(layer.features) == 3


def test_options_of_objects_are_offered_for_objects_only(widget, viewer, qtbot):
    form = open_options(widget)
    form.fill_holes.click()
    assert not form.separate.isEnabled()
    form.split.click()
    form.separate.click()
    button_of(widget).click()
    qtbot.waitUntil(lambda: "objects K=2 · cells" in viewer.layers)
    assert viewer.layers["objects K=2 · cells"].data.max() == 3
    form.split.click()
    assert not form.separate.isEnabled()
    np.testing.assert_array_equal(make_labels(viewer, qtbot, widget).data, 2 * binary_fill_holes(DISCS))


def test_objects_of_a_noisy_image_with_all_options(viewer, qtbot):
    viewer.add_image(NOISY, name="noisy", scale=(0.5, 0.5), units=("um", "um"))
    widget = open_dock(viewer, "2")
    [result] = press(qtbot, widget)
    [centers] = provenance_of(result).levels
    options = {"smooth": 2.0, "fill_holes": True, "split": True, "separate": True, "smallest": 20.0}
    layer = make_labels(viewer, qtbot, widget, **options)
    smoothed = gaussian(NOISY, 2, mode="nearest")
    parts = cut(binary_fill_holes(np.abs(smoothed - centers[1]) < np.abs(smoothed - centers[0])))
    sizes = np.bincount(parts.ravel())
    numbers = np.cumsum(sizes >= 80) - 1  # 80 pixels are 20 µm²
    np.testing.assert_array_equal(layer.data, np.where(sizes[parts] >= 80, numbers[parts], 0))
    assert layer.data.max() == 3
    np.testing.assert_allclose(layer.features["area (µm²)"], np.bincount(layer.data.ravel())[1:] / 4)


LAZY = {
    "plane": (GREY, (5, 7), {}, {}),
    "film": (STACK, (1, 12, 16), {"axis_labels": ("t", "y", "x")}, {}),
    "RGB": (RGB, (12, 5, 3), {"rgb": True}, {"mode": "color"}),
    "channels": (STACK[:3], (1, 6, 16), {"axis_labels": ("c", "y", "x")}, {"mode": "per_channel"}),
}


@pytest.mark.parametrize("kind", slow_except(LAZY, "channels"))
def test_labels_of_a_lazy_image_are_those_of_the_image_in_memory(kind, viewer, qtbot):
    image, chunks, attributes, fields = LAZY[kind]
    made = []
    for data in (da.from_array(image, chunks=chunks), image):
        source = viewer.add_image(data, name="image", **attributes)
        widget = open_dock(viewer, "3")
        for name, value in fields.items():
            getattr(widget, name).value = value
        press(qtbot, widget)
        layer = make_labels(viewer, qtbot, widget, smooth=1.0, split=True, fill_holes=True)
        made.append((layer.data, layer.features))
        assert source.data is data
        viewer.window.remove_dock_widget("all")
        viewer.layers.clear()
    (lazy, its_table), (eager, table) = made
    assert eager.max() > 0
    np.testing.assert_array_equal(lazy, eager)
    assert its_table.equals(table)
