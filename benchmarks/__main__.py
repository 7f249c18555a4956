"""Run benchmarks by name, or list them."""

from __future__ import annotations

import argparse
from importlib import import_module

BENCHMARKS = {
    "notebook": "six K of a photo: the loop that notebooks use, beside sweep",
    "throughput": "counting and looking up 400 MB, beside a plain copy and scikit-learn's predict",
    "memory": "the most memory that quantize takes beside its input and its result",
    "gui": "the longest freeze of the window while six K of a 2048×2048 photo run",
}


def main() -> None:
    """Parse the command line and run."""
    lines = "\n".join(f"  {name:10} {what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Without a name, all run in turn:\n" + lines,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help="which to run")
    for name in parser.parse_args().names or BENCHMARKS:
        print(f"== {name}: {BENCHMARKS[name]}")
        import_module(f"benchmarks.{name}").run()
        print()


if __name__ == "__main__":
    main()
