"""Six K of a photo: a fit and a prediction on every pixel value, as notebooks do it, beside `sweep`."""

from __future__ import annotations

from statistics import median

import numpy as np
from skimage.data import astronaut
from sklearn.cluster import MiniBatchKMeans

from benchmarks.report import environment, table, timed
from napari_quantize import sweep

KS = (1, 2, 4, 8, 16, 32)
REPEATS = 3


def notebook(image: np.ndarray, k: int) -> np.ndarray:
    """Cluster every value of every channel, predict every value, and truncate the centers to uint8."""
    values = image.reshape(-1, 1).astype(np.int64)
    model = MiniBatchKMeans(k, compute_labels=False, n_init=3, random_state=0).fit(values)
    centers = model.cluster_centers_.ravel()
    return np.asarray(centers[model.predict(values)], np.uint8).reshape(image.shape)


def mse(image: np.ndarray, result: np.ndarray) -> float:
    """Return the mean squared error per value."""
    return float(np.mean((image.astype(np.float64) - result) ** 2))


def run() -> None:
    """Print seconds and errors of both, K by K."""
    image = astronaut()
    list(sweep(image))  # the imports are not what is compared
    theirs: dict[int, list[float]] = {k: [] for k in KS}
    ours: list[float] = []
    for _ in range(REPEATS):
        images = {}
        for k in KS:
            seconds, images[k] = timed(lambda k=k: notebook(image, k))  # type: ignore[misc]
            theirs[k].append(seconds)
        seconds, results = timed(lambda: list(sweep(image, KS)))
        ours.append(seconds)
    rows = [
        (
            f"{r.k}",
            f"{median(theirs[r.k]):.3f}",
            f"{mse(image, images[r.k]):.4f}",
            f"{mse(image, r.image):.4f}",
        )
        for r in results
    ]
    total = median([sum(times) for times in zip(*theirs.values(), strict=True)])
    print(f"astronaut {image.shape}, {image.dtype}; median of {REPEATS}; random_state=0 on both sides")
    print(environment("scikit-learn"))
    print()
    print(table(("K", "loop, s", "loop, MSE", "sweep, MSE"), rows))
    print()
    print(f"all six: loop {total:.2f} s, sweep {median(ours) * 1000:.1f} ms: {total / median(ours):.0f} times faster")
    higher = [r.k for r in results if mse(image, r.image) > mse(image, images[r.k])]
    print(f"sweep's MSE is higher at K = {higher}" if higher else "sweep's MSE is higher at no K")
