"""What learns for several k from samples that are counted once."""

import numpy as np
import pytest

from napari_quantize import fit, sweep
from napari_quantize.core.learning.learner import make_learner
from napari_quantize.core.request.request import Mode, Request, no_tick


@pytest.mark.parametrize(("mode", "axis"), [("global", None), ("per_channel", -1)])
def test_least_mse_is_what_exact_levels_reach(mode: Mode, axis: int | None) -> None:
    image = np.random.default_rng(0).normal(1e6, 3, (20, 10, 3))
    learner = make_learner(image, Request(mode, axis), None, no_tick)
    for k in (1, 2, 7):
        [result] = sweep(image, [k], mode=mode, channel_axis=axis, method="exact")
        assert learner.least_mse(k) == pytest.approx(result.quality.mse, rel=1e-9)
    assert learner.least_mse(600) == 0


def test_the_learner_takes_samples_that_are_known() -> None:
    image = np.random.default_rng(0).integers(0, 99, (20, 10), dtype=np.uint8)
    first = make_learner(image, Request(), None, no_tick)
    second = make_learner(image, Request(random_state=3), None, no_tick, first.samples)
    assert second.samples is first.samples
    assert second.codebook(5) == fit(image, 5, random_state=3)
