"""Holes in labels, against scipy."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.ndimage import binary_fill_holes, distance_transform_edt

from napari_quantize.core.classes.holes import fill_holes


@given(
    st.sampled_from([((9, 11), (0, 1)), ((2, 8, 9), (1, 2)), ((6, 3, 7), (2, 0)), ((5, 6, 6), (0, 1, 2))]),
    st.integers(0, 2**32),
)
def test_the_same_holes_as_scipy_finds(form, seed):
    shape, axes = form
    mask = np.random.default_rng(seed).random(shape) < 0.6
    filled = fill_holes(mask.astype(np.uint8), axes)
    others = [axis for axis in range(len(shape)) if axis not in axes]
    planes, found = (array.transpose(*others, *sorted(axes)) for array in (mask, filled))
    for index in np.ndindex(planes.shape[: len(others)]):
        np.testing.assert_array_equal(found[index], binary_fill_holes(planes[index]))


@given(st.integers(0, 2**32))
def test_a_hole_gets_the_nearest_class(seed):
    labels = np.random.default_rng(seed).integers(0, 4, (10, 12), dtype=np.uint8)
    filled = fill_holes(labels, (0, 1))
    holes = filled != labels
    np.testing.assert_array_equal(holes, binary_fill_holes(labels > 0) & (labels == 0))
    distances = np.stack(
        [
            distance_transform_edt(labels != label) if (labels == label).any() else np.full(labels.shape, 99.0)
            for label in (1, 2, 3)
        ]
    )
    nearest = np.take_along_axis(distances, filled[None].astype(int) - 1, axis=0)[0] if holes.any() else None
    if nearest is not None:
        np.testing.assert_allclose(nearest[holes], distances.min(axis=0)[holes])


def test_only_fillable_pixels_are_filled():
    labels = np.full((7, 7), 2, np.uint8)
    labels[2:5, 2:5] = 0
    fillable = np.ones(labels.shape, bool)
    fillable[3, 3] = False
    expected = np.full((7, 7), 2)
    expected[3, 3] = 0
    np.testing.assert_array_equal(fill_holes(labels, (0, 1), fillable=fillable), expected)


@pytest.mark.parametrize("value", [0, 3])
def test_without_holes_nothing_changes(value):
    labels = np.full((4, 5), value, np.uint16)
    filled = fill_holes(labels, (0, 1))
    np.testing.assert_array_equal(filled, labels)
    assert (filled.dtype, np.shares_memory(filled, labels)) == (labels.dtype, False)
