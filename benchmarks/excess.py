"""How far from the provable optimum each method ends, on real images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import skimage.data
import tifffile

from benchmarks.report import environment, geometric_mean, table, timed
from napari_quantize.core.learning.learner import Learner
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.request.request import Method, Request, no_tick
from napari_quantize.core.samples.samples import CountedSamples, count_samples

KS = (2, 3, 4, 8, 16, 32)
LEARNT: tuple[Method, ...] = ("minibatch", "lloyd")
PHOTOS = (
    "astronaut", "coffee", "chelsea", "camera", "coins", "moon", "cell", "immunohistochemistry", "hubble_deep_field",
    "retina",
)  # fmt: skip


def summaries(folder: Path | None) -> Iterator[tuple[str, CountedSamples]]:
    """Yield scikit-image's pictures, colours pooled, and each channel of the TIFF files in a folder."""
    for name in PHOTOS:
        yield name, _counted(getattr(skimage.data, name)())
    for path in sorted(folder.glob("*.tif")) if folder else ():
        with tifffile.TiffFile(path) as file:
            series = file.series[0]
            image, axes = series.asarray(), series.axes
        axis = axes.index("C") if "C" in axes else None
        channels = [image] if axis is None else list(np.moveaxis(image, axis, 0))
        for place, channel in enumerate(channels):
            yield f"{path.stem[:24]} {place}", _counted(channel)


def _counted(image: np.ndarray) -> CountedSamples:
    return count_samples(Pixels.of(image, None), "global", no_tick)[0]


def run(folder: Path | None) -> None:
    """Print one line an image, and the geometric means."""
    ratios: dict[str, list[float]] = {method: [] for method in LEARNT}
    seconds = dict.fromkeys(LEARNT, 0.0)
    rows = []
    for name, samples in summaries(folder):
        cells = []
        for method in LEARNT:
            learner = Learner((samples,), Request(method=method), np.dtype(np.float64), no_tick)
            for k in KS:
                spent, codebook = timed(lambda k=k, learner=learner: learner.codebook(k))  # type: ignore[misc]
                seconds[method] += spent
                excess = learner.excess(codebook)
                ratios[method].append(1 + (excess or 0.0))
                if method == "minibatch":
                    cells.append("lossless" if k >= len(samples.values) else f"{excess:.2%}")
        rows.append((name, f"{len(samples.values):,}", *cells))
    print("cost with unrounded centers over optimal cost, less 1; method 'minibatch', random_state 0")
    print(environment("scikit-learn"))
    print()
    print(table(("", "values", *(f"K={k}" for k in KS)), rows))
    print()
    for method in LEARNT:
        mean, worst = geometric_mean(ratios[method]) - 1, max(ratios[method]) - 1
        print(f"{method}: geometric mean {mean:.2%}, worst {worst:.1%}, {seconds[method]:.2f} s in all")
