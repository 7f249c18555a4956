"""Open napari on a sample photo and quantize it for six K; without a display, save a picture of the window."""

from __future__ import annotations

import argparse
import os
import sys

import napari
from qtpy.QtCore import QEventLoop, QTimer
from qtpy.QtWidgets import QApplication

TIMEOUT_MS = 120_000


def main() -> int:
    """Run the demo, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--screenshot",
        metavar="FILE",
        # tools/with-display.sh says so where it has made a display that nobody watches.
        default="demo.png" if "VIRTUAL_DISPLAY" in os.environ else None,
        help="save the window to FILE, print the table, and leave",
    )
    screenshot = parser.parse_args().screenshot
    viewer = napari.Viewer(title="napari-quantize")
    viewer.window.resize(1600, 960)
    viewer.open_sample("napari-quantize", "astronaut")
    _, widget = viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
    finished = QEventLoop()
    widget.finished.connect(lambda layers: finished.exit(0 if len(layers) == 6 else 1))
    QTimer.singleShot(TIMEOUT_MS, lambda: finished.exit(1))
    widget.run.native.click()
    if finished.exec() != 0:
        print(f"the demo did not end with six results: {widget.message.value}", file=sys.stderr)
        return 1
    if screenshot is None:
        napari.run()
        return 0
    for _ in range(20):  # let the last plot be painted
        QApplication.processEvents()
    viewer.screenshot(screenshot, canvas_only=False, flash=False)
    print(widget.table_text.expandtabs(14))
    print(f"The window is in {os.fspath(screenshot)}")
    viewer.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
