"""Strips and windows of a plane, against all windows one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from oracles import small_blocks

from napari_quantize.core.pixels.strips import strips, whole_windows


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 11), st.integers(1, 500))
def test_each_window_lies_in_one_strip(height: int, width: int, size: int, block: int) -> None:
    size = min(size, height)
    with small_blocks(1, block):
        found = [rows for (rows,) in strips(height, width, size)]
    tops = [top for rows in found for top in range(rows.start, rows.stop - size + 1)]
    assert tops == list(range(height - size + 1))
    assert found[-1].stop == height


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 5), st.integers(0, 2**32))
def test_windows_that_are_visible_as_a_whole_are_found(height: int, width: int, size: int, seed: int) -> None:
    size = min(size, height, width)
    visible = np.random.default_rng(seed).random((height, width)) < 0.8
    expected = [
        [visible[y : y + size, x : x + size].all() for x in range(width - size + 1)] for y in range(height - size + 1)
    ]
    assert np.array_equal(whole_windows(visible, size), expected)
