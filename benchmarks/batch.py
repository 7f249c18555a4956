"""A folder of photos on the command line, reading and writing included, beside a parallel shell loop over pngquant."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from PIL import Image

from benchmarks.photos import photos
from benchmarks.report import environment, table
from napari_quantize.core.pixels.pixels import count_threads

SIZE, K = 512, 16
SMALL_FOLDER, LARGE_FOLDER = 100, 1_000
_SAMPLE_S = 0.05


def large_photos(folder: Path | None) -> list[Image.Image]:
    """Return pictures of at least 512×512 pixels: photos of a folder, or those that scikit-image ships."""
    if folder is not None:
        found = [Image.fromarray(picture) for _, picture in photos(folder)]
    else:
        from skimage import data

        found = [Image.fromarray(picture) for picture in (data.astronaut(), data.coffee(), data.retina())]
    return [
        picture if min(picture.size) > SIZE else picture.resize((2 * SIZE, 2 * SIZE), Image.Resampling.BICUBIC)
        for picture in found
    ]


def make_crops(folder: Path, pictures: Sequence[Image.Image], count: int) -> None:
    """Write `count` different crops: of each picture, from random places, some of them turned or mirrored."""
    random = np.random.default_rng(0)
    for number in range(count):
        picture = pictures[number % len(pictures)]
        left, top = (int(random.integers(0, length - SIZE + 1)) for length in picture.size)
        crop = picture.crop((left, top, left + SIZE, top + SIZE))
        crop = crop.transpose(Image.Transpose(int(random.integers(0, 7))))
        crop.save(folder / f"{number:04}.png", compress_level=4)


def measure(command: Sequence[str], **options: object) -> tuple[float, float, float]:
    """Run a command; return its seconds, those of processors, and the most memory in MB that it held at once."""
    peak, ended, before = 0.0, threading.Event(), os.times()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)  # type: ignore[call-overload]

    def sample_memory() -> None:
        nonlocal peak
        while not ended.wait(_SAMPLE_S):
            peak = max(peak, sum(_own_memory(member) for member in _process_tree(process.pid)))

    watcher = threading.Thread(target=sample_memory)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - start
    ended.set()
    watcher.join()
    if code:
        raise SystemExit(f"{command[0]} ended with code {code}")
    after = os.times()
    worked = after.children_user - before.children_user + after.children_system - before.children_system
    return seconds, worked, peak / 2**20


def _process_tree(pid: int) -> Iterator[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        yield parent
        yield from parent.children(recursive=True)
    except psutil.Error:
        return


def _own_memory(process: psutil.Process) -> int:
    """Return the bytes that no other process shares."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.Error:
        return 0


def run(images: Path | None) -> None:
    """Print images a second and peak memory, ours at two sizes of folder, and pngquant's."""
    n_jobs = count_threads()
    print(f"{SIZE}×{SIZE} RGB photos (crops, PNG) to indexed PNG, K={K}, colours; a fresh process each; {n_jobs} jobs")
    print(environment("pillow", "scikit-learn", "imagecodecs"))
    print()
    rows = []
    with TemporaryDirectory() as name:
        base = Path(name)
        for count in (SMALL_FOLDER, LARGE_FOLDER):
            folder = base / f"photos-{count}"
            folder.mkdir()
            make_crops(folder, large_photos(images), count)
            ours = _ours(folder, base / f"ours-{count}", n_jobs)
            rows.append(_row("napari-quantize run", count, *ours, base / f"ours-{count}"))
        if shutil.which("pngquant") and shutil.which("xargs"):
            theirs = _pngquant(folder, base / "theirs", n_jobs)
            rows.append(_row("xargs -P pngquant --nofs", LARGE_FOLDER, *theirs, base / "theirs"))
            ratio = (
                f"ours takes {ours[0] / theirs[0]:.2f} times as long as pngquant, "
                f"and {ours[1] / theirs[1]:.2f} times as much of the processors"
            )
        else:
            ratio = "pngquant is missing here: no comparison"
    print(table(("", "images", "images/s", "CPU ms each", "peak MB", "KB each"), rows))
    print(f"\n{ratio}")


def _row(what: str, count: int, seconds: float, worked: float, peak: float, out: Path) -> tuple[str, ...]:
    files = list(out.glob("*.png"))
    if len(files) != count:
        raise SystemExit(f"{what} wrote {len(files)} files for {count} images")
    size = sum(path.stat().st_size for path in files) / 1024 / count
    return what, f"{count:,}", f"{count / seconds:.1f}", f"{1000 * worked / count:.0f}", f"{peak:.0f}", f"{size:.1f}"


def _ours(folder: Path, out: Path, n_jobs: int) -> tuple[float, float, float]:
    command = [sys.executable, "-m", "napari_quantize", "run", str(folder), "-k", str(K), "--mode", "color"]
    return measure([*command, "--out", str(out), "--jobs", str(n_jobs)])


def _pngquant(folder: Path, out: Path, n_jobs: int) -> tuple[float, float, float]:
    # Through the shell, as a user would; a file each time, its name kept.
    out.mkdir()
    one = f'pngquant --nofs {K} --output "$1/$(basename "$2")" -- "$2"'
    line = f"find \"$0\" -name '*.png' -print0 | xargs -0 -P {n_jobs} -n 1 sh -c '{one}' sh \"$1\""
    # OpenMP would start a thread a processor in each of several processes.
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    return measure(["sh", "-c", line, str(folder), str(out)], env=environ)
