"""Print what `make test` covered and what it did not."""

import platform
from importlib.metadata import version

print(
    f"""
Covered: style, types and import rules; most tests that need no other program, on Python {platform.python_version()},
    napari {version("napari")} and PyQt {version("PyQt6")}; the wheel as a user gets it.
Not covered: the same for more kinds of image, sizes of letters and states, a cluster, and the documentation's pages
    (make test-slow); other programs that read and write the same files (make test-interop); other versions of Python,
    napari and the other libraries, other Qt bindings (make test-matrix); more random examples (make test-thorough)."""
)
