"""Learning and storing on a local cluster of dask.distributed: two workers of one thread, beside one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import dask.array as da
import numpy as np
import psutil
import zarr
from distributed import Client, LocalCluster

from benchmarks.arrays import KINDS, array_on_disk
from benchmarks.large import K, new_target
from benchmarks.memory import peak
from benchmarks.report import environment, table
from napari_quantize import fit

N_WORKERS = (1, 2)
TURNS = 3
WANTED = 1.6


def measure(name: str, folder: Path, n_workers: int) -> tuple[float, float, int]:
    """Quantize the array of a folder; return seconds of learning and of storing, and the peak of a worker's memory."""
    kind, source = KINDS[name], zarr.open_array(folder / "source", mode="r")
    fit(np.arange(100), 2)  # what is imported at the first call is not timed
    target = new_target(source, folder / f"{n_workers}")
    with (
        LocalCluster(n_workers=n_workers, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        client.run(import_core)
        start = time.perf_counter()
        codebook = fit(source, K, **kind.options)
        learnt = time.perf_counter()
        da.store(codebook.apply(source), target, lock=False)
        stored = time.perf_counter()
        return learnt - start, stored - learnt, max(client.run(peak).values())


def import_core() -> None:
    """Import on a worker what its tasks import."""
    import napari_quantize.core.api  # noqa: F401


def row_of(name: str, gb: float) -> tuple[str, ...]:
    """Return a row of the table: of all turns the least times and the most memory.

    Raises
    ------
    AssertionError
        If the results differ by a byte.
    """
    runs: dict[int, list[tuple[float, float, int]]] = {n_workers: [] for n_workers in N_WORKERS}
    with array_on_disk(KINDS[name], gb, "lz4", "8 MB", copies=len(N_WORKERS)) as folder:
        for _ in range(TURNS):
            for n_workers, done in runs.items():
                command = [sys.executable, "-m", "benchmarks.cluster", name, str(folder), str(n_workers)]
                output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
                done.append(tuple(json.loads(output)))
        one, other = (zarr.open_array(folder / f"{n_workers}", mode="r") for n_workers in N_WORKERS)
        assert da.all(da.from_zarr(one) == da.from_zarr(other)).compute(), f"results of {name} differ"
    seconds, memory = [], []
    for done in runs.values():
        learn, store, peaks = zip(*done, strict=True)
        seconds.append((min(learn), min(store)))
        memory.append(f"{max(peaks) / 1e6:.0f}")
    ratio = sum(seconds[0]) / sum(seconds[1])
    return (name, f"{gb:g}", *(f"{part:.2f}" for both in seconds for part in both), f"{ratio:.2f}", *memory)


def run(sizes: Sequence[float]) -> None:
    """Print a row for each kind and size."""
    print(f"learn (K = {K}) and store on a LocalCluster, workers of one thread; lz4, chunks of 8 MB; {TURNS} turns;")
    print(f"least times; ratio of one worker's to those of two: {WANTED} wanted; peak of a worker in MB; same bytes")
    print(f"{environment('dask', 'distributed', 'zarr')}; load {psutil.getloadavg()[0]:.1f}")
    print()
    header = ("", "GB", "1: learn, s", "store, s", "2: learn, s", "store, s", "ratio", "1: MB", "2: MB")
    print(table(header, [row_of(name, gb) for name in KINDS for gb in sorted(sizes)]))


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
