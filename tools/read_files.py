"""Read every file of a folder, such as PngSuite, bmpsuite or Pillow's test images, and print what became of each.

``python tools/read_files.py FOLDER`` reads each file with `napari_quantize.load` in a process of its own:

- right: imagecodecs, another reader, finds the same pixels; or there is none for it that could tell ("read").
- refused: one sentence says why.
- DIFFERENT, TRACEBACK, SLOW (over 5 s), LARGE (over 2 GB), CRASHED: to be looked at. The exit code is then 1.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import imagecodecs
import numpy as np

from napari_quantize import load

MOST_SECONDS = 5
MOST_BYTES = 2 * 2**30
FINE = ("right", "read", "refused")


def read(path: Path) -> tuple[str, str]:
    """Return what became of a file, and the sentence or traceback."""
    try:
        loaded = load(path)
    except (ValueError, OSError) as error:
        text = str(error)
        return ("refused", text) if len(text.splitlines()) == 1 else ("TRACEBACK", text)
    except Exception:  # noqa: BLE001 - that there is none is what is tried
        return "TRACEBACK", traceback.format_exc()
    image = np.asarray(loaded.raster.image)
    try:
        other = np.asarray(imagecodecs.imread(str(path)))
    except Exception:  # noqa: BLE001 - imagecodecs has many, and cannot read everything
        return "read", f"{image.shape} {image.dtype}"
    if other.shape != image.shape or other.dtype != image.dtype:
        return "read", f"{image.shape} {image.dtype}; imagecodecs has {other.shape} {other.dtype}"
    n_different = np.count_nonzero((other != image) & ~(_is_nan(other) & _is_nan(image)))  # NaN is equal to NaN
    if n_different and loaded.info.get("converted_to_srgb"):
        return "read", "its colours were converted to sRGB"
    return ("DIFFERENT", f"{n_different:,} of {image.size:,} values") if n_different else ("right", f"{image.shape}")


def _is_nan(image: np.ndarray) -> np.ndarray:
    return np.isnan(image) if image.dtype.kind in "fc" else np.zeros(image.shape, bool)


def _read_and_send(path: Path, connection: Connection) -> None:
    outcome = read(path)
    n_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    connection.send(("LARGE", f"{n_bytes / 2**30:.1f} GB") if n_bytes > MOST_BYTES else outcome)


def read_apart(path: Path) -> tuple[str, str]:
    """Read a file in a process of its own, which ends with it."""
    context = multiprocessing.get_context("fork")  # the libraries are imported once
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_read_and_send, args=(path, theirs))
    process.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(MOST_SECONDS) else ("SLOW", f"over {MOST_SECONDS} s")
    except EOFError:
        process.join()
        return "CRASHED", f"exit code {process.exitcode}"
    finally:
        process.kill()
        process.join()


def main() -> int:
    """Read all files of the folder, print the table, and return the exit code."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        raise SystemExit("usage: python tools/read_files.py FOLDER")
    folder = Path(sys.argv[1])
    counts: Counter[str] = Counter()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        outcome, text = read_apart(path)
        counts[outcome] += 1
        print(f"{outcome:10} {path.relative_to(folder)}: {text}", flush=True)
    print(", ".join(f"{count:,} {outcome}" for outcome, count in counts.most_common()))
    return int(any(outcome not in FINE for outcome in counts))


if __name__ == "__main__":
    raise SystemExit(main())
