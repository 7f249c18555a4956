"""Figures of loss as text."""

import pytest

from napari_quantize.text.figures import EXCESS


@pytest.mark.parametrize(
    ("excess", "text"),
    [
        (0.0, "0.0 %"),
        (3e-14, "0.0 %"),  # rounding
        (2e-9, "<0.0001 %"),
        (1.04e-6, "0.0001 %"),
        (3.4e-5, "0.003 %"),
        (0.0004, "0.04 %"),
        (0.000999, "0.10 %"),
        (0.0023, "0.2 %"),
        (0.01, "1.0 %"),
        (0.1234, "12.3 % ⚠"),
        (None, "–"),
    ],
)
def test_levels_above_the_best_never_read_as_the_best(excess: float | None, text: str) -> None:
    assert EXCESS.text(excess) == text
