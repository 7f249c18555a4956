"""Numbers and sizes have no more digits than people read."""

import math

import pytest

from napari_quantize.text.numbers import format_bytes, format_number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (13.24, "13.2"),
        (1.3243, "1.32"),
        (0.013243, "0.0132"),
        (132.43, "132"),
        (1324.3, "1,324"),
        (132_430, "132,430"),
        (1e7, "1.00e7"),
        (1e-7, "1.00e-7"),
        (-2.5, "-2.50"),
        (math.inf, "∞"),
        (math.nan, "–"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 KB"),
        (1024, "1 KB"),
        (10**6, "977 KB"),
        (1023**2, "1 MB"),
        (1024**2, "1 MB"),
        (10**9, "954 MB"),
        (2 * 1024**3, "2.0 GB"),
    ],
)
def test_memory_has_no_more_than_three_digits(n_bytes, text):
    assert format_bytes(n_bytes) == text
