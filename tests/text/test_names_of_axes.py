"""Titles of axes: the label that a user gave, or none."""

import pytest

from napari_quantize.text.names import axis_title


@pytest.mark.parametrize(
    ("labels", "title"),
    [
        (("t", "y", "x"), "t"),
        (("time point", "y", "x"), "time point"),
        ((" z ", "y", "x"), "z"),
        (("axis of rotation", "y", "x"), "axis of rotation"),
        (("-3", "-2", "-1"), ""),
        (("0", "1", "2"), ""),
        (("axis -3", "axis -2", "axis -1"), ""),
        (("x", "y", "x"), ""),
        (("", "y", "x"), ""),
    ],
)
def test_an_axis_without_a_label_of_its_own_has_no_title(labels, title):
    assert axis_title(labels, 0) == title
