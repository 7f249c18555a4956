"""The command ``demo``: a window, or a table without a display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from napari_quantize.cli.batch.batch import RunOptions
from napari_quantize.cli.batch.options import ImageOptions
from napari_quantize.cli.commands.run import run
from napari_quantize.cli.output import print_result
from napari_quantize.cli.tables import as_text


def demo() -> int:
    """Show six results of a sample photo, and return the exit code."""
    if has_display():
        # In another program, because the command line never imports napari.
        command = [sys.executable, "-m", "napari_quantize.viewer.demo"]
        if os.name == "posix":
            # This process becomes napari, so that ending it ends napari.
            os.execv(sys.executable, command)  # noqa: S606
        return subprocess.call(command)
    _print_table()
    return 0


def has_display() -> bool:
    """Return whether a window can probably be opened."""
    return sys.platform in ("darwin", "win32") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())


def _print_table() -> None:
    from PIL import Image
    from skimage.data import astronaut

    with TemporaryDirectory() as folder:
        photo = Path(folder) / "astronaut.png"
        Image.fromarray(astronaut()).save(photo)
        outcome = run(RunOptions((str(photo),), Path(folder) / "results", ImageOptions(slow_figures=True)))
        print_result(as_text(outcome.rows))
    print_result("\nThere is no display: this is the table that napari would show beside the images.\n")
