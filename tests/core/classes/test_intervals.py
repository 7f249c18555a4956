"""Classes as intervals: within their bounds lie exactly the values that the look-up gives to them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_quantize import fit
from napari_quantize.core.classes.intervals import count_indices, intervals
from napari_quantize.core.request.request import no_tick

INTEGERS = ["uint8", "int8", "uint16", "int16", "int32", "uint32"]
FLOATS = ["float16", "float32", "float64"]


def classes_by_bounds(image, own):
    values = image.astype(np.uint8) if image.dtype == bool else image
    inside = (own.lower <= values[..., None]) & (values[..., None] <= own.upper)
    assert (inside.sum(axis=-1) == 1).all()
    return inside.argmax(axis=-1)


@given(st.data(), st.sampled_from([*INTEGERS, "bool"]), st.integers(1, 12))
def test_integer_bounds_are_the_look_ups(data, dtype, k):
    image = data.draw(arrays(dtype, st.integers(1, 60)))
    codebook = fit(image, k)
    own = intervals(codebook.centers, image.dtype)
    np.testing.assert_array_equal(classes_by_bounds(image, own), codebook.encode(image))
    assert own.lower.dtype == own.upper.dtype == (np.uint8 if dtype == "bool" else np.dtype(dtype))
    np.testing.assert_array_equal(own.outputs, np.rint(codebook.centers).astype(dtype))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16"])
def test_bounds_hold_for_every_value_there_is(dtype):
    limits = np.iinfo(dtype)
    values = np.arange(limits.min, limits.max + 1).astype(dtype)
    codebook = fit(np.random.default_rng(3).choice(values, 500), 9)
    own = intervals(codebook.centers, values.dtype)
    np.testing.assert_array_equal(classes_by_bounds(values, own), codebook.encode(values))
    assert (own.lower[0], own.upper[-1]) == (limits.min, limits.max)


@given(st.data(), st.sampled_from(FLOATS), st.integers(1, 12))
def test_float_bounds_are_the_look_ups(data, dtype, k):
    width = 8 * np.dtype(dtype).itemsize
    numbers = st.floats(-1000, 1000, width=width)
    image = data.draw(arrays(dtype, st.integers(1, 60), elements=numbers))
    codebook = fit(image, k)
    own = intervals(codebook.centers, image.dtype)
    np.testing.assert_array_equal(classes_by_bounds(image, own), codebook.encode(image))
    assert own.lower[0] == -np.inf
    assert own.upper[-1] == np.inf
    if len(own.upper) > 1:
        np.testing.assert_array_equal(codebook.encode(own.upper[:-1]), np.arange(len(own.upper) - 1))
        np.testing.assert_array_equal(codebook.encode(own.lower[1:]), np.arange(1, len(own.upper)))


def test_borders_are_midpoints_and_belong_to_the_lower_class():
    own = intervals(np.array([10.0, 13.0, 20.0]), np.dtype(np.uint8))
    np.testing.assert_array_equal(own.borders, [11.5, 16.5])
    np.testing.assert_array_equal(own.lower, [0, 12, 17])
    np.testing.assert_array_equal(own.upper, [11, 16, 255])
    tied = intervals(np.array([10.0, 14.0]), np.dtype(np.uint8))
    np.testing.assert_array_equal(tied.upper, [12, 255])


def test_a_class_that_no_integer_lies_in_is_empty():
    own = intervals(np.array([1.0, 1.2, 1.4]), np.dtype(np.uint8))
    assert own.lower[1] > own.upper[1]


def test_indices_are_counted_in_pieces(monkeypatch):
    monkeypatch.setattr("napari_quantize.core.classes.intervals._CHUNK", 7)
    indices = np.random.default_rng(0).integers(0, 6, (5, 8)).astype(np.uint8)
    ticks = []
    counts = count_indices(indices.T, 5, lambda: ticks.append(1))
    np.testing.assert_array_equal(counts, [(indices == place).sum() for place in range(5)])
    assert counts.dtype == np.int64
    assert len(ticks) == 6
    np.testing.assert_array_equal(count_indices(indices[:0], 3, no_tick), [0, 0, 0])
