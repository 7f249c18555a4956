"""Small images in files, and commands as shells run them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

import napari_quantize

TIMEOUT = 120


@dataclass(frozen=True)
class CommandResult:
    """What a command ended with."""

    code: int
    out: str
    err: str


RunCommand = Callable[..., CommandResult]


def save_photo(path: Path, seed: int = 0, *, shape: tuple[int, ...] = (24, 32, 3)) -> np.ndarray:
    """Write a picture with some hundred colours, and return its pixels."""
    random = np.random.default_rng(seed)
    rows, columns = np.indices(shape[:2])
    smooth = np.stack([rows * 5, columns * 6, rows + columns], axis=-1)[..., : shape[2] if len(shape) > 2 else 1]
    pixels = (smooth + random.integers(0, 40, (*shape[:2], smooth.shape[-1]))).astype(np.uint8)
    if len(shape) > 2 and shape[2] == 4:
        pixels = np.dstack([pixels, np.where(rows < 4, 0, 255).astype(np.uint8)])
    pixels = pixels.reshape(shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return pixels


def environment(**variables: str) -> dict[str, str]:
    """Return what a process needs to find the same package as this one, wherever it is started."""
    package = Path(napari_quantize.__file__).parents[1]
    # Streams without a buffer behave otherwise on a full disk.
    given = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**given, "PYTHONPATH": str(package), "PYTHONIOENCODING": "utf-8", **variables}


def start(*arguments: str, stdout: int | IO[str] = subprocess.PIPE, **variables: str) -> subprocess.Popen[str]:
    """Start a command as a group of processes of its own, as terminals do."""
    return subprocess.Popen(
        [sys.executable, "-m", "napari_quantize", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=os.name != "nt",
        env=environment(**variables),
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for the end of a command; return its exit code and what it wrote."""
    try:
        out, err = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, out, err
