"""Touching objects are separated as a watershed of the whole plane separates them."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.ndimage import distance_transform_edt
from skimage.measure import label
from skimage.morphology import disk, local_maxima, reconstruction
from skimage.segmentation import watershed

from napari_quantize.core.classes.objects import find_objects
from napari_quantize.core.classes.watershed import separate_touching

GRID = np.indices((60, 90))


def discs(*circles, shape=(60, 90)):
    """Return a mask of discs, each with its center and radius."""
    rows, columns = np.indices(shape)
    return np.any([(rows - y) ** 2 + (columns - x) ** 2 <= radius**2 for y, x, radius in circles], axis=0)


def test_touching_discs_become_two_objects_cut_at_the_neck():
    mask = discs((30, 25, 14), (30, 49, 14), (8, 80, 6))
    assert label(mask).max() == 2
    objects, kinds = find_objects(3 * mask.astype(np.uint8), (0, 1), separate=True)
    assert objects.max() == 3
    assert list(kinds) == [0, 3, 3, 3]
    sizes = np.bincount(objects.ravel())[1:]
    assert sizes.sum() == mask.sum()
    left, right = objects[30, 25], objects[30, 49]
    assert left != right
    neck = np.flatnonzero(np.diff(objects[30])[25:49]) + 25
    assert abs(neck[0] - 37) <= 1
    assert objects[8, 80] == 1  # the first pixel in reading order is this disc's


@given(
    st.lists(st.tuples(st.integers(5, 55), st.integers(5, 85), st.integers(3, 12)), min_size=1, max_size=12),
    st.booleans(),
)
def test_regions_have_as_many_parts_as_in_a_watershed_of_the_plane(circles, holed):
    mask = discs(*circles)
    if holed:
        mask &= ~discs(*((y, x, radius // 3) for y, x, radius in circles[:3]))
    regions = label(mask)
    separated = separate_touching(regions, (1, 1))
    np.testing.assert_array_equal(separated > 0, mask)
    distance = distance_transform_edt(mask)
    merged = reconstruction(distance - 1, distance)
    parts = watershed(-distance, label(local_maxima(merged) & mask), connectivity=2, mask=mask)
    for number in range(1, regions.max() + 1):
        region = regions == number
        # A region whose distances rise nowhere above one pixel has no maximum in the whole plane.
        n_parts = max(1, len(np.unique(parts[region & (parts > 0)])))
        assert len(np.unique(separated[region])) == n_parts
        assert all(label(separated == part).max() == 1 for part in np.unique(separated[region]))


@given(st.sampled_from([2, 3]), st.sampled_from([1.0, 2.5]), st.integers(0, 2**32))
def test_each_part_of_a_noisy_region_is_connected(ndim, step, seed):
    rng = np.random.default_rng(seed)
    shape = (10, 24, 36)[-ndim:]
    centers = rng.uniform(0.2, 0.8, (3, ndim)) * shape
    squares = [((np.indices(shape).T - center) ** 2).sum(-1).T for center in centers]
    light = np.max([np.exp(-square / 60) for square in squares], axis=0)
    regions = label(light + rng.normal(0, 0.15, shape) > 0.5)
    separated = separate_touching(regions, (step, *[1.0] * (ndim - 1)))
    np.testing.assert_array_equal(separated > 0, regions > 0)
    assert set(np.unique(separated)) == set(range(separated.max() + 1))
    for number in range(1, separated.max() + 1):
        part = separated == number
        assert label(part).max() == 1  # through corners, as `find_objects` connects pixels
        assert len(np.unique(regions[part])) == 1


def test_rings_are_not_cut():
    ring = discs((30, 45, 20)) & ~discs((30, 45, 8))
    np.testing.assert_array_equal(separate_touching(ring.astype(int), (1, 1)), ring)


def test_rough_edges_make_no_objects():
    rough = discs((30, 40, 20)) ^ (np.random.default_rng(0).random((60, 90)) < 0.15) & (
        discs((30, 40, 21)) & ~discs((30, 40, 19))
    )
    regions = label(rough)
    big = regions == regions[30, 40]
    assert len(np.unique(separate_touching(big.astype(int), (1, 1)))) == 2


def test_distances_are_measured_in_the_layers_units():
    mask = discs((30, 25, 14), (30, 49, 14))
    squeezed = mask[::4].astype(np.uint8)
    objects, _ = find_objects(squeezed, (0, 1), separate=True, spacing=(4, 1))
    assert objects.max() == 2
    turned, _ = find_objects(squeezed.T, (1, 0), separate=True, spacing=(4, 1))
    np.testing.assert_array_equal(turned.T > 0, objects > 0)
    assert turned.max() == 2


def test_balls_touch_in_volumes_and_planes_stay_apart():
    z, y, x = np.indices((21, 24, 44))
    volume = ((z - 10) ** 2 + (y - 12) ** 2 + (x - 12) ** 2 <= 81) | (
        (z - 10) ** 2 + (y - 12) ** 2 + (x - 29) ** 2 <= 81
    )
    assert find_objects(volume.astype(np.uint8), (0, 1, 2))[0].max() == 1
    assert find_objects(volume.astype(np.uint8), (0, 1, 2), separate=True)[0].max() == 2
    planes, _ = find_objects(volume.astype(np.uint8), (1, 2), separate=True)
    assert all(set(np.unique(planes[plane])) & set(np.unique(planes[plane + 1])) <= {0} for plane in range(20))


@pytest.mark.parametrize(
    "mask", [np.ones((8, 9), int), np.zeros((8, 9), int), np.eye(9, dtype=int), np.pad(disk(2), 1).astype(int)]
)
def test_what_has_one_maximum_or_no_outside_is_left(mask):
    np.testing.assert_array_equal(separate_touching(mask, (1, 1)), mask)


def test_smallest_counts_after_the_separation():
    mask = discs((30, 25, 14), (30, 44, 8)).astype(np.uint8)
    whole = int(mask.sum())
    objects, _ = find_objects(mask, (0, 1), smallest=400, separate=True)
    sizes = np.bincount(objects.ravel())
    assert objects.max() == 1
    assert 400 <= sizes[1] < whole
