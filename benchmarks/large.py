"""Quantizing arrays on disk, chunk by chunk, beside reading and storing the same unchanged by dask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import psutil
import zarr

from benchmarks.arrays import CODECS, KINDS, PARTS, array_on_disk
from benchmarks.memory import peak
from benchmarks.report import environment, table
from napari_quantize import fit
from napari_quantize.core.arrays import as_array

K = 16
TURNS = 3
PATIENCE = 60.0  # seconds: what takes longer than this altogether is not run again
WANTED = {"uint16": (1.3, 600), "RGB": (2.0, 1000), "float32": (2.5, 1000), "3 × uint16": (2.5, 1000)}
"""Time as a multiple of the copy's, and MB of memory, at most."""

_CHECKED = 8  # every eighth plane of a result is compared with what the array in memory gives


@dataclass(frozen=True)
class Run:
    """Seconds until the codebook was learnt, until all was stored, those of processors, and bytes of memory."""

    learn: float
    whole: float
    cpu: float
    peak: int


def work(task: str, name: str, folder: Path) -> Run:
    """Copy or quantize the array of a folder, in this process."""
    kind, source = KINDS[name], zarr.open_array(folder / "source", mode="r")
    fit(np.arange(100), 2)  # what is imported at the first call is not timed
    target = new_target(source, folder / "target")
    start, cpu = time.perf_counter(), time.process_time()
    if task == "copy":
        learnt = start
        da.store(as_array(source), target, lock=False)
    else:
        codebook = fit(source, K, **kind.options)
        learnt = time.perf_counter()
        da.store(codebook.apply(source), target, lock=False)
    run = Run(learnt - start, time.perf_counter() - start, time.process_time() - cpu, peak())
    if task == "quantize":
        for index in range(0, source.shape[len(kind.at(0)) - 1], _CHECKED):
            plane = kind.at(index)
            assert np.array_equal(target[plane], codebook.apply(source[plane])), f"plane {index} differs"
    return run


def new_target(source: zarr.Array[Any], path: Path) -> zarr.Array[Any]:
    """Make an empty array like another one."""
    return zarr.create_array(
        path,
        shape=source.shape,
        chunks=source.chunks,
        dtype=source.dtype,
        compressors=source.compressors,
        overwrite=True,
    )


def best_runs(name: str, folder: Path) -> tuple[Run, Run]:
    """Copy and quantize in turn, each in a process of its own; return the least times and the largest peaks."""
    runs: dict[str, list[Run]] = {"copy": [], "quantize": []}
    start = time.perf_counter()
    while not runs["copy"] or (len(runs["copy"]) < TURNS and time.perf_counter() - start < PATIENCE):
        for task, done in runs.items():
            os.sync()  # nobody pays for what the one before has left to be written
            done.append(_in_process(task, name, folder))
    return _best(runs["copy"]), _best(runs["quantize"])


def _best(runs: list[Run]) -> Run:
    learn, whole, cpu, peaks = zip(*(vars(run).values() for run in runs), strict=True)
    return Run(min(learn), min(whole), min(cpu), max(peaks))


def _in_process(task: str, name: str, folder: Path) -> Run:
    command = [sys.executable, "-m", "benchmarks.large", task, name, str(folder)]
    return Run(**json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout))


def row_of(name: str, codec: str, chunk: str, gb: float) -> tuple[str, ...]:
    """Return a row of the table."""
    kind, (ratio, memory) = KINDS[name], WANTED[name]
    with array_on_disk(kind, gb, codec, chunk) as folder:
        copy, quantize = best_runs(name, folder)
    return (
        f"{name}, {codec}, {chunk}",
        f"{gb:g}",
        f"{copy.whole:.2f}",
        f"{quantize.learn:.2f}",
        f"{quantize.whole - quantize.learn:.2f}",
        f"{quantize.whole / copy.whole:.2f}",
        f"{ratio:.1f}",
        f"{quantize.cpu / copy.cpu:.2f}",
        f"{copy.peak / 1e6:.0f}",
        f"{quantize.peak / 1e6:.0f}",
        f"{memory}",
    )


def run(sizes: Sequence[float]) -> None:
    """Print a row for each kind and size, and for the smallest size one for each codec and size of chunks."""
    codec, chunk = next(iter(CODECS)), next(iter(PARTS))
    cases = [(name, codec, chunk, gb) for name in KINDS for gb in sorted(sizes)]
    cases += [(name, other, chunk, min(sizes)) for name in KINDS for other in CODECS if other != codec]
    cases += [(name, codec, other, min(sizes)) for name in KINDS for other in PARTS if other != chunk]
    print(f"learn (K = {K}) and store, beside a copy with the same blocks; at most {TURNS} turns, least times;")
    print("3 × uint16: channels first, in chunks of their own; memory: the peak of a process of its own, MB")
    print(f"{environment('dask', 'zarr')}; load {psutil.getloadavg()[0]:.1f}")
    print()
    header = ("", "GB", "copy, s", "learn, s", "store, s", "ratio", "wanted", "of CPU", "copy, MB", "MB", "wanted")
    print(table(header, [row_of(*case) for case in cases]))


if __name__ == "__main__":
    print(json.dumps(vars(work(sys.argv[1], sys.argv[2], Path(sys.argv[3])))))
