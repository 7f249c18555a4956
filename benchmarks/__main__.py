"""Run benchmarks by name, or all of them."""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path

from benchmarks.report import recorded

BENCHMARKS = {
    "notebook": "six K of a photo: the loop that notebooks use, beside sweep",
    "exact": "provably optimal levels, beside ckwrap",
    "excess": "how far from the optimum the other methods end, on real images (--images: a folder of TIFF files)",
    "throughput": "counting and looking up 400 MB, beside a plain copy and scikit-learn's predict",
    "memory": "the most memory that quantize takes beside its input and its result",
    "color": "palettes of photos beside scikit-learn, libimagequant and Pillow (--images: a folder of photos)",
    "size": "indexed PNG of photos beside pngquant and Pillow (--images: a folder of photos)",
    "preview": "the slider of Try in a 2048×2048 photo: from a move to the new picture, and freezes of the window",
    "gui": "the longest freeze of the window while six K of a 2048×2048 photo run",
    "opening": "how long the dock takes to open",
    "batch": "a folder of a thousand photos on the command line, beside pngquant (--images: a folder of photos)",
    "large": "arrays on disk, beside reading and storing them unchanged (--gb: their sizes)",
    "cluster": "arrays on disk on a cluster of two workers, beside one (--gb: their sizes)",
}
WITH_IMAGES = {"batch", "color", "excess", "size"}
WITH_SIZES = {"cluster", "large"}


def main() -> None:
    """Parse the command line and run."""
    lines = "\n".join(f"  {name:10} {what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Without a name, all run in turn:\n" + lines,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help="which to run")
    parser.add_argument("--images", type=Path, help="a folder of images of your own, for those that take one (above)")
    parser.add_argument("--gb", type=float, nargs="+", default=[1.0], help="sizes of the arrays of large and cluster")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables here, too")
    arguments = parser.parse_args()
    if arguments.images and arguments.names and WITH_IMAGES.isdisjoint(arguments.names):
        parser.error(f"--images is for {', '.join(sorted(WITH_IMAGES))}, not for {', '.join(arguments.names)}")
    found = {}
    for name in arguments.names or BENCHMARKS:
        print(f"== {name}: {BENCHMARKS[name]}")
        module = import_module(f"benchmarks.{name}")
        if name in WITH_IMAGES:
            module.run(arguments.images)
        elif name in WITH_SIZES:
            module.run(arguments.gb)
        else:
            module.run()
        print()
        found[name] = list(recorded)
        recorded.clear()
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
