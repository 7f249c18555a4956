"""The most memory that `quantize` takes beside its input and its result, each case in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.report import environment, table
from napari_quantize import quantize

SIZE = 400_000_000
K = 32
LIMIT, COLOR_LIMIT = 96, 192
_PART = 1_000_000
CASES = ("uint8", "uint16", "float32", "float64", "non-contiguous", "RGB per channel", "RGB colours")


def make(case: str) -> tuple[np.ndarray, dict[str, object]]:
    """Return random values and how to quantize them; made in parts, so that no peak is hidden by a higher one."""
    dtype = np.dtype(case if case in CASES[:4] else "uint8")
    flat = np.empty(SIZE // dtype.itemsize, dtype)
    rng = np.random.default_rng(0)
    for start in range(0, len(flat), _PART):
        part = flat[start : start + _PART]
        part[...] = rng.random(len(part)) if dtype.kind == "f" else rng.integers(0, np.iinfo(dtype).max + 1, len(part))
    if case.startswith("RGB"):
        mode = "per_channel" if case == "RGB per channel" else "color"
        return flat[: len(flat) // 3 * 3].reshape(-1, 3), {"mode": mode, "channel_axis": -1}
    if case == "non-contiguous":
        return flat.reshape(-1, 20_000)[:, ::2].T, {}
    return flat, {}


def peak() -> int:
    """Return the most bytes of memory that this process has held at a time."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would begin with the peak of the process that started this one
        return 1024 * int(status.read_text().split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(case: str) -> None:
    """Print the sizes of input and result, and how far quantizing took the peak above that after a tiny image."""
    quantize(np.arange(100), 4)
    quantize(np.arange(99, dtype=np.uint8).reshape(-1, 3), 4, mode="color", channel_axis=-1)
    before = peak()
    image, arguments = make(case)
    held = peak()
    result = quantize(image, K, **arguments)  # type: ignore[call-overload]
    base = image if image.base is None else image.base
    print(base.nbytes, result.nbytes, peak() - before, held - before)


def run() -> None:
    """Print a row a case."""
    print(f"K = {K}; one process a case; peak of the resident memory above that after the imports and one tiny image;")
    print(f"over: that peak less input and result, at most {LIMIT} MB wanted, {COLOR_LIMIT} MB for colours")
    print(environment())
    print()
    rows = []
    for case in CASES:
        command = [sys.executable, "-m", "benchmarks.memory", case]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        n_input, n_result, peak_end, peak_made = (int(word) / 1e6 for word in output.split())
        rows.append(
            (case, *(f"{size:.0f}" for size in (n_input, n_result, peak_made, peak_end, peak_end - n_input - n_result)))
        )
    print(table(("MB", "input", "result", "peak once made", "peak in the end", "over"), rows))


if __name__ == "__main__":
    measure(sys.argv[1])
