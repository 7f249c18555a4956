"""Indexed PNG files of photos, and how far their colours are off: ours beside pngquant and Pillow."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.photos import photos
from benchmarks.report import environment, geometric_mean, mse, table, timed
from napari_quantize import fit
from napari_quantize.formats.png.encode import encode_png
from napari_quantize.formats.raster import Calibration, Raster

KS = (16, 64, 256)
FIRST = "pngquant --nofs"
Method = Callable[[Path, int], bytes]


def _ours(level: str) -> Method:
    def encode(path: Path, k: int) -> bytes:
        image = _read(path.read_bytes())
        codebook = fit(image, k, mode="color", channel_axis=-1)
        raster = Raster(codebook.apply(image), True, Calibration.of_pixels("y", "x"), codebook)
        return encode_png(raster, level=level)  # type: ignore[arg-type]

    return encode


def _pillow(path: Path, k: int) -> bytes:
    with Image.open(path) as picture:
        quantized = picture.convert("RGB").quantize(k, dither=Image.Dither.NONE)
    encoded = io.BytesIO()
    quantized.save(encoded, "PNG", optimize=True)
    return encoded.getvalue()


def _pngquant(*options: str) -> Method:
    def encode(path: Path, k: int) -> bytes:
        command = ["pngquant", "--nofs", *options, str(k), "-"]
        with path.open("rb") as stream:
            return subprocess.run(command, stdin=stream, stdout=subprocess.PIPE, check=True).stdout

    return encode


def _optipng(path: Path, k: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.png"
        file.write_bytes(_pngquant()(path, k))
        subprocess.run(["optipng", "-quiet", str(file)], check=True)  # noqa: S607
        return file.read_bytes()


METHODS: dict[str, tuple[Method, tuple[str, ...]]] = {
    "ours, level best": (_ours("best"), ()),
    "ours, level fast": (_ours("fast"), ()),
    FIRST: (_pngquant(), ("pngquant",)),
    "pngquant --nofs --speed 1": (_pngquant("--speed", "1"), ("pngquant",)),
    "pngquant --nofs, then optipng": (_optipng, ("pngquant", "optipng")),
    "Pillow quantize, save optimize": (_pillow, ()),
}


def _read(file: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(file)) as picture:
        return np.asarray(picture.convert("RGB"))


def _measured(method: Method, paths: list[Path], images: list[np.ndarray], k: int) -> list[tuple[float, float, float]]:
    """Return bytes, mean squared error and seconds of each photo."""
    found = []
    for path, image in zip(paths, images, strict=True):
        seconds, file = timed(lambda path=path: method(path, k))  # type: ignore[misc]
        found.append((float(len(file)), mse(image, _read(file)), seconds))
    return found


def _rows(found: dict[str, list[tuple[float, float, float]]]) -> list[tuple[str, ...]]:
    first = found.get(FIRST)
    rows: list[tuple[str, ...]] = []
    for name, figures in found.items():
        sizes, errors, seconds = (geometric_mean(list(column)) for column in zip(*figures, strict=True))
        ratios = ["", ""]
        if first is not None:
            ratios = [
                f"{geometric_mean([a[i] / b[i] for a, b in zip(figures, first, strict=True)]):.3f}" for i in (0, 1)
            ]
        rows.append((name, f"{sizes:,.0f}", ratios[0], f"{errors:.2f}", ratios[1], f"{seconds:.3f}"))
    return rows


def run(folder: Path | None) -> None:
    """Print one table for each K."""
    missing = sorted({tool for _, tools in METHODS.values() for tool in tools if shutil.which(tool) is None})
    methods = {name: method for name, (method, tools) in METHODS.items() if not set(tools) & set(missing)}
    with tempfile.TemporaryDirectory() as temporary:
        images = [image for _, image in photos(folder)]
        paths = [Path(temporary) / f"{number}.png" for number in range(len(images))]
        for path, image in zip(paths, images, strict=True):
            Image.fromarray(image).save(path)
        print(
            f"{len(images)} photos, from PNG file to indexed PNG file; geometric means of bytes, MSE a pixel, seconds"
        )
        print("ours holds the unrounded centers and how they were made, too")
        print(environment("scikit-learn", "imagecodecs", "pillow"), *_versions(missing), sep=", ")
        if missing:
            print(f"not installed, so left out: {', '.join(missing)}")
        for method in methods.values():  # imports warm
            method(paths[0], 4)
        for k in KS:
            found = {name: _measured(method, paths, images, k) for name, method in methods.items()}
            print()
            print(table((f"K = {k}", "bytes", "ratio", "MSE", "ratio", "s"), _rows(found)))


def _versions(missing: list[str]) -> list[str]:
    if "pngquant" in missing:
        return []
    told = subprocess.run(["pngquant", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    return [f"pngquant {told.split()[0]}"]
