"""Counting and looking up 400 MB of random values, beside a plain copy and scikit-learn's predict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from skimage.data import astronaut
from sklearn.cluster import MiniBatchKMeans

from benchmarks.report import environment, table, timed
from napari_quantize import fit
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.request.request import no_tick
from napari_quantize.core.samples.samples import count_samples

SIZE = 400_000_000
SAMPLE = 2_000_000
K = 32
REPEATS = 15
PATIENCE = 6.0  # seconds: what takes longer than this altogether is not run again
COLOR_KS, COLOR_REPEATS = (16, 256), 5
DTYPES = ("uint8", "uint16", "float32")


def photo() -> np.ndarray:
    """Return a photo of 16 megapixels."""
    return np.asarray(Image.fromarray(astronaut()).resize((4096, 4096), Image.Resampling.LANCZOS))


@dataclass
class Rate:
    """What is timed, the bytes it reads, and its best time so far in seconds."""

    work: Callable[[], object]
    n_bytes: int
    best: float = float("inf")
    spent: float = 0.0

    def run(self) -> None:
        """Run once more."""
        seconds, _ = timed(self.work)
        self.best = min(self.best, seconds)
        self.spent += seconds

    @property
    def speed(self) -> float:
        """Bytes per second, at best."""
        return self.n_bytes / self.best


def random_values(dtype: str) -> np.ndarray:
    """Return values over the dtype's whole range, floats from 0 to 1."""
    rng = np.random.default_rng(0)
    n = SIZE // np.dtype(dtype).itemsize
    return rng.random(n, np.float32) if dtype == "float32" else rng.integers(0, np.iinfo(dtype).max + 1, n, dtype)


def rates_of(dtype: str) -> dict[str, Rate]:
    """Measure everything on one dtype; copies and our work take turns, so that both meet the same neighbours."""
    image = random_values(dtype)
    target = np.zeros_like(image)
    part = image[:SAMPLE]
    codebook = fit(part, K)
    columns = part.reshape(-1, 1).astype(np.float32)
    peer = MiniBatchKMeans(K, n_init=1, random_state=0).fit(columns[:100_000])
    rates = {
        "copyto": Rate(lambda: np.copyto(target, image), image.nbytes),
        "apply": Rate(lambda: codebook.apply(image), image.nbytes),
        "encode": Rate(lambda: codebook.encode(image), image.nbytes),
        "count": Rate(lambda: count_samples(Pixels.of(image, None), "global", no_tick), image.nbytes),
        "predict": Rate(lambda: peer.predict(columns), part.nbytes),
    }
    for _ in range(REPEATS):
        for rate in rates.values():
            if rate.spent < PATIENCE:
                rate.run()
    return rates


def run() -> None:
    """Print the best speed of each, and what part of copyto's it is."""
    found = {dtype: rates_of(dtype) for dtype in DTYPES}
    names = list(found[DTYPES[0]])
    print(f"{SIZE // 10**6} MB of random values, K = {K}; best of up to {REPEATS} turns; tables made anew each time,")
    print(f"results in new memory, but for copyto; scikit-learn's predict: {SAMPLE:,} of the values, as float32")
    print(environment("scikit-learn"))
    print()
    rows = [
        (dtype, *(_cell(rates[name].speed, rates["copyto"].speed) for name in names)) for dtype, rates in found.items()
    ]
    print(table(("MB/s (part of copyto's)", *names), rows))
    image = photo()
    print()
    print(f"colours of a photo, enlarged to {image.shape[1]}×{image.shape[0]}; best of {COLOR_REPEATS}")
    rows = []
    for k in COLOR_KS:
        seconds, codebook = timed(lambda k=k: fit(image, k, mode="color", channel_axis=-1))  # type: ignore[misc]
        best = min(timed(lambda c=codebook: c.apply(image))[0] for _ in range(COLOR_REPEATS))  # type: ignore[misc]
        rows.append((f"K = {k}", f"{image[..., 0].size / best / 1e6:.0f}", f"{seconds:.2f}"))
    print(table(("", "apply, million pixels/s", "fit, s"), rows))


def _cell(speed: float, copy: float) -> str:
    return f"{speed / 1e6:,.0f} ({speed / copy:.3f})" if speed < copy else f"{speed / 1e6:,.0f}"
