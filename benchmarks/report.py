"""What several benchmarks need: the machine's description, times, means, errors and a table."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TypeVar

import numpy as np

T = TypeVar("T")

recorded: list[dict[str, object]] = []
"""Every table and every line about the machine that was made, in turn: what ``--json`` writes."""


def environment(*packages: str) -> str:
    """Describe the machine and the versions of `packages` in one line."""
    versions = ", ".join(f"{package} {version(package)}" for package in ("napari-quantize", "numpy", *packages))
    line = f"{platform.system()} {platform.machine()}, {_processor()}, Python {platform.python_version()}, {versions}"
    recorded.append({"environment": line})
    return line


def _processor() -> str:
    from napari_quantize.core.pixels.pixels import count_threads

    return f"{count_threads()} processors"


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds that `work` took, and what it returned."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def geometric_mean(numbers: Sequence[float]) -> float:
    """Return the geometric mean of positive numbers."""
    return float(np.exp(np.log(numbers).mean()))


def mse(image: np.ndarray, result: np.ndarray) -> float:
    """Return the mean squared distance between the colours of two images."""
    return float(((image.astype(np.float64) - result) ** 2).sum(axis=-1).mean())


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out columns, right-aligned but for the first."""
    recorded.append({"header": list(header), "rows": [list(row) for row in rows]})
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (header, *rows)
    )
