"""Palettes of photos, and every pixel's nearest colour: ours beside scikit-learn, libimagequant and Pillow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median

import imagequant
import numpy as np
import skimage.data
from PIL import Image
from sklearn.cluster import KMeans, MiniBatchKMeans

from benchmarks.photos import photos
from benchmarks.report import environment, geometric_mean, mse, table, timed
from napari_quantize import fit

KS = (16, 64, 256)
REPEATS = 3
SLOW = 1.0  # seconds from which a method is run once
Method = Callable[[np.ndarray, int], np.ndarray]


def ours(image: np.ndarray, k: int) -> np.ndarray:
    """Learn a palette and apply it."""
    return np.asarray(fit(image, k, mode="color", channel_axis=-1).apply(image))


def weighted_kmeans(image: np.ndarray, k: int) -> np.ndarray:
    """Cluster the distinct colours, weighted by how often they occur."""
    colors, inverse, counts = np.unique(image.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    model = KMeans(k, n_init=1, random_state=0).fit(colors.astype(np.float64), sample_weight=counts)
    palette = np.rint(model.cluster_centers_).astype(np.uint8)
    return np.asarray(palette[model.labels_][inverse.ravel()]).reshape(image.shape)


def minibatch_on_pixels(image: np.ndarray, k: int) -> np.ndarray:
    """Cluster and predict every pixel."""
    pixels = image.reshape(-1, 3).astype(np.float64)
    model = MiniBatchKMeans(k, n_init=3, random_state=0, compute_labels=False).fit(pixels)
    palette = np.rint(model.cluster_centers_).astype(np.uint8)
    return np.asarray(palette[model.predict(pixels)]).reshape(image.shape)


def libimagequant(image: np.ndarray, k: int) -> np.ndarray:
    """Run pngquant's engine without dithering."""
    picture = Image.fromarray(image).convert("RGBA")
    return np.asarray(imagequant.quantize_pil_image(picture, dithering_level=0.0, max_colors=k).convert("RGB"))


def _pillow(kmeans: int) -> Method:
    def quantize(image: np.ndarray, k: int) -> np.ndarray:
        picture = Image.fromarray(image).quantize(k, Image.Quantize.MEDIANCUT, kmeans, dither=Image.Dither.NONE)
        return np.asarray(picture.convert("RGB"))

    return quantize


METHODS: dict[str, Method] = {
    "KMeans on weighted colours": weighted_kmeans,
    "ours": ours,
    "libimagequant": libimagequant,
    "Pillow median cut + k-means": _pillow(1),
    "Pillow median cut": _pillow(0),
    "MiniBatchKMeans on all pixels": minibatch_on_pixels,
}


def _measure(method: Method, image: np.ndarray, k: int) -> tuple[float, float]:
    seconds, result = timed(lambda: method(image, k))
    spent = [seconds]
    while seconds < SLOW and len(spent) < REPEATS:
        spent.append(timed(lambda: method(image, k))[0])
    return mse(image, result), median(spent)


def run(folder: Path | None) -> None:
    """Print one table for each K, and the images on which weighted random beginnings fail."""
    images = photos(folder)
    for method in METHODS.values():  # imports and caches warm
        method(images[0][1][:64, :64], 4)
    print(f"{len(images)} photos; MSE a pixel (sum over channels); times of palette and mapping together, medians")
    print("ratios are geometric means: of MSE to that of KMeans on weighted colours, of time to libimagequant's")
    print(environment("scikit-learn", "imagequant", "pillow"))
    for k in KS:
        found = {name: [_measure(method, image, k) for _, image in images] for name, method in METHODS.items()}
        first, fast = found["KMeans on weighted colours"], found["libimagequant"]
        rows = [
            (
                name,
                f"{np.mean([error for error, _ in pairs]):.2f}",
                f"{geometric_mean([a[0] / b[0] for a, b in zip(pairs, first, strict=True)]):.3f}",
                f"{geometric_mean([seconds for _, seconds in pairs]) * 1e3:.0f}",
                f"{geometric_mean([a[1] / b[1] for a, b in zip(pairs, fast, strict=True)]):.2f}",
            )
            for name, pairs in found.items()
        ]
        print()
        print(table((f"K = {k}", "mean MSE", "MSE ratio", "ms", "time ratio"), rows))
    print()
    print("long dark tails: MSE of ours / of libimagequant")
    tails: list[tuple[str, ...]] = []
    for name in ("hubble_deep_field", "retina", "rocket"):
        image = getattr(skimage.data, name)()
        errors = [(mse(image, ours(image, k)), mse(image, libimagequant(image, k))) for k in KS]
        tails.append((name, *(f"{mine:.2f} / {theirs:.2f}" for mine, theirs in errors)))
    print(table(("", *(f"K={k}" for k in KS)), tails))
