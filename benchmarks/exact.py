"""The provable optimum in one dimension, beside ckwrap's compiled C++; and the sweep that uses it."""

from __future__ import annotations

from statistics import median

import ckwrap
import numpy as np
from skimage.data import astronaut

from benchmarks.notebook import KS, notebook
from benchmarks.report import environment, table, timed
from napari_quantize import sweep
from napari_quantize.core.learning.optimal_levels import OptimalPartitions
from napari_quantize.core.learning.weighted_values import WeightedValues
from napari_quantize.core.request.request import no_tick
from napari_quantize.core.samples.samples import CountedSamples

SIZES = ((256, 32, 41), (4_096, 64, 11), (65_536, 16, 5), (65_536, 256, 3))  # values, K, repeats


def _least_cost(samples: CountedSamples, k: int) -> float:
    return OptimalPartitions(WeightedValues(samples, no_tick), no_tick).cost(k)


def run() -> None:
    """Print seconds of both for each size, and of the notebook's loop and the exact sweep."""
    rng = np.random.default_rng(0)
    rows = []
    for n, k, repeats in SIZES:
        values, counts = np.arange(float(n)), rng.integers(1, 1000, n)
        samples, weights = CountedSamples.from_counts(values, counts), counts.astype(np.float64)
        ours, theirs = [], []
        for _ in range(repeats):
            seconds, found = timed(lambda s=samples, k=k: _least_cost(s, k))  # type: ignore[misc]
            ours.append(seconds)
            seconds, their = timed(lambda v=values, k=k, w=weights: ckwrap.ckmeans(v, k, weights=w))  # type: ignore[misc]
            theirs.append(seconds)
        apart = found * (n - 1.0) ** 2 / their.withinss.sum() - 1
        ratio = median(ours) / median(theirs)
        rows.append(
            (
                f"{n:,}",
                f"{k}",
                f"{median(ours) * 1e3:.1f}",
                f"{median(theirs) * 1e3:.1f}",
                f"{ratio:.2f}",
                f"{apart:.0e}",
            )
        )
    print("every k up to K at once; random counts; medians of runs in turn")
    print(environment("ckwrap"))
    print()
    print(table(("values", "K", "ours, ms", "ckwrap, ms", "ratio", "cost apart"), rows))
    print()
    image = astronaut()
    list(sweep(image, KS, method="exact"))  # the imports are not what is compared
    sweeps = [timed(lambda: list(sweep(image, KS, method="exact")))[0] for _ in range(9)]
    loop = sum(timed(lambda k=k: notebook(image, k))[0] for k in KS)  # type: ignore[misc]
    print(
        f"six K of astronaut: the notebook's loop {loop:.2f} s, exact sweep {median(sweeps) * 1e3:.1f} ms: "
        f"{loop / median(sweeps):.0f} times faster"
    )
