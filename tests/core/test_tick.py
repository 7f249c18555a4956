"""An error that a caller's `tick` raises ends the work at any point, and leaves no thread."""

from collections.abc import Callable

import numpy as np
import pytest
import skimage.data
from oracles import StopError, counted, learnt, small_blocks, stopping_at, working_threads

from napari_quantize import fit, quantize, sweep
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.analysis.lloyd_trace import Lloyd
from napari_quantize.core.api import transfer
from napari_quantize.core.classes.holes import fill_holes
from napari_quantize.core.classes.objects import centroids, classify, find_objects, measure_objects
from napari_quantize.core.classes.smoothing import smooth
from napari_quantize.core.learning.optimal_levels import OptimalPartitions
from napari_quantize.core.learning.weighted_values import WeightedValues
from napari_quantize.core.pixels.limits import find_white
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.quality.noise import estimate_noise, own_noise
from napari_quantize.core.quality.perception import delta_e, ssim
from napari_quantize.core.request.request import no_tick

RNG = np.random.default_rng(0)
FLOATS = np.arange(400, dtype=np.float32).reshape(40, 5, 2)
GREY = RNG.integers(0, 200, (40, 50), dtype=np.uint8)
RGB = RNG.integers(0, 256, (9, 11, 3), dtype=np.uint8)
STACK = RNG.integers(0, 4000, (3, 8, 9), dtype=np.uint16)
COFFEE = skimage.data.coffee()[::9, ::9]
NOISY = 100 + RNG.normal(0, 4, (60, 70))
SAMPLES = counted(list(range(500)), list(range(1, 501)))
WEIGHTED = WeightedValues(counted(np.unique(RNG.integers(0, 20_000, 3000))[:1000].tolist()), no_tick)
CODEBOOK, STACK_CODEBOOK, RGB_CODEBOOK = fit(np.arange(200, dtype=np.float32), 3), fit(STACK, 3), fit(RGB, 2)
CLASSES = classify(STACK_CODEBOOK, STACK)

Work = Callable[[Callable[[], None]], object]
IN_BLOCKS: dict[str, Work] = {
    "fit": lambda tick: fit(FLOATS, 3, tick=tick),
    "quantize": lambda tick: quantize(FLOATS, 3, tick=tick),
    "sweep": lambda tick: list(sweep(FLOATS, (2, 3), tick=tick)),
    "sweep of channels": lambda tick: list(sweep(FLOATS, (2, 3), channel_axis=-1, tick=tick)),
    "apply": lambda tick: CODEBOOK.apply(FLOATS, tick=tick),
    "encode": lambda tick: CODEBOOK.encode(FLOATS, tick=tick),
}
WORK: dict[str, Work] = {
    "levels": lambda tick: learnt(SAMPLES, 20, tick=tick),
    "colours": lambda tick: fit(COFFEE, 16, mode="color", channel_axis=-1, tick=tick),
    "exact levels": lambda tick: OptimalPartitions(WEIGHTED, tick).centers(30),
    "Lloyd's steps": lambda tick: Lloyd(SAMPLES, tick).trace(9, 0),
    "transfer": lambda tick: transfer(RGB[:5], RGB_CODEBOOK, tick=tick),
    "image facts": lambda tick: image_facts(RGB, channel_axis=-1, tick=tick),
    "noise": lambda tick: estimate_noise(NOISY, tick=tick),
    "own noise": lambda tick: own_noise(NOISY, None, False, tick),
    "SSIM": lambda tick: ssim(GREY, GREY, tick=tick),
    "colour difference": lambda tick: delta_e(RGB, RGB, tick=tick),
    "white": lambda tick: find_white(Pixels.of(STACK, None), tick),
    "classes": lambda tick: classify(STACK_CODEBOOK, STACK, tick=tick),
    "objects": lambda tick: find_objects(CLASSES, (1, 2), tick=tick),
    "separated objects": lambda tick: find_objects(CLASSES, (1, 2), separate=True, tick=tick),
    "holes": lambda tick: fill_holes(CLASSES, (1, 2), tick=tick),
    "smoothing": lambda tick: smooth(STACK, (0, 1, 1), tick=tick),
    "measures": lambda tick: measure_objects(CLASSES, 4, STACK, tick=tick),
    "centroids": lambda tick: centroids(CLASSES, np.bincount(CLASSES.ravel()), tick=tick),
}


def assert_stops_at_any_point(work: Work, at_least: int) -> None:
    total: list[int] = []
    work(lambda: total.append(1))
    assert len(total) >= at_least
    for last in {1, 2, 3, 5, 20, len(total) // 2, len(total)}:
        if 1 <= last <= len(total):
            ticks: list[int] = []
            with pytest.raises(StopError):
                work(stopping_at(last, ticks))
            assert len(ticks) == last
            assert not working_threads()


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("work", IN_BLOCKS)
def test_what_tick_raises_ends_work_in_blocks_at_any_point(work: str, n_threads: int) -> None:
    with small_blocks(n_threads, 20):
        assert_stops_at_any_point(IN_BLOCKS[work], 10)


@pytest.mark.parametrize("work", WORK)
def test_what_tick_raises_ends_the_work_at_any_point(work: str) -> None:
    assert_stops_at_any_point(
        WORK[work], {"levels": 5, "colours": 20, "exact levels": 5, "Lloyd's steps": 3}.get(work, 1)
    )
