"""The signed difference of any two images, and its picture for colours."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_quantize.core.quality.difference import around_grey, signed_difference
from napari_quantize.core.request.request import no_tick

DTYPES = ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "uint64", "float16", "float32"]


@given(st.data(), st.sampled_from(DTYPES), hnp.array_shapes(min_dims=1, max_dims=3))
def test_no_integer_wraps_around(data, dtype, shape):
    kind = np.dtype(dtype).kind
    elements = None if kind != "f" else st.floats(-100, 100, width=16)
    if dtype in ("int64", "uint64"):  # as far as floats count every one
        elements = st.integers(0, 2**53)
    source, result = (data.draw(hnp.arrays(dtype, shape, elements=elements)) for _ in range(2))
    exact = [float(b) - float(a) for a, b in zip(source.ravel(), result.ravel(), strict=True)]
    difference = signed_difference(source, result, no_tick)
    assert difference.dtype == np.float32
    np.testing.assert_array_equal(difference.ravel(), np.float32(exact))


def test_what_is_no_number_stays_so():
    source = np.array([np.nan, 1, np.inf, -np.inf, 5])
    result = np.array([np.nan, 3, np.inf, 7, 1])
    np.testing.assert_array_equal(signed_difference(source, result, no_tick), [np.nan, 2, np.nan, np.inf, -4])


def test_shapes_must_be_the_same():
    with pytest.raises(ValueError, match=r"one shape, not \(2, 3\) and \(3, 2\)"):
        signed_difference(np.zeros((2, 3)), np.zeros((3, 2)), no_tick)


def test_work_can_be_left_in_the_middle():
    ticks = []
    signed_difference(np.zeros((3000, 300), np.uint8), np.zeros((3000, 300), np.uint8), lambda: ticks.append(1))
    assert len(ticks) == 4


@given(hnp.arrays(np.float32, (5, 3), elements=st.floats(-300, 300, width=32)), st.floats(0.5, 255))
def test_grey_is_no_difference_and_signs_are_kept(difference, limit):
    picture = around_grey(difference, limit, no_tick).astype(int) - 128
    assert (np.sign(picture) * np.sign(difference) >= 0).all()
    assert abs(picture).max() <= 127
    assert (abs(picture[abs(difference) >= limit]) == 127).all()
    assert (abs(picture - np.clip(difference * 127 / limit, -127, 127)) <= 0.51).all()


def test_no_number_is_grey():
    assert around_grey(np.float32([[np.nan, 0, np.inf]]), 4, no_tick).tolist() == [[128, 128, 255]]
