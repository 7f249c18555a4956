"""The visible range of an axis never leaves its bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_quantize.viewer.panels.histogram.zoom import AxisRange

numbers = st.floats(-1e6, 1e6, width=32)
moves = st.lists(
    st.tuples(st.just("zoomed"), st.floats(0, 1), st.floats(0.01, 100))
    | st.tuples(st.just("panned"), st.floats(-3, 3), st.none())
)


@given(numbers, st.floats(1e-3, 1e6), st.floats(1e-4, 1e6), moves)
def test_no_sequence_of_moves_leaves_the_bounds(low, width, min_width, todo):
    axis_range = AxisRange.of(low, low + width, min_width)
    for what, value, factor in todo:
        if what == "zoomed":
            axis_range = axis_range.zoomed(axis_range.low + value * (axis_range.high - axis_range.low), factor)
        else:
            axis_range = axis_range.panned(value)
        assert axis_range.bounds == (low, low + width)
        assert low <= axis_range.low < axis_range.high <= low + width
        assert axis_range.high - axis_range.low >= min(min_width, width) * (1 - 1e-6) - abs(low) * 1e-12
    assert axis_range.whole() == AxisRange.of(low, low + width, min_width)


@given(st.floats(0, 1), st.floats(0.2, 0.99))
def test_the_value_under_the_mouse_keeps_its_position(part, factor):
    axis_range = AxisRange(200.0, 300.0, (0.0, 1000.0), 1.0)
    value = 200 + part * 100
    zoomed = axis_range.zoomed(value, factor)
    assert (value - zoomed.low) / (zoomed.high - zoomed.low) == pytest.approx(part)
    back = zoomed.zoomed(value, 1 / factor)
    assert (back.low, back.high) == pytest.approx((200, 300))


def test_zooming_out_ends_at_the_whole_range():
    axis_range = AxisRange(200.0, 300.0, (0.0, 1000.0), 1.0)
    assert not axis_range.is_whole
    assert axis_range.zoomed(250, 100).is_whole
    assert axis_range.whole().is_whole
    assert axis_range.whole().panned(0.5).is_whole
    assert (axis_range.panned(-0.5).low, axis_range.panned(20).high) == (150, 1000)
