"""The sentences of *How many are enough?*."""

import numpy as np
import pytest

from napari_quantize.core.analysis.error_curve import Baseline, ErrorCurve, Point
from napari_quantize.text.error_curve import noise_sentence

UNKNOWN = "The noise of this image cannot be estimated: "


@pytest.mark.parametrize(
    ("baseline", "sentence"),
    [
        (
            Baseline.of(np.array([10.0, 5.0, 4.8, 4.7]), "below steps"),
            f"{UNKNOWN}it is below half a step between values, as in flat or clipped images. "
            "From K=2 on, each further level lowers the least error by less than 5 %.",
        ),
        (
            Baseline.of(np.array([10.0, 0.0]), "few values"),
            f"{UNKNOWN}the image has few different values. K=2 loses nothing.",
        ),
        (
            Baseline.of(np.array([10.0, 5.0, 2.0]), "part"),
            f"{UNKNOWN}these results were learnt from a part of the image.",
        ),
        (
            Baseline.of(np.empty(0), "several layers"),
            f"{UNKNOWN}these results belong to several layers. From K=4 to 8, the error falls by 50 %.",
        ),
        (
            Baseline.of(np.array([10.0, 5.0, 2.0]), 4.0),
            "From K=3 on, the least possible loss is below the image's own noise, ± 4.00.",
        ),
    ],
)
def test_the_answer_with_and_without_noise(baseline: Baseline, sentence: str) -> None:
    points = (Point("a", 4, 9.0), Point("b", 8, 4.5))
    assert noise_sentence(ErrorCurve(points, baseline)) == sentence
