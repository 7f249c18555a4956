"""The command ``demo``: a window where there is a display, a table where there is none."""

from __future__ import annotations

import os
import subprocess
import sys

from napari_quantize.cli.order import Order
from napari_quantize.cli.progress import watched


def demo() -> int:
    """Show what six K make of a sample photo, and return the exit code."""
    if _has_display():
        # In a process of its own: nothing of the command line loads napari.
        return subprocess.call([sys.executable, "-m", "napari_quantize.viewer.demo"])
    _print_table(Order())
    return 0


def _has_display() -> bool:
    return sys.platform in ("darwin", "win32") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
