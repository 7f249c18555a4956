"""How long the dock takes to open: from the call behind the menu entry to its first controls on the screen."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.report import environment, table

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

FRESH = 5
AGAIN = 3
TIMEOUT_S = 120


def seconds_to_paint(widget: QWidget, since: float) -> float:
    """Return the seconds from `since` until `widget` is painted for the first time."""
    from qtpy.QtCore import QEvent, QEventLoop, QObject

    loop, painted = QEventLoop(), []

    class PaintFilter(QObject):
        def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
            if event is not None and event.type() == QEvent.Type.Paint:
                painted.append(time.perf_counter())
                loop.quit()
            return False

    paint_filter = PaintFilter()
    widget.installEventFilter(paint_filter)
    loop.exec()
    widget.removeEventFilter(paint_filter)
    return painted[0] - since


def open_docks() -> None:
    """Print the seconds of each opening in this process, the first one included."""
    import napari
    from skimage.data import astronaut

    from napari_quantize.viewer.demo import wait

    viewer = napari.Viewer()
    viewer.add_image(astronaut(), name="photo")
    wait(1500)
    for _ in range(1 + AGAIN):
        start = time.perf_counter()
        dock, widget = viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
        print(seconds_to_paint(widget.run.native, start))
        wait(1000)
        viewer.window.remove_dock_widget(dock)
        wait(300)
    viewer.close()


def run() -> None:
    """Print how long opening takes in fresh processes, where nothing of the plugin is loaded, and after that."""
    first: list[float] = []
    again: list[float] = []
    for _ in range(FRESH):
        code = "from benchmarks.opening import open_docks; open_docks()"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=TIMEOUT_S)
        if done.returncode:
            raise SystemExit(done.stderr)
        seconds = [float(line) for line in done.stdout.split()]
        first.append(seconds[0])
        again += seconds[1:]
    print(f"from add_plugin_dock_widget to the first paint of the button Quantize; {FRESH} fresh processes")
    print(environment("napari"))
    print()
    rows = [
        (name, f"{1000 * median(found):.0f}", f"{1000 * min(found):.0f}–{1000 * max(found):.0f}")
        for name, found in (("the first time", first), ("again", again))
    ]
    print(table(("", "ms (median)", "all"), rows))
