"""The part of an axis that is seen never leaves its bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_quantize.viewer.panels.histogram.zoom import Window

numbers = st.floats(-1e6, 1e6, width=32)
moves = st.lists(
    st.tuples(st.just("zoomed"), st.floats(0, 1), st.floats(0.01, 100))
    | st.tuples(st.just("moved"), st.floats(-3, 3), st.none())
)


@given(numbers, st.floats(1e-3, 1e6), st.floats(1e-4, 1e6), moves)
def test_bounds_hold_whatever_the_user_does(low, width, least, todo):
    window = Window.of(low, low + width, least)
    for what, place, factor in todo:
        if what == "zoomed":
            window = window.zoomed(window.low + place * (window.high - window.low), factor)
        else:
            window = window.moved(place)
        assert window.bounds == (low, low + width)
        assert low <= window.low < window.high <= low + width
        assert window.high - window.low >= min(least, width) * (1 - 1e-6) - abs(low) * 1e-12
    assert window.whole() == Window.of(low, low + width, least)


@given(st.floats(0, 1), st.floats(0.2, 0.99))
def test_the_place_under_the_mouse_stays_when_zooming_in(part, factor):
    window = Window(200.0, 300.0, (0.0, 1000.0), 1.0)
    place = 200 + part * 100
    zoomed = window.zoomed(place, factor)
    assert (place - zoomed.low) / (zoomed.high - zoomed.low) == pytest.approx(part)
    back = zoomed.zoomed(place, 1 / factor)
    assert (back.low, back.high) == pytest.approx((200, 300))


def test_zooming_out_ends_with_all():
    window = Window(200.0, 300.0, (0.0, 1000.0), 1.0)
    assert not window.is_whole
    assert window.zoomed(250, 100).is_whole
    assert window.whole().is_whole
    assert window.whole().moved(0.5).is_whole
    assert (window.moved(-0.5).low, window.moved(20).high) == (150, 1000)
